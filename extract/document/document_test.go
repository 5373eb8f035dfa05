package document

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

// testReader keeps compiled WebAssembly between test runs and never uses OCR.
func testReader(t testing.TB, opts Options) *Reader {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	if opts.CacheDir == "" {
		opts.CacheDir = filepath.Join(cache, "cundang-test-wasm")
	}
	if opts.OCR == "" {
		opts.OCR = "none"
	}
	if opts.TempDir == "" {
		opts.TempDir = t.TempDir()
	}
	r := New(opts)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, r *Reader, body []byte, name string) Document {
	t.Helper()
	begin := time.Now()
	d, err := r.Text(context.Background(), body, name, "")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if took := time.Since(begin); took > 90*time.Second {
		t.Errorf("%s took %s", name, took)
	}
	return d
}

// TestFixtures reads every fixture and compares with the text beside it: at least 98 of
// 100 characters the same, in the same order, blanks not counted.
func TestFixtures(t *testing.T) {
	r := testReader(t, Options{})
	for _, c := range []struct{ file, want, media, note string }{
		{"notice.docx", "notice.txt", kindDOCX.media(), ""},
		{"notice.doc", "notice.txt", kindDOC.media(), ""},
		{"notice.odt", "notice.txt", kindODF.media(), ""},
		{"notice.rtf", "notice.txt", kindRTF.media(), ""},
		{"notice-writer.pdf", "notice.txt", "application/pdf", ""},
		{"notice-chromium.pdf", "notice.txt", "application/pdf", ""},
		{"notice.html", "notice.txt", "text/html", ""},
		{"notice-gbk.html", "notice.txt", "text/html", ""},
		{"notice.txt", "notice.txt", "text/plain", ""},
		{"notice-gb18030.txt", "notice.txt", "text/plain", ""},
		{"notice-utf16.txt", "notice.txt", "text/plain", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			d := read(t, r, load(t, c.file), "")
			if d.Type != c.media || d.Note != c.note {
				t.Errorf("type %q, note %q; want %q, %q", d.Type, d.Note, c.media, c.note)
			}
			want := string(load(t, c.want))
			share, missing := alike(want, d.Text)
			t.Logf("%.2f %% of the characters", 100*share)
			if share < 0.98 {
				t.Errorf("only %.2f %% of the characters, near %q:\n%s", 100*share, missing, d.Text)
			}
		})
	}
}

// alike is the share of the characters of the longer text that are the same in both, by
// the longest common subsequence; missing is where they first differ.
func alike(want, got string) (share float64, missing string) {
	a, b := letters(want), letters(got)
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			missing = string(a[i:min(len(a), i+20)])
			break
		}
	}
	if longer := max(len(a), len(b)); longer > 0 {
		share = float64(row[len(b)]) / float64(longer)
	}
	return share, missing
}

func letters(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}
