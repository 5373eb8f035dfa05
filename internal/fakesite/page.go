package fakesite

import (
	"embed"
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
	"text/template"
)

//go:embed skins/*.tmpl
var skinFiles embed.FS

// skins holds the templates; each page of a skin is "SKIN/PAGE".
var skins = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"h": html.EscapeString}).
		ParseFS(skinFiles, "skins/*.tmpl"))
})

// pageView is what the templates see.
type pageView struct {
	Site, Short, Province, Charset, Accent, Record, Address string
	Title, Column, Crumb, Noise, Generated                  string
	Nav                                                     []link
	Metas                                                   [][2]string
	Sections                                                []section
	List                                                    listView
	Article                                                 articleView
	Loop, Missing, Inner                                    string
}

type link struct{ Text, Href string }

type section struct {
	Name, Href string
	Rows       []rowView
}

// listView is a list: rows, or Raw where the system writes the list itself.
type listView struct {
	Rows  []rowView
	Raw   string
	Pager string
	Form  string // action of the form around the list, "" without one
	State string // its view state
}

type rowView struct{ ID, Href, Title, Short, Date string }

// articleView is an article; all but Title is HTML.
type articleView struct{ Title, Byline, Body, Files, Pager, Foot string }

func (s *Site) view(title, column string) *pageView {
	v := &pageView{Site: s.Name, Short: s.bound["简称"], Province: s.bound["省"],
		Address: s.bound["省"] + s.bound["会址"], Charset: s.style.charset, Accent: s.style.accent,
		Record: fmt.Sprintf("%sICP备%08d号-1", string([]rune(s.bound["地"])[1:2]), s.seed%100000000), Title: title,
		Column: column,
		Noise:  s.noise(), Loop: loopA, Missing: missingPath, Inner: disallowed[0] + "index.html"}
	if s.style.charset == "gbk" || s.style.liar == "gb2312" {
		v.Charset = "gb2312"
	}
	v.Nav = append(v.Nav, link{"首页", "/"})
	for _, c := range s.columns {
		v.Nav = append(v.Nav, link{c.name, s.system.column(c)})
	}
	return v
}

// crumbs are the names of the breadcrumb of a column.
func (s *Site) crumbs(c *column) []string {
	if s.CMS == "spa" {
		return []string{c.name} // all that is known: the page has no breadcrumb
	}
	if s.style.group != "" {
		return []string{"首页", s.style.group, c.name}
	}
	return []string{"首页", c.name}
}

func (s *Site) crumbHTML(c *column) string {
	var out []string
	for _, name := range s.crumbs(c) {
		href := s.system.column(c)
		switch name {
		case "首页":
			href = "/"
		case s.style.group:
			href = s.system.column(s.columns[0])
		}
		out = append(out, fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(href), name))
	}
	return strings.Join(out, s.style.crumb)
}

func (s *Site) homePage(_ *http.Request) answer {
	v := s.view(s.Name, "")
	for _, c := range s.columns {
		sec := section{Name: c.name, Href: s.system.column(c)}
		for i, a := range s.rows(c) {
			if i == 5 {
				break
			}
			sec.Rows = append(sec.Rows,
				rowView{Href: a.path, Title: a.title, Short: short(a.title, 26), Date: a.published.Format("01-02")})
		}
		v.Sections = append(v.Sections, sec)
	}
	return s.dated(s.html(http.StatusOK, s.execute("home", v)), s.now)
}

func (s *Site) listPage(_ *http.Request, c *column, list listView) answer {
	v := s.view(c.name+"-"+s.Name, c.name)
	v.Crumb, v.List = s.crumbHTML(c), list
	return s.dated(s.html(http.StatusOK, s.execute("list", v)), s.now)
}

// innerPage is a page of the folder that robots.txt forbids.
func (s *Site) innerPage(_ *http.Request) answer {
	v := s.view("内部办公-"+s.Name, "内部办公")
	v.Crumb = `<a href="/">首页</a>`
	v.List.Rows = []rowView{{Href: disallowed[0] + "zbb.html", Title: "机关值班表", Short: "机关值班表",
		Date: s.now.Format("2006-01-02")}}
	return s.html(http.StatusOK, s.execute("list", v))
}

func (s *Site) missing(_ *http.Request, status int) answer {
	if status == http.StatusOK {
		return s.html(status, []byte(`<html><head><title>`+s.Name+`</title></head><body><div class="err"><h2>抱歉，您访问的页面不存在或已删除！</h2><p><a href="/">返回首页</a></p></div></body></html>`))
	}
	return s.html(status, []byte(`<html><head><title>`+http.StatusText(status)+`</title></head><body><center><h1>`+
		fmt.Sprint(status)+" "+http.StatusText(status)+`</h1></center><hr><center>nginx</center></body></html>`))
}

func (s *Site) articlePage(r *http.Request, a *article, n int) answer {
	if s.CMS == "spa" {
		return s.dated(s.shell(r), s.now)
	}
	v := s.view(a.title, a.column.name)
	v.Crumb = s.crumbHTML(a.column)
	v.Article = articleView{Title: a.title, Byline: s.bylineHTML(a), Body: s.bodyHTML(a, n), Pager: partPager(a, n)}
	if s.CMS == "frame" {
		v.Article.Body =
			fmt.Sprintf(`<iframe id="contentHtmlIframe" src="/portal/content/%d.html" frameborder="0" width="100%%"></iframe>`,
				50200+a.n)
		v.Article.Foot = s.footHTML(a)
	} else if n == 1+len(a.parts) {
		v.Article.Files, v.Article.Foot = s.filesHTML(a), s.footHTML(a)
	}
	if s.style.metas {
		v.Metas = s.metas(a)
	}
	return s.dated(s.html(http.StatusOK, s.execute("article", v)), a.edited)
}

// metas are the government meta tags.
func (s *Site) metas(a *article) [][2]string {
	return [][2]string{
		{"SiteName", s.Name}, {"SiteDomain", strings.TrimPrefix(s.origin, "http://")},
		{"SiteIDCode", fmt.Sprintf("%010d", s.seed%10000000000)},
		{"ColumnName", a.column.name}, {"ColumnType", "工作动态"}, {"ArticleTitle", a.title},
		{"PubDate", a.published.Format("2006-01-02 15:04")}, {"ContentSource", a.source}, {"Keywords", ""},
		{"Description", ""},
	}
}

// views is the counter of an article, which moves with each visit of a site with counters.
func (s *Site) views(a *article) int {
	if s.style.noise == "" {
		return a.views
	}
	return a.views + s.visits
}

// partPager links the pages of a split article.
func partPager(a *article, n int) string {
	if len(a.parts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<div class="fenye">`)
	for i, p := range append([]string{a.path}, a.parts...) {
		if i+1 == n {
			fmt.Fprintf(&b, "【%d】 ", i+1)
		} else {
			fmt.Fprintf(&b, `<a href="%s">【%d】</a> `, p, i+1)
		}
	}
	if n <= len(a.parts) {
		fmt.Fprintf(&b, `<a href="%s">下一页</a>`, a.parts[n-1])
	}
	b.WriteString(`</div>`)
	return b.String()
}
