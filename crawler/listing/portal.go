package listing

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// blocks returns the groups whose rows are the page's: the best one, and on a portal (the
// home page of a site, or a page of several blocks that each lead to their whole list) all
// that hold dated rows and are no ranking beside them.
func (x *page) blocks(groups []*group, best *group) []*group {
	home := homePage(x.URL)
	var found []*group
	total := 0
	for _, g := range groups {
		if g == best || g.isBlock() && !g.ranks() && (home || g.leadsOn()) {
			found = append(found, g)
			total += len(g.rows)
		}
	}
	switch {
	case best == nil && (!home || len(found) < 2 || total < 8):
		return nil
	case best != nil && !home && !best.leadsOn():
		return []*group{best}
	}
	return found
}

var homeFile = regexp.MustCompile(`^(?:index|default|home|main)?(?:\.\w+)?$`)

// homePage says that an address is that of a site's home page.
func homePage(clean string) bool {
	file := pathOf(clean)
	return path.Dir(file) == "/" && !strings.Contains(clean, "?") &&
		homeFile.MatchString(strings.ToLower(strings.TrimPrefix(file, "/")))
}

// isBlock says that a group is a block of articles: dated ones, or such whose addresses are
// formed like articles' and that lead to a whole list.
func (g *group) isBlock() bool {
	dated, shaped, letters := 0, 0, 0
	urls := map[string]bool{}
	for _, c := range g.rows {
		if urls[c.url] {
			continue
		}
		urls[c.url] = true
		letters += utf8Len(c.title)
		if c.date != "" {
			dated++
		}
		if c.formed {
			shaped++
		}
	}
	n := len(urls)
	return n >= 3 && 10*dated >= 7*n && letters >= 6*n || n >= 4 && 10*shaped >= 7*n && letters >= 9*n && g.leadsOn()
}

var (
	rankWords = regexp.MustCompile(`热点|热门|熱門|熱點|排行|点击|相关|推荐|猜你|最热|本周|本月`)
	rankClass = map[string]bool{"hot": true, "rank": true, "ranking": true, "aside": true, "side": true, "sidebar": true,
		"related": true}
)

// blockUp is how far above its rows the frame of a block is looked for.
const blockUp = 4

// ranks says that a group is a ranking: what others have read, not what is new.
func (g *group) ranks() bool {
	for p, up := g.rows[0].row.Parent, 0; p != nil && up < blockUp; p, up = p.Parent, up+1 {
		for _, class := range strings.FieldsFunc(strings.ToLower(attr(p, "class")+" "+attr(p, "id")),
			func(r rune) bool { return r == ' ' || r == '-' || r == '_' }) {
			if rankClass[class] {
				return true
			}
		}
		if p.Data == "aside" {
			return true
		}
		if head, ok := headOf(p, g); ok {
			return rankWords.MatchString(head)
		}
	}
	return false
}

// headOf returns the text that stands in an element before the rows of a group.
func headOf(p *html.Node, g *group) (string, bool) {
	first := g.rows[0].row
	var b strings.Builder
	over := false
	walk(p, func(n *html.Node) bool {
		over = over || n == first
		if n.Type == html.TextNode && !over && b.Len() < 200 {
			b.WriteString(n.Data)
		}
		return !over
	})
	head := clean(b.String())
	return head, head != ""
}

// leadsOn says that a block has a link to its whole list: 更多.
func (g *group) leadsOn() bool {
	rows := map[*html.Node]bool{}
	for _, c := range g.rows {
		rows[c.row] = true
	}
	for p, up := g.rows[0].row.Parent, 0; p != nil && up < blockUp && p.Data != "body"; p, up = p.Parent, up+1 {
		for _, a := range anchors(p, 100) {
			text := clean(textOf(a))
			if utf8Len(text) > 8 || slices.ContainsFunc(ancestors(a, p), func(n *html.Node) bool { return rows[n] }) {
				continue
			}
			if strings.Contains(text, "更多") || strings.Contains(strings.ToLower(text), "more") ||
				hasClass(a, "more") && text != "" {
				return true
			}
		}
	}
	return false
}

// ancestors returns an element and those around it up to top.
func ancestors(n, top *html.Node) (all []*html.Node) {
	for ; n != nil && n != top; n = n.Parent {
		all = append(all, n)
	}
	return all
}
