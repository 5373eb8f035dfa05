package urlkey

import (
	"os"
	"strings"
	"testing"
)

// testdata/surt.tsv: URLs written for this test and what surt 0.3.1 (PyPI), the
// package pywb calls, answers for each:
//
//	python -c 'import sys,surt; [print(l[:-1]+"\t"+surt.surt(l[:-1])) for l in sys.stdin]' <urls
func TestSURT(t *testing.T) {
	table, err := os.ReadFile("testdata/surt.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(table), "\n"), "\n")
	if len(lines) < 90 {
		t.Fatalf("table has %d lines", len(lines))
	}
	for _, line := range lines {
		url, want, _ := strings.Cut(line, "\t")
		if got := SURT(url); got != want {
			t.Errorf("SURT(%q)\n got %q\nwant %q", url, got, want)
		}
	}
}

// What the oracle refuses or spoils: a key must still be one word.
func TestSURTOnAnything(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"", "-"},
		{"http://example.org.cn:99999/a", "http://example.org.cn:99999/a"},
		{"http://example.org.cn:x/ A", "http://example.org.cn:x/%20a"},
		{"filedesc: a b", "filedesc:%20a%20b"},
		{"http://\xff\xfe/\xff", "%ff%fe)/%ff"},
		{"http://example.org:65536/A", "http://example.org:65536/a"},
		{"http://example.org:65535/A", "org,example:65535)/a"},
		{"http://example.org:0/a", "org,example)/a"},
		{"http://%65xample.org/\x7f", "org,example)/%7f"},
		{"http://example.org/?&b&a", "org,example)/?&a&b"},
		{"tag:?b", "tag:/?b"},
		{"tag:", "tag:"},
		{"http://https://example.org/", "org,example)/"},
		{"ftp://https://example.org/", "https)/example.org"},
	} {
		if got := SURT(tt.url); got != tt.want {
			t.Errorf("SURT(%q) = %q, want %q", tt.url, got, tt.want)
		}
	}
}

func FuzzSURT(f *testing.F) {
	table, err := os.ReadFile("testdata/surt.tsv")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		url, _, _ := strings.Cut(line, "\t")
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		key := SURT(url)
		if key == "" && strings.Trim(url, " \t\n\r\v\f") != "" {
			t.Fatalf("SURT(%q) is empty", url)
		}
		for i := 0; i < len(key); i++ {
			if key[i] <= ' ' || key[i] >= 0x7f {
				t.Fatalf("SURT(%q) = %q holds byte %#x", url, key, key[i])
			}
		}
	})
}

func BenchmarkSURT(b *testing.B) {
	for b.Loop() {
		SURT("http://www.nxkx.org/kxsz/nxkxyq/202210/t20221027_123.html")
	}
}
