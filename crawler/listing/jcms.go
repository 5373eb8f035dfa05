package listing

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// 大汉 jcms keeps the rows of a list in an XML island, which a script shows page by page:
//
//	<script type="text/xml"><datastore>
//	<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?…">]]></nextgroup>
//	<recordset><record><![CDATA[<li><a href="…" title="…">…</a><span>2024-10-14</span></li>]]></record>…
//
// dataproxy.jsp answers such a datastore, with <totalrecord> and <totalpage>.
var (
	hrefIn     = regexp.MustCompile(`href\s*=\s*["']?([^"'> ]+)`)
	proxyURL   = regexp.MustCompile(`["']([^"'\s]*dataproxy\.jsp\?[^"'\s]*)["']`)
	perPageVar = regexp.MustCompile(`(?i)["']?per_?page["']?\s*[:=]\s*["']?(\d+)`)
	uidLink    = regexp.MustCompile(`[?&](uid=\d+)&(?:amp;)?pageNum=\d+`)
)

// readDatastore reads an answer of dataproxy.jsp.
func readDatastore(x *page) (Listing, bool) {
	head := string(x.Body[:min(len(x.Body), 2048)])
	if i := strings.Index(head, "<datastore"); i < 0 || strings.Contains(head[:i], "<html") ||
		strings.Contains(head[:i], "<div") {
		return Listing{}, false
	}
	island := string(x.Body)
	l := Listing{Rows: x.records(island)}
	x.totals(&l, island)
	l.Next = x.groupNext(island, &l)
	return l, true
}

// islandRows reads the records of every XML island in the page.
func islandRows(x *page, l *Listing) ([]Row, error) {
	var rows []Row
	for _, island := range x.islands() {
		rows = append(rows, x.records(island)...)
		x.totals(l, island)
	}
	return rows, nil
}

// islandNext names the next group of the page's islands.
func islandNext(x *page, l *Listing) ([]Request, error) {
	var next []Request
	for _, island := range x.islands() {
		next = append(next, x.groupNext(island, l)...)
	}
	if len(next) > 0 || !strings.Contains(string(x.Body), "pgContainer") {
		return next, nil
	}
	// An empty container: its script names the proxy, or the pager another address.
	if m := proxyURL.FindStringSubmatch(x.scripts()); m != nil {
		return x.ranges(html.UnescapeString(m[1]), l.Total, len(l.Rows)), nil
	}
	if m := uidLink.FindSubmatch(x.Body); m != nil {
		return x.uidNext(string(m[1]), l.Pages), nil
	}
	return nil, nil
}

// islands returns the contents of the datastores in the page.
func (x *page) islands() []string { return elements(string(x.Body), "datastore") }

// elements returns the contents of all elements of a name, which do not nest, in text that
// need not be well-formed; the last may lack its end.
func elements(text, name string) []string {
	var all []string
	for {
		i := strings.Index(text, "<"+name)
		if i < 0 {
			return all
		}
		text = text[i+1+len(name):]
		if text == "" || text[0] != '>' && text[0] != ' ' {
			continue // a longer name
		}
		_, text, _ = strings.Cut(text, ">")
		content, rest, closed := strings.Cut(text, "</"+name+">")
		if closed || name == "datastore" {
			all = append(all, content)
		}
		text = rest
	}
}

