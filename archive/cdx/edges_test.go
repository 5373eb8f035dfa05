package cdx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestQuoteControls(t *testing.T) {
	for in, want := range map[string]string{
		"\n\r\t\b\f": `"\n\r\t\b\f"`, "\x00\x1f": `"\u0000\u001f"`, " ~": `" ~"`, "\x7f": "\"\x7f\"",
		"\u0080é": `"\u0080\u00e9"`,
		"\uffff":  `"\uffff"`, "\U00010000": `"\ud800\udc00"`, `a"b\c`: `"a\"b\\c"`,
	} {
		if got := string(quote(nil, in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestParseOtherWriters(t *testing.T) {
	for in, want := range map[string]Row{
		`a 20260102030405678 {"url":"u","status":200,"length":"5","offset":"7"}`: {Key: "a", Time: "20260102030405678",
			URL: "u", Status: "200", Length: 5, Offset: 7},
		`a 2026 {"status":null,"mime":"m"}`: {Key: "a", Time: "2026", MIME: "m"},
		`a 2026 {"status":"-"}`:             {Key: "a", Time: "2026", Status: "-"},
	} {
		if got, err := Parse([]byte(in)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{`a 2026 {"status":{}}`, `a 2026 {"status":[1]}`, `a 2026 {"length":"1x"}`,
		`a  {"url":"u"}`} {
		if got, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s: %+v", bad, got)
		}
	}
}

func TestCleanWithinABrokenKey(t *testing.T) {
	for in, want := range map[string]string{
		"é\xff!": "%c3%a9%ff!", "a\tb": "a%09b", "a\rb": "a%0db", "!": "!", " ": "%20", "a\x7fb c": "a\x7fb%20c",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	rows := []Row{{Key: "a", Time: "1", Offset: 9}, {Key: "a", Time: "2", Offset: 1}, {Key: "a", Time: "2", Offset: 2},
		{Key: "b", Time: "0"}}
	for i, a := range rows {
		for j, b := range rows {
			if got := Compare(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%d, %d: %d", i, j, got)
			}
		}
	}
}

var errDisk = errors.New("disk")

// failing reads from r up to left bytes, then fails.
type failing struct {
	r    io.ReaderAt
	left int64
}

func (f failing) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > f.left {
		return 0, errDisk
	}
	return f.r.ReadAt(b, at)
}

func collect(rows iter.Seq2[Row, error]) (n int, err error) {
	for _, err := range rows {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestRangeTellsWhatFails(t *testing.T) {
	line := func(i int) string {
		return Row{Key: fmt.Sprintf("k%05d", i), Time: "2026", URL: "u", Filename: "f"}.String()
	}
	var b strings.Builder
	for i := range 3000 {
		b.WriteString(line(i) + "\n")
	}
	whole := b.String()
	at := strings.Index(whole, line(1500))
	broken := strings.Replace(whole, line(1500), strings.Repeat("x", len(line(1500))), 1)
	n, err := collect(Range(strings.NewReader(broken), int64(len(broken)), "k01400", ""))
	if want := fmt.Sprintf("CDX at %d: ", at); n != 100 || err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%d rows, %v, want %s", n, err, want)
	}
	for _, left := range []int64{0, 20_000, 100_000} {
		if n, err := collect(Range(failing{strings.NewReader(whole), left}, int64(len(whole)), "k02999", "")); !errors.Is(
			err, errDisk) {
			t.Errorf("%d bytes: %d rows, %v", left, n, err)
		}
		if n, err := collect(Range(failing{strings.NewReader(whole), left}, int64(len(whole)), "", "")); !errors.Is(
			err, errDisk) {
			t.Errorf("%d bytes: %d rows, %v", left, n, err)
		}
	}
	for i := range 3000 { // every line is found, with what is before and behind it
		key := fmt.Sprintf("k%05d", i)
		if n, err := collect(Range(strings.NewReader(whole), int64(len(whole)), key, key+"!")); n != 1 || err != nil {
			t.Fatalf("%s: %d, %v", key, n, err)
		}
	}
	last := whole[:len(whole)-1] // without its end
	for _, c := range []struct {
		from, to string
		want     int
	}{{"", "", 3000}, {"k02999", "", 1}, {"k03000", "", 0}, {"", "k00000", 0}, {"", "k00001", 1}, {"a", "z", 3000}} {
		for _, s := range []string{whole, last} {
			if n, err := collect(Range(strings.NewReader(s), int64(len(s)), c.from, c.to)); n != c.want || err != nil {
				t.Errorf("%q to %q: %d, %v", c.from, c.to, n, err)
			}
		}
	}
	if n, err := collect(Range(strings.NewReader(""), 0, "a", "")); n != 0 || err != nil {
		t.Errorf("empty: %d, %v", n, err)
	}
	for _, key := range []string{"", "a"} {
		long := strings.Repeat("x", maxRow+100<<10) + "\n"
		if _, err := collect(Range(strings.NewReader(long), int64(len(long)), key, "")); err == nil ||
			!strings.Contains(err.Error(), "4 MiB") {
			t.Errorf("%q: a line of 4 MiB and more: %v", key, err)
		}
	}
	n = 0
	for range Range(strings.NewReader(whole), int64(len(whole)), "", "") {
		if n++; n == 3 {
			break
		}
	}
}

func TestSorterSpills(t *testing.T) {
	dir := t.TempDir()
	s := NewSorter(dir)
	s.limit = 3 * (16 + 2)
	base := "a\nc\n"
	for _, l := range []string{"d1", "a2", "b3", "d1", "z9", "a0", "d1"} {
		if err := s.AddLine(l); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "cdx-run-*"))
	if err != nil || len(left) != 2 || len(s.lines) != 1 {
		t.Errorf("%q, %v, %d lines in memory", left, err, len(s.lines))
	}
	var out bytes.Buffer
	if err := s.WriteTo(&out, strings.NewReader(base)); err != nil || out.String() != "a\na0\na2\nb3\nc\nd1\nz9\n" {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := s.WriteTo(full{}, nil); !errors.Is(err, errDisk) {
		t.Errorf("full: %v", err)
	}
	if err := s.WriteTo(io.Discard, io.MultiReader(strings.NewReader("a\n"), broken{})); !errors.Is(err, errDisk) {
		t.Errorf("base that fails: %v", err)
	}
	if err := s.WriteTo(io.Discard, broken{}); !errors.Is(err, errDisk) {
		t.Errorf("base that fails at once: %v", err)
	}
	if err := os.Remove(left[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("close: %v", err)
	}
	if left, _ = filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
	gone := NewSorter(filepath.Join(dir, "nowhere"))
	gone.limit = 1
	if err := gone.AddLine("x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	var closed bytes.Buffer
	empty := NewSorter(dir)
	if err := errors.Join(empty.WriteTo(&closed, nil), empty.Close()); err != nil || closed.Len() != 0 {
		t.Errorf("empty: %v, %q", err, closed.String())
	}
	blank := NewSorter(dir)
	if err := errors.Join(blank.AddLine(""), blank.AddLine("a"), blank.WriteTo(&closed, nil), blank.Close()); err != nil ||
		closed.String() != "\na\n" {
		t.Errorf("an empty line: %v, %q", err, closed.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errDisk }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errDisk }

func TestSorted(t *testing.T) {
	for in, want := range map[string]int{"": 0, "a": 0, "a\nb": 0, "a\na\n": 0, "b\na\n": 2, "a\nc\nb": 3,
		"a\nb\nc\nb\na": 4} {
		ok, line, err := Sorted(strings.NewReader(in))
		if ok != (want == 0) || line != want || err != nil {
			t.Errorf("%q: %v at %d, %v", in, ok, line, err)
		}
	}
	if _, line, err := Sorted(io.MultiReader(strings.NewReader("a\n"), broken{})); !errors.Is(err, errDisk) || line != 2 {
		t.Errorf("%d, %v", line, err)
	}
	long := strings.Repeat("x", 300<<10)
	if ok, line, err := Sorted(strings.NewReader(long + "b\n" + long + "a\n")); ok || line != 2 || err != nil {
		t.Errorf("long lines: %v at %d, %v", ok, line, err)
	}
}

// counting counts the reads of r, and what they ask for.
type counting struct {
	r     io.ReaderAt
	reads int
	bytes int
}

func (c *counting) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.r.ReadAt(b, at)
	c.reads++
	c.bytes += n
	return n, err
}

// TestRangeReadsLittle holds Range to bisection: finding a row of a long file takes some dozens of reads of a few
// KB, wherever the row is, and nothing is read behind the size that was named.
func TestRangeReadsLittle(t *testing.T) {
	var b strings.Builder
	const rows = 20000
	key := func(i int) string { return fmt.Sprintf("k%06d", i) }
	sizes := map[int]int64{}
	for i := range rows {
		sizes[i] = int64(b.Len())
		b.WriteString(Row{Key: key(i), Time: "2026", URL: "u", Filename: "f"}.String() + "\n")
	}
	whole := b.String()
	for _, i := range []int{0, 1, 777, rows / 2, rows - 2, rows - 1} {
		r := &counting{r: strings.NewReader(whole)}
		n, err := collect(Range(r, int64(len(whole)), key(i), key(i)+"!"))
		if n != 1 || err != nil || r.reads > 80 || r.bytes > 400<<10 {
			t.Errorf("row %d: %d found, %v, %d reads of %d bytes in all", i, n, err, r.reads, r.bytes)
		}
	}
	for _, end := range []int{1, 40, 1234, rows - 1} { // what is behind belongs to another file, or is being written
		for _, from := range []int{0, end / 2, end - 1} {
			n, err := collect(Range(strings.NewReader(whole), sizes[end], key(from), ""))
			if n != end-from || err != nil {
				t.Errorf("rows from %d of a file that ends behind row %d: %d, %v", from, end, n, err)
			}
		}
		if n, err := collect(Range(strings.NewReader(whole), sizes[end], key(end), "")); n != 0 || err != nil {
			t.Errorf("%d rows behind the end, %v", n, err)
		}
	}
}

// TestRangeOfEqualLines: a CDX may hold a line twice; both are found, also where blocks of the bisection meet
// between them.
func TestRangeOfEqualLines(t *testing.T) {
	row := func(key string) string {
		return Row{Key: key, Time: "2026", URL: strings.Repeat("u", 900), Filename: "f"}.String()
	}
	var b strings.Builder
	for _, key := range []string{"a", "b", "c", "c", "c", "c", "c", "c", "c", "c", "c", "c", "d", "e"} {
		b.WriteString(row(key) + "\n")
	}
	for key, want := range map[string]int{"a": 1, "b": 1, row("c"): 10, "d": 1, "e": 1} {
		n, err := collect(Range(strings.NewReader(b.String()), int64(b.Len()), key, key[:1]+"!"))
		if n != want || err != nil {
			t.Errorf("%.5s: %d rows, %v, want %d", key, n, err, want)
		}
	}
}

// TestRangeFailsWherever: a disk that fails is told, and never taken for the end of the rows.
func TestRangeFailsWherever(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		b.WriteString(Row{Key: fmt.Sprintf("k%05d", i), Time: "2026", URL: "u", Filename: "f"}.String() + "\n")
	}
	for _, key := range []string{"k00000", "k00700", "k01999", "z"} {
		var all int
		for fail := 1; ; fail++ {
			r := &failAt{r: strings.NewReader(b.String()), fail: fail}
			n, err := collect(Range(r, int64(b.Len()), key, ""))
			if r.reads < fail { // it needs fewer reads: nothing failed
				all = n
				if err != nil {
					t.Errorf("%s: %v", key, err)
				}
				break
			}
			if !errors.Is(err, errDisk) {
				t.Errorf("%s: read %d failed: %d rows, %v", key, fail, n, err)
			}
		}
		if want := map[string]int{"k00000": 2000, "k00700": 1300, "k01999": 1, "z": 0}[key]; all != want {
			t.Errorf("%s: %d rows, want %d", key, all, want)
		}
	}
}

// failAt fails its read number fail.
type failAt struct {
	r           io.ReaderAt
	reads, fail int
}

func (f *failAt) ReadAt(b []byte, at int64) (int, error) {
	if f.reads++; f.reads == f.fail {
		return 0, errDisk
	}
	return f.r.ReadAt(b, at)
}
