package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/extract"
	"cundang/internal/zone"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func onDay(y int, m time.Month, d int) extract.Date {
	return extract.Date{Time: time.Date(y, m, d, 0, 0, 0, 0, zone.China)}
}

// full has every field, bare what a page without a byline leaves, hostile the characters
// that some format gives a meaning to.
func full() extract.Article {
	return extract.Article{
		ID: "3fa1c2d4e5b60718", URL: "https://www.yunling.example/kxsz/t20221027_1024.html", Site: "yunling",
		Kind:  extract.KindArticle,
		Title: "云岭市科协召开学会工作座谈会", Source: "云岭市科协", Author: "李晓燕、方 敏",
		Editor: "周文", Contributor: "学会部",
		Published:     extract.Date{Time: time.Date(2022, 10, 27, 9, 30, 0, 0, zone.China), HasClock: true},
		PublishedText: "2022年10月27日 09:30",
		Column:        []string{"首页", "科协时政", "要闻"},
		Body: "10月26日，云岭市科协召开座谈会。\n一、会议议程\n单位\t人数\n农学会\t12\n" +
			"会议强调：“服务基层”。",
		Paragraphs: []extract.Paragraph{
			{Kind: "p", Text: "10月26日，云岭市科协召开座谈会。"}, {Kind: "h", Text: "一、会议议程"},
			{Kind: "li", Text: "听取汇报"}, {Kind: "li", Text: "讨论"},
			{Kind: "quote", Text: "科学普及与科技创新同等重要"},
			{Kind: "table", Text: "单位\t人数\n农学会\t12"}, {Kind: "caption", Text: "会议现场"},
			{Kind: "p", Text: "会议强调：“服务基层”。"},
		},
		Images: []extract.Image{{URL: "https://www.yunling.example/img/W0(1).jpg", Caption: "会议现场"}},
		Attachments: []extract.Attachment{{URL: "https://www.yunling.example/P0202.pdf", Title: "会议通知.pdf",
			Type: "application/pdf", Text: "通知"}},
		Document: &extract.Document{Issuer: "云岭市科学技术协会", Number: "云科协发〔2022〕14号",
			Signed: onDay(2022, 10, 25), Index: "YL-2022-014"},
		People: []string{"李晓燕", "方敏"}, Places: []string{"云岭市"},
		Organizations: []string{"云岭市科协", "农学会"},
		Fetched:       time.Date(2026, 11, 22, 10, 0, 0, 0, zone.China),
		Capture: &extract.CaptureRef{Ref: "yunling/cundang-yunling-20261122100000-1.warc.gz:1024:2048",
			Digest: "sha256:" + strings.Repeat("0123456789abcdef", 4)},
		Version: 2, Versions: 3, State: extract.StateLive, Confidence: 0.98, Rules: "1",
		Provenance: map[string]extract.Provenance{"source": {Rule: "byline.label", Confidence: 0.99,
			Raw:          "来源：云岭市科协",
			Alternatives: []extract.Alternative{{Rule: "meta", Value: "科协", Confidence: 0.5}}}},
	}
}

func bare() extract.Article {
	return extract.Article{ID: "00ff", URL: "http://a.example/x", Kind: extract.KindOther, State: extract.StateGone,
		Fetched: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)}
}

func hostile() extract.Article {
	a := bare()
	a.ID = "00fe"
	a.Title = "=HYPERLINK(\"http://evil.example\",\"点\") & <b>50%</b> {未闭合 \\ #1 _x_ ~ ^ $"
	a.Author = "王and李, Jr and Co"
	a.Source = "- 某社\r\nER  - \r\nTY  - BOOK"
	a.URL = "http://a.example/{x}?q=a%20b&c=(d) \\"
	a.Body = "＋1\x00\x0b行\u2028二\n@SUM(A1)\n1. 甲\n+ 乙"
	a.Column = []string{"'引号", "]]>"}
	return a
}

func sample() []extract.Article { return []extract.Article{full(), bare(), hostile()} }

func TestGolden(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			var b bytes.Buffer
			n, err := Write(&b, f.Name, streamOf(sample()...), Options{TempDir: t.TempDir()})
			if err != nil || n != 3 {
				t.Fatalf("%d articles, %v", n, err)
			}
			got := b.Bytes()
			if f.Name == "xlsx" {
				got = []byte(sheetText(t, got))
			}
			path := filepath.Join("testdata", "golden", f.Name+f.Extension)
			if f.Name == "xlsx" {
				path += ".tsv"
			}
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("%s (rewrite with -update):\n%s", path, d)
			}
		})
	}
}

