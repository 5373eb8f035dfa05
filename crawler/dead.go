package crawler

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/judgement"
	"cundang/crawler/outline"
	"cundang/internal/charset"
	"cundang/internal/locale"
	"cundang/internal/urlkey"

	"golang.org/x/net/html"
)

// deadPages is what a crawl learns of how its sites answer for pages that are gone. Many answer 200 within the
// full template, or redirect to a list. That counts like a 404 as long as the site is well: one of its lists
// was seen as it should be. A site that shows error pages everywhere is ill, and nothing is said about its pages.
type deadPages struct {
	mu     sync.Mutex
	probes map[string]probed          // by site: how it answers for what cannot exist
	lists  map[string]bool            // sites of which a list was live in this crawl
	sinks  map[string]map[string]bool // site and address → addresses that were live and redirect to it
}

// sharedBy is how many pages that were there make an address they all redirect to a sign that they are gone.
const (
	sharedBy = 3
	maxSinks = 10000
)

// well notes that a list of a site is as it should be.
func (d *deadPages) well(site string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lists[site] = true
}

func (d *deadPages) sound(site string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lists[site]
}

// shares counts a page that was there and redirects to an address now, and returns how many do.
func (d *deadPages) shares(site, from, to string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := site + " " + to
	if d.sinks[key] == nil {
		if len(d.sinks) >= maxSinks {
			return 0
		}
		d.sinks[key] = map[string]bool{}
	}
	if len(d.sinks[key]) < sharedBy {
		d.sinks[key][from] = true
	}
	return len(d.sinks[key])
}

// errorPage matches the last part of the path of error pages.
var errorPage = regexp.MustCompile(`^(?:404|error|err\b|notfound|not[_-]found|no[_-]?page|nofound|` +
	`missing|deleted|gone\b|tips?\b|sorry)`)

// deadRedirect says why a redirect counts as "not there", "" if it does not: it leads to an error page, or from a
// page that was there to the home page, to a list, or to where other such pages lead too.
func (c *crawl) deadRedirect(e frontier.Entry, to string) string {
	pl := c.sites[e.Site]
	path, _, _ := strings.Cut(to, "?")
	base := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	if errorPage.MatchString(base) {
		return locale.Reason("soft.redirect", to)
	}
	if isList(e.Kind) || e.Kind == frontier.Requisite || e.Kind == frontier.Robots || e.History.Live.IsZero() {
		return ""
	}
	to = c.identity(pl, to)
	if to == e.URL || trimWWW(e.URL) == trimWWW(to) { // the same page under another spelling of its host
		return ""
	}
	if isHome(to) && !isHome(e.URL) && trimWWW(urlkey.Host(e.URL)) == trimWWW(urlkey.Host(to)) {
		return locale.Reason("soft.home")
	}
	known, ok, err := c.opts.Frontier.Lookup(e.Site, to)
	if err != nil {
		c.commit.fail(err)
	}
	if ok && isList(known.Kind) || pl.profile.IsList(to) {
		return locale.Reason("soft.list", to)
	}
	if c.dead.shares(e.Site, e.URL, to) >= sharedBy {
		return locale.Reason("soft.shared", to)
	}
	return ""
}

// trimWWW takes scheme and "www." off a URL or host.
func trimWWW(url string) string {
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://"), "www.")
}

var (
	// goneWords say that a page is not there, in a text of few words.
	goneWords = regexp.MustCompile(`(?:页面|网页|文章|内容|信息|新闻|稿件|资讯|记录|数据|` +
		`文件|地址|链接|文档|公告|通知)[^。！!；;]{0,14}` +
		`(?:不存在|被?删除|失效|过期|下线|下架|撤销|移除|找不到|未找到|无法访问|无法显示)` +
		`|(?:找不到|未找到|没有找到|无法找到|不存在)[^。！!；;]{0,10}` +
		`(?:页面|网页|文章|内容|信息|新闻|记录|文档)` +
		`|(?:抱歉|对不起|很遗憾)[^。]{0,20}(?:不存在|删除|找不到|未找到|失效|下线)` +
		`|不存在或已(?:经)?(?:被)?删除|(?i:page (?:was )?not found|does not exist|has been (?:removed|deleted))`)
	// byline is what only articles have, footing what the foot of every page may say.
	byline = regexp.MustCompile(`(?:发布时间|发布日期|发表时间|更新时间|` +
		`来\s*源|作\s*者|责任编辑)\s*[:：]`)
	footing = regexp.MustCompile(`(?i)版权|备案|ICP|copyright|©|邮编|电话|` +
		`地址[:：]|主办|承办|技术支持|浏览器|今天是`)
)

