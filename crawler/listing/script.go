package listing

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

var (
	asks     = regexp.MustCompile(`\bfetch\s*\(|\.ajax\s*\(|\.get\s*\(|\.post\s*\(|getJSON\s*\(|\baxios\b|XMLHttpRequest|\$http\b`)
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
	if len(l.Rows) >= 3 || !x.Listed && x.prose() >= 150 {
		return nil, nil // has rows, or is an article whose script counts its readers
	}
	code := stripComments(x.scripts())
	if !asks.MatchString(code) {
		return nil, nil
	}
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
		if ref, _, _ = strings.Cut(ref, "#"); !ok || !endpoint(ref, x.Listed) {
			continue
		}
		if r := x.get(ref, 0); r.Method != "" && (x.Listed || sameHost(r.URL, x.URL)) {
			found = append(found, r)
		}
	}
	return found, nil
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
	if !strings.HasPrefix(ref, "/") && !strings.HasPrefix(ref, "http://") && !strings.HasPrefix(ref, "https://") && !strings.HasPrefix(ref, "./") && !strings.HasPrefix(ref, "../") {
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
