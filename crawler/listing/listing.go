// Package listing reads list pages of the usual CMSes without a browser: which articles
// a list names and where its next page is, also where the rows stand in an XML island,
// come as JSON or are asked for by a script.
//
// Reading is a cascade of small named expanders; see [Expand]. The package does no I/O
// and is safe for concurrent use.
package listing

import (
	"bytes"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"cundang/internal/script"
	"cundang/internal/urlkey"
)

// Page is a fetched page that may be a list.
type Page struct {
	URL string // cleaned
	// relative links of JSON and XML answers resolve against it: the list page that asked for them; "" is URL
	Base        string
	ContentType string // header, maybe ""
	Charset     string // WHATWG name of the page's charset, for links with a query; "" is UTF-8
	Body        []byte // decoded to UTF-8; a .gz sitemap as it came
	Column      string // 栏目 of the list, taken over by its rows
	// Post is the body of the POST that asked for the page, PostType its content type; "" for a GET.
	Post, PostType string
	// Tree parses Body, or returns it parsed already; nil: parsed here when needed.
	Tree func() (*goquery.Document, error)
	// Prose is how many characters of running text the page holds that cannot belong to rows,
	// as far as the caller counted: an essay is not parsed to find that it is no list.
	Prose int
	// Listed says that the page is known to be a list (a seed, a further page of one, a
	// page the profile names), so that a few rows are enough.
	Listed bool
	// Row, Date and NextLink are CSS selectors of a profile, which compiled them when it was
	// loaded; "" leaves it to the cascade.
	Row, Date, NextLink string
	// Link is the profile's address of an article whose row in a JSON list has none:
	// {key} stands for the row's member of that name.
	Link string
}

// Row is one article that a list names.
type Row struct {
	URL    string // cleaned
	Title  string // in full where the list has it, "" if it has none
	Date   string // as the list shows it, "" if it does not
	Column string
	Body   string // HTML of the text where the list carries it, else ""
}

// Request is a further page of a list.
type Request struct {
	Method      string // "GET" or "POST"
	URL         string // cleaned
	Body        string // of a POST
	ContentType string // of a POST
	Number      int    // of the page, from 1; 0 if unknown
}

// Key returns the identity of the request for the frontier: the URL of a GET; for a POST
// the URL with the body behind it in the manner of pywb, JSON as the arguments of a form,
// without the view state of ASP.NET, which is new in each answer.
func (r Request) Key() string {
	if r.Method != "POST" {
		return r.URL
	}
	body := r.Body
	if args, ok := jsonArgs(body); ok {
		body = args
	}
	var kept []string
	for arg := range strings.SplitSeq(body, "&") {
		name, _, _ := strings.Cut(arg, "=")
		if volatile[name] || arg == "" {
			continue
		}
		kept = append(kept, arg)
	}
	sep := "?"
	if strings.Contains(r.URL, "?") {
		sep = "&"
	}
	return r.URL + sep + strings.Join(append([]string{"__wb_method=POST"}, kept...), "&")
}

var volatile = map[string]bool{"__VIEWSTATE": true, "__EVENTVALIDATION": true, "__VIEWSTATEGENERATOR": true,
	"__PREVIOUSPAGE": true, "__VIEWSTATEENCRYPTED": true}

// Listing is what a page says as a list.
type Listing struct {
	IsList bool
	RowsBy string // expander that found the rows: "jcms", "json", "table of rows", …
	Rows   []Row
	NextBy string // expander that found the next pages
	// Next holds the further pages, the very next one first. Each page names its own
	// successors, so the first is enough; the others serve when it fails.
	Next []Request
	// Sitemaps are further sitemaps that a sitemap index names.
	Sitemaps []string
	Total    int    // articles in the whole list, 0 if the page does not say
	Pages    int    // pages of the whole list, 0 if the page does not say
	Problem  string // what was wrong with a list that was read all the same, "" if nothing
}