// The bounds of deadPage, in characters.
const (
	saysMost  = 60 // of the text that says that a page is gone
	sentence  = 25 // from which on a text is a sentence of an article
	proseMost = 80 // of sentences beside it
)

// deadPage says what makes a 2xx HTML page an error page, a parked domain or an emptied page, "" if nothing does. An
// article about missing pages has a byline, sentences, or the title under which its list named it.
func deadPage(p *page) string {
	o, body := p.outlined(), ""
	if len(p.text.Text) < 16<<10 {
		body = outline.Body(p.text.Text)
	}
	itself := p.entry.Title != "" && strings.Contains(squeeze(o.Title), squeeze(p.entry.Title))
	title := o.Title
	if itself {
		title = ""
	}
	if byline.MatchString(body) {
		body = ""
	}
	if why := judgement.SoftError(title, body); why != "" {
		return why
	}
	changed := !p.entry.History.Live.IsZero() && p.x != nil && p.x.Digest != p.entry.History.Ref.Digest
	emptied := changed && p.entry.Kind == frontier.Article && o.Prose == 0 && !isHome(p.entry.URL)
	if itself || o.Prose > proseMost || !emptied && !goneWords.Match(p.text.Text) {
		return ""
	}
	doc, err := p.tree()
	if err != nil || len(doc.Nodes) == 0 {
		return ""
	}
	u := unlinked{}
	u.walk(doc.Nodes[0], 0)
	switch named := p.entry.Title != "" && strings.Contains(squeeze(u.all.String()), squeeze(p.entry.Title)); {
	case u.byline || u.prose > proseMost || named:
		return ""
	case u.says != "":
		return locale.Reason("soft.page", u.says)
	case emptied && u.prose == 0 && p.entry.Title != "" && !u.media:
		return locale.Reason("soft.empty")
	}
	return ""
}

// maxEarlier bounds what is read of an earlier capture to see whether it had a text, in bytes.
const maxEarlier = 1 << 20

// hadText reports whether an earlier capture had sentences.
func (c *crawl) hadText(ctx context.Context, ref archive.Ref) bool {
	old, err := c.opts.Store.Read(ctx, ref)
	if err != nil {
		return false
	}
	body, _, err := old.ReadBody(maxEarlier)
	if err != nil {
		return false
	}
	doc, err := html.Parse(bytes.NewReader(charset.Decode(body, old.Header.Get("Content-Type")).Text))
	if err != nil {
		return false
	}
	u := unlinked{}
	u.walk(doc, 0)
	return u.byline || u.prose > 0
}

// squeeze takes all blanks out of a text.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// unlinked is the text of a page outside of links.
type unlinked struct {
	all    strings.Builder
	says   string // that the page is gone
	byline bool
	media  bool // a picture, film or document that may be the content
	prose  int  // characters of sentences
}

func (u *unlinked) walk(n *html.Node, depth int) {
	if depth > 500 {
		return
	}
	if n.Type == html.TextNode {
		u.text(strings.TrimSpace(n.Data))
		return
	}
	switch n.Data {
	case "a", "script", "style", "title", "option", "noscript", "textarea", "template":
		return
	case "video", "audio", "embed", "object", "iframe":
		u.media = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		u.walk(c, depth+1)
	}
}

func (u *unlinked) text(s string) {
	if s == "" || u.all.Len() > 1<<20 {
		return
	}
	u.all.WriteString(s + " ")
	u.byline = u.byline || byline.MatchString(s)
	n := utf8.RuneCountInString(s)
	if n <= saysMost && u.says == "" {
		if u.says = goneWords.FindString(s); u.says != "" {
			return
		}
	}
	if n >= sentence && !footing.MatchString(s) {
		u.prose += n
	}
}
