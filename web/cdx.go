package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
	"cundang/archive/cdx"
	"cundang/internal/urlkey"
)

// The CDX server answers as those of pywb and OpenWayback do. What they know and it does not is refused with a
// sentence that names it; nothing is passed over.

// maxRows bounds one CDX answer, and the rows that are looked at when they are not wanted as they lie.
const maxRows = 100_000

// maxPatterns bounds the filters and collapses of one question.
const maxPatterns = 20

// cdxError is a question that the CDX server does not take.
type cdxError string

func (e cdxError) Error() string { return string(e) }

func refuseCDX(format string, args ...any) error { return cdxError(fmt.Sprintf(format, args...)) }

// cdxFields are the names of a row's fields as they are spelled in answers, in the order of CDX with 11 fields, with
// the names that other servers have for them.
var cdxFields = []struct {
	name    string
	aliases []string
	of      func(cdx.Row) string
}{
	{"urlkey", []string{"key", "N"}, func(r cdx.Row) string { return r.Key }},
	{"timestamp", []string{"time", "b"}, func(r cdx.Row) string { return r.Time }},
	{"url", []string{"original", "a"}, func(r cdx.Row) string { return r.URL }},
	{"mime", []string{"mimetype", "m"}, func(r cdx.Row) string { return r.MIME }},
	{"status", []string{"statuscode", "s"}, func(r cdx.Row) string { return r.Status }},
	{"digest", []string{"k"}, func(r cdx.Row) string { return r.Digest }},
	{"redirect", []string{"r"}, func(cdx.Row) string { return "" }},
	{"robotflags", []string{"M"}, func(cdx.Row) string { return "" }},
	{"length", []string{"S"}, func(r cdx.Row) string { return strconv.FormatInt(r.Length, 10) }},
	{"offset", []string{"V"}, func(r cdx.Row) string { return strconv.FormatInt(r.Offset, 10) }},
	{"filename", []string{"file", "g"}, func(r cdx.Row) string { return r.Filename }},
}

// cdxField returns the place of a field in cdxFields.
func cdxField(name string) (int, error) {
	for i, f := range cdxFields {
		if f.name == name || slices.Contains(f.aliases, name) {
			return i, nil
		}
	}
	return 0, refuseCDX("there is no field %q; fields are urlkey, timestamp, url, mime, status, digest, redirect, "+
		"robotflags, length, offset, filename", name)
}

// cdxQuestion is a parsed question to the CDX server.
type cdxQuestion struct {
	lookup   archive.Lookup
	filters  []func(cdx.Row) bool
	collapse []func(cdx.Row) string
	sort     string    // "" as they lie, "reverse", "closest"
	closest  time.Time // for sort closest
	limit    int       // negative: the last ones
	fields   []int     // places in cdxFields, nil for all
	output   string    // cdxj, json, text, cdx11
	page     int
	pageSize int // 0: no pages
	count    bool
}

// cdxParams are the parameters that are read; some have two names.
var cdxParams = []string{"url", "matchType", "from", "to", "limit", "sort", "closest", "filter", "fl",
	"fields", "output",
	"collapse", "collapseTime", "page", "pageSize", "showNumPages", "gzip"}

// parseCDX reads a question from the values of an address.
func parseCDX(v url.Values) (q cdxQuestion, err error) {
	for name := range v {
		if !slices.Contains(cdxParams, name) {
			return q, refuseCDX("the parameter %q is not supported; known are %s", name, strings.Join(cdxParams, ", "))
		}
	}
	if q.lookup, err = cdxLookup(v); err != nil {
		return q, err
	}
	if len(v["filter"]) > maxPatterns || len(v["collapse"]) > maxPatterns {
		return q, refuseCDX("at most %d filters and collapses", maxPatterns)
	}
	for _, f := range v["filter"] {
		keep, err := cdxFilter(f)
		if err != nil {
			return q, err
		}
		q.filters = append(q.filters, keep)
	}
	if err := q.parseCollapse(v); err != nil {
		return q, err
	}
	if err := q.parseOrder(v); err != nil {
		return q, err
	}
	if err := q.parseForm(v); err != nil {
		return q, err
	}
	return q, q.parsePages(v)
}

