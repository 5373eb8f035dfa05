package listing

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"cundang/site"
)

// candidate is a link with the element that is its row.
type candidate struct {
	row     *html.Node
	url     string
	title   string
	date    string
	formed  bool // the address looks like an article's
	picture bool // the title is the text of a picture
}

// plainRows finds the rows that stand in the page as links.
func plainRows(x *page, _ *Listing) ([]Row, error) {
	if len(x.doc.Nodes) == 0 {
		return nil, nil
	}
	return rowsIn(x, x.doc.Nodes[0]), nil
}

// button reports whether a candidate has nothing of the dated rows it stands with:
// 返回旧版, 上一页, a column in the breadcrumb.
func (c candidate) button() bool {
	return c.date == "" && utf8.RuneCountInString(c.title) <= 6
}

// group is the rows that stand in like places.
type group struct {
	rows  []candidate
	score float64
}

// rowsIn returns the rows of the best group of like rows under root, none if no group
// looks like a list; of a portal those of all its blocks of dated rows.
func rowsIn(x *page, root *html.Node) []Row {
	groups := groupsIn(x, root)
	var best *group
	for _, g := range groups {
		g.score = score(g.rows, x.Listed)
		if g.score > 0 && g.undated() && g.ranks() {
			g.score /= 4 // what is read most, beside an empty list maybe
		}
		if g.score == 0 || best != nil && g.score <= best.score {
			continue
		}
		best = g
	}
	x.rowNodes = map[*html.Node]bool{}
	var rows []Row
	for _, g := range x.blocks(groups, best) {
		for _, c := range g.rows {
			x.rowNodes[c.row] = true
		}
		rows = append(rows, g.kept(x.Listed)...)
	}
	return rows
}

// groupsIn finds the links under root that have a title, by the places that their rows
// stand in, in order.
func groupsIn(x *page, root *html.Node) []*group {
	single := linkedOnce(x, root)
	tops, links := rowLinks(root, single)
	var groups []*group
	byKey := map[string]*group{}
	seen := map[*html.Node]bool{}
	for _, top := range tops {
		c := rowOf(x, links[top], top, single)
		if c.title == "" || seen[c.row] {
			continue // another link of the same row
		}
		seen[c.row] = true
		c.formed = formed(c.url)
		key := signature(c.row)
		g := byKey[key]
		if g == nil {
			g = &group{}
			byKey[key], groups = g, append(groups, g)
		}
		g.rows = append(g.rows, c)
	}
	for _, g := range groups {
		g.join()
		g.datesBeside(single)
	}
	return groups
}

// join makes one row of neighbours that lead to one address: a picture and the title behind it.
func (g *group) join() {
	kept := g.rows[:0]
	for _, c := range g.rows {
		if n := len(kept); n > 0 && kept[n-1].url == c.url {
			before := kept[n-1]
			if c.picture && !before.picture {
				c.title = before.title
			}
			if c.date == "" {
				c.date = before.date
			}
			kept[n-1] = c
			continue
		}
		kept = append(kept, c)
	}
	g.rows = kept
}

// rowLinks returns the largest elements that link to one address only, in order, and the links
// in each.
func rowLinks(root *html.Node, single map[*html.Node]string) (tops []*html.Node, links map[*html.Node][]*html.Node) {
	links = map[*html.Node][]*html.Node{}
	each(root, func(n *html.Node) bool {
		if n.Data != "a" || single[n] == "" || single[n] == manyLinks {
			return true
		}
		top := climb(n, single)
		if links[top] == nil {
			tops = append(tops, top)
		}
		if len(links[top]) < maxSame {
			links[top] = append(links[top], n)
		}
		return true
	})
	return tops, links
}

// maxSame is how many links of one row are looked at.
const maxSame = 20