// Limits of one page.
const (
	maxRows = 50000 // as the sitemap protocol
	maxNext = 2000
)

// ErrNotText says that a page cannot be a list: its body is binary.
var ErrNotText = errors.New("not a text")

// Expand reads a page as a list. A page that is no list gives a Listing with IsList
// false, maybe with a Next that would fill it: the answer that a script asks for. The
// error is ErrNotText, or what is wrong with a compressed body.
//
// Rows: sitemap or feed; JSON; XML island or dataproxy answer of jcms; the profile's
// selectors; plain rows. Next pages: as JSON, jcms and jpaas have it; the profile's
// selector; createPageHTML of TRS; webplus and VSB counters; __doPostBack; rel=next, 下一页
// and numbered pagers.
func Expand(p Page) (Listing, error) {
	x, err := open(p)
	if err != nil {
		return Listing{}, err
	}
	for _, e := range wholes {
		if l, ok := e.read(x); ok {
			return x.finish(l, e.name), nil
		}
	}
	var l Listing
	if x.essay() {
		return l, nil
	}
	if err := x.parse(); err != nil {
		l.Problem = err.Error() // nested too deep
		return l, nil
	}
	for _, e := range rowFinders {
		rows, err := e.find(x, &l)
		if err != nil {
			return l, err
		}
		if len(rows) > 0 {
			l.Rows, l.RowsBy = rows, e.name
			break
		}
	}
	l.IsList = x.isList(&l)
	for _, e := range nextFinders {
		if !l.IsList && !asked[e.name] {
			continue // a pager of something else
		}
		next, err := e.find(x, &l)
		if err != nil {
			return l, err
		}
		if len(next) > 0 {
			l.Next, l.NextBy = next, e.name
			break
		}
	}
	if asked[l.NextBy] && l.RowsBy == "rows" && l.few() {
		l.IsList = false // a link or two beside an empty list
	}
	if !l.IsList {
		l.Rows, l.RowsBy = nil, ""
	}
	return x.finish(l, ""), nil
}

// few says that the rows are so few, or so few without a date, that they may stand beside a
// list that a script fills.
func (l *Listing) few() bool {
	dated := slices.ContainsFunc(l.Rows, func(r Row) bool { return r.Date != "" })
	return len(l.Rows) < 3 || !dated && len(l.Rows) < 8
}

// asked are the expanders whose next page is the list itself, not a continuation of rows
// that this page shows.
var asked = map[string]bool{"jcms": true, "jpaas": true, "script": true}

// wholes read an answer that is a list and nothing else.
var wholes = []struct {
	name string
	read func(*page) (Listing, bool)
}{
	{"sitemap", readSitemap},
	{"jcms", readDatastore},
	{"json", readJSON},
}

// rowFinders find the rows of an HTML page.
var rowFinders = []struct {
	name string
	find func(*page, *Listing) ([]Row, error)
}{
	{"profile", profileRows},
	{"jcms", islandRows},
	{"rows", plainRows},
}

// nextFinders find the further pages of an HTML page.
var nextFinders = []struct {
	name string
	find func(*page, *Listing) ([]Request, error)
}{
	{"profile", profileNext},
	{"jcms", islandNext},
	{"jpaas", unitRequests},
	{"trs", createPageNext},
	{"webplus", webplusNext},
	{"vsb", vsbNext},
	{"postback", postBackNext},
	{"next", linkedNext},
	{"numbers", numberedNext},
	{"script", scriptRequests},
}

// page is a Page in the course of reading.
type page struct {
	Page
	base string
	doc  *goquery.Document
	text string // of the scripts, once asked for
	// linked is what linkedNext found, once asked for.
	linked *[]Request
	loaded *script.Program // once asked for
	clicks int             // how many were followed
	// rowNodes are the elements that plain rows were found in.
	rowNodes map[*html.Node]bool
}

