package judgement

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"cundang/internal/locale"
)

// Challenge returns the name of the wall that answered instead of the site, "" if none did.
// It is recognised to be left alone, not to be passed.
func Challenge(status int, header http.Header, body []byte) string {
	has := func(s string) bool { return bytes.Contains(body, []byte(s)) }
	cookie := strings.Join(header["Set-Cookie"], ";")
	switch {
	case status == 521 || strings.Contains(cookie, "__jsl_clearance"):
		if strings.Contains(cookie, "__jsl") || has("__jsl_clearance") || status == 521 {
			return locale.Reason("wall.challenge", "加速乐")
		}
	case (status == 202 || status == 412) && (has("$_ts") || has("_$") ||
		strings.Contains(header.Get("Content-Type"), "html") && has("<script") && len(bytes.TrimSpace(body)) < 20<<10):
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
	"404", "not found", "页面不存在", "页面未找到", "找不到页面", "找不到该页",
	"您访问的页面不存在", "您访问的页面",
	"页面已删除", "文章不存在", "内容不存在", "信息不存在", "该信息已被删除",
	"该文章已被删除", "已经被删除", "不存在或已删除",
	"域名出售", "域名停放", "domain for sale", "此域名", "网站建设中", "站点不存在",
	"没有找到站点",
}

// SoftError says what makes a 2xx HTML page an error page or a parked domain, "" if nothing does:
// its title says so, or it is short and its text does.
func SoftError(title, text string) string {
	title = strings.ToLower(strings.TrimSpace(title))
	short := utf8.RuneCountInString(title) <= 40
	for _, m := range softMarks {
		edge := strings.HasPrefix(title, m) || strings.HasSuffix(title, m)
		if short && strings.Contains(title, m) && (m != "404" || edge) {
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