// datesBeside gives undated rows the dates that stand between them, where most rows have
// one: behind them, or before them.
func (g *group) datesBeside(single map[*html.Node]string) {
	var best []string
	most := 0
	for _, forth := range []bool{true, false} {
		dates, n := make([]string, len(g.rows)), 0
		for i, c := range g.rows {
			if c.date == "" {
				if dates[i] = beside(c.row, forth, single); dates[i] != "" {
					n++
				}
			}
		}
		if n > most {
			best, most = dates, n
		}
	}
	if len(g.rows) < 2 || 2*most < len(g.rows) {
		return
	}
	for i := range g.rows {
		if g.rows[i].date == "" {
			g.rows[i].date = best[i]
		}
	}
}

// beside returns the date that stands between a row and the next link.
func beside(row *html.Node, forth bool, single map[*html.Node]string) string {
	step := func(n *html.Node) *html.Node {
		if forth {
			return n.NextSibling
		}
		return n.PrevSibling
	}
	for n, steps := step(row), 0; n != nil && steps < 8; n, steps = step(n), steps+1 {
		if single[n] != "" {
			return ""
		}
		if n.Type != html.TextNode && n.Type != html.ElementNode {
			continue
		}
		if s := clean(textOf(n)); s != "" && utf8.RuneCountInString(s) <= shortText {
			if d := dated(n, "", nil); d != "" {
				return d
			}
		}
	}
	return ""
}

// undated says that no row of a group shows a date.
func (g *group) undated() bool {
	return !slices.ContainsFunc(g.rows, func(c candidate) bool { return c.date != "" })
}

// kept returns the rows of a group, without what merely stands like them.
func (g *group) kept(listed bool) []Row {
	n, dated, shaped := len(g.rows), 0, 0
	for _, c := range g.rows {
		if c.date != "" {
			dated++
		}
		if c.formed {
			shaped++
		}
	}
	var rows []Row
	for _, c := range g.rows {
		// A pager, breadcrumb or button that stands like the rows.
		if listed && dated > 0 && c.button() || c.date == "" && !c.formed && listed && 2*dated >= n {
			continue
		}
		if c.date == "" && 10*dated >= 7*n && (utf8.RuneCountInString(c.title) <= 4 || 10*shaped >= 7*n && !c.formed) {
			continue
		}
		rows = append(rows, Row{URL: c.url, Title: c.title, Date: c.date})
	}
	return rows
}

// maxLinks is how many links of a page are looked at.
const maxLinks = 20000

const manyLinks = "\x00many"

// linkedOnce says for each element which one address all its links lead to: "" without
// links, manyLinks with several.
func linkedOnce(x *page, root *html.Node) map[*html.Node]string {
	single := map[*html.Node]string{}
	mark := func(n *html.Node, u string) {
		for ; n != nil; n = n.Parent {
			switch single[n] {
			case u:
				return
			case "":
				single[n] = u
			case manyLinks:
				return
			default:
				single[n], u = manyLinks, manyLinks
			}
		}
	}
	links := 0
	until(root, func(n *html.Node) (bool, bool) {
		if n.Data == "a" {
			links++
			if u := x.resolve(attr(n, "href")); u != "" && u != x.URL {
				mark(n, u)
			}
		}
		return true, links < maxLinks
	})
	return single
}

// climb returns the largest element around a link that links nowhere else.
func climb(a *html.Node, single map[*html.Node]string) *html.Node {
	row := a
	for p := row.Parent; p != nil && p.Data != "body" && p.Data != "html" && p.Type == html.ElementNode &&
		single[p] == single[a]; p = p.Parent {
		row = p
	}
	return row
}

// rowOf reads the row of one or more links to one address; where it shows no date, the
// record around it with a few links more: a column before the title, a file behind it.
func rowOf(x *page, links []*html.Node, row *html.Node, single map[*html.Node]string) candidate {
	a := mainLink(links)
	c := candidate{row: row, url: single[a], title: titleOf(a), picture: clean(textOf(a)) == ""}
	if c.date = dated(row, c.title, nil); c.date != "" {
		return c
	}
	if r, ok := recordOf(x, row, single); ok {
		return r
	}
	if rest, d := edgeDate(c.title); d != "" {
		c.title, c.date = rest, d
	}
	return c
}

// Bounds of a record: how many links it has, and how far above a link it is.
const (
	maxRecord = 12
	recordUp  = 4
)

