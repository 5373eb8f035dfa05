package listing

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// profileNext follows the link that a profile's selector names.
func profileNext(x *page, _ *Listing) ([]Request, error) {
	if x.NextLink == "" {
		return nil, nil
	}
	a := x.doc.Find(x.NextLink).First()
	if a.Length() == 0 {
		return nil, nil
	}
	return []Request{x.follow(a.Nodes[0])}, nil
}

var nextWords = map[string]bool{
	"下一页": true, "下页": true, "下一頁": true, "下頁": true, "后一页": true, "后页": true,
	"下一张": true, "下1页": true, "较早的文章": true, "较旧的文章": true, "更早的文章": true,
	"较旧文章": true, "更早文章": true, "旧一点的文章": true, "较早文章": true, "older posts": true,
	"older entries": true, "next": true, "next page": true, "nextpage": true, "›": true, "»": true, ">": true,
	">>": true, "→": true,
}

// linkedNext follows rel=next or a link that says 下一页.
func linkedNext(x *page, _ *Listing) ([]Request, error) {
	if x.linked != nil {
		return *x.linked, nil
	}
	var rel, word []Request
	x.doc.Find("link[rel~=next], a, button, [onclick], input[type=button]").Each(func(_ int, s *goquery.Selection) {
		n := s.Nodes[0]
		switch {
		case n.Data == "link":
			rel = append(rel, x.get(attr(n, "href"), 0))
		case strings.EqualFold(attr(n, "rel"), "next"):
			rel = append(rel, x.follow(n))
		case saysNext(n):
			word = append(word, x.follow(n))
		}
	})
	x.doc.Find("[data-url], [data-href], [data-next]").Each(func(_ int, s *goquery.Selection) {
		if text := clean(s.Text()); strings.Contains(text, "更多") || saysNext(s.Nodes[0]) {
			for _, name := range []string{"data-url", "data-href", "data-next"} {
				word = append(word, x.get(s.AttrOr(name, ""), 0))
			}
		}
	})
	found := slices.DeleteFunc(append(rel, word...), func(r Request) bool { return r.Method == "" })
	x.linked = &found
	return found, nil
}

func saysNext(n *html.Node) bool {
	if n.Data == "input" {
		return nextWords[strings.Trim(strings.ToLower(clean(attr(n, "value"))), " <>»›")]
	}
	if nextWords[strings.Trim(strings.ToLower(clean(textOf(n))), "[]【】()（）<>&《》|·…«»‹›←→ ")] {
		return true
	}
	text := strings.ToLower(clean(textOf(n)))
	if nextWords[text] {
		// Bare arrows are also breadcrumbs and sliders: only within a pager.
		return len([]rune(text)) > 2 || inPager(n)
	}
	if text != "" && utf8Len(text) > 6 { // a title, with a picture of an arrow maybe
		return false
	}
	return nextWords[strings.ToLower(clean(attr(n, "title")))] || hasClass(n, "next") && inPager(n)
}

func utf8Len(s string) int { return len([]rune(s)) }

func hasClass(n *html.Node, part string) bool {
	return strings.Contains(strings.ToLower(attr(n, "class")), part)
}

// inPager reports whether an element stands among numbers or in something called a pager.
func inPager(n *html.Node) bool {
	for p, up := n.Parent, 0; p != nil && up < 3; p, up = p.Parent, up+1 {
		name := strings.ToLower(attr(p, "class") + " " + attr(p, "id"))
		for _, word := range []string{"page", "paging", "pagin", "pager", "fanye", "fenye"} {
			if strings.Contains(name, word) {
				return true
			}
		}
		numbers := 0
		for _, a := range anchors(p, 30) {
			if atoi(clean(textOf(a))) > 0 {
				numbers++
			}
		}
		if numbers >= 2 {
			return true
		}
	}
	return false
}

