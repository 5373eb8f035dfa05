package judgement

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/internal/locale"
)

var t0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// usual is a profile's word on an article.
var usual = Patience{Misses: 3, Over: 72 * time.Hour, Min: 6 * time.Hour, First: Day, Max: 90 * Day}

// seen is a visit some hours after t0.
func seen(hours int, status int) Observation {
	return Observation{Time: t0.Add(time.Duration(hours) * time.Hour), Status: status}
}

// told is an outcome with the code of its reason.
func told(v Verdict) string {
	reason := locale.Code(v.Reason)
	if reason == "" {
		reason = v.Reason // a URL
	}
	return strings.TrimSpace(v.Outcome + " " + reason)
}

// step is a visit of a page's life, and what comes of it.
type step struct {
	see      Observation
	state    string
	told     string
	interval time.Duration
}

// lifeOf follows a page through its visits.
func lifeOf(t *testing.T, p Patience, steps []step) frontier.History {
	t.Helper()
	var h frontier.History
	for i, s := range steps {
		var v Verdict
		h, v = Of(h, s.see, p)
		if h.State != s.state || told(v) != s.told || h.Interval != s.interval {
			t.Errorf("visit %d: %s, %q, again after %s; want %s, %q, %s",
				i, h.State, told(v), h.Interval, s.state, s.told, s.interval)
		}
		if h.Visits != i+1 || !h.Fetched.Equal(s.see.Time) || h.Status != s.see.Status {
			t.Errorf("visit %d: %d visits, last at %s with %d", i, h.Visits, h.Fetched, h.Status)
		}
	}
	return h
}

func same(o Observation) Observation           { o.Same = true; return o }
func to(o Observation, url string) Observation { o.Location = url; return o }
func dead(o Observation) Observation {
	o.Soft, o.Dead = locale.Reason("soft.any"), true
	return o
}

// TestLife follows pages whose site is well.
func TestLife(t *testing.T) {
	h := lifeOf(t, usual, []step{
		{seen(0, 200), archive.StateLive, "new", Day},
		{same(seen(24, 200)), archive.StateLive, "unchanged", 24 * time.Hour * 14 / 10},
		{same(seen(58, 304)), archive.StateLive, "unchanged", 24 * time.Hour * 14 / 10 * 14 / 10},
		{seen(100, 200), archive.StateLive, "changed", 24 * time.Hour * 14 / 10 * 14 / 10 / 2},
		{seen(124, 206), archive.StateLive, "changed", 24 * time.Hour * 14 / 10 * 14 / 10 / 4},
	})
	if want := t0.Add(124 * time.Hour); !h.Live.Equal(want) || !h.Changed.Equal(want) {
		t.Errorf("live at %s, changed at %s", h.Live, h.Changed)
	}
	unchanged, _ := Of(h, same(seen(200, 200)), usual)
	if !unchanged.Changed.Equal(t0.Add(124*time.Hour)) || !unchanged.Live.Equal(t0.Add(200*time.Hour)) {
		t.Errorf("a visit that finds the same: changed at %s, live at %s", unchanged.Changed, unchanged.Live)
	}
	busy := Patience{Misses: 1, Min: 20 * time.Hour, First: time.Hour, Max: 30 * time.Hour}
	lifeOf(t, busy, []step{ // the bounds of the profile hold from the first visit on
		{seen(0, 200), archive.StateLive, "new", 20 * time.Hour},
		{seen(1, 200), archive.StateLive, "changed", 20 * time.Hour},
		{same(seen(2, 200)), archive.StateLive, "unchanged", 28 * time.Hour},
		{same(seen(3, 200)), archive.StateLive, "unchanged", 30 * time.Hour},
	})
}

