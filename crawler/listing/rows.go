package listing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Dates as lists show them: with a year in any of the usual spellings, or month and day.
var (
	fullDate  = regexp.MustCompile(`(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?`)
	yearMonth = regexp.MustCompile(`((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})月?`)
	monthDay  = regexp.MustCompile(`(?:^|[^\d])(\d{1,2}[-/月.]\d{1,2}日?)(?:[^\d]|$)`)
	loneDay   = regexp.MustCompile(`(?:^|[^\d.:-])(\d{1,2})日?(?:[^\d.:-]|$)`)
)

// dateIn returns the date that a text shows, "" if none. A day that stands above its
// month ("14" over "2024-10") is put behind it.
func dateIn(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return ""
	}
	if d := fullDate.FindString(text); d != "" {
		return strings.TrimSpace(d)
	}
	if m := yearMonth.FindStringSubmatchIndex(text); m != nil {
		rest := text[:m[0]] + " \x00 " + text[m[1]:]
		if d := loneDay.FindStringSubmatch(rest); d != nil {
			return fmt.Sprintf("%s-%s-%s", text[m[2]:m[3]], text[m[4]:m[5]], d[1])
		}
		return ""
	}
	if m := monthDay.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// candidate is a link with the element that is its row.
type candidate struct {
	row    *html.Node
	url    string
	title  string
	date   string
	formed bool // the address looks like an article's
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

// rowsIn returns the rows of the best group of like rows under root, none if no group
// looks like a list.
func rowsIn(x *page, root *html.Node) []Row {
	single := linkedOnce(x, root)
	groups := map[string][]candidate{}
	var order []string
	seen := map[*html.Node]bool{}
	each(root, func(n *html.Node) bool {
		if n.Data != "a" || single[n] == "" || single[n] == manyLinks {
			return true
		}
		top := climb(n, single)
		if seen[top] {
			return true // another link of the same row
		}
		seen[top] = true
		c := rowOf(x, n, top, single)
		if c.title == "" || c.row != top && seen[c.row] {
			return true
		}
		seen[c.row] = true
		c.formed = formed(c.url)
		key := signature(c.row)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
		return true
	})
	var best []candidate
	top := 0.0
	for _, key := range order {
		if s := score(groups[key], x.Listed); s > top {
			best, top = groups[key], s
		}
	}
	dated, shaped := 0, 0
	for _, c := range best {
		if c.date != "" {
			dated++
		}
		if c.formed {
			shaped++
		}
	}
	var rows []Row
	x.rowNodes = map[*html.Node]bool{}
	for _, c := range best {
		x.rowNodes[c.row] = true
		// A pager, breadcrumb or button that stands like the rows.
		if x.Listed && dated > 0 && c.button() || c.date == "" && !c.formed && x.Listed && 2*dated >= len(best) {
			continue
		}
		if c.date == "" && 10*dated >= 7*len(best) && (utf8.RuneCountInString(c.title) <= 4 || 10*shaped >= 7*len(best) && !c.formed) {
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
	for p := row.Parent; p != nil && p.Data != "body" && p.Data != "html" && p.Type == html.ElementNode && single[p] == single[a]; p = p.Parent {
		row = p
	}
	return row
}

// rowOf reads the row of a link; where it shows no date, the list item or table row around
// it with two or three links (a column before the title).
func rowOf(x *page, a, row *html.Node, single map[*html.Node]string) candidate {
	c := candidate{row: row, url: single[a], title: titleOf(a)}
	c.date = dateIn(without(row, c.title))
	if c.date != "" {
		return c
	}
	for p, up := row, 0; p != nil && up < 4; p, up = p.Parent, up+1 {
		if p.Data != "li" && p.Data != "tr" && p.Data != "dd" && p.Data != "dl" {
			continue
		}
		links := anchors(p, 4)
		if len(links) < 2 || len(links) > 3 {
			break
		}
		main := links[0]
		for _, l := range links[1:] {
			if utf8.RuneCountInString(titleOf(l)) > utf8.RuneCountInString(titleOf(main)) {
				main = l
			}
		}
		if u := x.resolve(attr(main, "href")); u != "" {
			if title := titleOf(main); title != "" {
				return candidate{row: p, url: u, title: title, date: dateIn(without(p, title))}
			}
		}
		break
	}
	return c
}

// titleOf returns the title that a link shows: its title attribute where the text is
// that text cut short, else the text, else the text of its picture.
func titleOf(a *html.Node) string {
	shown := clean(textOf(a))
	headed := false
	each(a, func(n *html.Node) bool {
		if headed {
			return false
		}
		switch n.Data {
		case "h1", "h2", "h3", "h4", "h5", "strong", "dt":
			if head := clean(textOf(n)); utf8.RuneCountInString(head) >= 5 && head != shown {
				shown, headed = head, true // the rest of the link is a summary
			}
		}
		return true
	})
	full := clean(attr(a, "title"))
	if full != "" {
		head := strings.TrimRight(shown, ".…· ")
		if shown == "" || head != shown && strings.HasPrefix(full, head) || strings.HasPrefix(full, shown) && full != shown && dateIn(full[len(shown):]) == "" {
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
	dated, shaped, letters := 0, 0, 0
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
	case listed && 2*dated >= n && mean >= 4: // the last page may hold one row beside a pager of like build
	case listed && most(shaped) && mean >= 8 && n >= 2:
	default:
		return 0
	}
	return float64(n+4*dated+2*shaped) * mean
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
