package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// demo is `cundang demo` serving what it has crawled: a made-up web through the whole pipeline, twice, with
// articles edited and deleted in between.
type demo struct {
	t   *testing.T
	URL string // without the slash at the end
}

// startDemo builds cundang and runs its demo until the test ends.
func startDemo(t *testing.T) *demo {
	t.Helper()
	chromium(t) // before the minute it takes
	exe := filepath.Join(t.TempDir(), "cundang")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", exe, "cundang/cmd/cundang").
		CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), exe, "demo", "--keep", t.TempDir(), "--listen", "127.0.0.1:0", "--lang", "zh")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	where := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(where)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if m := regexp.MustCompile(`http://[0-9.:]+/`).FindString(lines.Text()); m != "" &&
				strings.Contains(lines.Text(), "存档服务") {
				where <- strings.TrimSuffix(m, "/")
			}
		}
	}()
	t.Cleanup(func() { // the context of the test has ended: the demo has been interrupted
		<-done
		_ = cmd.Wait() // its exit status is that of an interruption
	})
	u, ok := <-where
	if !ok {
		t.Fatal("the demo ended before it served")
	}
	return &demo{t, u}
}

// api asks the demo's API.
func (d *demo) api(path string, into any) {
	d.t.Helper()
	res, body := fetch(d.t, "GET", d.URL+"/api/v1/"+path)
	if res.StatusCode != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, res.StatusCode, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		d.t.Fatal(err)
	}
}

// pages are the addresses of every page of the demo by name.
func (d *demo) pages() map[string]string {
	d.t.Helper()
	var changes changeList
	d.api("changes?limit=50", &changes)
	var runs struct{ Crawls []Run }
	d.api("crawls", &runs)
	p := map[string]string{
		"first": "/", "search": "/?q=" + url.QueryEscape("科学素质"), "filtered": "/?q=" +
			url.QueryEscape("科学素质") + "&site=yuanling&from=2026-09&to=2026-10",
		"notice": "/?q=" + url.QueryEscape("(科普 来源:科协"),
		"none":   "/?q=" + url.QueryEscape(`"没有这样一句话"`), "changes": "/changes",
		"trends":  "/trends?interval=month&term=" + url.QueryEscape("科普，学会，培训"),
		"kwic":    "/kwic?order=right&term=" + url.QueryEscape("科学素质"),
		"network": "/network", "crawls": "/crawls", "run": "/crawls/" +
			runs.Crawls[0].ID, "review": "/review", "saved": "/saved", "help": "/help",
		"api": "/api", "missing": "/nothing",
		"lost": "/replay/2026/http://nowhere.example/",
	}
	for _, c := range changes.Changes {
		switch c.What {
		case "gone":
			p["gone"] = "/a/" + c.ID
		case "modified":
			p["modified"], p["diff"], p["captures"] = "/a/"+c.ID, "/a/"+c.ID+"/diff", "/timemap/html/"+c.URL
			p["replay"] = "/replay/2026/" + c.URL
			p["reviewone"] = "/review/" + c.ID
		}
	}
	if p["gone"] == "" || p["diff"] == "" {
		d.t.Fatalf("the demo shows no deletion or no modification: %v", p)
	}
	return p
}

// What a researcher does, on what the pipeline has made of the made-up web, with scripts and without.
func TestDemo(t *testing.T) {
	d := startDemo(t)
	t.Run("with scripts", func(t *testing.T) { d.research(t, true) })
	t.Run("without scripts", func(t *testing.T) { d.research(t, false) })
	t.Run("refusals", func(t *testing.T) {
		for body, path := range map[string]string{`{"sites":["none"]}`: "crawls",
			`{"sites":["http://other.example/"]}`: "crawls", ``: "crawls/none/stop"} {
			res, err := http.Post(d.URL+"/api/v1/"+path, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: %d %v", path, body, res.StatusCode, err)
			}
		}
	})
	t.Run("accessibility", func(t *testing.T) { accessible(t, d.URL, d.pages()) })
	t.Run("phone", func(t *testing.T) { narrow(t, d.URL, d.pages()) })
	if dir := os.Getenv("CUNDANG_PICTURES"); dir != "" {
		pictures(t, dir, "demo-", d.URL, d.pages())
	}
}