var (
	quotedPath = regexp.MustCompile(`["']([^"'\s]*(?:/|\?|\.s?html?|\.jsp|\.aspx?|\.php)[^"'\s]*)["']`)
	oneNumber  = regexp.MustCompile(`^\s*(?:javascript:)?\s*(?:return\s+)?[\w.$]+\(\s*(?:this\s*,\s*)?["']?(\d{1,6})["']?\s*(?:,[^)]*)?\)`)
)

// follow makes the request that a pager link stands for: its address, an address in its
// script, or the page number that its script would put into a form or the query.
func (x *page) follow(n *html.Node) Request {
	if hasClass(n, "disabled") {
		return Request{}
	}
	href := strings.TrimSpace(attr(n, "href"))
	script := attr(n, "onclick")
	if strings.HasPrefix(strings.ToLower(href), "javascript:") {
		script = href + " " + script
	} else if href != "" && href[0] != '#' {
		if r := x.get(href, 0); r.Method != "" {
			return r
		}
	}
	if strings.Contains(script, "__doPostBack") {
		return x.postBack(script)
	}
	if r := x.clicked(n, script); r.Method != "" {
		return r
	}
	if r := x.namedPage(script); r.Method != "" {
		return r
	}
	for _, part := range []string{href, attr(n, "onclick")} {
		if m := oneNumber.FindStringSubmatch(strings.TrimSpace(part)); m != nil && !strings.Contains(m[0], "void") {
			return x.numbered(atoi(m[1]))
		}
	}
	return Request{}
}

// namedPage makes the request of a call whose function is not to be seen, from the address
// that it is given. Where it is given a number too, the address is that of the page only if
// the number stands in it, or a place for the number does.
func (x *page) namedPage(script string) Request {
	numbers := pageNumbers.FindAllStringSubmatch(quotedPath.ReplaceAllString(idle.ReplaceAllString(script, ""), "''"), -1)
	for _, m := range quotedPath.FindAllStringSubmatch(script, -1) {
		ref := html.UnescapeString(m[1])
		if len(numbers) > 0 {
			ref = withNumber(ref, numbers)
		}
		if r := x.get(ref, 0); ref != "" && r.Method != "" {
			return r
		}
	}
	return Request{}
}

// idle is what an address says that a script stands for.
var idle = regexp.MustCompile(`(?i)javascript:\s*(?:void\s*\(?\s*0\s*\)?)?;?`)

var pageNumbers = regexp.MustCompile(`[(,]\s*["']?(\d{1,6})["']?\s*(?:[,)]|$)`)

// withNumber returns an address that has one of the numbers, or the first put into its page
// argument; "" where it has no place for it.
func withNumber(ref string, numbers [][]string) string {
	file, query, _ := strings.Cut(ref, "?")
	file, _, isFile := strings.Cut(file[strings.LastIndexByte(file, '/')+1:], ".")
	if tail := file[len(file)-trailingDigits(file):]; tail != "" && len(tail) < 7 {
		for _, m := range numbers {
			if n := atoi(m[1]); n == atoi(tail) || isFile && n > 1 && n == atoi(tail)+1 { // pages may count from 0
				return ref
			}
		}
	}
	if strings.HasSuffix(ref, "=") && isPageParam(ref[strings.LastIndexAny(ref, "?&")+1:len(ref)-1]) {
		return ref + numbers[0][1]
	}
	for arg := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(arg, "=")
		if !isPageParam(name) {
			continue
		}
		for _, m := range numbers {
			if m[1] == value {
				return ref
			}
		}
		return withQuery(ref, name, numbers[0][1])
	}
	return ""
}

// pageParams are what page numbers are called in queries and forms.
var pageParams = []string{"page", "pageno", "pagenum", "pageindex", "pagenumber", "currentpage", "curpage", "current",
	"currpage", "nowpage", "topage", "gopage", "pn", "p", "pageid", "cpage", "intpage", "pager.offset", "page.pageno",
	"pageinfo.pageno"}

func isPageParam(name string) bool { return slices.Contains(pageParams, strings.ToLower(name)) }

