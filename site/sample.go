package site

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Sample is an article of a site together with what a list says about it, the label that
// a rule for the site can be learned from.
type Sample struct {
	HTML  []byte // in UTF-8
	Title string // in the list, "" if it shows none
	Date  string // in the list, "" if it shows none
}

// TitleSelector finds a selector whose first match is the title on most samples, "" if
// there is none.
func TitleSelector(samples []Sample) string {
	return induce(samples, func(s Sample) func(string) bool {
		if s.Title == "" {
			return nil
		}
		want := squeeze(s.Title)
		return func(text string) bool { return squeeze(text) == want }
	})
}

// DateSelector finds a selector whose first match holds the date on most samples, "" if
// there is none.
func DateSelector(samples []Sample) string {
	return induce(samples, func(s Sample) func(string) bool {
		want := dayOf(s.Date)
		if want == "" {
			return nil
		}
		return func(text string) bool { return utf8.RuneCountInString(text) < 200 && dayOf(text) == want }
	})
}

var shownDay = regexp.MustCompile(`((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})`)

// dayOf returns the first day a text shows as yyyy-mm-dd, "" without one.
func dayOf(text string) string {
	m := shownDay.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // the expression lets only short numbers through
	}
	return fmt.Sprintf("%04d-%02d-%02d", n[0], n[1], n[2])
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// induce tries the selectors that name the wanted element of some sample on all of them.
// A selector must be right on four of five of the labelled samples, and on two at least.
func induce(samples []Sample, label func(Sample) func(string) bool) string {
	type labelled struct {
		doc   *html.Node
		holds func(string) bool
	}
	var all []labelled
	for _, s := range samples {
		if holds := label(s); holds != nil {
			if doc, err := html.Parse(bytes.NewReader(s.HTML)); err == nil {
				all = append(all, labelled{doc, holds})
			}
		}
	}
	if len(all) < 2 {
		return ""
	}
	best, most := "", 0
	tried := map[string]bool{}
	for _, from := range all {
		for _, sel := range selectorsOf(smallest(from.doc, from.holds)) {
			if tried[sel] {
				continue
			}
			tried[sel] = true
			right := 0
			for _, l := range all {
				if text, ok := firstMatch(l.doc, sel); ok && l.holds(text) {
					right++
				}
			}
			if right > most {
				best, most = sel, right
			}
		}
	}
	if most < 2 || 5*most < 4*len(all) {
		return ""
	}
	return best
}

// smallest returns the elements that hold and have no child element that does.
func smallest(n *html.Node, holds func(string) bool) []*html.Node {
	if n.Type == html.ElementNode && slices.Contains([]string{"script", "style", "title", "head", "option"}, n.Data) {
		return nil
	}
	var found []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			found = append(found, smallest(c, holds)...)
		}
	}
	if len(found) == 0 && n.Type == html.ElementNode && holds(nodeText(n)) {
		return []*html.Node{n}
	}
	return found
}

var plainName = regexp.MustCompile(`^[A-Za-z][\w-]*$`)

// selectorsOf names elements by id, by class, and by those of their parent.
func selectorsOf(nodes []*html.Node) []string {
	var all []string
	for _, n := range nodes {
		own := names(n)
		all = append(all, own...)
		if n.Data == "h1" || n.Data == "h2" {
			all = append(all, n.Data)
		}
		for p, up := n.Parent, 0; p != nil && p.Type == html.ElementNode && up < 3; p, up = p.Parent, up+1 {
			for _, outer := range names(p) {
				all = append(all, outer+" "+n.Data)
				for _, inner := range own {
					all = append(all, outer+" "+inner)
				}
			}
		}
	}
	return all
}

func names(n *html.Node) []string {
	var all []string
	for _, a := range n.Attr {
		switch a.Key {
		case "id":
			if plainName.MatchString(a.Val) && !strings.ContainsAny(a.Val, "0123456789") {
				all = append([]string{"#" + a.Val}, all...)
			}
		case "class":
			for _, c := range strings.Fields(a.Val) {
				if plainName.MatchString(c) {
					all = append(all, n.Data+"."+c)
				}
			}
		}
	}
	return all
}

func firstMatch(doc *html.Node, sel string) (text string, ok bool) {
	group, err := cascadia.ParseGroup(sel)
	if err != nil {
		return "", false
	}
	if n := cascadia.Query(doc, group); n != nil {
		return strings.Join(strings.Fields(nodeText(n)), " "), true
	}
	return "", false
}

// nodeText returns the text under a node, scripts left out.
func nodeText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// CommonName returns the name of the site as its pages say it: the SiteName meta, or the
// end that all their <title>s share; "" if neither is there.
func CommonName(pages [][]byte) string {
	var titles []string
	for _, page := range pages {
		doc, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			continue
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "meta" && slices.Contains([]string{"sitename", "og:site_name"},
				strings.ToLower(attribute(n, "name")+attribute(n, "property"))) {
				if name := strings.TrimSpace(attribute(n, "content")); name != "" {
					return name
				}
			}
			if n.Data == "title" {
				titles = append(titles, strings.Join(strings.Fields(nodeText(n)), " "))
			}
		}
	}
	if len(titles) < 2 {
		return ""
	}
	end := []rune(titles[0])
	for _, t := range titles[1:] {
		for len(end) > 0 && !strings.HasSuffix(t, string(end)) {
			end = end[1:]
		}
	}
	// Only what follows the last separator: what stands before it may be the column.
	name := string(end)
	if cut := strings.LastIndexAny(name, "-_|—–>·"); cut >= 0 {
		_, width := utf8.DecodeRuneInString(name[cut:])
		name = name[cut+width:]
	} else if len(titles[0]) > len(name) {
		return "" // a chance likeness, or one title for all pages
	}
	if name = strings.TrimSpace(name); utf8.RuneCountInString(name) < 2 {
		return ""
	}
	return name
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