// cdxLookup reads which captures are meant.
func cdxLookup(v url.Values) (q archive.Lookup, err error) {
	raw := v.Get("url")
	if raw == "" {
		return q, refuseCDX("the parameter url is missing")
	}
	match := v.Get("matchType")
	switch {
	case match == "" && strings.HasPrefix(raw, "*."):
		match, raw = "domain", strings.TrimSuffix(strings.TrimPrefix(raw, "*."), "/*")
	case match == "" && strings.HasSuffix(raw, "*"):
		match, raw = "prefix", strings.TrimSuffix(raw, "*")
	}
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	clean, err := urlkey.Clean(raw)
	if err != nil {
		return q, refuseCDX("url is not an http or https address: %s", raw)
	}
	switch match {
	case "", "exact":
		q.URL = clean
	case "prefix":
		q.Prefix = clean
	case "host":
		q.Host = urlkey.Host(clean)
	case "domain":
		q.Domain = urlkey.Host(clean)
	default:
		return q, refuseCDX("matchType is exact, prefix, host or domain, not %q", match)
	}
	if q.From, err = stamp(v.Get("from"), "00000101000000"); err != nil {
		return q, refuseCDX("from has 4 to 14 digits of a timestamp, not %q", v.Get("from"))
	}
	if q.To, err = stamp(v.Get("to"), "99991231235959"); err != nil {
		return q, refuseCDX("to has 4 to 14 digits of a timestamp, not %q", v.Get("to"))
	}
	if !q.To.IsZero() {
		q.To = q.To.Add(time.Second) // the "to" of CDX servers is inclusive, Lookup's is not
	}
	return q, nil
}

// cdxFilter reads [!][=|~]FIELD:EXPRESSION. "=" is equality, "~" a regular expression that holds from the beginning, as
// pywb has them; without a sign the expression is contained, as pywb has it, or matches the whole as a regular
// expression, as OpenWayback has it.
func cdxFilter(text string) (func(cdx.Row) bool, error) {
	rest, not := strings.CutPrefix(text, "!")
	sign := ""
	if strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, "~") {
		sign, rest = rest[:1], rest[1:]
	}
	name, expr, ok := strings.Cut(rest, ":")
	if !ok {
		return nil, refuseCDX("a filter is [!][=|~]field:expression, not %q", text)
	}
	field, err := cdxField(name)
	if err != nil {
		return nil, err
	}
	of := cdxFields[field].of
	var holds func(string) bool
	switch sign {
	case "=":
		holds = func(s string) bool { return s == expr }
	case "~":
		re, err := regexp.Compile(`^(?:` + expr + `)`)
		if err != nil {
			return nil, refuseCDX("the filter %q holds no regular expression: %v", text, err)
		}
		holds = re.MatchString
	default:
		holds = func(s string) bool { return strings.Contains(s, expr) }
		if re, err := regexp.Compile(`^(?:` + expr + `)$`); err == nil {
			holds = func(s string) bool { return strings.Contains(s, expr) || re.MatchString(s) }
		}
	}
	return func(r cdx.Row) bool { return holds(of(r)) != not }, nil
}

// parseCollapse reads collapse=FIELD[:N] and collapseTime=N: of rows side by side that agree, the first stays.
func (q *cdxQuestion) parseCollapse(v url.Values) error {
	wanted := v["collapse"]
	if t := v.Get("collapseTime"); t != "" {
		wanted = append(slices.Clone(wanted), "timestamp:"+t)
	}
	for _, c := range wanted {
		name, digits, cut := strings.Cut(c, ":")
		field, err := cdxField(name)
		if err != nil {
			return err
		}
		n := -1
		if cut {
			if n, err = strconv.Atoi(digits); err != nil || n < 1 {
				return refuseCDX("collapse is field or field:number of characters, not %q", c)
			}
		}
		of := cdxFields[field].of
		q.collapse = append(q.collapse, func(r cdx.Row) string {
			s := of(r)
			if n >= 0 && n < len(s) {
				s = s[:n]
			}
			return s
		})
	}
	return nil
}

