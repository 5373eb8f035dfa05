package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// hostilePage does everything an archived page might do to run or to call home. OUT is
// the address of a server outside.
const hostilePage = `<!DOCTYPE html><html manifest="OUT/manifest"><head>
<base href="OUT/base/">
<meta http-equiv="refresh" content="0;url=OUT/refresh">
<meta http-equiv="Content-Security-Policy" content="script-src *">
<link rel="preconnect" href="OUT"><link rel="dns-prefetch" href="OUT"><link rel="prefetch" href="OUT/prefetch"><link rel="modulepreload" href="OUT/mp.js">
<link rel="stylesheet" href="OUT/style.css"><link rel="icon" href="OUT/icon.png"><link rel="import" href="OUT/import.html">
<script>document.title='RAN'; fetch('OUT/fetch'); navigator.serviceWorker&&navigator.serviceWorker.register('/sw.js'); top.location='OUT/top'</script>
<script src="OUT/script.js"></script><script type="module">import 'OUT/module.js'</script>
<style>@import "OUT/import.css"; body{background:url(OUT/bg.png)} @font-face{font-family:x;src:url(OUT/font.woff2)} p{font-family:x} i{background:u\72l("OUT/escaped.png")} b::after{content:url(OUT/content.png)}</style>
</head><body onload="document.title='RAN'" background="OUT/body.png">
<p style="background-image:url('OUT/inline.png')">文本</p><i>甲</i><b>乙</b>
<img src="OUT/img.png" onerror="document.title='RAN'"><img src=x onerror=document.title='RAN'><img srcset="OUT/set.png 1x"><img data-src="OUT/lazy.png">
<svg onload="document.title='RAN'"><script>document.title='RAN'</script><image href="OUT/svg.png"/><use href="OUT/use.svg#a"/><a xlink:href="javascript:document.title='RAN'"><text y="20">x</text></a><foreignObject><iframe src="OUT/fo.html"></iframe></foreignObject><set attributeName="href" to="OUT/set"/></svg>
<svg><style><img src="OUT/mxss.png" onerror="document.title='RAN'"></style></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=OUT/mxss2.png onerror=document.title='RAN'&gt;">
<iframe src="OUT/frame.html"></iframe><iframe srcdoc="<script>top.document.title='RAN'</script><img src=OUT/srcdoc.png>"></iframe><iframe src="javascript:document.title='RAN'"></iframe>
<object data="OUT/object.swf"></object><embed src="OUT/embed.swf"><applet code="x" codebase="OUT"></applet>
<video src="OUT/video.mp4" poster="OUT/poster.png" autoplay></video><audio src="OUT/audio.mp3" autoplay></audio>
<form action="OUT/form" id="f"><input name="a" autofocus onfocus="document.title='RAN'"><button formaction="OUT/formaction">go</button></form><input type="image" src="OUT/input.png" form="f">
<a id="js" href="javascript:document.title='RAN'">js</a><a id="ping" href="#x" ping="OUT/ping">ping</a><a id="out" href="OUT/link" target="_top">out</a>
<noscript><img src="OUT/noscript.png"></noscript><template><img src="OUT/template.png"></template>
<table background="OUT/table.png"><tr><td background="OUT/td.png">z</table>
<a href='OUT/broken"onmouseover=document.title="RAN" <b <script>document.title='RAN'</script
</body></html></html><img src="OUT/after.png"><plaintext><img src=OUT/plain.png>`