// recordOf reads the record that a link stands in with others: a list item or table row of
// two or three links, or one of several elements alike that shows exactly one date.
func recordOf(x *page, row *html.Node, single map[*html.Node]string) (candidate, bool) {
	for p, up := row, 0; p != nil && up <= recordUp; p, up = p.Parent, up+1 {
		switch p.Data {
		case "body", "html", "ul", "ol", "table", "tbody", "form":
			return candidate{}, false
		}
		links := anchors(p, maxRecord+1)
		if len(links) > maxRecord {
			return candidate{}, false
		}
		if len(links) < 2 || p.Type != html.ElementNode {
			continue
		}
		item := (p.Data == "li" || p.Data == "tr" || p.Data == "dd" || p.Data == "dl") && len(links) <= 3
		if !item && !alike(p, single) {
			continue
		}
		main := mainLink(links)
		title, u := titleOf(main), x.resolve(attr(main, "href"))
		if title == "" || u == "" {
			if item {
				return candidate{}, false
			}
			continue
		}
		others := func(n *html.Node) bool {
			return n.Data == "a" && n != main && attr(n, "href") != "" && single[n] != u && onlyDate(clean(textOf(n))) == ""
		}
		c := candidate{row: p, url: u, title: title, date: dated(p, title, others)}
		if item || c.date != "" && ownDates(p) < 2 && beatsOthers(x, main, links) {
			return c, true
		}
		if ownDates(p) > 1 {
			return candidate{}, false // a block of rows
		}
	}
	return candidate{}, false
}

// alike says that an element has siblings of its tag and class with links in them.
func alike(p *html.Node, single map[*html.Node]string) bool {
	class := attr(p, "class")
	for _, forth := range []bool{true, false} {
		for n, steps := p, 0; n != nil && steps < 8; steps++ {
			if n != p && n.Type == html.ElementNode && n.Data == p.Data && attr(n, "class") == class && single[n] != "" {
				return true
			}
			if forth {
				n = n.NextSibling
			} else {
				n = n.PrevSibling
			}
		}
	}
	return false
}

// ownDates counts the texts under n that are dates.
func ownDates(n *html.Node) int {
	count := 0
	eachText(n, nil, func(s string) {
		if onlyDate(s) != "" {
			count++
		}
	})
	return count
}

// beatsOthers says that a link is the only one among those of a record that can be a title.
func beatsOthers(x *page, main *html.Node, links []*html.Node) bool {
	own, length := x.resolve(attr(main, "href")), utf8.RuneCountInString(titleOf(main))
	for _, a := range links {
		text := clean(textOf(a))
		n := utf8.RuneCountInString(text)
		if a == main || n <= 8 || 2*n <= length || under(a, "h1", "h2", "h3", "h4", "h5") != under(main, "h1", "h2", "h3",
			"h4", "h5") ||
			isFile(attr(a, "href")) || besideTitle(text) || x.resolve(attr(a, "href")) == own {
			continue
		}
		return false
	}
	return true
}

// besideTitle says that a text is what stands beside a title: its source, its attachment.
func besideTitle(text string) bool {
	for _, label := range []string{"附件", "来源", "來源", "作者", "分类", "分類", "栏目", "欄目",
		"标签", "标籤", "责任编辑", "下载"} {
		if strings.HasPrefix(text, label) {
			return true
		}
	}
	return false
}

// under says whether an element stands in one of the tags, three levels up at most.
func under(n *html.Node, tags ...string) bool {
	for p, up := n.Parent, 0; p != nil && up < 3; p, up = p.Parent, up+1 {
		if slices.Contains(tags, p.Data) {
			return true
		}
	}
	return false
}

// isFile says that a link leads to a document.
func isFile(href string) bool {
	if i := strings.IndexAny(href, "?#"); i >= 0 {
		href = href[:i]
	}
	return site.DocumentType(strings.ToLower(path.Ext(href))) != ""
}