func (d *demo) research(t *testing.T, scripts bool) {
	ctx := tab(t)
	do(t, ctx, chromedp.EmulateViewport(1280, 900))
	if !scripts {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
	}
	do(t, ctx, chromedp.Navigate(d.URL+"/"), chromedp.SendKeys(chromedp.CSS("#q"), "科学素质"))
	click(t, ctx, ".ask .box button")
	all := number0(t, text(t, ctx, "#results"))
	if all < 10 {
		t.Errorf("科学素质: %d articles", all)
	}
	if marked := text(t, ctx, ".hit mark"); !strings.Contains("科学素质", marked) {
		t.Errorf("highlighted: %q", marked)
	}
	// A facet says how many there will be, and a bar too.
	count := number0(t, text(t, ctx, `.facet a[href*="site=yuanling"] i`))
	click(t, ctx, `.facet a[href*="site=yuanling"]`)
	if got := number0(t, text(t, ctx, "#results")); got != count || count == 0 || count >= all {
		t.Errorf("the facet says %d of %d, the page behind it %d", count, all, got)
	}
	bar := text(t, ctx, ".timeline a title")
	click(t, ctx, ".timeline a")
	if got := number0(t, text(t, ctx, "#results")); !strings.HasSuffix(bar, ": "+groupDigits(got)) {
		t.Errorf("the bar says %q, the page behind it %d", bar, got)
	}
	// What was deleted and modified says so.
	p := d.pages()
	do(t, ctx, chromedp.Navigate(d.URL+"/?state=gone"))
	if b := text(t, ctx, ".hit .badge.gone"); b != "已删除" {
		t.Errorf("badge of a deleted article: %q", b)
	}
	click(t, ctx, ".hit h3 a")
	if n := text(t, ctx, ".notice.gone"); !strings.Contains(n, "已删除") {
		t.Errorf("deleted article: %q", n)
	}
	do(t, ctx, chromedp.Navigate(d.URL+p["modified"]))
	if b := text(t, ctx, ".badge.modified"); b != "已修改" {
		t.Errorf("badge of a modified article: %q", b)
	}
	d.cite(t, ctx, scripts)
	d.compare(t, ctx)
	d.replay(t, ctx, p["replay"])
	d.watch(t, ctx, scripts)
	// In English and back.
	do(t, ctx, chromedp.Navigate(d.URL+p["search"]))
	click(t, ctx, `.prefs button[name=lang]`)
	if h := text(t, ctx, "#results"); !strings.HasSuffix(h, " articles") {
		t.Errorf("in English: %q", h)
	}
	click(t, ctx, `.prefs button[name=lang]`)
	if h := text(t, ctx, "#results"); !strings.HasPrefix(h, "共 ") {
		t.Errorf("in Chinese: %q", h)
	}
}

// cite copies the citation; the record it names is in the archive under that digest.
func (d *demo) cite(t *testing.T, ctx context.Context, scripts bool) {
	cite := text(t, ctx, "#cite-gbt7714")
	m := regexp.MustCompile(`\[EB/OL\]\..*(cundang-\S+\.warc\.gz:\d+:\d+).*(sha256:[0-9a-f]{64})`).FindStringSubmatch(cite)
	if m == nil {
		t.Errorf("citation without record or digest: %s", cite)
	} else if evidence := text(t, ctx, ".evidence"); !strings.Contains(evidence, m[1]) ||
		!strings.Contains(evidence, m[2]) {
		t.Errorf("the evidence is not that of the citation %s: %s", cite, evidence)
	}
	if !scripts {
		for _, b := range get(t, ctx, chromedp.AttributesAll(chromedp.CSSAll("button.copy"))) {
			if _, hidden := b["hidden"]; !hidden {
				t.Error("without scripts there is a button that does nothing")
			}
		}
		return
	}
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		if _, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{Origin: d.URL,
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted}); err != nil {
			t.Fatal(err)
		}
	}
	do(t, ctx, chromedp.Click(chromedp.CSS("button.copy[data-copy=cite-gbt7714]")))
	if got := get(t, ctx,
		chromedp.Evaluate[string]("navigator.clipboard.readText()", chromedp.EvalAwaitPromise)); got != cite {
		t.Errorf("copied %q, shown %q", got, cite)
	}
}

