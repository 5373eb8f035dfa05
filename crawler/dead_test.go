package crawler_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/internal/locale"
	"cundang/site"
)

// TestDeadPages: what a site answers for deleted articles, within its template or by a redirect, makes them missing and gone; an
// article about missing pages, an edited and a moved one stay; what comes back is back.
func TestDeadPages(t *testing.T) {
	const more = "学会秘书处向全体会员介绍了本年度的工作安排和经费使用情况，与会代表进行了充分讨论并提出意见。"
	template := func(w http.ResponseWriter, title, main string) {
		page(w, `<div class="nav"><a href="/">首页</a><a href="/list.html">通知公告</a></div><div class="main">%s</div>
<div class="hot"><h3>热点</h3><ul><li><a href="/old.html">学会召开年会</a></li></ul></div><div>版权所有 澄江省测绘学会 地址：云溪市人民路18号 邮编 650000 %s</div>`, main, title)
	}
	article := func(w http.ResponseWriter, title, text string) {
		template(w, title, fmt.Sprintf(
			`<h1>%s</h1><div>发布时间：2024-03-01 来源：测绘报</div><p>%s</p><p>%s</p>`, title, text, more))
	}
	answers := map[string]http.HandlerFunc{
		"says": func(w http.ResponseWriter, r *http.Request) {
			template(w, "提示", "<div>对不起，您访问的页面不存在或已删除！</div>")
		},
		"words": func(w http.ResponseWriter, r *http.Request) {
			template(w, "系统信息", "<p>抱歉，该稿件已经下线</p>")
		},
		"tolist": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/list.html", http.StatusFound) },
		"tohome": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/index.html", http.StatusFound) },
		"toerror": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/error.aspx?code=1", http.StatusFound)
		},
		"short": func(w http.ResponseWriter, r *http.Request) { page(w, "该文章已被删除！") },
		"parked": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<html><title>此域名出售</title>Buy this domain</html>")
		},
		"titled":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html><title>404</title>x</html>") },
		"emptied": func(w http.ResponseWriter, r *http.Request) { template(w, "", "") },
		"hard":    func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
		"about": func(w http.ResponseWriter, r *http.Request) {
			article(w, "about", "如果您访问的页面不存在或已删除，请联系网站管理员。")
		},
		"edited": func(w http.ResponseWriter, r *http.Request) {
			article(w, "edited", "补充：原定的会议地点已经变更。")
		},
		"movedone": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/new/movedone.html", http.StatusMovedPermanently)
		},
	}
	gone := []string{"emptied", "hard", "parked", "says", "short", "titled", "toerror", "tohome", "tolist", "words"}
	var dead atomic.Bool
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], ".html")
		switch {
		case name == "" || name == "list" || name == "index":
			var rows strings.Builder
			for n := range answers {
				fmt.Fprintf(&rows, `<li><a href="/%s.html">关于%s的通知</a><span>2024-03-01</span></li>`, n, n)
			}
			template(w, "通知公告", "<ul>"+rows.String()+"</ul>")
		case answers[name] == nil:
			template(w, "出错了", "<p>访问出错</p>")
		case dead.Load() && !strings.HasPrefix(r.URL.Path, "/new/"):
			answers[name](w, r)
		default:
			article(w, "关于"+name+"的通知", more)
		}
	})
	p := hostProfile("t", s.URL+"/list.html")
	p.Gone = site.Gone{Misses: 2, After: time.Nanosecond}
	r := newRig(t)
	force := func(o *crawler.Options) { o.Force = true }
	names := func(list []crawler.Outcome) (out []string) {
		for _, o := range list {
			if n, ok := strings.CutSuffix(o.URL[strings.LastIndexByte(o.URL, '/')+1:], ".html"); ok && answers[n] != nil &&
				!strings.Contains(o.URL, "/new/") {
				out = append(out, n)
			}
		}
		slices.Sort(out)
		return out
	}
	r.crawl([]*site.Profile{p}, nil)
	dead.Store(true)
	rep := r.crawl([]*site.Profile{p}, force).Sites["t"]
	if got := names(rep.Missing); !slices.Equal(got, gone) {
		t.Errorf("missing: %v, want %v", got, gone)
	}
	for _, o := range rep.Missing {
		if locale.Say("en", o.Reason) == o.Reason {
			t.Errorf("%s: no reason: %q", o.URL, o.Reason)
		}
	}
	if got := names(rep.Moved); !slices.Equal(got, []string{"movedone"}) {
		t.Errorf("moved: %v", rep.Moved)
	}
	if got := names(rep.Changed); !slices.Equal(got, []string{"about", "edited"}) {
		t.Errorf("changed: %v", got)
	}
	rep = r.crawl([]*site.Profile{p}, force).Sites["t"]

	if got := names(rep.Gone); !slices.Equal(got, gone) {
		t.Errorf("gone: %v, want %v", got, gone)
	}
	dead.Store(false)
	if got := names(r.crawl([]*site.Profile{p}, force).Sites["t"].Reappeared); !slices.Equal(got, gone) {
		t.Errorf("reappeared: %v, want %v", got, gone)
	}
}

// TestIllSite: a site that shows an error page for everything says nothing about its pages.
func TestIllSite(t *testing.T) {
	var ill atomic.Bool
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case ill.Load():
			page(w, "<p>您访问的页面不存在或已删除</p>")
		case r.URL.Path == "/":
			page(w, `<ul><li><a href="/1.html">学会召开年会的通知</a><span>2024-03-01</span></li></ul>`)
		default:
			page(w, "<h1>学会召开年会的通知</h1>")
		}
	})
	p := hostProfile("t", s.URL+"/")
	p.Gone = site.Gone{Misses: 1, After: time.Nanosecond}
	r := newRig(t)
	r.crawl([]*site.Profile{p}, nil)
	ill.Store(true)
	rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) { o.Force = true }).Sites["t"]
	if len(rep.Gone)+len(rep.Missing) > 0 || len(rep.Soft404) == 0 {
		t.Errorf("gone %v, missing %v, soft %v", rep.Gone, rep.Missing, rep.Soft404)
	}
}