func (q *cdxQuestion) parseOrder(v url.Values) (err error) {
	q.sort = v.Get("sort")
	if closest := v.Get("closest"); closest != "" {
		if q.closest, err = stamp(closest, "00000101000000"); err != nil {
			return refuseCDX("closest has 4 to 14 digits of a timestamp, not %q", closest)
		}
		q.sort = cmp.Or(q.sort, "closest")
	}
	switch {
	case q.sort != "" && q.sort != "reverse" && q.sort != "closest" && q.sort != "default":
		return refuseCDX("sort is default, reverse or closest, not %q", q.sort)
	case q.sort == "closest" && q.closest.IsZero():
		return refuseCDX("sort=closest needs closest=TIMESTAMP")
	case q.sort != "closest" && !q.closest.IsZero():
		return refuseCDX("closest goes with sort=closest, not with sort=%s", q.sort)
	case q.sort == "default":
		q.sort = ""
	}
	q.limit = maxRows
	if text := v.Get("limit"); text != "" {
		if q.limit, err = strconv.Atoi(text); err != nil || q.limit == 0 || q.limit > maxRows || q.limit < -maxRows {
			return refuseCDX("limit is a number from 1 to %d, or negative for the last ones, not %q", maxRows, text)
		}
	}
	return nil
}

func (q *cdxQuestion) parseForm(v url.Values) error {
	switch q.output = cmp.Or(v.Get("output"), "cdxj"); q.output {
	case "cdxj", "json", "text", "cdx11":
	case "cdx":
		q.output = "cdx11"
	default:
		return refuseCDX("output is cdxj, json, text or cdx11, not %q", q.output)
	}
	if g := v.Get("gzip"); g != "" && g != "false" {
		return refuseCDX("answers are not compressed: gzip is false, not %q", g)
	}
	for _, list := range slices.Concat(v["fl"], v["fields"]) {
		for name := range strings.SplitSeq(list, ",") {
			field, err := cdxField(strings.TrimSpace(name))
			if err != nil {
				return err
			}
			q.fields = append(q.fields, field)
		}
	}
	if len(q.fields) > 0 && q.output == "cdx11" {
		return refuseCDX("cdx11 has its eleven fields: fl goes with cdxj, json or text")
	}
	return nil
}

// defaultPage is how many rows a page has when the question does not say.
const defaultPage = 10_000

func (q *cdxQuestion) parsePages(v url.Values) (err error) {
	switch v.Get("showNumPages") {
	case "", "false":
	case "true":
		q.count, q.pageSize = true, defaultPage
	default:
		return refuseCDX("showNumPages is true or false, not %q", v.Get("showNumPages"))
	}
	if p := v.Get("page"); p != "" {
		if q.page, err = strconv.Atoi(p); err != nil || q.page < 0 {
			return refuseCDX("page is a number from 0, not %q", p)
		}
		q.pageSize = defaultPage
	}
	if p := v.Get("pageSize"); p != "" {
		if q.pageSize, err = strconv.Atoi(p); err != nil || q.pageSize < 1 || q.pageSize > maxRows {
			return refuseCDX("pageSize is a number of rows from 1 to %d, not %q", maxRows, p)
		}
	}
	if q.pageSize > 0 && q.limit < 0 {
		return refuseCDX("pages and a negative limit do not go together")
	}
	return nil
}

// rows yields the rows of the answer in their order, before limit and pages.
func (q *cdxQuestion) rows(ctx context.Context, store Archive, yield func(cdx.Row) error) error {
	var last []string
	pass := func(r cdx.Row) error {
		for _, keep := range q.filters {
			if !keep(r) {
				return nil
			}
		}
		if len(q.collapse) > 0 {
			now := make([]string, len(q.collapse))
			for i, of := range q.collapse {
				now[i] = of(r)
			}
			if slices.Equal(now, last) {
				return nil
			}
			last = now
		}
		return yield(r)
	}
	if q.sort == "" && q.limit > 0 {
		for r, err := range store.Rows(ctx, q.lookup) {
			if err != nil {
				return fmt.Errorf("query cdx: %w", err)
			}
			if err := pass(r); err != nil {
				return err
			}
		}
		return nil
	}
	var all []cdx.Row
	final := yield
	yield = func(r cdx.Row) error {
		if all = append(all, r); len(all) > maxRows {
			return refuseCDX("more than %d rows match: bound them with from, to or filter", maxRows)
		}
		return nil
	}
	for r, err := range store.Rows(ctx, q.lookup) {
		if err != nil {
			return fmt.Errorf("query cdx: %w", err)
		}
		if err := pass(r); err != nil {
			return err
		}
	}
	switch {
	case q.sort == "reverse":
		slices.Reverse(all)
	case q.sort == "closest":
		slices.SortStableFunc(all, func(a, b cdx.Row) int { return cmp.Compare(q.distance(a), q.distance(b)) })
	}
	if q.limit < 0 && len(all) > -q.limit {
		all = all[len(all)+q.limit:]
	}
	for _, r := range all {
		if err := final(r); err != nil {
			return err
		}
	}
	return nil
}

