package listing

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cundang/internal/jsonrow"
)

// Names of members that count, in small letters without underscores.
var (
	totalKeys = []string{"total", "totalcount", "totalrecord", "totalrecords", "totalelements", "count", "recordcount",
		"records", "totalnum"}
	sizeKeys  = []string{"size", "pagesize", "limit", "perpage", "rows", "pagerows"}
	pagesKeys = []string{"pages", "totalpage", "totalpages", "pagecount", "pagetotal", "maxpage", "countpage"}
)

// readJSON reads a list that comes as JSON (or JSONP): the largest array of objects with
// titles and links, or a piece of HTML within.
func readJSON(x *page) (Listing, bool) {
	value, ok := jsonrow.Parse(x.Body)
	if !ok {
		return Listing{}, false
	}
	l := Listing{Rows: x.jsonRows(value)}
	found := map[string]int{}
	numbersOf(value, found, 0)
	l.Total, l.Pages = pick(found, totalKeys), pick(found, pagesKeys)
	if len(l.Rows) == 0 {
		l.Rows = x.htmlInJSON(value, &l)
	}
	if len(l.Rows) > 0 {
		l.Next = x.jsonNext(value, &l)
	}
	return l, len(l.Rows) > 0
}

// jsonRows returns the rows of the best array in the value.
func (x *page) jsonRows(value any) []Row {
	read := jsonrow.Reader{Resolve: x.resolve, Link: x.Link}
	var rows []Row
	for _, r := range read.Rows(value) {
		if title := clean(textOf(fragment(r.Title))); title != "" {
			rows = append(rows, Row{URL: r.URL, Title: title, Date: r.Date, Body: r.Body})
		}
	}
	return rows
}

func pick(found map[string]int, keys []string) int {
	for _, k := range keys {
		if v := found[k]; v > 0 {
			return v
		}
	}
	return 0
}

// numbersOf collects the numbers that stand beside lists, not within their rows.
func numbersOf(v any, into map[string]int, depth int) {
	o, ok := v.(map[string]any)
	if !ok || depth > 4 {
		return
	}
	for _, key := range jsonrow.Keys(o) {
		name := strings.ReplaceAll(strings.ToLower(key), "_", "")
		switch m := o[key].(type) {
		case json.Number:
			into[name] = atoi(m.String())
		case string:
			if n := atoi(m); n > 0 {
				into[name] = n
			}
		case map[string]any:
			numbersOf(m, into, depth+1)
		}
	}
}

// htmlInJSON reads rows from a member that holds HTML, as jpaas answers.
func (x *page) htmlInJSON(value any, l *Listing) []Row {
	var best []Row
	jsonrow.Walk(value, func(v any) {
		text, ok := v.(string)
		if !ok || !strings.Contains(text, "<a") && !strings.Contains(text, "<A") {
			return
		}
		listed := x.Listed
		x.Listed = true
		rows := rowsIn(x, fragment(text))
		x.Listed = listed
		if len(rows) > len(best) {
			best = rows
			if m := unitPages.FindStringSubmatch(text); m != nil {
				l.Pages = atoi(m[1])
			}
		}
	})
	return best
}

// jsonNext asks for the next page the way this one was asked for: the page number of its
// query, of jpaas' paramJson, or of its path.
func (x *page) jsonNext(value any, l *Listing) []Request {
	base, query, _ := strings.Cut(x.URL, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	if strings.Contains(base, "build/unit") {
		return x.unitNext(q, l)
	}
	if x.Post != "" {
		if next, ok := x.postNext(value, l); ok {
			return next
		}
	}
	for _, arg := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(arg, "=")
		if isPageParam(name) {
			if n, err := strconv.Atoi(value); err == nil && n >= 0 {
				return x.count(n, l, x.pageSize(value),
					func(n int) Request { return x.get(withQuery(x.URL, name, strconv.Itoa(n)), n) })
			}
		}
	}
	return x.pathNext(value, l)
}

// pathNext finds the page number in the path: the number before the page size
// (/pagenews/COLUMN/0/15/skx), else the number that the answer calls its page.
func (x *page) pathNext(value any, l *Listing) []Request {
	base, query, hasQuery := strings.Cut(x.URL, "?")
	parts := strings.Split(base, "/")
	found := map[string]int{}
	numbersOf(value, found, 0)
	size := pick(found, sizeKeys)
	said, says := -1, false
	for _, k := range pageParams {
		if n, ok := found[k]; ok {
			said, says = n, true
			break
		}
	}
	for i := len(parts) - 1; i > 2; i-- {
		head, ext, dotted := strings.Cut(parts[i], ".")
		n, err := strconv.Atoi(head)
		if err != nil || n < 0 || n > 100000 || i == len(parts)-1 && !says && !dotted {
			continue
		}
		sized := false
		if i+1 < len(parts) {
			next, err := strconv.Atoi(parts[i+1])
			sized = err == nil && next >= len(l.Rows) && next >= 5 && next <= 500 && (size == 0 || next == size)
		}
		if !sized && (!says || said != n) {
			continue
		}
		if sized && size == 0 {
			size = atoi(parts[i+1])
		}
		return x.count(n, l, size, func(n int) Request {
			p := slices.Clone(parts)
			p[i] = strconv.Itoa(n)
			if dotted {
				p[i] += "." + ext
			}
			u := strings.Join(p, "/")
			if hasQuery {
				u += "?" + query
			}
			return x.get(u, n)
		})
	}
	return nil
}