// numbered asks for page n where a script would: through a form with a page field, or
// through the page number that the address has already.
func (x *page) numbered(n int) Request {
	if n == 0 {
		return Request{}
	}
	form := x.doc.Find("form").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return pageField(s) != ""
	}).First()
	if form.Length() > 0 {
		return x.submit(form, map[string]string{pageField(form): strconv.Itoa(n)}, n)
	}
	_, query, _ := strings.Cut(x.URL, "?")
	for _, arg := range strings.Split(query, "&") {
		if name, _, _ := strings.Cut(arg, "="); isPageParam(name) {
			return x.get(withQuery(x.URL, name, strconv.Itoa(n)), n)
		}
	}
	return Request{}
}

func pageField(form *goquery.Selection) string {
	name := ""
	form.Find("input[name]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if v := s.AttrOr("name", ""); isPageParam(v) {
			name = v
		}
		return name == ""
	})
	return name
}

// submit makes the request of a form with some fields set.
func (x *page) submit(form *goquery.Selection, set map[string]string, number int) Request {
	action := form.AttrOr("action", "")
	target := x.URL
	if action != "" && action != "#" {
		if target = x.resolve(action); target == "" {
			return Request{}
		}
	}
	body := fields(form, set)
	_, posts := set["__EVENTTARGET"] // __doPostBack submits by POST whatever the form says
	if posts || strings.EqualFold(form.AttrOr("method", "get"), "post") {
		return Request{Method: "POST", URL: target, Body: body, ContentType: "application/x-www-form-urlencoded",
			Number: number}
	}
	base, _, _ := strings.Cut(target, "?")
	return x.get(base+"?"+body, number)
}

// fields returns what a form sends, some fields set anew.
func fields(form *goquery.Selection, set map[string]string) string {
	var args []string
	done := map[string]bool{}
	add := func(name, value string) { args = append(args, url.QueryEscape(name)+"="+url.QueryEscape(value)) }
	form.Find("input[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name, value := s.AttrOr("name", ""), s.AttrOr("value", "")
		kind := strings.ToLower(s.AttrOr("type", ""))
		if v, ok := set[name]; ok {
			if !done[name] {
				add(name, v)
			}
			done[name] = true
			return
		}
		_, checked := s.Attr("checked")
		switch {
		case kind == "submit", kind == "button", kind == "image", kind == "reset", kind == "file",
			(kind == "checkbox" || kind == "radio") && !checked:
			return
		case s.Is("select"):
			value = s.Find("option[selected]").AttrOr("value", "")
		}
		add(name, value)
	})
	for _, name := range slices.Sorted(mapKeys(set)) {
		if !done[name] {
			add(name, set[name])
		}
	}
	return strings.Join(args, "&")
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// numberedNext reads a pager that has numbers only: the current one is no link, or links
// to this page.
func numberedNext(x *page, _ *Listing) ([]Request, error) {
	var best []Request
	tried, size := map[*html.Node]bool{}, map[*html.Node]int{}
	few := func(box *html.Node) bool {
		n, known := size[box]
		if !known {
			n = len(numberLinks(box))
			size[box] = n
		}
		return n < 2
	}
	x.doc.Find("a").Each(func(_ int, s *goquery.Selection) {
		if pageNumber(s.Nodes[0]) == 0 {
			return
		}
		box := s.Nodes[0].Parent
		for up := 0; box != nil && up < 2 && few(box); up++ {
			box = box.Parent
		}
		if box == nil || tried[box] {
			return
		}
		tried[box] = true
		if next := x.numbersIn(box); len(next) > len(best) {
			best = next
		}
	})
	if len(best) == 0 {
		best = x.selected()
	}
	return best, nil
}

// selected reads a pager that is a selection of addresses, one a page.
func (x *page) selected() []Request {
	var next []Request
	x.doc.Find("select").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		current := 0
		s.Find("option").Each(func(_ int, o *goquery.Selection) {
			number, value := pageNumber(o.Nodes[0]), o.AttrOr("value", "")
			if number == 0 || !strings.ContainsAny(value, "/.?") {
				return
			}
			r := x.get(value, number)
			_, marked := o.Attr("selected")
			switch {
			case marked || r.Method == "":
				current = number
			case current > 0 && number > current:
				next = append(next, r)
			}
		})
		return len(next) == 0
	})
	return next
}

