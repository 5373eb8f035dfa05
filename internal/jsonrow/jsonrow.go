// Package jsonrow reads the objects of JSON answers that stand for articles: lists that a
// script fetches, the article that it shows. Crawler and extract read them alike. It does no I/O.
package jsonrow

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cundang/internal/zone"
)

// Names of members, in small letters without underscores, the likelier first.
var (
	titleKeys = []string{"title", "articletitle", "newstitle", "infotitle", "doctitle", "subject", "name", "bt", "biaoti",
		"topic", "caption"}
	linkKeys = []string{"url", "link", "href", "docpuburl", "visiturl", "articleurl", "linkurl", "infourl", "detailurl",
		"pageurl", "htmlurl", "staticurl", "path", "weburl", "doclink"}
	dateKeys = []string{"publishtime", "publishdate", "pubdate", "pubtime", "releasedate", "releasetime", "date",
		"docreltime", "publishedtime", "showtime", "issuetime", "time", "deploytime", "fbsj", "createtime", "createdate",
		"addtime", "updatetime"}
	bodyKeys = []string{"content", "body", "html", "articlecontent", "newscontent", "text", "nr", "infocontent",
		"doccontent"}
	sourceKeys = []string{"source", "articlesource", "newssource", "infosource", "docsource", "contentsource",
		"sourcename", "origin", "ly", "laiyuan"}
	authorKeys = []string{"author", "docauthor", "articleauthor", "authorname", "writer", "zz", "zuozhe"}
	editorKeys = []string{"editor", "docediter", "doceditor", "responsibleeditor", "zrbj", "bianji"}
)

// Row is what an object says about an article; "" is what it does not say.
type Row struct {
	URL                    string // as resolved
	Title                  string // may be HTML
	Date                   string
	Body                   string // HTML of the text, or the text; a summary is none
	Source, Author, Editor string
}

// shortText is from how many characters on a text without any tag is no summary.
const shortText = 200

// Parse reads a body as JSON, also behind a BOM or in a JSONP call. Numbers are json.Number.
func Parse(body []byte) (any, bool) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	if len(body) == 0 {
		return nil, false
	}
	if body[0] != '{' && body[0] != '[' {
		open := bytes.IndexByte(body, '(')
		if open < 1 || open > 80 || bytes.IndexByte(body[:open], '<') >= 0 {
			return nil, false
		}
		body = bytes.TrimRight(body[open+1:], "); \r\n\t")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, false
	}
	return value, true
}

// Reader reads the rows of one answer.
type Reader struct {
	// Resolve makes a link absolute, "" if it leads nowhere.
	Resolve func(ref string) string
	// Link is the address of an article whose object has none, {key} stands for the object's member of
	// that name; "": there is none.
	Link string
}

// Rows returns the rows of the array that has most of them.
func (r Reader) Rows(value any) []Row {
	var best []Row
	Walk(value, func(v any) {
		list, ok := v.([]any)
		if !ok {
			return
		}
		var rows []Row
		for _, item := range list {
			if o, ok := item.(map[string]any); ok {
				if row := r.Row(o); row.Title != "" && row.URL != "" {
					rows = append(rows, row)
				}
			}
		}
		if len(rows) > len(best) {
			best = rows
		}
	})
	return best
}

// Article returns the object that an answer about one article consists of: the only one
// that has a title and a text; ok is false when there is none or another.
func (r Reader) Article(value any) (row Row, ok bool) {
	n := 0
	Walk(value, func(v any) {
		o, is := v.(map[string]any)
		if !is {
			return
		}
		own := map[string]string{}
		members(o, own)
		if pick(own, titleKeys) == "" || pick(own, bodyKeys) == "" {
			return
		}
		if x := r.Row(o); x.Body != "" {
			row = x
			n++
		}
	})
	return row, n == 1
}

// Row reads one object.
func (r Reader) Row(o map[string]any) Row {
	flat := map[string]string{}
	flatten(o, flat, 0)
	row := Row{
		Title: strings.TrimSpace(pick(flat, titleKeys)), Body: pick(flat, bodyKeys),
		Date:   strings.TrimSpace(pick(flat, dateKeys)),
		Source: pick(flat, sourceKeys), Author: pick(flat, authorKeys), Editor: pick(flat, editorKeys),
	}
	if n, err := strconv.ParseInt(row.Date, 10, 64); err == nil && n > 1e9 {
		row.Date = DateOfUnix(n)
	}
	if !strings.Contains(row.Body, "<") && utf8.RuneCountInString(row.Body) < shortText {
		row.Body = ""
	}
	for _, key := range linkKeys {
		if link := flat[key]; strings.ContainsAny(link, "/.?") {
			if row.URL = r.Resolve(link); row.URL != "" {
				return row
			}
		}
	}
	if r.Link != "" {
		row.URL = r.filled(flat)
	}
	return row
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// filled puts a row's members into Link; "" if one of them is missing.
func (r Reader) filled(flat map[string]string) string {
	whole := true
	link := placeholder.ReplaceAllStringFunc(r.Link, func(m string) string {
		v := flat[plainName(m[1:len(m)-1])]
		whole = whole && v != ""
		return url.PathEscape(v)
	})
	if !whole {
		return ""
	}
	return r.Resolve(link)
}

func plainName(key string) string { return strings.ReplaceAll(strings.ToLower(key), "_", "") }

// flatten collects the scalar members of an object, and those of the objects within it
// that it has no own of.
func flatten(o map[string]any, into map[string]string, depth int) {
	members(o, into)
	if depth >= 2 {
		return
	}
	for _, key := range Keys(o) {
		if sub, ok := o[key].(map[string]any); ok {
			flatten(sub, into, depth+1)
		}
	}
}

func members(o map[string]any, into map[string]string) {
	for _, key := range Keys(o) {
		name := plainName(key)
		if _, seen := into[name]; seen {
			continue
		}
		switch v := o[key].(type) {
		case string:
			into[name] = v
		case json.Number:
			into[name] = v.String()
		}
	}
}

// Keys returns the keys of an object in order.
func Keys(o map[string]any) []string {
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func pick(flat map[string]string, keys []string) string {
	for _, k := range keys {
		if v := flat[k]; v != "" {
			return v
		}
	}
	return ""
}

// maxDepth is how deep JSON is looked into.
const maxDepth = 12

// Walk calls f for a value and all values within it, objects in the order of their keys.
func Walk(v any, f func(any)) { walk(v, 0, f) }

func walk(v any, depth int, f func(any)) {
	if depth > maxDepth {
		return
	}
	f(v)
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			walk(item, depth+1, f)
		}
	case map[string]any:
		for _, key := range Keys(v) {
			walk(v[key], depth+1, f)
		}
	}
}

// DateOfUnix writes a time stamp in seconds or milliseconds as sites in China show it.
func DateOfUnix(n int64) string {
	if n > 1e11 {
		n /= 1000
	}
	return time.Unix(n, 0).In(zone.China).Format("2006-01-02 15:04:05")
}