// pageSize returns how many rows a page of the answer can have, 0 if nothing says so.
func (x *page) pageSize(value any) int {
	found := map[string]int{}
	numbersOf(value, found, 0)
	if size := pick(found, sizeKeys); size > 0 {
		return size
	}
	_, query, _ := strings.Cut(x.URL, "?")
	body := x.Post
	if args, ok := jsonArgs(body); ok {
		body = args
	}
	for arg := range strings.SplitSeq(query+"&"+body, "&") {
		name, value, _ := strings.Cut(arg, "=")
		if slices.Contains(sizeKeys, strings.ReplaceAll(strings.ToLower(name), "_", "")) {
			return atoi(value)
		}
	}
	return 0
}

// count makes the requests after page n. Whether pages count from 0 or 1 shows in n and
// the total; one page too many is asked for rather than one too few.
func (x *page) count(n int, l *Listing, size int, page func(int) Request) []Request {
	if len(l.Rows) < size {
		return nil // not full: the last page
	}
	size = len(l.Rows)
	last := n + 1
	pages := l.Pages
	if pages == 0 && l.Total > 0 && size > 0 {
		pages = (l.Total + size - 1) / size
	}
	if pages > 0 {
		last = pages
		if n == 0 {
			last = pages - 1
		}
	}
	var next []Request
	for k := n + 1; k <= last && len(next) < maxNext; k++ {
		next = append(next, page(k))
	}
	return next
}

// postNext asks for the next page by the body that asked for this one, its page number
// raised; ok is false if it has none.
func (x *page) postNext(value any, l *Listing) (next []Request, ok bool) {
	post := func(n int, body string) Request {
		return Request{Method: "POST", URL: x.URL, Body: body, ContentType: x.PostType, Number: n}
	}
	if _, isJSON := jsonArgs(x.Post); isJSON {
		for _, m := range jsonNumber.FindAllStringSubmatchIndex(x.Post, -1) {
			if !isPageParam(x.Post[m[2]:m[3]]) {
				continue
			}
			n := atoi(x.Post[m[4]:m[5]])
			return x.count(n, l, x.pageSize(value), func(n int) Request {
				return post(n, x.Post[:m[4]]+strconv.Itoa(n)+x.Post[m[5]:])
			}), true
		}
		return nil, false
	}
	for arg := range strings.SplitSeq(x.Post, "&") {
		name, at, _ := strings.Cut(arg, "=")
		n, err := strconv.Atoi(at)
		if !isPageParam(name) || err != nil || n < 0 {
			continue
		}
		return x.count(n, l, x.pageSize(value), func(n int) Request {
			body := strings.TrimPrefix(withQuery("?"+x.Post, name, strconv.Itoa(n)), "?")
			return post(n, body)
		}), true
	}
	return nil, false
}

// jsonNumber is a member of a JSON object that is a number, in quotes or not.
var jsonNumber = regexp.MustCompile(`"([\w.]+)"\s*:\s*"?(\d{1,6})"?\s*[,}]`)

// jsonArgs writes a JSON object as the arguments of a form, as pywb does in its index; ok is false for what is none.
func jsonArgs(body string) (args string, ok bool) {
	if !strings.HasPrefix(strings.TrimSpace(body), "{") {
		return "", false
	}
	value, ok := jsonrow.Parse([]byte(body))
	if !ok {
		return "", false
	}
	var all []string
	flatten(value, "", &all, 0)
	return strings.Join(all, "&"), true
}

func flatten(v any, key string, into *[]string, depth int) {
	if depth > 8 || len(*into) > 200 {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range jsonrow.Keys(v) {
			flatten(v[k], k, into, depth+1)
		}
	case []any:
		for _, m := range v {
			flatten(m, key, into, depth+1)
		}
	case nil:
		*into = append(*into, url.QueryEscape(key)+"=None")
	default:
		*into = append(*into, url.QueryEscape(key)+"="+url.QueryEscape(fmt.Sprint(v)))
	}
}

// unitNext counts the pageNo of a jpaas request. The first answer has as many rows as its
// template says, which further requests must repeat: another size would leave a gap.
func (x *page) unitNext(q url.Values, l *Listing) []Request {
	var param struct {
		PageNo   int `json:"pageNo"`
		PageSize int `json:"pageSize"`
	}
	if p := q.Get("paramJson"); p != "" {
		if err := json.Unmarshal([]byte(p), &param); err != nil {
			return nil
		}
	}
	current, size := max(param.PageNo, 1), param.PageSize
	if size == 0 {
		size = len(l.Rows)
	}
	last := current + 1
	if l.Pages > 0 {
		last = l.Pages
	}
	var next []Request
	for n := current + 1; n <= last && len(next) < maxNext; n++ {
		next = append(next, x.get(withQuery(x.URL, "paramJson", fmt.Sprintf(`{"pageNo":%d,"pageSize":%d}`, n, size)), n))
	}
	return next
}