func open(p Page) (*page, error) {
	x := &page{Page: p, base: p.Base}
	if x.base == "" {
		x.base = p.URL
	}
	if err := x.inflate(); err != nil {
		return nil, err
	}
	if bytes.IndexByte(x.Body[:min(len(x.Body), 1024)], 0) >= 0 {
		return nil, ErrNotText
	}
	return x, nil
}

func (x *page) parse() error {
	tree := x.Tree
	if tree == nil {
		tree = func() (*goquery.Document, error) { return goquery.NewDocumentFromReader(bytes.NewReader(x.Body)) }
	}
	var err error
	if x.doc, err = tree(); err != nil {
		return err
	}
	x.base = x.URL
	if href, ok := x.doc.Find("base[href]").First().Attr("href"); ok {
		if b, err := urlkey.Resolve(x.URL, href, ""); err == nil {
			x.base = b
		}
	}
	return nil
}

// essay says that a page holds so much running text that it is no list, unless it is known to
// be one, has an island or asks for a unit of jpaas.
func (x *page) essay() bool {
	if x.Listed || x.Row != "" || x.NextLink != "" || x.Prose < maxProse {
		return false
	}
	for _, mark := range []string{"<datastore", "pgContainer", "/build/unit"} {
		if bytes.Contains(x.Body, []byte(mark)) {
			return false
		}
	}
	return true
}

// resolve makes a link absolute; "" for what is no web address.
func (x *page) resolve(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || ref[0] == '#' || len(ref) > 4096 {
		return ""
	}
	if len(ref) > 11 && (ref[0] == 'j' || ref[0] == 'J') && strings.EqualFold(ref[:11], "javascript:") {
		return ""
	}
	u, err := urlkey.Resolve(x.base, ref, x.Charset)
	if err != nil {
		return ""
	}
	return u
}

// get makes the request of a further page, without Method if the link leads nowhere.
func (x *page) get(ref string, number int) Request {
	u := x.resolve(ref)
	if u == "" || u == x.URL {
		return Request{}
	}
	return Request{Method: "GET", URL: u, Number: number}
}

// finish removes doubles and what leads back, and fills in the column.
func (x *page) finish(l Listing, by string) Listing {
	if by != "" {
		l.IsList, l.RowsBy = true, by
		if len(l.Next) > 0 {
			l.NextBy = by
		}
	}
	seen := map[string]bool{x.URL: true}
	l.Rows = slices.DeleteFunc(l.Rows, func(r Row) bool {
		double := seen[r.URL]
		seen[r.URL] = true
		return double
	})
	if len(l.Rows) > maxRows {
		l.Rows, l.Problem = l.Rows[:maxRows], "more than 50000 rows"
	}
	for i := range l.Rows {
		l.Rows[i].Column = x.Column
	}
	clear(seen)
	self := Request{Method: "GET", URL: x.URL}.Key()
	if x.Post != "" {
		self = Request{Method: "POST", URL: x.URL, Body: x.Post}.Key()
	}
	l.Next = slices.DeleteFunc(l.Next, func(r Request) bool {
		key := r.Key()
		drop := r.Method == "" || key == self || seen[key]
		seen[key] = true
		return drop
	})
	if len(l.Next) > maxNext {
		l.Next = l.Next[:maxNext]
	}
	if len(l.Next) == 0 {
		l.NextBy = ""
	}
	return l
}

// withQuery returns the URL with one query argument set; the others keep order and spelling.
func withQuery(raw, name, value string) string {
	base, query, _ := strings.Cut(raw, "?")
	var args []string
	done := false
	for _, arg := range strings.Split(query, "&") {
		n, _, _ := strings.Cut(arg, "=")
		if n == name {
			if done {
				continue
			}
			arg, done = name+"="+url.QueryEscape(value), true
		}
		if arg != "" {
			args = append(args, arg)
		}
	}
	if !done {
		args = append(args, name+"="+url.QueryEscape(value))
	}
	return base + "?" + strings.Join(args, "&")
}
