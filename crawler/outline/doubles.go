package outline

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// views are what addresses call a page made for printing or for telephones.
var views = map[string]bool{"print": true, "printer": true, "printview": true, "printable": true, "wap": true,
	"mobile": true, "3g": true}

var (
	printFile = regexp.MustCompile(`(?i)^(?:print|wap|mobile)[_-](\w.*)$`)
	fileView  = regexp.MustCompile(`(?i)^(.+)[_-](?:print|wap|mobile)(\.\w+)?$`)
)

// marked says whether an address has a mark of a view anywhere. Each link of each page is asked.
func marked(address string) bool {
	lower := strings.ToLower(address)
	for _, mark := range [...]string{"print", "wap", "mobile", "3g", "/m.", "/m/"} {
		if strings.Contains(lower, mark) {
			return true
		}
	}
	return false
}

// Double returns the address of the page that an address is the print or telephone view of, going by
// its spelling (?print=1, /print/7.html, 7_print.html, m.example.cn); "" if it is spelled like
// none. Whether the two are one page only what they return can tell.
func Double(address string) string {
	if !marked(address) { // nearly all
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	found := false
	var kept []string
	for arg := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(strings.ToLower(arg), "=")
		if views[name] && (value == "" || value == "1" || value == "true" || value == "yes") ||
			views[value] && (name == "view" || name == "format" || name == "mode" || name == "type" || name == "from") {
			found = true
			continue
		}
		kept = append(kept, arg)
	}
	u.RawQuery = strings.Join(kept, "&")
	parts := strings.Split(u.EscapedPath(), "/")
	var path []string
	for i, part := range parts {
		last := i == len(parts)-1
		lower := strings.ToLower(part)
		switch {
		case !last && (views[lower] || lower == "m" && i == 1):
			found = true
			continue
		case last && printFile.MatchString(part):
			part, found = printFile.FindStringSubmatch(part)[1], true
		case last && fileView.MatchString(part):
			m := fileView.FindStringSubmatch(part)
			part, found = m[1]+m[2], true
		}
		path = append(path, part)
	}
	if u.Path, err = url.PathUnescape(strings.Join(path, "/")); err != nil {
		return ""
	}
	u.RawPath = strings.Join(path, "/")
	host, port := u.Hostname(), u.Port()
	if first, rest, ok := strings.Cut(host, "."); ok && strings.Contains(rest, ".") &&
		(first == "m" || first == "wap" || first == "3g" || first == "mobile") {
		found = true
		if u.Host = "www." + rest; port != "" {
			u.Host = net.JoinHostPort(u.Host, port)
		}
	}
	if !found {
		return ""
	}
	return u.String()
}