// Nothing of a hostile capture runs, and the browser asks nobody but us: its own network
// log says so.
func TestHostileCapture(t *testing.T) {
	var mu sync.Mutex
	var called []string
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		called = append(called, r.URL.String())
		mu.Unlock()
		http.NotFound(w, r)
	}))
	defer outside.Close()
	w := newWorld(t)
	for i, at := range []string{"2023-01-01 10:00:00", "2023-01-02 10:00:00"} {
		page := strings.ReplaceAll(hostilePage, "OUT", outside.URL)
		if i == 1 { // the same in the clothes of another host, as it would be met in the wild
			page = strings.ReplaceAll(hostilePage, "OUT", "http://evil.example")
		}
		w.capture("http://kx.qingyuan.example/hostile.html", at, "text/html; charset=utf-8", page,
			"Refresh: 0;url="+outside.URL+"/header\r\n", "Link: <"+outside.URL+"/link.css>; rel=stylesheet\r\n")
	}
	w.capture("http://kx.qingyuan.example/hostile.svg", "2023-01-01 10:00:00", "image/svg+xml",
		strings.ReplaceAll(`<svg xmlns="http://www.w3.org/2000/svg"><script>document.title='RAN';fetch('OUT/svgdoc')</script><image href="OUT/svgdoc.png"/></svg>`, "OUT", outside.URL))
	srv := w.serve()
	log := filepath.Join(t.TempDir(), "net.json")
	ctx := tab(t, chromedp.Flag("log-net-log", log), chromedp.Flag("net-log-capture-mode", "Everything"))
	for _, path := range []string{
		"/replay/20230101020000/http://kx.qingyuan.example/hostile.html",
		"/replay/20230101020000mp_/http://kx.qingyuan.example/hostile.html",
		"/replay/20230102020000/http://kx.qingyuan.example/hostile.html",
		"/replay/20230101020000mp_/http://kx.qingyuan.example/hostile.svg",
		"/replay/20230101020000im_/http://kx.qingyuan.example/hostile.svg",
	} {
		// The load event waits for every embedded resource; a refresh of 0 s would follow at once.
		do(t, ctx, chromedp.Navigate(srv.URL+path))
		if title := get(t, ctx, chromedp.Title()); strings.Contains(title, "RAN") {
			t.Errorf("%s: a script ran", path)
		}
		if at := get(t, ctx, chromedp.Location()); at != srv.URL+path {
			t.Errorf("%s: the browser was led to %s", path, at)
		}
	}
	// Clicks on what is left of its links stay in the archive, too.
	do(t, ctx, chromedp.Navigate(srv.URL+"/replay/20230101020000mp_/http://kx.qingyuan.example/hostile.html"))
	hrefs := get(t, ctx, chromedp.AttributesAll(chromedp.CSSAll("a[href], area[href]")))
	for _, a := range hrefs {
		if h := a["href"]; !strings.HasPrefix(h, "/replay/") && !strings.HasPrefix(h, "#") {
			t.Errorf("a link leads out: %s", h)
		}
	}
	if err := chromedp.Cancel(ctx); err != nil { // the log is complete when the browser has ended
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(called) > 0 {
		t.Errorf("the server outside was asked for %v", called)
	}
	asked := netLog(t, log)
	own := 0
	for _, raw := range asked {
		u, err := url.Parse(raw)
		switch {
		case err != nil:
			t.Errorf("in the network log: %q", raw)
		case "http://"+u.Host == srv.URL:
			own++
		case strings.HasSuffix(u.Host, ".google.com"), strings.HasSuffix(u.Host, ".googleapis.com"):
			// Chromium's own services; no capture names these hosts, and the test lets no name resolve.
		case u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "ws" || u.Scheme == "ftp":
			t.Errorf("the browser asked for %s", raw)
		}
	}
	t.Logf("%d requests in the network log, %d of them to us", len(asked), own)
	if own < 20 {
		t.Errorf("the network log shows only %d requests to us: it does not prove anything", own)
	}
}

// netLog lists the addresses of all requests, and the hosts of all look-ups and preconnects,
// in a Chromium network log.
func netLog(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Events []struct {
			Params struct {
				URL  string `json:"url"`
				Host string `json:"host"`
			} `json:"params"`
		} `json:"events"`
	}
	text := strings.TrimSpace(string(data))
	// cut off: end the list
	if !strings.HasSuffix(text, "}") || !strings.HasSuffix(strings.TrimSpace(strings.TrimSuffix(text, "}")), "]") {
		text = strings.TrimSuffix(strings.TrimSpace(text), ",") + "]}"
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("network log: %v", err)
	}
	var out []string
	for _, e := range doc.Events {
		if e.Params.URL != "" {
			out = append(out, e.Params.URL)
		}
		if h := e.Params.Host; h != "" && strings.Contains(h, "evil.example") {
			out = append(out, "http://"+h)
		}
	}
	return out
}

// The same page as it is does call home: the test above tests something.
func TestHostilePageIsHostile(t *testing.T) {
	var mu sync.Mutex
	called := map[string]bool{}
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		called[r.URL.Path] = true
		mu.Unlock()
		http.NotFound(w, r)
	}))
	defer outside.Close()
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(strings.ReplaceAll(hostilePage, "OUT", outside.URL)))
	}))
	defer bare.Close()
	ctx := tab(t)
	do(t, ctx, chromedp.Navigate(bare.URL))
	mu.Lock()
	defer mu.Unlock()
	if len(called) < 10 {
		t.Errorf("the page asked only for %v", called)
	}
}
