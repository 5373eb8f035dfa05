package web

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// text waits for an element and returns its text.
func text(t *testing.T, ctx context.Context, css string) string {
	t.Helper()
	return get(t, ctx, chromedp.TextContent(chromedp.CSS(css)))
}

// click clicks and waits for the page that follows.
func click(t *testing.T, ctx context.Context, css string) {
	t.Helper()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css))); err != nil {
		t.Fatalf("click %s: %v", css, err)
	}
}

func location(t *testing.T, ctx context.Context) *url.URL {
	t.Helper()
	u, err := url.Parse(get(t, ctx, chromedp.Location()))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A researcher's way through the pages, with scripts and without: everything is reached by
// clicking, nothing by knowing an address.
func TestJourney(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		name := "with scripts"
		if !scripts {
			name = "without scripts"
		}
		t.Run(name, func(t *testing.T) { journey(t, scripts) })
	}
}

func journey(t *testing.T, scripts bool) {
	w := newWorld(t).furnish()
	board := newCrawlBoard(w.opts.Now())
	w.opts.Crawls = board
	srv := w.serve()
	ctx := tab(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 900))
	if !scripts {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
	}
	// Search.
	do(t, ctx, chromedp.Navigate(srv.URL+"/"), chromedp.SendKeys(chromedp.CSS("#q"), "科普"))
	click(t, ctx, ".ask .box button")
	if h := text(t, ctx, "#results"); h != "共 2 篇" {
		t.Errorf("results: %q", h)
	}
	// A facet, and out of it again by its chip.
	click(t, ctx, `.facet a[href*="site=baishi"]`)
	if h := text(t, ctx, "#results"); h != "共 1 篇" || location(t, ctx).Query().Get("site") != "baishi" {
		t.Errorf("after the facet: %q at %s", h, location(t, ctx))
	}
	click(t, ctx, ".chips a")
	// A bar of the timeline.
	click(t, ctx, `.timeline a[data-label="2022-10"]`)
	if q := location(t, ctx).Query(); text(t, ctx, "#results") != "共 1 篇" || q.Get("from") != "2022-10" ||
		q.Get("to") != "2022-10" {
		t.Errorf("after the bar: %s", location(t, ctx))
	}
	// The article and its citation.
	click(t, ctx, ".hit h3 a")
	if h := text(t, ctx, "h1"); h != "清源县举办全国科普日活动" {
		t.Errorf("article: %q", h)
	}
	cite := text(t, ctx, "#cite-gbt7714")
	if !strings.Contains(cite, "[EB/OL]") || !strings.Contains(cite, "sha256:") || !strings.Contains(cite, ".warc.gz") {
		t.Errorf("citation: %s", cite)
	}
	// The archived page.
	click(t, ctx, ".actions a.button")
	if src := get(t, ctx, chromedp.AttributeValue(chromedp.CSS("iframe.replay"), "src")); !strings.HasSuffix(src.Value,
		"mp_/"+goneURL) {
		t.Errorf("replay frame: %v", src)
	}
	// Versions compared.
	do(t, ctx, chromedp.Navigate(srv.URL+"/?q=%E4%BB%A3%E8%A1%A8%E5%A4%A7%E4%BC%9A"))
	click(t, ctx, ".hit h3 a")
	click(t, ctx, ".versions .delta")
	if ins := text(t, ctx, ".diff ins"); ins != "二" {
		t.Errorf("inserted: %q", ins)
	}
	click(t, ctx, ".tabs a:last-child")
	if del := text(t, ctx, ".diff del"); !strings.Contains(del, "六月十日") {
		t.Errorf("deleted sentence: %q", del)
	}
	// Another language, and back on the same page.
	before := location(t, ctx).String()
	click(t, ctx, `.prefs button[name=lang]`)
	if h := text(t, ctx, "h1"); !strings.HasPrefix(h, "Compare versions") || location(t, ctx).String() != before {
		t.Errorf("in English: %q at %s", h, location(t, ctx))
	}
	click(t, ctx, `.prefs button[name=lang]`)
	// Start a crawl, watch it, see it end.
	click(t, ctx, `.top nav a[href="/crawls"]`)
	click(t, ctx, `.sites tbody tr:nth-child(2) button`)
	if !strings.HasPrefix(location(t, ctx).Path, "/crawls/20261120-1") {
		t.Fatalf("after starting: %s", location(t, ctx))
	}
	board.step()
	if scripts {
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](
			`document.querySelector('tr[data-site=baishi] [data-f=fetched]').textContent === "1"`)); err != nil {
			t.Fatalf("the live row: %v", err)
		}
	} else {
		do(t, ctx, chromedp.Reload())
		if n := text(t, ctx, "tr[data-site=baishi] [data-f=fetched]"); n != "1" {
			t.Errorf("fetched %q", n)
		}
	}
	click(t, ctx, "header.line button")
	if s := text(t, ctx, "header.line .badge"); !strings.Contains(s, "结束于") {
		t.Errorf("after stopping: %q", s)
	}
	// Save a search and forget it.
	do(t, ctx, chromedp.Navigate(srv.URL+"/?q=%E7%A7%91%E6%99%AE"),
		chromedp.Click(chromedp.CSS(".tools details:nth-child(2) summary")))
	click(t, ctx, ".tools details:nth-child(2) button")
	if s := text(t, ctx, "tbody td a"); s != "科普" {
		t.Errorf("saved: %q", s)
	}
	click(t, ctx, "tbody button")
	if s := text(t, ctx, ".empty"); !strings.Contains(s, "还没有收藏") {
		t.Errorf("after forgetting: %q", s)
	}
}

