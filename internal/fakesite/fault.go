package fakesite

import (
	"fmt"
	"net/http"
	"path"
	"time"
)

// Fault is how a site misbehaves as a whole.
type Fault string

const (
	Sound  Fault = ""       // it does not
	Down   Fault = "down"   // every page is a 500
	Frozen Fault = "frozen" // connections are accepted and never answered
	Slow   Fault = "slow"   // every answer takes Slowness
	// Jiasule and Ruishu are the walls 加速乐 (521, __jsl_clearance) and 瑞数 (412) before every page.
	Jiasule Fault = "jiasule"
	Ruishu  Fault = "ruishu"
	// SoftNotFound: every page is an error page with status 200.
	SoftNotFound Fault = "soft-404"
	// Parked: the domain was lost and shows a seller's page with status 200.
	Parked Fault = "parked"
	// Redesigned: every list and article became the same shell that a script fills.
	Redesigned Fault = "redesigned"
)

// SetFault changes how the site behaves from the next request on.
func (s *Site) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == Frozen && f != Frozen {
		close(s.frozen)
	}
	if f == Frozen && s.fault != Frozen {
		s.frozen = make(chan struct{})
	}
	s.fault = f
}

// thaw lets frozen requests end.
func (s *Site) thaw() {
	s.mu.Lock()
	frozen := s.fault == Frozen
	s.mu.Unlock()
	if frozen {
		s.SetFault(Sound)
	}
}

// misbehave answers for a faulty site; false: the site is sound.
func (s *Site) misbehave(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	fault, frozen := s.fault, s.frozen
	s.mu.Unlock()
	switch fault {
	case Down:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case Frozen:
		select {
		case <-frozen:
		case <-r.Context().Done():
		}
	case Slow:
		select {
		case <-time.After(Slowness):
		case <-r.Context().Done():
		}
		return false
	case Sound:
		return false
	default:
		return s.wall(w, r, fault)
	}
	return true
}

// Slowness is what a slow site takes to answer.
const Slowness = 40 * time.Millisecond

// wall answers with a page that stands for all others; robots.txt and what is no page
// stay as they were where the fault is only in the pages.
func (s *Site) wall(w http.ResponseWriter, r *http.Request, fault Fault) bool {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	status, body := http.StatusOK, ""
	switch fault {
	case Jiasule:
		h.Add("Set-Cookie", "__jsluid_h="+fmt.Sprintf("%032x", s.seed)+"; max-age=31536000; path=/; HttpOnly")
		status, body = 521, `<script>document.cookie=('_')+('_')+('jsl_clearance=1793')+('8842')+';max-age=3600;path=/';location.href=location.pathname+location.search</script>`
	case Ruishu:
		status, body = http.StatusPreconditionFailed, `<!DOCTYPE html><html><head><meta charset="utf-8"><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=51234;$_ts.cd="qpDUrsAlqaV";</script><script src="/4QbVtADbnLVIc/d.FxJzG50F.js"></script></head><body></body></html>`
	case SoftNotFound:
		body = `<html><head><title>提示信息</title></head><body><h2>您访问的页面不存在或已删除</h2><a href="/">返回首页</a></body></html>`
	case Parked:
		body = `<html><head><title>域名出售</title></head><body><h1>此域名可出售，欢迎洽谈</h1></body></html>`
	case Redesigned:
		if r.URL.Path == "/robots.txt" || path.Ext(r.URL.Path) == ".pdf" || path.Ext(r.URL.Path) == ".png" {
			return false
		}
		body = `<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>` + s.Name + `</title><script defer src="/static/js/app.7c1f.js"></script></head><body><noscript>请启用 JavaScript</noscript><div id="app"></div></body></html>`
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a visitor who hangs up is not the site's trouble
	return true
}

// stylesheet fills the site's colour into its skin.
func (s *Site) stylesheet() []byte {
	return append([]byte("@import url(\"base.css\");\n"), s.execute("css", &pageView{Accent: s.style.accent})...)
}

// Soft reports whether the site answers for what it deleted with status 200.
func (s *Site) Soft() bool { return s.style.soft }