func element(text, name string) string {
	if all := elements(text, name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// records reads the rows of a datastore: each record holds the HTML of one or more.
func (x *page) records(island string) []Row {
	var rows []Row
	for _, text := range elements(island, "record") {
		if _, inner, ok := strings.Cut(text, "<![CDATA["); ok {
			text, _, _ = strings.Cut(inner, "]]>")
		} else {
			text = html.UnescapeString(text)
		}
		rows = append(rows, x.fragmentRows(text)...)
	}
	return rows
}

// fragmentRows reads the rows of a piece of HTML that holds nothing but rows.
func (x *page) fragmentRows(text string) []Row {
	root := fragment(text)
	single := linkedOnce(x, root)
	var rows []Row
	tops, links := rowLinks(root, single)
	for _, top := range tops {
		c := rowOf(x, links[top], top, single)
		if c.title != "" && (len(rows) == 0 || rows[len(rows)-1].URL != c.url) {
			rows = append(rows, Row{URL: c.url, Title: c.title, Date: c.date})
		}
	}
	if len(anchors(root, 4)) <= 3 && len(rows) > 1 {
		// A column before the title: the longest title is the row.
		main := rows[0]
		for _, r := range rows[1:] {
			if len(r.Title) > len(main.Title) {
				main = r
			}
		}
		return []Row{main}
	}
	return rows
}

func (x *page) totals(l *Listing, island string) {
	l.Total = max(l.Total, atoi(element(island, "totalrecord")))
	l.Pages = max(l.Pages, atoi(element(island, "totalpage")))
}

// groupNext follows a datastore's nextgroup; without one, it counts on from the records
// that the answer's own address asked for.
func (x *page) groupNext(island string, l *Listing) []Request {
	rows := strings.Count(island, "<record>")
	if m := hrefIn.FindStringSubmatch(element(island, "nextgroup")); m != nil {
		ref := html.UnescapeString(m[1])
		if startOf(ref) > 0 {
			return x.ranges(ref, l.Total, rows)
		}
		return []Request{x.get(ref, 0)}
	}
	if startOf(x.URL) > 0 && rows > 0 {
		return x.ranges(x.URL, l.Total, rows)
	}
	return nil
}

func startOf(ref string) int {
	_, query, _ := strings.Cut(ref, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return 0
	}
	return atoi(q.Get("startrecord"))
}

// ranges counts through the records that a dataproxy address reaches: the group it names
// when it is another one than this page's, and all behind it up to total. have is how
// many records this page holds.
func (x *page) ranges(ref string, total, have int) []Request {
	_, query, _ := strings.Cut(ref, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	start, end, size := atoi(q.Get("startrecord")), atoi(q.Get("endrecord")), atoi(q.Get("perpage"))
	if size == 0 {
		size = atoi(first(perPageVar.FindStringSubmatch(x.scripts2())))
	}
	group := end - start + 1
	if start < 1 || group < 1 {
		start, group = have+1, max(size, 15)
		if have == 0 && total == 0 {
			total = group
		}
	}
	var next []Request
	if self := x.resolve(ref); self == x.URL {
		start += group
	} else if total == 0 {
		total = start + group - 1 // what it names is all we know
	}
	for ; start <= total && len(next) < maxNext; start += group {
		u := withQuery(ref, "startrecord", strconv.Itoa(start))
		u = withQuery(u, "endrecord", strconv.Itoa(min(total, start+group-1)))
		if size > 0 {
			u = withQuery(u, "perpage", strconv.Itoa(size))
		}
		next = append(next, x.get(u, 0))
	}
	return next
}

// scripts2 is scripts for pages that are no HTML too.
func (x *page) scripts2() string {
	if x.doc == nil {
		return ""
	}
	return x.scripts()
}

// uidNext counts index.html?uid=N&pageNum=2 onwards.
func (x *page) uidNext(uid string, pages int) []Request {
	if pages == 0 {
		pages = atoi(first(regexp.MustCompile(`(?i)totalPage["']?\s*[:=]\s*["']?(\d+)`).FindStringSubmatch(x.scripts())))
	}
	_, query, _ := strings.Cut(x.URL, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	current := max(1, atoi(q.Get("pageNum")))
	base, _, _ := strings.Cut(x.URL, "?")
	var next []Request
	for n := current + 1; n <= max(pages, current+1) && len(next) < maxNext; n++ {
		next = append(next, x.get(base+"?"+uid+"&pageNum="+strconv.Itoa(n), n))
	}
	return next
}

func first(groups []string) string {
	if len(groups) < 2 {
		return ""
	}
	return groups[1]
}

// atoi reads a small number, 0 for anything else.
func atoi(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 100_000_000 {
		return 0
	}
	return n
}
