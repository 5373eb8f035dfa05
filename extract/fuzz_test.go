package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spent returns the processor time that f takes, and that of the parse alone. What a busy machine does
// meanwhile does not count, and a slow one stretches both.
func spent(t *testing.T, body []byte, f func()) (took, parsing time.Duration) {
	t.Helper()
	cpu := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	start := cpu()
	parse(body)
	parsed := cpu()
	f()
	return cpu() - parsed, parsed - start
}

// slow says that a page costs too much: many times its parse, and enough to be measured.
func slow(took, parsing time.Duration) bool { return took > time.Second && took > 25*parsing }

// readWithin reads a page and fails when it takes too long or its JSON does not come back.
func readWithin(t *testing.T, body []byte) {
	t.Helper()
	var a Article
	var x Explanation
	var err error
	took, parsing := spent(t, body, func() {
		p := Page{URL: "http://fuzz.example/202210/t20221027_1.html", Body: body}
		a, x, err = (&Reader{}).Explain(context.Background(), p)
	})
	if err != nil {
		t.Fatal(err)
	}
	if slow(took/2, parsing) { // Explain reads twice
		t.Errorf("%d bytes took %v, the parse alone %v", len(body), took, parsing)
	}
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back Article
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	b2, err := json.Marshal(back)
	if err != nil || !bytes.Equal(b, b2) {
		t.Errorf("JSON does not come back: %v\n%s\n%s", err, b, b2)
	}
	if _, err := json.Marshal(x); err != nil {
		t.Fatal(err)
	}
}

func FuzzBytes(f *testing.F) {
	f.Add([]byte("<html><title>t</title><p>来源：<p>2022-10-27<p>正文。"))
	f.Add([]byte("\xff\xfe\x00<\x00"))
	f.Add([]byte("<table><tr><td>a<table><tr><td>来源"))
	f.Add([]byte("<base href=javascript:x><a href=' 1.pdf'>附件</a><!--<$[标题]>begin--><!--<$[标题]>end-->"))
	files, _ := filepath.Glob("../testdata/sites/nxkx/*.html")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, body []byte) { readWithin(t, body) })
}

// FuzzMutated changes real-looking pages: pieces cut out, doubled, moved, tags broken.
func FuzzMutated(f *testing.F) {
	files, err := filepath.Glob("../testdata/eval/extract/pages/*.html")
	if err != nil || len(files) == 0 {
		f.Fatalf("%d pages: %v", len(files), err)
	}
	pages := make([][]byte, len(files))
	for i, name := range files {
		if pages[i], err = os.ReadFile(name); err != nil {
			f.Fatal(err)
		}
		f.Add(uint64(i), uint8(3))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		r := rand.New(rand.NewPCG(seed, 1))
		readWithin(t, mutate(r, pages[r.IntN(len(pages))], pages[r.IntN(len(pages))], int(n%24)))
	})
}

func mutate(r *rand.Rand, page, other []byte, n int) []byte {
	b := bytes.Clone(page)
	for range n {
		if len(b) < 10 {
			return b
		}
		lo := r.IntN(len(b))
		hi := min(len(b), lo+r.IntN(2000))
		switch r.IntN(6) {
		case 0:
			b = append(b[:lo:lo], b[hi:]...)
		case 1:
			b = append(append(b[:hi:hi], b[lo:hi]...), b[hi:]...)
		case 2:
			k := r.IntN(len(other))
			b = append(append(b[:lo:lo], other[k:min(len(other), k+1500)]...), b[lo:]...)
		case 3:
			b[lo] = byte(r.IntN(256))
		case 4:
			b = bytes.ReplaceAll(b, []byte("</div>"), nil)
		case 5:
			b = append(append(b[:lo:lo], "<font><table><td><a href=x>来源："...), b[lo:]...)
		}
	}
	return b
}

// TestTraps reads pages made to be slow: none may cost more than a small multiple of its parse.
func TestTraps(t *testing.T) {
	para := "<p>第一段文字，说明情况，介绍背景。</p>"
	for name, page := range map[string]string{
		"deep divs":      strings.Repeat("<div>", 200000) + para,
		"deep inline":    strings.Repeat("<b><i>", 100000) + "来源：新华社",
		"unclosed fonts": strings.Repeat("<font color=red>字", 30000),
		"nested tables":  strings.Repeat("<table><tr><td>格", 20000),
		"flat table":     "<table>" + strings.Repeat("<tr><td>一</td><td>二</td><td>三</td></tr>", 40000) + "</table>",
		"many links":     strings.Repeat("<a href='/a_2.html'>2</a> ", 60000),
		"many bylines":   strings.Repeat("<div>来源：某社 作者：张三 时间：2022-10-27</div>", 20000),
		"one long line":  "<p>" + strings.Repeat("来源：", 100000) + "</p>",
		"label run":      "<p>" + strings.Repeat("来 ", 200000) + "源：</p>",
		"many titles":    "<title>某学会通知</title>" + strings.Repeat("<h1>某学会通知</h1>", 30000),
		"crumbs":         strings.Repeat("<span>首页 &gt; </span>", 30000),
		"br storm": "<title>某学会通知</title><h1>某学会通知</h1><div>" +
			strings.Repeat("一行文字，很短。<br>", 50000) + "</div>",
		"spans":             "<p>" + strings.Repeat("<span>字</span>", 100000) + "</p>",
		"comments":          strings.Repeat("<!--正文 begin-->字<!--正文 end-->", 30000),
		"pagers":            strings.Repeat("createPageHTML(3,0,", 100000),
		"attributes":        "<div " + strings.Repeat("class=a ", 100000) + ">" + para,
		"hidden copies":     strings.Repeat("<div style='display:none'>"+para+"</div>", 20000),
		"body marks nested": strings.Repeat("<div class=TRS_Editor>", 400) + strings.Repeat(para, 3000),
		"images":            para + strings.Repeat("<img src=a.jpg>", 50000) + para,
		"metas":             strings.Repeat("<meta name=PubDate content=2022-10-27>", 50000) + para,
		"same paragraph": strings.Repeat(
			strings.Repeat("<p>"+strings.Repeat("完全相同的一段文字，", 8)+"</p>", 2), 8000),
		"frames": strings.Repeat("<iframe src=a.html></iframe>", 30000),
	} {
		t.Run(name, func(t *testing.T) {
			took, parsing := spent(t, []byte(page), func() {
				_, err := (&Reader{}).Read(context.Background(), Page{URL: "http://trap.example/a.html", Body: []byte(page)})
				if err != nil {
					t.Fatal(err)
				}
			})
			if slow(took, parsing) {
				t.Errorf("%d bytes took %v, the parse alone %v", len(page), took, parsing)
			}
			t.Logf("%v, the parse alone %v", took, parsing)
		})
	}
}