func TestJSONRoundTrip(t *testing.T) {
	var arr, lines bytes.Buffer
	for name, w := range map[string]io.Writer{"json": &arr, "jsonl": &lines} {
		if _, err := Write(w, name, streamOf(sample()...), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	var back []extract.Article
	if err := json.Unmarshal(arr.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	var back2 []extract.Article
	for l := range strings.Lines(lines.String()) {
		var a extract.Article
		if err := json.Unmarshal([]byte(l), &a); err != nil {
			t.Fatal(err)
		}
		back2 = append(back2, a)
	}
	want := sample()
	for i := range want {
		want[i] = whole(want[i])
	}
	same := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	// NUL and VT survive JSON; only U+FFFD stands for bytes that are not UTF-8.
	if d := cmp.Diff(want, back, same); d != "" {
		t.Error("json:", d)
	}
	if d := cmp.Diff(want, back2, same); d != "" {
		t.Error("jsonl:", d)
	}
	if strings.Contains(arr.String(), `\u003c`) {
		t.Error("< is escaped in JSON")
	}
}

func TestEmpty(t *testing.T) {
	for _, f := range Formats() {
		var b bytes.Buffer
		if n, err := Write(&b, f.Name, streamOf(), Options{}); n != 0 || err != nil {
			t.Errorf("%s: %d, %v", f.Name, n, err)
		}
		switch f.Name {
		case "json":
			if b.String() != "[]\n" {
				t.Errorf("json: %q", b.String())
			}
		case "tei":
			if err := wellFormed(b.Bytes()); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCSVRoundTrip(t *testing.T) {
	var b bytes.Buffer
	if _, err := Write(&b, "csv", streamOf(sample()...), Options{}); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\uFEFF")
	if !ok {
		t.Error("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range sample() {
		for j, f := range fields {
			cell := rows[i+1][j]
			if cell != "" && strings.ContainsRune("=+-@\t＝＋－＠", []rune(cell)[0]) {
				t.Errorf("%s of %s would run: %q", f.name, a.ID, cell)
			}
			// encoding/csv reads a CRLF in a quoted field as LF, and control characters are dropped.
			if got, want := unguard(cell), clean(f.value(whole(a))); got != want {
				t.Errorf("%s of %s: %q, want %q", f.name, a.ID, got, want)
			}
		}
	}
}

func TestTEIIsWellFormed(t *testing.T) {
	var b bytes.Buffer
	if _, err := Write(&b, "tei", streamOf(sample()...), Options{}); err != nil {
		t.Fatal(err)
	}
	if err := wellFormed(b.Bytes()); err != nil {
		t.Error(err)
	}
}

func wellFormed(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

var errBroken = errors.New("index broke")

// brokenAfter is a stream that fails behind n articles.
func brokenAfter(n int) iter.Seq2[extract.Article, error] {
	return func(yield func(extract.Article, error) bool) {
		for range n {
			if !yield(full(), nil) {
				return
			}
		}
		yield(extract.Article{}, errBroken)
	}
}

func TestBrokenStreamIsAnError(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			temp := t.TempDir()
			n, err := Write(io.Discard, f.Name, brokenAfter(2), Options{TempDir: temp})
			if n != 2 || !errors.Is(err, errBroken) {
				t.Errorf("%d, %v", n, err)
			}
			if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
				t.Errorf("left in %s: %v, %v", temp, left, err)
			}
		})
	}
	var b bytes.Buffer
	if _, err := Write(&b, "json", brokenAfter(1), Options{}); err == nil {
		t.Error("no error")
	}
	if json.Valid(b.Bytes()) {
		t.Error("the torn array is valid JSON")
	}
}

// full disk: every write beyond limit fails.
type small struct{ left int }

func (s *small) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestFailingWriter(t *testing.T) {
	for _, f := range Formats() {
		for _, space := range []int{0, 10, 500} {
			if _, err := Write(&small{space}, f.Name, streamOf(sample()...), Options{}); !errors.Is(err, errBroken) {
				t.Errorf("%s with space for %d bytes: %v", f.Name, space, err)
			}
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if _, err := Write(io.Discard, "docx", streamOf(), Options{}); !errors.Is(err, ErrFormat) ||
		!strings.Contains(err.Error(), "jsonl") {
		t.Error(err)
	}
	for i, f := range Formats() {
		if names()[i] != f.Name {
			t.Errorf("names()[%d] is %s, not %s", i, names()[i], f.Name)
		}
		if g, err := FormatByName(" " + strings.ToUpper(f.Name)); err != nil || g.Name != f.Name {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	line, err := marshal(whole(full()))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(line)) * 1000)
			for b.Loop() {
				if _, err := Write(io.Discard, f.Name, thousand(full()), Options{TempDir: b.TempDir()}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func thousand(a extract.Article) iter.Seq2[extract.Article, error] {
	return func(yield func(extract.Article, error) bool) {
		for range 1000 {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, s := range []string{"", "=1", "'", " =1", "\t", "a", "－1", "''"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g := Guard(s)
		if g != s && unguard(g) != s {
			t.Errorf("%q guarded %q", s, g)
		}
		if g == s && strings.HasPrefix(s, "'") {
			t.Errorf("%q cannot be told from a guarded cell", s)
		}
		if strings.ContainsAny(g[:min(1, len(g))], "=+-@\t\r") {
			t.Errorf("%q would run", g)
		}
	})
}

// unguard returns what Guard was given.
func unguard(s string) string {
	if t, ok := strings.CutPrefix(s, "'"); ok {
		return t
	}
	return s
}

// streamOf makes a stream of given articles.
func streamOf(articles ...extract.Article) iter.Seq2[extract.Article, error] {
	return func(yield func(extract.Article, error) bool) {
		for _, a := range articles {
			if !yield(a, nil) {
				return
			}
		}
	}
}