// moreWords are what links say that lead to the whole of something.
var moreWords = regexp.MustCompile(`(?i)^(?:点击)?(?:详细|详情|詳細|查看|查看详情|查看更多|查看全文|阅读全文|閱讀全文|阅读更多|阅读原文|了解更多|了解详情|更多|全文|下载|附件|附件下载|下載|浏览|预览|收藏|分享|打印|` +
	`more|read more|view|detail|details|download|go|\d+\s*(?:条)?(?:评论|comments?))$`)

// saysMore says that a text is no title: [详细], 下载 >>.
func saysMore(text string) bool {
	return moreWords.MatchString(strings.Trim(text, " []【】()（）<>《》»›→…·.+"))
}

// mainLink returns the link that names the article: that in a heading, else the longest text
// that does not lead to a file, where there is another; a picture's text only where there is no other.
func mainLink(links []*html.Node) *html.Node {
	var best *html.Node
	top := -1
	for _, a := range links {
		text := clean(textOf(a))
		n := min(utf8.RuneCountInString(text), 60)
		switch {
		case onlyDate(text) != "":
			n = 0
		case text == "" && (attr(a, "title") != "" || titleOf(a) != ""):
			n = 2
		case saysMore(text) || besideTitle(text):
			n = 1
		case n > 0:
			n += 3
			if under(a, "h1", "h2", "h3", "h4", "h5", "dt") {
				n += 200
			}
			if !isFile(attr(a, "href")) {
				n += 100
			}
		}
		if n > top {
			best, top = a, n
		}
	}
	return best
}

// titleOf returns the title that a link shows: its title attribute where the text is
// that text cut short, else the text, else the text of its picture. A date that stands in it
// as an element of its own is no part of it.
func titleOf(a *html.Node) string {
	aside := func(n *html.Node) bool {
		text := clean(textOf(n))
		return text != "" && (onlyDate(text) != "" || saysMore(text)) || len(text) <= 2 && atoi(text) > 0
	}
	shown := clean(textWithout(a, aside))
	if shown == "" {
		shown = clean(textOf(a))
	}
	headed := false
	each(a, func(n *html.Node) bool {
		if headed || n == a || aside(n) {
			return !headed && n == a
		}
		if !heads(n) {
			return true
		}
		if head := clean(textWithout(n, aside)); utf8.RuneCountInString(head) >= 5 && head != shown {
			shown, headed = head, true // the rest of the link is a summary
		}
		return true
	})
	if shown == "" {
		shown = pictureText(a)
	}
	full := clean(attr(a, "title"))
	if full != "" {
		head := strings.TrimRight(shown, ".…· ")
		if shown == "" || head != shown && strings.HasPrefix(full, head) ||
			strings.HasPrefix(full, shown) && full != shown && dateIn(full[len(shown):]) == "" {
			return full
		}
		if d := dateIn(shown); d != "" && strings.Contains(shown, full) {
			return full // the link spans title and date
		}
	}
	if d := fullDate.FindStringIndex(shown); d != nil && (d[0] == 0 || d[1] == len(shown)) {
		if rest := strings.Trim(shown[:d[0]]+shown[d[1]:], " []()（）【】·"); rest != "" {
			shown = rest
		}
	}
	return strings.TrimLeft(shown, "·•●■◆►▪★※> ")
}

// heads says that an element of a link is its title, by its tag or its class.
func heads(n *html.Node) bool {
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "strong", "dt":
		return true
	}
	for _, class := range strings.Fields(strings.ToLower(attr(n, "class"))) {
		if class == "title" || class == "tit" || class == "bt" || strings.HasSuffix(class, "-title") ||
			strings.HasSuffix(class, "_title") {
			return true
		}
	}
	return false
}

// pictureText returns what the pictures of a link say in their place.
func pictureText(a *html.Node) string {
	found := ""
	each(a, func(n *html.Node) bool {
		if n.Data == "img" && found == "" {
			found = clean(attr(n, "alt"))
			if found == "" {
				found = clean(attr(n, "title"))
			}
		}
		return true
	})
	return found
}