// TestGone: a page is gone when it was missed often enough over long enough, and not before; a 410 is said on purpose.
func TestGone(t *testing.T) {
	const month = 30 * Day
	h := lifeOf(t, usual, []step{
		{seen(0, 200), archive.StateLive, "new", Day},
		{seen(24, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(48, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(95, 404), archive.StateMissing, "missing http.status", 36 * time.Hour}, // three times, in less than 72 h
		{seen(96, 404), archive.StateGone, "gone http.status", month},
		{seen(1000, 404), archive.StateGone, "unchanged http.status", 2 * month},
		{seen(2000, 404), archive.StateGone, "unchanged http.status", 3 * month}, // at most Max
		{seen(3000, 200), archive.StateLive, "reappeared state.was", Day},
		{seen(3001, 404), archive.StateMissing, "missing http.status", 36 * time.Hour}, // counts from anew
	})
	if !h.Missed.Equal(t0.Add(3001*time.Hour)) || h.Misses != 1 {
		t.Errorf("%d misses since %s", h.Misses, h.Missed)
	}
	lifeOf(t, usual, []step{
		{seen(0, 200), archive.StateLive, "new", Day},
		{seen(1, 410), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(2, 410), archive.StateGone, "gone http.status", month},
	})
	lifeOf(t, usual, []step{
		{seen(0, 200), archive.StateLive, "new", Day},
		{seen(1, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(2, 410), archive.StateGone, "gone http.status", month},
	})
	lifeOf(t, usual, []step{ // never there: nothing that could be gone
		{seen(0, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(1, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(72, 404), archive.StateGone, "missing http.status", month},
		{seen(99, 200), archive.StateLive, "new", Day},
	})
	lifeOf(t, Patience{Misses: 1, Over: Day, Min: time.Hour, First: Day, Max: 40 * Day}, []step{
		{seen(0, 200), archive.StateLive, "new", Day},
		{seen(1, 404), archive.StateGone, "gone http.status", month}, // one miss means it
		{seen(2, 404), archive.StateGone, "unchanged http.status", 40 * Day},
	})
	lifeOf(t, usual, []step{ // 200 with an error page, and the site is well otherwise
		{seen(0, 200), archive.StateLive, "new", Day},
		{dead(seen(1, 200)), archive.StateMissing, "missing soft.any", 36 * time.Hour},
		{dead(seen(2, 302)), archive.StateMissing, "missing soft.any", 36 * time.Hour},
		{dead(seen(73, 200)), archive.StateGone, "gone soft.any", month},
	})
	lifeOf(t, usual, []step{ // a visit that is no miss ends the row
		{seen(0, 200), archive.StateLive, "new", Day},
		{seen(1, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{same(seen(2, 200)), archive.StateLive, "reappeared state.was", Day},
		{seen(100, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{seen(101, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
		{to(seen(102, 301), "http://h/b"), archive.StateMoved, "moved http://h/b", 7 * Day},
		{seen(103, 404), archive.StateMissing, "missing http.status", 36 * time.Hour},
	})
}

// TestNoWord: what says nothing about the page leaves its state of missing or gone alone, and is tried again ever
// later.
func TestNoWord(t *testing.T) {
	broken := func(o Observation) Observation { o.Reason = locale.Reason("fetch.broken"); return o }
	blocked := func(o Observation) Observation { o.Blocked = locale.Reason("wall.any"); return o }
	fails := []struct {
		see   func(hours int) Observation
		state string
		told  string
	}{
		{func(n int) Observation { return seen(n, 0) }, archive.StateError, "failed fetch.none"},
		{func(n int) Observation { return broken(seen(n, 0)) }, archive.StateError, "failed fetch.broken"},
		{func(n int) Observation { return broken(seen(n, 200)) }, archive.StateError, "failed fetch.broken"},
		{func(n int) Observation { return blocked(seen(n, 200)) }, archive.StateBlocked, "blocked wall.any"},
		{func(n int) Observation { return blocked(seen(n, 404)) }, archive.StateBlocked, "blocked wall.any"},
		{func(n int) Observation { return seen(n, 199) }, archive.StateError, "failed http.status"},
		{func(n int) Observation { return seen(n, 400) }, archive.StateError, "failed http.status"},
		{func(n int) Observation { return seen(n, 403) }, archive.StateError, "failed http.status"},
		{func(n int) Observation { return seen(n, 500) }, archive.StateError, "failed http.status"},
	}
	waits := []time.Duration{5 * time.Second, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute, 256 * time.Minute}
	for _, f := range fails {
		var h frontier.History
		for i, wait := range waits {
			var v Verdict
			if h, v = Of(h, f.see(i), usual); h.State != f.state || told(v) != f.told || h.Interval != wait || h.Fails != i+1 {
				t.Errorf("failure %d: %s, %q, again after %s; want %s, %q, %s",
					i+1, h.State, told(v), h.Interval, f.state, f.told, wait)
			}
		}
		h, _ = Of(h, seen(10, 200), usual)
		if h.Fails != 0 || h.State != archive.StateLive {
			t.Errorf("after a success: %d failures, %s", h.Fails, h.State)
		}
		for _, was := range []string{archive.StateMissing, archive.StateGone} {
			h.State, h.Misses = was, 2
			if after, v := Of(h, f.see(20), usual); after.State != was || after.Misses != 2 || told(v) != f.told {
				t.Errorf("%s, then %q: %s with %d misses", was, told(v), after.State, after.Misses)
			}
		}
	}
	long := usual
	long.Max = 400 * Day
	h := frontier.History{Fails: 100}
	if h, _ = Of(h, seen(0, 500), long); h.Interval != time.Minute<<16 {
		t.Errorf("after 101 failures again after %s", h.Interval)
	}
	asked := seen(0, 503)
	asked.Retry = 2 * time.Hour
	if h, _ := Of(frontier.History{}, asked, usual); h.Interval != 2*time.Hour {
		t.Errorf("asked to wait for two hours: %s", h.Interval)
	}
	if h, _ := Of(frontier.History{Fails: 100}, seen(0, 503), Patience{Max: time.Hour}); h.Interval != time.Hour {
		t.Errorf("the profile says an hour at most: %s", h.Interval)
	}
}

// TestSoft404AndMoved: an error page with status 200 of a site that is not well, and redirects.
func TestSoft404AndMoved(t *testing.T) {
	soft := func(o Observation) Observation { o.Soft = locale.Reason("soft.any"); return o }
	lifeOf(t, usual, []step{
		{seen(0, 200), archive.StateLive, "new", Day},
		{seen(1, 500), archive.StateError, "failed http.status", 5 * time.Second},
		{soft(seen(2, 200)), archive.StateSoft404, "soft-404 soft.any", Day},
		{soft(seen(3, 302)), archive.StateSoft404, "soft-404 soft.any", Day},
		{seen(4, 500), archive.StateError, "failed http.status", 5 * time.Second}, // the first of its row
		{same(seen(5, 200)), archive.StateLive, "unchanged", 6 * time.Hour},       // no word of reappearing
	})
	h := lifeOf(t, usual, []step{
		{to(seen(0, 300), "http://h/b"), archive.StateMoved, "moved http://h/b", 7 * Day},
		{to(seen(1, 399), "http://h/c"), archive.StateMoved, "unchanged http://h/c", 7 * Day},
		{seen(2, 302), archive.StateError, "failed redirect.lost", 7 * Day},
		{to(seen(3, 308), "http://h/b"), archive.StateMoved, "moved http://h/b", 7 * Day},
		{seen(4, 200), archive.StateLive, "new", Day},
	})
	if h.Reason != "" {
		t.Errorf("a live page has the reason %q", h.Reason)
	}
	slow := Patience{Min: 20 * Day, First: 20 * Day, Max: 60 * Day}
	lifeOf(t, slow, []step{
		{seen(0, 200), archive.StateLive, "new", 20 * Day},
		{to(seen(1, 301), "http://h/b"), archive.StateMoved, "moved http://h/b", 20 * Day},
		{soft(seen(2, 200)), archive.StateSoft404, "soft-404 soft.any", 20 * Day},
	})
}

// TestPure: what Of is handed stays as it is.
func TestPure(t *testing.T) {
	h := frontier.History{State: archive.StateGone, Misses: 3, Missed: t0, Fails: 2, Interval: Day}
	was := h
	Of(h, seen(1, 200), usual)
	if d := cmp.Diff(was, h); d != "" {
		t.Error(d)
	}
}

// TestChallenge tells the walls from the sites behind them.
func TestChallenge(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html"}}
	long := strings.Repeat("长", 11<<10) // 33 KiB
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		body   string
		maker  string // "" if it is no challenge
	}{
		{"521", 521, nil, "", "加速乐"},
		{"cookie and script", 200, http.Header{"Set-Cookie": {"a=b", "__jsl_clearance_s=x"}}, "<script>", "加速乐"},
		{"script of 加速乐 in a page", 200, nil, "__jsl_clearance", ""},
		{"412", 412, nil, "x $_ts x", "瑞数"}, {"202", 202, nil, "_$a", "瑞数"},
		{"412 with a script alone", 412, html, " <script>x</script> ", "瑞数"},
		{"412 in JSON", 412, http.Header{"Content-Type": {"application/json"}}, "<script>", ""},
		{"412 without a script", 412, html, "precondition", ""},
		{"412 with a whole page", 412, html, "<script>" + strings.Repeat("x", 20<<10), ""},
		{"412 with blanks around", 412, html, "<script>" + strings.Repeat(" ", 20<<10), "瑞数"},
		{"200 with what 瑞数 has", 200, html, "$_ts", ""},
		{"403", 403, nil, "safedog.cn", "安全狗"}, {"405", 405, nil, "errors.aliyun.com", "阿里云 WAF"},
		{"503", 503, nil, "cf-browser-verification", "Cloudflare"},
		{"short 200", 200, nil, "yunsuologo", "云锁"}, {"long 403", 403, nil, long + "safedog.cn", "安全狗"},
		{"an article about it", 200, nil, long + "safedog.cn", ""}, {"404", 404, nil, "safedog.cn", ""},
		{"plain 403", 403, nil, "Forbidden", ""},
	} {
		got := Challenge(c.status, c.header, []byte(c.body))
		if (got == "") != (c.maker == "") || !strings.Contains(got, c.maker) {
			t.Errorf("%s: %q, want %q", c.name, got, c.maker)
		}
	}
	if got := Challenge(200, nil, make([]byte, 32<<10)); got != "" {
		t.Error(got)
	}
	atBound := strings.Repeat("x", 32<<10-len("safedog.cn"))
	if Challenge(200, nil, []byte(atBound+"safedog.cn")) != "" ||
		Challenge(200, nil, []byte(atBound[1:]+"safedog.cn")) == "" {
		t.Error("a page of 32 KiB is none of a wall, a shorter one may be")
	}
}

// TestSoftError tells error pages that come with 200.
func TestSoftError(t *testing.T) {
	prose := strings.Repeat("正文", 100) // 200 characters
	for _, c := range []struct{ title, text, code string }{
		{"404 Not Found", "", "soft.title"}, {"  页面不存在 - 某学会", prose, "soft.title"}, {"出错 404", "",
			"soft.title"}, {"404", prose + "。", "soft.title"},
		{"某学会2404号文", "", ""}, {"编号404的通知", "", ""}, {"关于办好404所学校的通知", "", ""},
		{strings.Repeat("长", 40), "", ""}, {"文章不存在" + strings.Repeat("长", 35), "", "soft.title"},
		{"文章不存在" + strings.Repeat("长", 36), "", ""},
		{"某学会", "您访问的页面已经被删除。", "soft.page"}, {"某学会", "Domain For Sale", "soft.page"},
		{"某学会", "共404页", ""},
		{"某学会", prose[:len(prose)-len("文章不存在")] + "文章不存在", "soft.page"},
		{"某学会", prose + "文章不存在", ""}, {"", "", ""},
	} {
		if got := locale.Code(SoftError(c.title, c.text)); got != c.code {
			t.Errorf("%q, %.20q: %q, want %q", c.title, c.text, got, c.code)
		}
	}
}
