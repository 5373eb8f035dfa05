package crawler

import (
	"bytes"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/internal/locale"
	"cundang/site"
)

// States of a page, as archive.FieldState has them.
const (
	StateLive    = archive.StateLive
	StateMoved   = archive.StateMoved
	StateMissing = archive.StateMissing
	StateGone    = archive.StateGone
	StateBlocked = archive.StateBlocked
	StateSoft404 = archive.StateSoft404
	StateError   = archive.StateError
)

// patience is a profile's word on one kind of page: when a missing one is gone, how often it is visited.
type patience struct {
	misses          int           // in a row
	over            time.Duration // from the first to the last of them
	min, first, max time.Duration // between visits
}

func patienceOf(p *site.Profile, k frontier.Kind) patience {
	g, i := p.GonePolicy(), p.Intervals()
	n := i.Article
	switch {
	case isList(k):
		n = i.List
	case k == frontier.Requisite: // a picture that changes gets a new address
		n.First = min(requisiteRarer*n.First, n.Max)
	}
	return patience{misses: g.Misses, over: g.After, min: n.Min, first: n.First, max: n.Max}
}

// requisiteRarer is how many times longer than an article a requisite is left alone at first.
const requisiteRarer = 4

// isList says that pages of this kind show rows, not content.
func isList(k frontier.Kind) bool {
	return k == frontier.Seed || k == frontier.List || k == frontier.Sitemap
}

// observation is what a visit saw, as far as judging it goes.
type observation struct {
	time     time.Time
	status   int    // 0: no response
	reason   string // of a failure of the exchange, "" if it was whole
	location string // redirect target, cleaned, "" if none
	blocked  string // signature of a challenge, "" if none
	soft     string // what makes it a soft 404, "" if nothing
	dead     bool   // the site is well otherwise: soft says that the page is gone, as a 404 does
	same     bool   // payload or normalised content equals that of History.Ref
	retry    time.Duration
}

// verdict is what became of a page.
type verdict struct {
	outcome string // of the report, see the outcome constants
	reason  string
}

// Outcomes of a visit.
const (
	outNew        = "new"
	outChanged    = "changed"
	outUnchanged  = "unchanged"
	outReappeared = "reappeared"
	outMoved      = "moved"
	outMissing    = "missing"
	outGone       = "gone"
	outBlocked    = "blocked"
	outSoft404    = "soft-404"
	outFailed     = "failed"
)

// judge folds one visit into a page's history. It is a pure function, so that the history
// can be made again from the archive. Ref, validators and content digest are the caller's.
func judge(h frontier.History, s observation, p patience) (frontier.History, verdict) {
	was := h.State
	h.Fetched, h.Status, h.Reason = s.time, s.status, s.reason
	h.Visits++
	fail := func(state, outcome, reason string) (frontier.History, verdict) {
		h.State, h.Reason = state, reason
		h.Fails++
		h.Interval = retryAfter(h.Fails, s.retry, p)
		if was == StateMissing || was == StateGone {
			h.State = was // says nothing about the page
		}
		return h, verdict{outcome, reason}
	}
	switch {
	case s.status == 0:
		return fail(StateError, outFailed, or(s.reason, locale.Reason("fetch.none")))
	case s.blocked != "":
		return fail(StateBlocked, outBlocked, s.blocked)
	case s.status == http.StatusNotFound || s.status == http.StatusGone || s.soft != "" && s.dead:
		return miss(h, s, p)
	case s.soft != "":
		h.Fails = 0
		h.State, h.Reason = StateSoft404, s.soft
		h.Interval = clamp(max(h.Interval, day), p)
		return h, verdict{outSoft404, s.soft}
	case s.status >= 300 && s.status < 400 && s.status != http.StatusNotModified:
		return moved(h, s, was, p)
	case s.status != http.StatusNotModified && (s.status < 200 || s.status >= 300):
		return fail(StateError, outFailed, locale.Reason("http.status", s.status))
	case s.reason != "":
		return fail(StateError, outFailed, s.reason)
	}
	return live(h, s, was, p)
}

func live(h frontier.History, s observation, was string, p patience) (frontier.History, verdict) {
	v := verdict{outcome: outUnchanged}
	first := h.Live.IsZero()
	h.State, h.Live, h.Misses, h.Missed, h.Fails = StateLive, s.time, 0, time.Time{}, 0
	switch {
	case first:
		v.outcome = outNew
		h.Interval, h.Changed = p.first, s.time
	case was == StateMissing || was == StateGone:
		v = verdict{outReappeared, locale.Reason("state.was", "name."+was)}
		h.Interval = p.first
	case s.same:
		h.Interval = h.Interval * 14 / 10
	default:
		v.outcome = outChanged
		h.Interval, h.Changed = h.Interval/2, s.time
	}
	if !s.same {
		h.Changed = s.time
	}
	h.Interval = clamp(h.Interval, p)
	return h, v
}