// compare looks at the difference between the two versions: what came in is green, what went is red.
func (d *demo) compare(t *testing.T, ctx context.Context) {
	click(t, ctx, ".versions .delta")
	colour := func(css string) string {
		return get(t, ctx,
			chromedp.Evaluate[string](`(e => e ? getComputedStyle(e).backgroundColor : "")(document.querySelector("`+css+`"))`))
	}
	if ins := text(t, ctx, ".body.diff ins"); ins == "" {
		t.Error("nothing is shown as inserted")
	}
	if ins, del := colour(".meta ins"), colour(".meta del"); !hue(ins, 1) || !hue(del, 0) {
		t.Errorf("what came in is %s, what went %s", ins, del)
	}
	click(t, ctx, ".tabs a:last-child")
	if got := location(t, ctx).Query().Get("by"); got != "sentence" {
		t.Errorf("by %q", got)
	}
}

// hue says whether a colour as browsers write it has most of one component: 0 red, 1 green, 2 blue.
func hue(colour string, component int) bool {
	var rgb [3]int
	if _, err := fmt.Sscanf(colour, "rgb(%d, %d, %d)", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		return false
	}
	return rgb[component] == max(rgb[0], rgb[1], rgb[2])
}

// replay shows the archived page with the style and the pictures it had.
func (d *demo) replay(t *testing.T, ctx context.Context, path string) {
	do(t, ctx, chromedp.Navigate(d.URL+path))
	frame := get(t, ctx, chromedp.AttributeValue(chromedp.CSS("iframe.replay"), "src"))
	do(t, ctx, chromedp.Navigate(d.URL+frame.Value))
	if title := get(t, ctx, chromedp.Title()); title == "" {
		t.Error("the archived page has no title")
	}
	_, page := fetch(t, "GET", d.URL+frame.Value)
	for _, m := range regexp.MustCompile(`(?:href|src)="(/replay/[^"]*(?:cs_|im_)/[^"]*)"`).
		FindAllStringSubmatch(page, -1) {
		if res, _ := fetch(t, "GET", d.URL+html.UnescapeString(m[1])); res.StatusCode >= 400 {
			t.Errorf("not archived: %s: %d", m[1], res.StatusCode)
		}
	}
}

// watch starts a crawl of one site from its page and sees it end.
func (d *demo) watch(t *testing.T, ctx context.Context, scripts bool) {
	do(t, ctx, chromedp.Navigate(d.URL+"/crawls"))
	click(t, ctx, `form:has(input[value=yunze]) button`)
	at := location(t, ctx).Path
	if !strings.HasPrefix(at, "/crawls/") {
		t.Fatalf("after starting a crawl: %s", at)
	}
	state := ""
	for ; !strings.Contains(state, "结束于") && ctx.Err() == nil; time.Sleep(300 * time.Millisecond) {
		if !scripts { // the page asks for itself anew
			do(t, ctx, chromedp.Navigate(d.URL+at))
		}
		var err error
		if state, err = chromedp.Run(ctx, chromedp.TextContent(chromedp.CSS("header.line .badge"))); err != nil {
			state = "" // just when the page was loading itself anew
		}
	}
	if !strings.Contains(state, "结束于") {
		t.Errorf("the crawl does not end: %q", state)
	}
	if n := number0(t, text(t, ctx, "tr[data-site=yunze] [data-f=fetched]")); n == 0 {
		t.Error("the crawl has fetched nothing")
	}
}

// number0 is the first number in a text, 0 for none.
func number0(t *testing.T, text string) int {
	t.Helper()
	m := strings.ReplaceAll(regexp.MustCompile(`[0-9][0-9,]*`).FindString(text), ",", "")
	if m == "" {
		return 0
	}
	n, err := strconv.Atoi(m)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
