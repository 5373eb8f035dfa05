package listing

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"cundang/internal/script"
)

var (
	asks = regexp.MustCompile(
		`\bfetch\s*\(|\.ajax\s*\(|\.get\s*\(|\.post\s*\(|getJSON\s*\(|\baxios\b|XMLHttpRequest|\$http\b`)
	operand  = `(?:"[^"\n]*"|'[^'\n]*'|` + "`[^`\n]*`" + `|[A-Za-z_$][\w$.]*|\d+)`
	joined   = regexp.MustCompile(operand + `(?:\s*\+\s*` + operand + `)*`)
	token    = regexp.MustCompile(operand)
	assigned = regexp.MustCompile(`(?:^|[\s,;{(])([A-Za-z_$][\w$]*)\s*[=:]\s*("[^"\n]*"|'[^'\n]*'|\d+)`)
	inside   = regexp.MustCompile(`\$\{\s*([\w$.]+)\s*\}`)
	listForm = regexp.MustCompile(`(?i)list|news|article|column|channel|cms`)
	apiForm  = regexp.MustCompile(`(?i)api|json|list|page|query|news|article|content|info|search|column|channel`)
)

// scriptRequests finds the address that a script fetches its rows from: an address put
// together from strings and variables the script assigns, in a script that fetches. Only a page without
// rows of its own is asked.
func scriptRequests(x *page, l *Listing) ([]Request, error) {
	if !l.few() || !x.Listed && x.prose() >= 150 {
		return nil, nil // has rows, or is an article whose script counts its readers
	}
	code := stripComments(x.scripts())
	if !asks.MatchString(code) {
		return nil, nil
	}
	p := x.program()
	found := x.asked(p.Loaded.Asks)
	if len(found) == 0 {
		found = x.asked(p.Idle())
	}
	if len(found) > 0 {
		return found, nil
	}
	if posts.MatchString(code) {
		return nil, nil // an address alone would be asked for the wrong way
	}
	return x.spelled(code), nil
}

var posts = regexp.MustCompile(`(?i)["']post["']|\.post\w*\s*\(`)

// spelled finds addresses that a script puts together where it could not be followed.
func (x *page) spelled(code string) []Request {
	vars := map[string]string{}
	for _, m := range assigned.FindAllStringSubmatch(code, -1) {
		if _, seen := vars[m[1]]; !seen {
			vars[m[1]] = strings.Trim(m[2], `"'`)
		}
	}
	if _, query, ok := strings.Cut(x.URL, "?"); ok {
		if q, err := url.ParseQuery(query); err == nil {
			for name := range q {
				vars[name] = q.Get(name)
			}
		}
	}
	var found []Request
	for _, expr := range joined.FindAllString(code, -1) {
		ref, ok := evaluate(expr, vars)
		if ref, _, _ = strings.Cut(ref, "#"); !ok || !endpoint(ref, x.Listed) || counts.MatchString(ref) {
			continue
		}
		if r := x.get(ref, 0); r.Method != "" && (x.Listed || sameHost(r.URL, x.URL)) {
			found = append(found, r)
		}
	}
	return found
}

// evaluate joins strings, numbers and variables; it gives up on a name it does not know.
func evaluate(expr string, vars map[string]string) (string, bool) {
	var b strings.Builder
	literal := false
	for _, t := range token.FindAllString(expr, -1) {
		switch {
		case t[0] == '"' || t[0] == '\'':
			b.WriteString(t[1 : len(t)-1])
			literal = true
		case t[0] == '`':
			text, known := t[1:len(t)-1], true
			b.WriteString(inside.ReplaceAllStringFunc(text, func(m string) string {
				v, ok := vars[inside.FindStringSubmatch(m)[1]]
				known = known && ok
				return v
			}))
			if !known {
				return "", false
			}
			literal = true
		case t[0] >= '0' && t[0] <= '9':
			b.WriteString(t)
		default:
			v, ok := vars[t]
			if !ok {
				return "", false
			}
			b.WriteString(v)
		}
	}
	return b.String(), literal
}

// endpoint reports whether a string in a script can be where rows come from; what is not
// known to be a list needs an address that says so.
func endpoint(ref string, listed bool) bool {
	if len(ref) < 4 || len(ref) > 500 || strings.ContainsAny(ref, " <>{}|\\^$()*,;\t") {
		return false
	}
	if !strings.HasPrefix(ref, "/") && !strings.HasPrefix(ref, "http://") && !strings.HasPrefix(ref, "https://") &&
		!strings.HasPrefix(ref, "./") && !strings.HasPrefix(ref, "../") {
		return false
	}
	file, query, _ := strings.Cut(ref, "?")
	switch strings.ToLower(path.Ext(file)) {
	case ".js", ".css", ".png", ".jpg", ".gif", ".svg", ".ico", ".woff", ".html", ".htm", ".shtml", ".swf", ".pdf":
		return false
	}
	if strings.HasSuffix(file, "/") && query == "" || strings.HasSuffix(ref, "=") {
		return false // a beginning whose rest is computed
	}
	if listed {
		return apiForm.MatchString(ref)
	}
	return listForm.MatchString(ref)
}

// program loads the scripts of the page.
func (x *page) program() *script.Program {
	if x.loaded == nil {
		x.loaded = script.Load(x.scripts(), script.Host{URL: x.URL, Value: x.fieldValue, Form: x.serialized,
			Default: x.openVariable})
	}
	return x.loaded
}