// miss counts a 404; a 410 is said on purpose and counts twice, however soon it comes again.
func miss(h frontier.History, s observation, p patience) (frontier.History, verdict) {
	h.Misses++
	h.Fails = 0
	over := p.over
	if s.status == http.StatusGone {
		h.Misses++
		over = 0
	}
	if h.Missed.IsZero() {
		h.Missed = s.time
	}
	why := or(s.soft, locale.Reason("http.status", s.status))
	h.Reason = s.soft
	if h.State == StateGone || h.Misses >= p.misses && (p.misses == 1 || s.time.Sub(h.Missed) >= over) {
		v := verdict{outGone, why}
		switch {
		case h.State == StateGone:
			v.outcome = outUnchanged // told before
		case h.Live.IsZero():
			v.outcome = outMissing // never there
		}
		h.State = StateGone
		h.Interval = clamp(max(2*h.Interval, 30*day), p)
		return h, v
	}
	h.State = StateMissing
	h.Interval = clamp(max(p.over/time.Duration(max(p.misses-1, 1)), p.min), p)
	return h, verdict{outMissing, why}
}

func moved(h frontier.History, s observation, was string, p patience) (frontier.History, verdict) {
	h.Fails, h.Misses, h.Missed = 0, 0, time.Time{}
	h.State, h.Reason = StateMoved, ""
	h.Interval = clamp(max(h.Interval, 7*day), p)
	if s.location == "" {
		h.State, h.Reason = StateError, locale.Reason("redirect.lost")
		return h, verdict{outFailed, h.Reason}
	}
	if was == StateMoved {
		return h, verdict{outUnchanged, s.location}
	}
	return h, verdict{outMoved, s.location}
}

const day = 24 * time.Hour

// soon is after how long a page that failed once is tried again, by the same crawl if it
// has not ended.
const soon = 5 * time.Second

// retryAfter is how long to leave a page alone after its nth failure in a row: 5 s, then
// 4 min, 16 min, 64 min, …
func retryAfter(n int, asked time.Duration, p patience) time.Duration {
	d := soon
	if n > 1 {
		d = time.Minute << min(2*(n-1), 16)
	}
	return min(max(d, asked), p.max)
}

func clamp(d time.Duration, p patience) time.Duration {
	return min(max(d, p.min), p.max)
}

// challenge returns the name of the wall that answered instead of the site, "" if none did.
// It is recognised to be left alone, not to be passed.
func challenge(status int, header http.Header, body []byte) string {
	has := func(s string) bool { return bytes.Contains(body, []byte(s)) }
	cookie := strings.Join(header["Set-Cookie"], ";")
	switch {
	case status == 521 || strings.Contains(cookie, "__jsl_clearance"):
		if strings.Contains(cookie, "__jsl") || has("__jsl_clearance") || status == 521 {
			return locale.Reason("wall.challenge", "加速乐")
		}
	case (status == 202 || status == 412) && (has("$_ts") || has("_$") || strings.Contains(header.Get("Content-Type"), "html") && has("<script") && len(bytes.TrimSpace(body)) < 20<<10):
		return locale.Reason("wall.challenge", "瑞数")
	case status == 403 || status == 405 || status == 503 || status == 200 && len(body) < 32<<10:
		for _, w := range walls {
			if has(w.mark) {
				return locale.Reason(w.kind, w.maker)
			}
		}
	}
	return ""
}

// walls are application firewalls by what only their pages hold.
var walls = []struct{ mark, kind, maker string }{
	{"cf-browser-verification", "wall.challenge", "Cloudflare"},
	{"/cdn-cgi/challenge-platform/", "wall.challenge", "Cloudflare"},
	{"safedog.cn", "wall.firewall", "安全狗"},
	{"yunsuologo", "wall.firewall", "云锁"},
	{"errors.aliyun.com", "wall.firewall", "阿里云 WAF"},
	{"aliyun_waf", "wall.challenge", "阿里云 WAF"},
	{"waf.tencent-cloud.com", "wall.firewall", "腾讯云 WAF"},
	{"360wzws", "wall.firewall", "360 网站卫士"},
	{"wzws-waf-cgi", "wall.firewall", "360 网站卫士"},
	{"acw_sc__v2", "wall.challenge", "阿里云 WAF"},
}

// softMarks are what titles and short pages say when a page is not there.
var softMarks = []string{
	"404", "not found", "页面不存在", "页面未找到", "找不到页面", "找不到该页", "您访问的页面不存在", "您访问的页面",
	"页面已删除", "文章不存在", "内容不存在", "信息不存在", "该信息已被删除", "该文章已被删除", "已经被删除", "不存在或已删除",
	"域名出售", "域名停放", "domain for sale", "此域名", "网站建设中", "站点不存在", "没有找到站点",
}

// softError says what makes a 2xx HTML page an error page or a parked domain, "" if nothing does:
// its title says so, or it is short and its text does.
func softError(title, text string) string {
	title = strings.ToLower(strings.TrimSpace(title))
	short := utf8.RuneCountInString(title) <= 40
	for _, m := range softMarks {
		if short && strings.Contains(title, m) && (m != "404" || strings.HasPrefix(title, "404") || strings.HasSuffix(title, "404")) {
			return locale.Reason("soft.title", m)
		}
	}
	if utf8.RuneCountInString(text) > 200 {
		return ""
	}
	text = strings.ToLower(text)
	for _, m := range softMarks[1:] {
		if strings.Contains(text, m) {
			return locale.Reason("soft.page", m)
		}
	}
	return ""
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
