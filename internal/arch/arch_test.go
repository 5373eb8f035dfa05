package arch

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// top is the checkout seen from this package's folder.
var top = os.DirFS("../..")

func TestImports(t *testing.T) {
	breaches, err := Check(top, Packages)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Error(b)
	}
}

func TestCheckFindsBreaches(t *testing.T) {
	file := func(imports ...string) *fstest.MapFile {
		src := "package p\n"
		for _, i := range imports {
			src += "import _ \"" + i + "\"\n"
		}
		return &fstest.MapFile{Data: []byte(src)}
	}
	tests := []struct {
		name string
		fs   fstest.MapFS
		want []string
	}{
		{"clean", fstest.MapFS{"crawler/a.go": file("fmt", "cundang/archive", "github.com/gocolly/colly/v2")}, nil},
		{"crawler to extract", fstest.MapFS{"crawler/a.go": file("cundang/extract")},
			[]string{"crawler/a.go: crawler may not import extract"}},
		{"archive upward", fstest.MapFS{"archive/warc/a.go": file("cundang/crawler")},
			[]string{"archive/warc/a.go: archive may not import crawler"}},
		{"index to archive", fstest.MapFS{"index/a.go": file("cundang/archive")},
			[]string{"index/a.go: index may not import archive"}},
		{"to cmd", fstest.MapFS{"web/a.go": file("cundang/cmd/cundang")},
			[]string{"web/a.go: web may not import cmd/cundang"}},
		{"gse outside its package", fstest.MapFS{"index/a.go": file("github.com/go-ego/gse")},
			[]string{"index/a.go: github.com/go-ego/gse is not kept in index"}},
		{"a test breaks a rule", fstest.MapFS{"crawler/a_test.go": file("cundang/extract")},
			[]string{"crawler/a_test.go: crawler may not import extract"}},
		{"a test compares", fstest.MapFS{"crawler/a_test.go": file("github.com/google/go-cmp/cmp")}, nil},
		{"code compares", fstest.MapFS{"crawler/a.go": file("github.com/google/go-cmp/cmp")},
			[]string{"crawler/a.go: github.com/google/go-cmp/cmp is not kept in crawler"}},
		{"no such package", fstest.MapFS{"stuff/a.go": file()},
			[]string{"stuff/a.go: stands in no package of internal/arch/packages.go"}},
		{"package named for its kind", fstest.MapFS{"archive/utils/a.go": file()},
			[]string{`archive/utils: a package is named for what it does, not "utils"`}},
		{"a peer's module", fstest.MapFS{"archive/peer/go.mod": {Data: []byte("module p")},
			"archive/peer/a.go": file("example.org/x")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			breaches, err := Check(tt.fs, Packages)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range breaches {
				got = append(got, b.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Only one file of the crawler may know colly, so that the fetcher can be replaced.
func TestCollyStandsInOneFile(t *testing.T) {
	users, err := Users(top, "crawler", "github.com/gocolly/colly")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		if u != "crawler/fetch.go" {
			t.Errorf("%s imports colly, only crawler/fetch.go may", u)
		}
	}
}

// TestCharsetsAreDecidedInOnePlace keeps labels and the decoders of Chinese, Japanese and Korean in internal/charset:
// whoever reads bytes asks it, so that a page is understood alike by crawl, index, replay and the readers of documents.
func TestCharsetsAreDecidedInOnePlace(t *testing.T) {
	for _, module := range []string{
		"golang.org/x/text/encoding/htmlindex", "golang.org/x/text/encoding/ianaindex", "golang.org/x/net/html/charset",
		"golang.org/x/text/encoding/simplifiedchinese", "golang.org/x/text/encoding/traditionalchinese",
		"golang.org/x/text/encoding/japanese", "golang.org/x/text/encoding/korean",
	} {
		for _, dir := range []string{"cmd", "crawler", "export", "extract", "index", "site", "web", "archive", "internal"} {
			users, err := Users(top, dir, module)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range users {
				if !strings.HasPrefix(u, "internal/charset/") && !strings.HasPrefix(u, "internal/fakesite/") { // which makes pages
					t.Errorf("%s imports %s: internal/charset is the one to ask", u, module)
				}
			}
		}
	}
}