// openVariable is the value of a variable that scripts leave open: the first page, a page of
// usual size, what the address says.
func (x *page) openVariable(name string) (string, bool) {
	_, query, _ := strings.Cut(x.URL, "?")
	if q, err := url.ParseQuery(query); err == nil && q.Has(name) {
		return q.Get(name), true
	}
	if isPageParam(name) {
		return "1", true
	}
	if slices.Contains(sizeKeys, strings.ReplaceAll(strings.ToLower(name), "_", "")) {
		return "20", true
	}
	return "", false
}

func (x *page) fieldValue(selector string) (string, bool) {
	s := x.doc.Find(selector).First()
	if s.Length() == 0 {
		return "", false
	}
	if s.Is("select") {
		s = s.Find("option[selected]")
	}
	return s.Attr("value")
}

// serialized is a form's fields as $("#f").serialize() writes them.
func (x *page) serialized(selector string, set map[string]string) (string, bool) {
	form := x.doc.Find(selector).First()
	if form.Length() == 0 {
		return "", false
	}
	return fields(form, x.byName(form, set)), true
}

// byName turns fields of a form that are named by selectors into ones by their names.
func (x *page) byName(form *goquery.Selection, set map[string]string) map[string]string {
	named := map[string]string{}
	for selector, value := range set {
		x.doc.Find(selector).EachWithBreak(func(_ int, s *goquery.Selection) bool {
			name, ok := s.Attr("name")
			if !ok || len(s.ParentsFiltered("form").Nodes) > 0 && s.ParentsFiltered("form").Get(0) != form.Get(0) {
				return true
			}
			named[name] = value
			return false
		})
	}
	return named
}

// clicked makes the request that a click on an element leads to, by its own script or by a
// handler that the page's scripts have set.
func (x *page) clicked(n *html.Node, code string) Request {
	this := map[string]string{}
	for _, a := range n.Attr {
		this[a.Key] = a.Val
	}
	if x.clicks++; x.clicks > maxClicks {
		return Request{}
	}
	if code != "" {
		if r := x.effect(x.program().Run(html.UnescapeString(code), this)); r.Method != "" {
			return r
		}
	}
	for _, h := range x.program().Handlers {
		sel, err := cascadia.ParseGroup(h.Selector)
		if err != nil || !sel.Match(n) {
			continue
		}
		if r := x.effect(x.program().Click(h, this)); r.Method != "" {
			return r
		}
	}
	return Request{}
}

// maxClicks is how many clicks of one page are followed.
const maxClicks = 500

// effect makes the request that a script's effects come to.
func (x *page) effect(e script.Effects) Request {
	for _, to := range e.Leads {
		if r := x.get(to, 0); r.Method != "" {
			return r
		}
	}
	if found := x.asked(e.Asks); len(found) > 0 {
		return found[0]
	}
	for _, selector := range e.Submits {
		form := x.doc.Find(selector).First()
		if form.Length() > 0 && !form.Is("form") {
			form = form.Closest("form")
		}
		if form.Length() == 0 {
			continue
		}
		form = form.Clone()
		original := x.doc.Find(selector).First().Closest("form")
		for at, to := range e.Actions {
			if x.doc.Find(at).First().IsSelection(original) {
				form.SetAttr("action", to)
			}
		}
		return x.submit(form, x.byName(original, e.Fields), 0)
	}
	return Request{}
}

// asked makes requests of those that scripts ask for, where the answer can be rows.
func (x *page) asked(asks []script.Request) []Request {
	var found []Request
	for _, a := range asks {
		ref, _, _ := strings.Cut(a.URL, "#")
		if !endpoint(ref, x.Listed) || counts.MatchString(ref) {
			continue
		}
		if a.Method == "POST" && !listForm.MatchString(ref) && !paged(a) {
			continue // asking may change something
		}
		r := x.get(ref, 0)
		if a.Method == "POST" {
			r = Request{Method: "POST", URL: x.resolve(ref), Body: a.Body, ContentType: a.ContentType}
			if r.URL == "" {
				continue
			}
		}
		if r.Method != "" && (x.Listed || sameHost(r.URL, x.URL)) {
			found = append(found, r)
		}
	}
	return found
}

// counts are addresses that count visits, take votes or know who is there.
var counts = regexp.MustCompile(`(?i)visit|hits?\b|click|counter|pageview|\bpv\b|\blog(?:in|s)?\b|user|token|captcha|vote|comment|praise|submit|save|delete|upload|weather|config|statist`)

// paged says that a request names a page or how many rows it wants.
func paged(a script.Request) bool {
	for _, name := range argNames.FindAllString(a.URL+"&"+a.Body, -1) {
		name = strings.Trim(name, `"?&,{}=: `)
		if isPageParam(name) || slices.Contains(sizeKeys, strings.ReplaceAll(strings.ToLower(name), "_", "")) {
			return true
		}
	}
	return false
}

var argNames = regexp.MustCompile(`[?&{,]"?[\w.]+"?\s*[=:]`)

func sameHost(a, b string) bool {
	_, a, _ = strings.Cut(a, "://")
	_, b, _ = strings.Cut(b, "://")
	a, _, _ = strings.Cut(a, "/")
	b, _, _ = strings.Cut(b, "/")
	return a == b
}

var lineComment = regexp.MustCompile(`(?m)(^|[\s;{}])//[^\n]*`)
var blockComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

func stripComments(code string) string {
	return blockComment.ReplaceAllString(lineComment.ReplaceAllString(code, "$1"), " ")
}
