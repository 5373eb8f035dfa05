package locale

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSay(t *testing.T) {
	for _, tt := range []struct{ stored, zh, en string }{
		{Reason("http.status", 404), "HTTP 404", "status 404"},
		{Reason("scope.foreign", "b.example"), "b.example 不在种子网站之内",
			"default: b.example is not a host of the seeds"},
		{Reason("alarm.field", "name.source", 12, 98), "12% 的文章读出来源，此前为 98%",
			"source was found on 12% of the articles, before on 98%"},
		{Reason("pace.until", Reason("pace.backoff", 3), "2026-01-02T03:04:05Z"),
			"连续失败 3 次后退避，至 2026-01-02T03:04:05Z",
			"backoff after 3 failures, until 2026-01-02T03:04:05Z"},
		{Reason("refused.denied", "Disallow: /x"), "robots 禁止：Disallow: /x", "denied: Disallow: /x"},
		{Reason("trap.encoded"), "%25 不断增多：反复编码", "%25 grows: encoded again and again"},
		{Reason("soft.title", ""), "标题为“”", "title says "},
		// What an earlier version stored, and what is no reason at all.
		{"status 404", "status 404", "status 404"},
		{"dial tcp: i/o timeout", "dial tcp: i/o timeout", "dial tcp: i/o timeout"},
		{"due", "due", "due"},
		{"", "", ""},
		{"http.status", "http.status", "http.status"},
		{"http.status 4 0 4", "http.status 4 0 4", "http.status 4 0 4"},
		{`http.status "4`, `http.status "4`, `http.status "4`},
		{`http.status "4"x`, `http.status "4"x`, `http.status "4"x`},
		{"search.title", "search.title", "search.title"}, // a word of the pages
	} {
		if diff := cmp.Diff([]string{tt.zh, tt.en}, []string{Say("zh", tt.stored), Say("en", tt.stored)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.stored, diff)
		}
	}
	if got := SayAll("en", []string{Reason("read.low"), "status 1"}); got != "low confidence; status 1" {
		t.Error(got)
	}
}

// Arguments come back as they were given, whatever they hold.
func TestReasonRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arg := rapid.String().Draw(t, "argument")
		code, args, ok := split(Reason("history.because", arg, "x"))
		if want := []string{arg, "x"}; !ok || code != "history.because" || !slices.Equal(args, want) {
			// invalid UTF-8 is no text; strconv writes it as an escape all the same
			t.Fatalf("%q %q %v, want %q", code, args, ok, want)
		}
	})
}

var verb = regexp.MustCompile(`%(?:\[(\d)\])?([a-z%])`)

// verbs returns which arguments a message takes, in their order.
func verbs(t *testing.T, text string) (taken []string) {
	n := 0
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[2] == "%" {
			continue
		}
		n++
		if m[1] != "" {
			var err error
			if n, err = strconv.Atoi(m[1]); err != nil {
				t.Fatal(err)
			}
		}
		taken = append(taken, strconv.Itoa(n)+m[2])
	}
	slices.Sort(taken)
	return taken
}

func TestCatalogue(t *testing.T) {
	for name, table := range map[string]map[string]message{"pages": pages, "reasons": reasons, "curating": curating} {
		for key, m := range table {
			if m.zh == "" || m.en == "" {
				t.Errorf("%s lacks a language", key)
			}
			if diff := cmp.Diff(verbs(t, m.en), verbs(t, m.zh)); diff != "" {
				t.Errorf("%s takes other arguments in Chinese:\n%s", key, diff)
			}
			if name != "pages" && pages[key] != (message{}) {
				t.Errorf("%s is in two tables", key)
			}
			if !strings.Contains(key, ".") && name == "reasons" {
				t.Errorf("%s: a code has a dot, so that no word of a sentence is one", key)
			}
		}
	}
}

// use is one place where a key is used: in full, or its beginning.
type use struct {
	where, key string
	prefix     bool
	args       int // of a Reason, -1 for others
}

// used reads the sources and templates of the project.
func used(t *testing.T) (uses []use) {
	inTemplate := regexp.MustCompile(`\bt (\(print )?"([^"]+)"`)
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		switch {
		case strings.HasSuffix(name, ".html") && strings.HasPrefix(name, "web/templates/"):
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			for _, m := range inTemplate.FindAllStringSubmatch(string(data), -1) {
				uses = append(uses, use{name, m[2], m[1] != "", -1})
			}
		case strings.HasSuffix(name, ".go") && !strings.HasPrefix(name, "internal/locale/") &&
			!strings.HasSuffix(name, "_test.go"):
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			if strings.Contains(string(data), "cundang/internal/locale") || strings.HasPrefix(name, "web/") ||
				strings.HasPrefix(name, "crawler/") {
				return usedIn(name, data, &uses)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return uses
}

// usedIn gathers the keys in one source file: the arguments of locale's functions, and every other string that is a
// key.
func usedIn(name string, data []byte, uses *[]use) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, data, 0)
	if err != nil {
		return err
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			fun, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "locale" {
				return true
			}
			switch {
			case fun.Sel.Name == "Reason" && len(n.Args) > 0:
				key, prefix := literal(n.Args[0])
				*uses = append(*uses, use{name, key, prefix, len(n.Args) - 1})
			case fun.Sel.Name == "Text" && len(n.Args) > 1:
				key, prefix := literal(n.Args[1])
				*uses = append(*uses, use{name, key, prefix, -1})
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && Known(s) {
				*uses = append(*uses, use{name, s, false, -1})
			}
		case *ast.BinaryExpr: // "state."+name
			if key, prefix := literal(n); prefix && strings.HasSuffix(key, ".") && begins(key) {
				*uses = append(*uses, use{name, key, true, -1})
			}
		}
		return true
	})
	return nil
}

// begins says whether a key of the catalogue begins with a text.
func begins(text string) bool {
	for _, table := range tables {
		for key := range table {
			if strings.HasPrefix(key, text) {
				return true
			}
		}
	}
	return false
}

// literal returns a string that stands in the source, or what another expression begins with.
func literal(e ast.Expr) (text string, prefix bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil {
			return s, false
		}
	case *ast.BinaryExpr:
		text, _ = literal(e.X)
		return text, true
	}
	return "", true
}

// Every key that the sources use is in the catalogue, with the arguments it asks for, and every key of the catalogue
// is used.
func TestUses(t *testing.T) {
	said := map[string]bool{"semicolon": true}
	for _, u := range used(t) {
		found := false
		for _, table := range tables {
			for key, m := range table {
				if key != u.key && !(u.prefix && u.key != "" && strings.HasPrefix(key, u.key)) {
					continue
				}
				found, said[key] = true, true
				if want := len(verbs(t, m.en)); u.args >= 0 && u.args != want {
					t.Errorf("%s: %s takes %d arguments, not %d", u.where, key, want, u.args)
				}
			}
		}
		if !found && u.key != "" {
			t.Errorf("%s: no message %q", u.where, u.key)
		}
	}
	var idle []string
	for _, table := range tables {
		for key := range table {
			if !said[key] {
				idle = append(idle, key)
			}
		}
	}
	slices.Sort(idle)
	if len(idle) > 0 {
		t.Errorf("nobody uses %s", strings.Join(idle, ", "))
	}
}

func ExampleSay() {
	stored := Reason("http.status", 503)
	fmt.Println(stored)
	fmt.Println(Say(English, stored))
	fmt.Println(Say(Chinese, stored))
	// Output:
	// http.status 503
	// status 503
	// HTTP 503
}
