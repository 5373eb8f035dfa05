package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rendered is an exchange with two companions.
func rendered(url string, n int) Exchange {
	x := exchange("x", url, n, "<div id=list></div><script>fill()</script>")
	x.Companions = []Companion{
		{CompanionDOM, "text/html; charset=utf-8", []byte("<div id=list><a href=/1>关于举办培训班的通知</a></div>")},
		{CompanionCertificates, "application/pem-certificate-chain", []byte("-----BEGIN CERTIFICATE-----\n")},
	}
	return x
}

// companionArchive holds three captures, the second with companions, the third a revisit with them.
func companionArchive(t testing.TB) (dir string, refs []Ref, xs []Exchange) {
	t.Helper()
	dir = t.TempDir()
	s := mustOpen(t, dir, Options{})
	again := rendered("http://example.org/list", 2)
	xs = []Exchange{exchange("x", "http://example.org/a", 0, "a"), rendered("http://example.org/list", 1), again}
	for i, x := range xs {
		if i == 2 {
			x.RefersTo = &Capture{Ref: refs[1]}
		}
		refs = append(refs, mustAppend(t, s, x))
		mustCommit(t, s)
	}
	mustClose(t, s)
	return dir, refs, xs
}

func TestCompanionsComeBackAndAreNoCaptures(t *testing.T) {
	dir, refs, xs := companionArchive(t)
	cdxBytes := func() string {
		b, err := os.ReadFile(filepath.Join(dir, indexName))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := cdxBytes()
	for _, name := range []string{indexName, stateName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := mustOpen(t, dir, Options{})
	for i, ref := range refs {
		got, err := s.Companions(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(xs[i].Companions, got); d != "" {
			t.Errorf("capture %d: %s", i, d)
		}
	}
	if got, _ := follow(t, s, ""); len(got) != 3 {
		t.Errorf("a follower meets %q", got)
	}
	n := 0
	for c, err := range s.Versions(t.Context(), "http://example.org/list") {
		if err != nil || strings.Contains(body(t, c), "关于") {
			t.Errorf("version %+v, %v", c, err)
		}
		n++
	}
	rows := lookup(t, s, Lookup{URL: "urn:dom:http://example.org/list"})
	if n != 2 || len(rows) != 2 || len(lookup(t, s, Lookup{Host: "example.org"})) != 3 {
		t.Errorf("%d versions, rows %q", n, rows)
	}
	mustClose(t, s)
	if d := cmp.Diff(before, cdxBytes()); d != "" {
		t.Errorf("the CDX made from the WARC differs from that made by Append: %s", d)
	}
	r := verify(t, dir, VerifyOptions{})
	if len(r.Findings) > 0 || r.Captures != 3 || r.Companions != 4 || r.Rows != 7 || r.Records != 1+3*3+4 {
		t.Errorf("verify: %+v", r)
	}
}

func lookup(t testing.TB, s *Store, q Lookup) (urls []string) {
	t.Helper()
	for r, err := range s.Rows(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, r.URL)
	}
	return urls
}

func TestCompanionsAreDurableWithTheirCapture(t *testing.T) {
	for _, known := range []bool{true, false} { // whether the frontier's ends are there
		dir := t.TempDir()
		s := mustOpen(t, dir, Options{})
		mustAppend(t, s, exchange("x", "http://example.org/a", 0, "a"))
		ref := mustAppend(t, s, rendered("http://example.org/list", 1))
		ends := mustCommit(t, s)
		mustAppend(t, s, rendered("http://example.org/later", 2))
		path := filepath.Join(dir, filepath.FromSlash(ref.File)) + openSuffix
		abandon(t, s)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, info.Size()-10); err != nil { // in the last companion
			t.Fatal(err)
		}
		want, captures := ends[ref.File], 2
		opts := Options{Committed: ends}
		if !known {
			if err := os.Remove(filepath.Join(dir, committedName)); err != nil {
				t.Fatal(err)
			}
			opts, captures = Options{}, 3
		}
		s = mustOpen(t, dir, opts)
		got, err := s.Companions(t.Context(), ref)
		if err != nil || len(got) != 2 {
			t.Errorf("known %v: companions %v, %v", known, got, err)
		}
		mustClose(t, s)
		r := verify(t, dir, VerifyOptions{})
		if len(r.Findings) > 0 || r.Captures != int64(captures) || known && r.Bytes != want {
			t.Errorf("known %v: verify: %+v", known, r)
		}
	}
}

func TestCompanionsTravel(t *testing.T) {
	dir, _, xs := companionArchive(t)
	for _, q := range []Lookup{{}, {URL: "http://example.org/list"}} {
		path := exportWACZ(t, dir, PackOptions{Select: q})
		if r := verifyWACZ(t, path); len(r.Findings) > 0 || r.Companions != 4 {
			t.Errorf("%+v: verify: %+v", q, r)
		}
		s := mustOpen(t, t.TempDir(), Options{})
		got, err := s.Import(t.Context(), path, ImportOptions{})
		if err != nil || len(got) != 1 || len(got[0].Problems) > 0 {
			t.Fatalf("import: %+v, %v", got, err)
		}
		for c, err := range s.Versions(t.Context(), "http://example.org/list") {
			if err != nil {
				t.Fatal(err)
			}
			have, err := s.Companions(t.Context(), c.Ref)
			if d := cmp.Diff(xs[1].Companions, have); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
		}
		mustClose(t, s)
		if r := verify(t, s.Dir(), VerifyOptions{}); r.Damaged() || r.Companions != 4 {
			t.Errorf("verify the import: %+v", r)
		}
	}
	other := exportWACZ(t, dir, PackOptions{Select: Lookup{URL: "http://example.org/a"}})
	if r := verifyWACZ(t, other); r.Captures != 1 || r.Companions != 0 {
		t.Errorf("companions of another capture went along: %+v", r)
	}
}

func TestCompanionsOfABadForm(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	for _, c := range []Companion{
		{"", "text/html", nil}, {"a:b", "text/html", nil}, {"dom", "", nil}, {"dom", "application/warc-fields", nil},
		{"dom", "text/html", bytes.Repeat([]byte{0}, MaxCompanion+1)},
	} {
		x := exchange("x", "http://example.org/a", 0, "a")
		x.Companions = []Companion{c}
		if _, err := s.Append(t.Context(), x); err == nil {
			t.Errorf("companion %q of type %q with %d bytes was taken", c.Name, c.MediaType, len(c.Content))
		}
	}
}

// A conversion record, which other writers may have made, is carried and its digest verified; it is
// no capture: its target is by ISO 28500 §5.14 the page's own.
func TestForeignConversionIsCarried(t *testing.T) {
	convert := func(text string) string {
		return record("WARC/1.1", "conversion", "77777777-7777-4777-8777-777777777777",
			"WARC-Target-URI: http://old.example.org/file.pdf\r\nWARC-Refers-To: <urn:uuid:66666666-6666-4666-8666-666666666666>\r\n"+
				"WARC-Block-Digest: sha1:HZE5XXWVVSYB3UT24HGMLKQ54K4FCQL2\r\nContent-Type: text/plain\r\n", text)
	}
	for text, damaged := range map[string]bool{"hello": true, "PDF as text": false} {
		s := mustOpen(t, t.TempDir(), Options{})
		got, err := s.Import(t.Context(), write(t, "c.warc.gz", perRecord(append(foreign(), convert(text)))), ImportOptions{})
		if err != nil || got[0].Captures != 2 || got[0].Records != len(foreign())+1 {
			t.Fatalf("import: %+v, %v", got, err)
		}
		mustClose(t, s)
		if r := verify(t, s.Dir(), VerifyOptions{}); r.Damaged() != damaged || r.Captures != 2 || r.Rows != 3 {
			t.Errorf("%s: verify: %+v", text, r)
		}
	}
}