func pageNumber(n *html.Node) int {
	n2 := atoi(strings.Trim(clean(textOf(n)), "[]【】()（）第页 "))
	if n2 > 9999 {
		return 0
	}
	return n2
}

func numberLinks(box *html.Node) map[int]*html.Node {
	links := map[int]*html.Node{}
	seen := 0
	until(box, func(n *html.Node) (bool, bool) {
		if n.Data == "a" {
			if k := pageNumber(n); k > 0 && links[k] == nil {
				links[k] = n
			}
		}
		seen++
		return n.Data != "a", len(links) < 50 && seen < 1000 // a pager is not larger
	})
	return links
}

func (x *page) numbersIn(box *html.Node) []Request {
	links := numberLinks(box)
	top := 0
	for k := range links {
		top = max(top, k)
	}
	if top < 2 || top > len(links)+100 {
		return nil
	}
	current := 0
	for k, n := range links {
		href := attr(n, "href")
		name := strings.ToLower(attr(n, "class") + " " + attr(n.Parent, "class"))
		if href != "" && x.resolve(href) == x.URL || strings.Contains(name, "cur") || strings.Contains(name, "active") ||
			strings.Contains(name, "this") {
			current = k
		}
	}
	for k := 1; k <= top+1 && current == 0; k++ {
		if links[k] == nil && (links[k-1] != nil || links[k+1] != nil) && shows(box, k) {
			current = k
		}
	}
	if current == 0 {
		return nil
	}
	var next []Request
	for k := current + 1; k <= top; k++ {
		if links[k] == nil {
			continue
		}
		if r := x.follow(links[k]); r.Method != "" {
			r.Number = k
			next = append(next, r)
		}
	}
	return next
}

// shows reports whether the box shows the number k outside of links.
func shows(box *html.Node, k int) bool {
	want, found := strconv.Itoa(k), false
	until(box, func(n *html.Node) (bool, bool) {
		for c := n.FirstChild; c != nil && n.Data != "a"; c = c.NextSibling {
			if c.Type == html.TextNode &&
				slices.Contains(strings.FieldsFunc(c.Data, func(r rune) bool { return r < '0' || r > '9' }), want) {
				found = true
			}
		}
		return n.Data != "a", !found
	})
	return found
}

var postBackArgs = regexp.MustCompile(`__doPostBack\(\s*(?:["']|&#39;)([^"'&]*)(?:["']|&#39;)\s*,\s*(?:["']|&#39;)([^"'&]*)(?:["']|&#39;)`)

// postBackNext follows pagers of ASP.NET, which send the page's form with two fields set.
func postBackNext(x *page, l *Listing) ([]Request, error) {
	if !strings.Contains(string(x.Body), "__doPostBack") {
		return nil, nil
	}
	next, err := linkedNext(x, l)
	if err != nil || len(next) > 0 && next[0].Method == "POST" {
		return next, err
	}
	numbers, err := numberedNext(x, l)
	if err != nil || len(numbers) == 0 || numbers[0].Method != "POST" {
		return nil, err
	}
	return numbers, nil
}

// postBack makes the request of one __doPostBack call.
func (x *page) postBack(script string) Request {
	m := postBackArgs.FindStringSubmatch(html.UnescapeString(script))
	if m == nil {
		return Request{}
	}
	form := x.doc.Find("form").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.Find("input[name=__VIEWSTATE]").Length() > 0
	}).First()
	if form.Length() == 0 {
		form = x.doc.Find("form").First()
	}
	if form.Length() == 0 {
		return Request{}
	}
	number := atoi(strings.TrimPrefix(m[2], "Page$"))
	return x.submit(form, map[string]string{"__EVENTTARGET": m[1], "__EVENTARGUMENT": m[2]}, number)
}
