package cdx

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRow(t *testing.T) {
	r := Row{Key: "org,example)/a", Time: "20261122080000", URL: "http://example.org/通知?\"\\\x7f𝄞",
		MIME:   "text/html",
		Status: "200", Digest: "sha256:00", Length: 1043, Offset: 333, Filename: "x/y.warc.gz"}
	// What json.dumps of Python writes, which cdxj-indexer and pywb use.
	want := `org,example)/a 20261122080000 {"url": "http://example.org/\u901a\u77e5?\"\\` + "\x7f" + `\ud834\udd1e", "mime": "text/html", "status": "200", "digest": "sha256:00", "length": "1043", "offset": "333", "filename": "x/y.warc.gz"}`
	if got := r.String(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	back, err := Parse([]byte(want + "\n"))
	if d := cmp.Diff(r, back); d != "" || err != nil {
		t.Errorf("%s, %v", d, err)
	}
	// Other writers: numbers, further fields.
	got, err := Parse([]byte(`a 2026 {"url":"u","length":5,"offset":7,"filename":"f","method":"POST","requestBody":"x"}`))
	if err != nil || got.Length != 5 || got.Offset != 7 || got.Status != "" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "a", "a b", "a 2026", "a 2026 {", " 2026 {}", "a x {}", `a 2026 {"offset": "x"}`} {
		if r, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%q is %+v", bad, r)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"org,example)/a": "org,example)/a", "a b": "a%20b", "a\nb": "a%0ab", "": "-", "通知": "通知", "\xff": "%ff",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// sampleLines makes sorted lines with runs of equal keys and some long lines.
func sampleLines(rnd *rand.Rand, n int) []string {
	var out []string
	for range n {
		r := Row{Key: fmt.Sprintf("org,example,h%d)/%x", rnd.IntN(5), rnd.IntN(n)),
			Time: fmt.Sprint(20200101000000 + rnd.IntN(999999)), URL: "u", Filename: "f"}
		if rnd.IntN(50) == 0 {
			r.URL = strings.Repeat("long", rnd.IntN(5000))
		}
		for range 1 + rnd.IntN(3) {
			r.Offset = rnd.Int64N(1 << 40)
			out = append(out, r.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Bisection on disk finds what a scan of the sorted lines finds.
func TestRangeEqualsScan(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 10, 300, 3000} {
		lines := sampleLines(rnd, n)
		file := strings.Join(lines, "\n")
		if len(lines) > 0 && n != 10 { // once without an end of the last line
			file += "\n"
		}
		for range 200 {
			bound := func() string {
				if len(lines) == 0 || rnd.IntN(10) == 0 {
					return []string{"", "a", "zzz", "org,example,h2)/", "org,example,h"}[rnd.IntN(5)]
				}
				l := lines[rnd.IntN(len(lines))]
				return l[:rnd.IntN(len(l)+1)]
			}
			from, to := bound(), bound()
			var want, got []string
			for _, l := range lines[sort.SearchStrings(lines, from):] {
				if to != "" && l >= to {
					break
				}
				want = append(want, l)
			}
			for r, err := range Range(strings.NewReader(file), int64(len(file)), from, to) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r.String())
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d lines, from %.60q to %.60q: %d rows, want %d", len(lines), from, to, len(got), len(want))
			}
		}
	}
}

func TestSorter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	lines := sampleLines(rnd, 2000)
	base, rest := []string{}, []string{}
	for _, l := range lines {
		if rnd.IntN(2) == 0 {
			base = append(base, l)
		} else {
			rest = append(rest, l)
		}
	}
	rest = append(rest, base[:10]...) // rows that are there already
	rnd.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	dir := t.TempDir()
	s := NewSorter(dir)
	s.limit = 20000 // many runs
	for _, l := range rest {
		if err := s.AddLine(l); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.runs) < 3 {
		t.Errorf("%d runs", len(s.runs))
	}
	var out bytes.Buffer
	for range 2 { // it can be read again
		out.Reset()
		if err := s.WriteTo(&out, strings.NewReader(strings.Join(base, "\n")+"\n")); err != nil {
			t.Fatal(err)
		}
		if out.String() != strings.Join(lines, "\n")+"\n" {
			t.Error("not the sorted lines")
		}
	}
	if ok, _, err := Sorted(&out); !ok || err != nil {
		t.Errorf("Sorted: %v, %v", ok, err)
	}
	if ok, n, err := Sorted(strings.NewReader("a\nc\nb\n")); ok || n != 3 || err != nil {
		t.Errorf("Sorted: %v at %d, %v", ok, n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`org,example)/a 20261122080000 {"url": "http://example.org/a", "length": "1", "offset": "2", "filename": "f"}`)
	f.Add(`a 1 {"url":"\ud834\udd1e\u0000","length":1,"offset":2}`)
	f.Fuzz(func(t *testing.T, line string) {
		r, err := Parse([]byte(line))
		if err != nil {
			return
		}
		again, err := Parse([]byte(r.String()))
		if err != nil {
			t.Fatalf("%q became %q: %v", line, r, err)
		}
		if r != again {
			t.Errorf("%+v became %+v", r, again)
		}
	})
}

func FuzzRange(f *testing.F) {
	f.Add("a 1 {}\nb 2 {}\nc 3 {}", "b", "")
	f.Fuzz(func(t *testing.T, file, from, to string) {
		for r, err := range Range(strings.NewReader(file), int64(len(file)), from, to) {
			if err != nil {
				return
			}
			_ = r.String()
		}
	})
}