// distance is how far a row is from the moment that is asked for.
func (q *cdxQuestion) distance(r cdx.Row) time.Duration {
	t, err := time.Parse(ts14, r.Time)
	if err != nil {
		return 1<<63 - 1
	}
	return t.Sub(q.closest).Abs()
}

// write appends one row in the form of the answer.
func (q *cdxQuestion) write(line []byte, r cdx.Row) []byte {
	value := func(i int) string { return cdxFields[i].of(r) }
	fields := q.fields
	switch q.output {
	case "cdx11":
		fields = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	case "text":
		if fields == nil {
			fields = []int{0, 1, 2, 3, 4, 5, 8}
		}
	case "cdxj":
		if fields == nil {
			return append(r.Append(line), '\n')
		}
		line = append(append(append(append(line, r.Key...), ' '), r.Time...), ' ')
		fields = slices.DeleteFunc(slices.Clone(fields), func(i int) bool { return i < 2 })
	default:
		if fields == nil {
			fields = []int{0, 1, 2, 3, 4, 5, 8, 9, 10}
		}
	}
	if q.output == "text" || q.output == "cdx11" {
		for i, f := range fields {
			if i > 0 {
				line = append(line, ' ')
			}
			line = append(line, strings.ReplaceAll(cmp.Or(value(f), "-"), " ", "%20")...)
		}
		return append(line, '\n')
	}
	line = append(line, '{')
	for i, f := range fields {
		if i > 0 {
			line = append(line, ", "...)
		}
		text, err := json.Marshal(value(f))
		if err != nil { // cannot be: a string always has a form in JSON
			text = []byte(`""`)
		}
		line = append(append(append(line, '"'), cdxFields[f].name...), `": `...)
		line = append(line, text...)
	}
	return append(line, "}\n"...)
}

var cdxTypes = map[string]string{"cdxj": "text/x-cdxj; charset=utf-8", "json": "application/x-ndjson",
	"text": "text/plain; charset=utf-8", "cdx11": "text/plain; charset=utf-8"}

// errEnough ends a walk over rows.
var errEnough = fmt.Errorf("enough rows")

// cdxQuery answers /cdx.
func (s *server) cdxQuery(w http.ResponseWriter, r *http.Request) error {
	q, err := parseCDX(r.URL.Query())
	if err == nil {
		err = s.answerCDX(w, r, q)
	}
	if refused, ok := err.(cdxError); ok {
		writeProblem(w, http.StatusBadRequest, string(refused))
		return nil
	}
	return err
}

func (s *server) answerCDX(w http.ResponseWriter, r *http.Request, q cdxQuestion) error {
	begin := func() {
		w.Header().Set("Content-Type", cdxTypes[q.output])
		w.Header().Set("Cache-Control", "no-store")
	}
	first, end := 0, max(q.limit, 1)
	if q.limit < 0 {
		end = -q.limit
	}
	if q.pageSize > 0 {
		first = q.page * q.pageSize
		end = min(first+q.pageSize, end)
	}
	var line []byte
	n, sent := 0, false
	err := q.rows(r.Context(), s.Store, func(row cdx.Row) error {
		if n++; q.count || n <= first {
			return nil
		}
		if n > end {
			return errEnough
		}
		if !sent {
			begin()
			sent = true
			if q.output == "cdx11" {
				line = append(line, " CDX N b a m s k r M S V g\n"...)
			}
		}
		line = q.write(line, row)
		_, err := w.Write(line)
		line = line[:0]
		if err != nil {
			return errEnough // the client is gone
		}
		return nil
	})
	switch {
	case err == errEnough:
		return nil
	case err != nil && sent:
		s.Log.Error("cdx answer broke off", "err", err)
		return aborted(err)
	case err != nil:
		return err
	}
	if !sent {
		begin()
	}
	if q.count {
		pages := (min(n, q.limit) + q.pageSize - 1) / q.pageSize
		text := strconv.Itoa(pages) + "\n"
		if q.output == "json" {
			text = fmt.Sprintf(`{"blocks": %d, "pages": %d, "pageSize": %d}`+"\n", pages, pages, q.pageSize)
		}
		_, _ = w.Write([]byte(text)) // the client is gone
	}
	return nil
}
