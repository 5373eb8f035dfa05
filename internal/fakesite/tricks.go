package fakesite

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// tricks are what templates of real sites do to those who come back: how they answer for what is gone, and addresses
// without end for one page.
type tricks struct {
	gone  string // "template": 200 in the full template; "list": redirect to its list; "error": redirect to an error page
	param bool   // links to articles bear a number that differs at each view
	views bool   // articles link to their print view and to a reply form, which show the article again
}

// tricksOf deals the tricks to the sites in turn.
func tricksOf(i int, cms string) tricks {
	t := tricks{gone: []string{"", "template", "list", "error"}[i%4], param: i%3 == 1, views: i%3 == 2}
	if cms == "spa" || cms == "frame" { // their articles are shells or frames
		return tricks{}
	}
	return t
}

// Names of what tricks add to an address.
const (
	trickParam = "zz"
	trickReply = "replyid"
	trickPrint = "/dayin"
	trickError = "/tips.html"
)

// Plain returns the address that a page has without what the tricks of its site add to it.
func Plain(url string) string {
	url = strings.Replace(url, trickPrint+"/", "/", 1)
	base, query, found := strings.Cut(url, "?")
	if !found {
		return url
	}
	var kept []string
	for arg := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(arg, "=")
		if name != trickParam && name != trickReply {
			kept = append(kept, arg)
		}
	}
	if len(kept) == 0 {
		return base
	}
	return base + "?" + strings.Join(kept, "&")
}

// untricked returns the request for the page that a tricked address stands for.
func (s *Site) untricked(r *http.Request) *http.Request {
	plain := Plain(r.URL.RequestURI())
	if !s.opts.Tricks || plain == r.URL.RequestURI() {
		return r
	}
	q := r.Clone(r.Context())
	q.URL.Path, q.URL.RawQuery, _ = strings.Cut(plain, "?")
	q.URL.RawPath = ""
	return q
}

// dead answers for a page that is gone or never was, in the site's manner; s.mu is held.
func (s *Site) dead(r *http.Request, c *column, status int) answer {
	switch s.tricks.gone {
	case "list":
		return redirect(http.StatusFound, s.system.column(c))
	case "error":
		return redirect(http.StatusFound, trickError)
	case "template":
		v := s.view(s.Name, "")
		v.Article = articleView{Title: "温馨提示",
			Body: "<p>缘分未到，您要看的内容在路上走丢了：" + r.URL.Path + "</p>"}
		return s.html(http.StatusOK, s.execute("article", v))
	}
	return s.missing(r, status)
}

var hrefs = regexp.MustCompile(`href="([^"]+)"`)

// trick rewrites the links of a page; s.mu is held.
func (s *Site) trick(r *http.Request, a answer) answer {
	if a.status != http.StatusOK || !strings.HasPrefix(a.typ, "text/html") {
		return a
	}
	add := func(address, name string, n int) string {
		sep := "?"
		if strings.Contains(address, "?") {
			sep = "&amp;"
		}
		return address + sep + name + "=" + strconv.Itoa(n)
	}
	n := 0
	if s.tricks.param {
		a.body = hrefs.ReplaceAllFunc(a.body, func(m []byte) []byte {
			address := string(m[len(`href="`) : len(m)-1])
			to, err := r.URL.Parse(strings.ReplaceAll(address, "&amp;", "&"))
			if err != nil || s.at(to.RequestURI()) == nil {
				return m
			}
			n++
			return []byte(`href="` + add(address, trickParam, 1000*s.visits+n) + `"`)
		})
	}
	if article := s.at(r.URL.RequestURI()); s.tricks.views && article != nil && article.path == r.URL.RequestURI() {
		links := fmt.Sprintf(`<p><a href="%s">打印</a> <a href="%s">回复</a></p></body>`,
			trickPrint+article.path, add(article.path, trickReply, s.visits))
		if s.style.charset == "gbk" { // the names of the links do not matter
			links = strings.NewReplacer("打印", "P", "回复", "R").Replace(links)
		}
		a.body = bytes.Replace(a.body, []byte("</body>"), []byte(links), 1)
	}
	return a
}

// Age lets days pass on the site alone, which count as one step of its aging. The truth of the web tells what
// happened.
func (s *Site) Age(step int) { s.age(step) }

// Redirects makes the site answer with a redirect at the addresses that its articles had before they moved.
func (s *Site) Redirects() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redirects = true
}

// MoveAll gives every article a new address.
func (s *Site) MoveAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.articles {
		a.change = Unchanged
		if a.state == Live && len(a.parts) == 0 {
			s.move(a)
		}
	}
	s.paths = nil
}