// without returns the text of a row less its title.
func without(row *html.Node, title string) string {
	text := clean(textOf(row))
	if title != "" {
		text = strings.Replace(text, title, " ", 1)
	}
	return text
}

// signature groups rows that stand in like places: tags and classes of four ancestors,
// the row's own tag.
func signature(row *html.Node) string {
	var b strings.Builder
	b.WriteString(row.Data)
	for p, up := row.Parent, 0; p != nil && p.Type == html.ElementNode && up < 4; p, up = p.Parent, up+1 {
		b.WriteString("<" + p.Data)
		if up < 2 {
			b.WriteString("." + attr(p, "class"))
		}
	}
	return b.String()
}

// score says how much a group of rows looks like a list of articles; 0: not at all.
func score(rows []candidate, listed bool) float64 {
	dated, shaped, numbered, letters := 0, 0, 0, 0
	urls := map[string]bool{}
	showDates := slices.ContainsFunc(rows, func(c candidate) bool { return c.date != "" })
	for _, c := range rows {
		if urls[c.url] || listed && showDates && c.button() {
			continue
		}
		urls[c.url] = true
		if c.date != "" {
			dated++
		}
		if c.formed {
			shaped++
		}
		if strings.ContainsAny(strings.TrimPrefix(c.url, origin(c.url)), "0123456789") {
			numbered++
		}
		letters += min(utf8.RuneCountInString(c.title), 40)
	}
	n := len(urls)
	if n == 0 {
		return 0
	}
	mean := float64(letters) / float64(n)
	most := func(k int) bool { return float64(k) >= 0.7*float64(n) }
	switch {
	case n >= 8 && most(dated) && mean >= 4:
	case n >= 8 && most(shaped) && mean >= 8:
	case n >= 3 && most(dated) && most(shaped) && mean >= 6:
	// the last page may hold one row beside a pager of like build
	case listed && 2*dated >= n && mean >= 4 && (n >= 3 || numbered == n):
	case listed && most(shaped) && mean >= 8 && n >= 2:
	default:
		return 0
	}
	return float64(n+4*dated+2*shaped) * mean
}

// origin returns scheme and host of a cleaned address.
func origin(clean string) string {
	start := strings.Index(clean, "://") + 3
	if i := strings.IndexByte(clean[start:], '/'); i >= 0 {
		return clean[:start+i]
	}
	return clean
}

// maxProse is how many characters of running text beside its rows a list may have.
const maxProse = 400

// isList tells a list from an article with related links beside it.
func (x *page) isList(l *Listing) bool {
	if len(l.Rows) == 0 {
		return false
	}
	return l.RowsBy != "rows" || x.Listed || x.prose() < maxProse
}

// prose counts the characters of running text outside of links and rows.
func (x *page) prose() int {
	prose := 0
	each(x.doc.Nodes[0], func(n *html.Node) bool {
		switch n.Data {
		case "a", "script", "style", "noscript", "head", "select", "textarea", "iframe":
			return false
		}
		if x.rowNodes[n] {
			return false
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			// A run of text, not the crumbs between links.
			if c.Type == html.TextNode && len(c.Data) >= 30 {
				if k := utf8.RuneCountInString(strings.TrimSpace(c.Data)); k >= 30 {
					prose += k
				}
			}
		}
		return true
	})
	return prose
}

// profileRows reads the rows that a profile's selector names.
func profileRows(x *page, _ *Listing) ([]Row, error) {
	if x.Row == "" {
		return nil, nil
	}
	var rows []Row
	x.doc.Find(x.Row).Each(func(_ int, s *goquery.Selection) {
		a := s.Filter("a[href]").First()
		if a.Length() == 0 {
			a = s.Find("a[href]").First()
		}
		u := x.resolve(a.AttrOr("href", ""))
		if u == "" {
			return
		}
		row := Row{URL: u, Title: titleOf(a.Nodes[0])}
		if x.Date != "" {
			row.Date = clean(s.Find(x.Date).First().Text())
		}
		if row.Date == "" {
			row.Date = dateIn(without(s.Nodes[0], row.Title))
		}
		rows = append(rows, row)
	})
	return rows, nil
}