// Keys and the brush are for those with scripts.
func TestKeysAndBrush(t *testing.T) {
	srv := newWorld(t).furnish().serve()
	ctx := tab(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(srv.URL+"/?q=%E7%A7%91%E6%99%AE"),
		chromedp.KeyEvent("j"), chromedp.KeyEvent("j"))
	if s := get(t, ctx,
		chromedp.Evaluate[string](
			"document.activeElement.textContent")); s != "白石市园艺学会开展春季技术培训" &&
		s != "清源县举办全国科普日活动" {
		t.Errorf("j focuses %q", s)
	}
	do(t, ctx, chromedp.KeyEvent("/"))
	if s := get(t, ctx, chromedp.Evaluate[string]("document.activeElement.id")); s != "q" {
		t.Errorf("/ focuses %q", s)
	}
	type box struct{ X1, X2, Y float64 }
	b := get(t, ctx, chromedp.Evaluate[box](`(() => { const a = document.querySelectorAll(".timeline a"), r = a[0].getBoundingClientRect(), s = a[a.length-1].getBoundingClientRect();
		return {X1: r.x + r.width/2, X2: s.x + s.width/2, Y: r.y + 30} })()`))
	if _, err := chromedp.RunResponse(ctx, chromedp.DragAndDropXY(b.X1, b.Y, b.X2, b.Y)); err != nil {
		t.Fatal(err)
	}
	if q := location(t, ctx).Query(); q.Get("from") != "2022-10" || q.Get("to") != "2024-03" {
		t.Errorf("brushed to %s", location(t, ctx))
	}
}

// No page breaks a rule of axe-core that matters: none serious, none critical, in both themes.
func TestAccessibility(t *testing.T) {
	accessible(t, newWorld(t).furnish().serve().URL, everyPage())
}

func accessible(t *testing.T, base string, pages map[string]string) {
	ctx := tab(t)
	f, err := os.Open("testdata/axe/axe.min.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	axe, err := io.ReadAll(z)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	for name, path := range pages {
		for _, look := range []string{"light", "dark"} {
			theme(t, ctx, look)
			do(t, ctx, chromedp.Navigate(base+path))
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[json.RawMessage](string(axe)+";0")); err != nil {
				t.Fatal(err)
			}
			// The archived page inside a frame is somebody else's.
			found := get(t, ctx, chromedp.Evaluate[string](`axe.run({exclude: [["iframe"]]}, {resultTypes: ["violations"]}).then(r =>
				r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.nodes.map(n => n.html).join(" ")).join("\n"))`, chromedp.EvalAwaitPromise))
			if found != "" {
				t.Errorf("%s in %s: %s", name, look, found)
			}
		}
	}
}

// Pages fit a phone: nothing sticks out sideways.
func TestPhone(t *testing.T) {
	narrow(t, newWorld(t).furnish().serve().URL, everyPage())
}

func narrow(t *testing.T, base string, pages map[string]string) {
	ctx := tab(t)
	do(t, ctx, chromedp.EmulateViewport(390, 844))
	for name, path := range pages {
		do(t, ctx, chromedp.Navigate(base+path))
		if w := get(t, ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth")); w > 390 {
			t.Errorf("%s is %d px wide", name, w)
		}
	}
}
