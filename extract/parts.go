package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
)

// maxParts bounds the pages of one split article.
const maxParts = 60

// Need is another URL that a page's article takes text, pictures or documents from.
type Need struct {
	URL  string
	Kind string // "part", "frame", "attachment", "image"
}

// Needs lists what else to fetch so that the article of a page can be read whole: the other
// pages of a split article, the body in an iframe, attachments, pictures. It reads only p.
func Needs(p Page) []Need {
	rd := read(p)
	var out []Need
	first, others := rd.parts(p.Body)
	if first != "" {
		out = append(out, Need{first, "part"})
	}
	for _, u := range others {
		out = append(out, Need{u, "part"})
	}
	if u := rd.frame(); u != "" {
		out = append(out, Need{u, "frame"})
	}
	for _, a := range attachments(rd.v, rd.body, rd.head) {
		out = append(out, Need{a.URL, "attachment"})
	}
	for _, im := range images(rd.v, rd.body) {
		out = append(out, Need{im.URL, "image"})
	}
	return out
}

// stem splits a URL into what all pages of a split article share and the number of the
// page: …/t20221027_1_2.html → …/t20221027_1.html, 2; ?id=5&page=3 → ?id=5, 3. The number is 0
// when there is none.
func stem(u string, sep string) (string, int) {
	if i := strings.IndexByte(u, '?'); i >= 0 {
		if sep != "?" {
			return u, 0
		}
		base, n := u[:i], 0
		var keep []string
		for _, q := range strings.Split(u[i+1:], "&") {
			name, val, _ := strings.Cut(q, "=")
			switch strings.ToLower(name) {
			case "page", "p", "pageno", "currentpage", "pn", "pageindex", "curpage", "pagenum", "pageid":
				if k, err := strconv.Atoi(val); err == nil && k >= 0 && k < 1000 && n == 0 {
					n = k
					continue
				}
			}
			keep = append(keep, q)
		}
		if len(keep) > 0 {
			base += "?" + strings.Join(keep, "&")
		}
		return base, n
	}
	if sep == "?" {
		return u, 0
	}
	ext := path.Ext(u)
	name := strings.TrimSuffix(u, ext)
	i := strings.LastIndex(name, sep)
	if i < 0 || strings.LastIndexByte(name, '/') > i {
		return u, 0
	}
	k, err := strconv.Atoi(name[i+len(sep):])
	if err != nil || k < 0 || k >= 1000 || name[i+len(sep):] == "" || len(name[i+len(sep):]) > 3 {
		return u, 0
	}
	return name[:i] + ext, k
}

// parts finds the other pages of a split article: first is the first page when this is a
// later one, others are the pages 2 … n (without this one), in order.
func (rd *reading) parts(html []byte) (first string, others []string) {
	v := rd.v
	if v.url == "" || len(rd.body.blocks) == 0 && rd.head.titleHi == 0 {
		return "", nil
	}
	if first, others = createPage(v, html); first != "" || others != nil {
		return first, others
	}
	for _, sep := range []string{"_", "-", "?"} {
		base, n := stem(v.url, sep)
		found := map[int]string{}
		firstSeen := false
		for i := range v.links {
			l := &v.links[i]
			if !rd.pagerLink(l) {
				continue
			}
			u := v.resolve(attr(l.node, "href"))
			if u == "" || u == v.url {
				continue
			}
			b, k := stem(u, sep)
			switch {
			case u == base && n > 0:
				firstSeen = true
			case b == base && k > 0 && k < maxParts:
				found[k] = u
			case b == v.url && k > 0 && k < maxParts: // this page's own name ends in a number
				base, n = v.url, 0
				found[k] = u
			}
		}
		if len(found) == 0 && !firstSeen {
			continue
		}
		if n > 1 || firstSeen {
			if firstSeen || sep != "?" && n > 0 {
				first = base
			} else if u, ok := found[1]; ok {
				first = u
				delete(found, 1)
			}
		}
		return first, ordered(found, n)
	}
	return "", nil
}

func ordered(found map[int]string, self int) []string {
	var ks []int
	for k := range found {
		if k != self {
			ks = append(ks, k)
		}
	}
	sort.Ints(ks)
	var out []string
	for _, k := range ks {
		out = append(out, found[k])
	}
	return out
}

// pagerLink reports whether a link is one of a pager below or in the body: a number, 下一页,
// 第2页, 尾页, 阅读全文.
func (rd *reading) pagerLink(l *link) bool {
	n := len(rd.body.blocks)
	if n > 0 && (int(l.block) < rd.body.blocks[0]-2 || int(l.block) > rd.body.blocks[n-1]+30) {
		return false
	}
	t := strings.Trim(squash(rd.v.text[l.lo:l.hi]), "[]【】()（）<>《》«» 第页頁共")
	switch t {
	case "下一", "上一", "尾", "首", "末", "后一", "前一", "next", "Next", ">>", "":
		return t != "" || strings.ContainsAny(rd.v.text[l.lo:l.hi], "页頁>")
	}
	return len(t) <= 3 && isNumber(t)
}

// createPage reads TRS's pager: createPageHTML(3, 0, "t20221027_123", "shtml") names the number
// of pages, this page's index, the name and the extension.
func createPage(v *view, html []byte) (first string, others []string) {
	call := []byte("createPageHTML")
	for rest := html; ; {
		i := bytes.Index(rest, call)
		if i < 0 {
			return "", nil
		}
		rest = rest[i+len(call):]
		near := rest[:min(len(rest), 200)]
		k, j := bytes.IndexByte(near, '('), bytes.IndexByte(near, ')')
		if k < 0 || k > 2 || j < k {
			continue
		}
		args := strings.Split(string(near[k+1:j]), ",")
		if len(args) < 4 {
			continue
		}
		count, err1 := strconv.Atoi(strings.TrimSpace(args[0]))
		at, err2 := strconv.Atoi(strings.TrimSpace(args[1]))
		name, ext := strings.Trim(args[2], " \"'"), strings.Trim(args[3], " \"'")
		if err1 != nil || err2 != nil || count < 2 || count > maxParts || name == "" || ext == "" || at < 0 {
			continue
		}
		for k := 0; k < count; k++ {
			ref := name + "." + ext
			if k > 0 {
				ref = name + "_" + strconv.Itoa(k) + "." + ext
			}
			u := v.resolve(ref)
			switch {
			case u == "" || k == at:
			case k == 0:
				first = u
			default:
				others = append(others, u)
			}
		}
		return first, others
	}
}

// frame returns the address of an iframe that holds the article's text: the page itself has
// a title and next to no text, and the frame shows where the text would stand.
func (rd *reading) frame() string {
	if u := rd.mainFrame(); u != "" {
		return u
	}
	v := rd.v
	text := int32(0)
	for _, i := range rd.body.blocks {
		text += v.blocks[i].chars
	}
	if text > 80 {
		return ""
	}
	first := min(rd.head.start, rd.head.byLo+1) // the editor's line may stand below the frame
	for _, f := range v.frames {
		if f.hidden || int(f.block) < first {
			continue
		}
		u := v.resolve(f.src)
		if u == "" || u == v.url || !sameHost(u, v.url) || containsAny(strings.ToLower(u),
			[]string{"visit", "count", "share", "comment", "/ad", "stat.", "player", "login", "search"}) {
			continue
		}
		return u
	}
	return ""
}

// What the frames of a frameset are called: the one with the text, those around it.
var (
	mainFrames = []string{"main", "content", "body", "center", "article", "text", "zhengwen", "right", "detail"}
	sideFrames = []string{"top", "left", "menu", "nav", "head", "foot", "bottom", "banner", "title", "logo", "tree"}
)

// mainFrame returns the address of the frame of a frameset that holds its text: that named so,
// else the last that is not named for what stands around it; "" on other pages.
func (rd *reading) mainFrame() string {
	v := rd.v
	last := ""
	for _, f := range v.frames {
		u := v.resolve(f.src)
		if !f.part || u == "" || u == v.url || !sameHost(u, v.url) {
			continue
		}
		name := strings.ToLower(f.name)
		if containsAny(name, mainFrames) {
			return u
		}
		file := strings.ToLower(path.Base(u))
		if !containsAny(name, sideFrames) && !containsAny(file, sideFrames) {
			last = u
		}
	}
	return last
}

// readFrameset reads the article of a frameset: what its main frame says, under the address
// of the whole; ok is false for other pages, and where the frame is no article by itself.
func (r *Reader) readFrameset(ctx context.Context, p Page, rd *reading) (a Article, q *reading, ok bool, err error) {
	u := rd.mainFrame()
	if u == "" || r.Library == nil {
		return a, nil, false, nil
	}
	main, ok, err := r.page(ctx, p, u)
	if err != nil || !ok {
		return a, nil, false, err
	}
	q = read(main)
	if a = q.article(main); a.Kind != KindArticle {
		return a, nil, false, nil
	}
	a.URL = p.URL
	a.Provenance["body"] = Provenance{Rule: "frameset", Confidence: .9, Raw: u}
	return a, q, true, nil
}

func sameHost(a, b string) bool { return hostOf(a) == hostOf(b) && hostOf(a) != "" }

func hostOf(u string) string {
	if i := strings.Index(u, "://"); i >= 0 {
		u = u[i+3:]
		if i = strings.IndexAny(u, "/?#"); i >= 0 {
			u = u[:i]
		}
		return strings.TrimPrefix(u, "www.")
	}
	return ""
}

// join adds what the library holds of the article's other pages and of its frame.
func (r *Reader) join(ctx context.Context, p Page, rd *reading, a *Article) error {
	first, others := rd.parts(p.Body)
	if first != "" {
		a.PartOf = first
		return nil
	}
	if r.Library == nil {
		return ctx.Err()
	}
	if u := rd.frame(); u != "" {
		if q, ok, err := r.page(ctx, p, u); err != nil {
			return err
		} else if ok {
			a.adopt(readFrame(q), true)
		}
	}
	for _, u := range others {
		q, ok, err := r.page(ctx, p, u)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		a.adopt(read(q), false)
		a.Parts = append(a.Parts, u)
	}
	return nil
}

// page gets one page from the library, the capture nearest to p's.
func (r *Reader) page(ctx context.Context, p Page, url string) (Page, bool, error) {
	c, err := r.Library.Closest(ctx, url, p.Fetched)
	// A challenge or an error page may lie nearer in time than the page itself: look later.
	for _, t := range []time.Time{p.Fetched.Add(time.Hour), {}} {
		if err != nil || isContent(c) {
			break
		}
		c, err = r.Library.Closest(ctx, url, t)
	}
	if err == nil && !isContent(c) {
		return Page{}, false, nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return Page{}, false, ctx.Err()
		}
		if errors.Is(err, archive.ErrNotFound) {
			return Page{}, false, nil
		}
		return Page{}, false, fmt.Errorf("find %s for %s: %w", url, p.URL, err)
	}
	body, err := readBody(c)
	if err != nil {
		return Page{}, false, err
	}
	return Page{URL: url, ContentType: c.Header.Get("Content-Type"), Body: body, Fetched: p.Fetched, Site: p.Site,
		Profile: p.Profile}, true, nil
}

// isContent reports whether a capture shows the page, not what stood in its place.
func isContent(c archive.Capture) bool {
	switch c.Fields[archive.FieldState] {
	case archive.StateBlocked, archive.StateSoft404, archive.StateError, archive.StateMissing, archive.StateGone,
		archive.StateMoved:
		return false
	}
	return true
}

// readFrame reads a document that is the body of another page. Without a <title> of its
// own it has no head either: what looks like a byline there (a contact, the date below a
// signature) is text.
func readFrame(p Page) *reading {
	rd := read(p)
	if rd.v.keyTitle != "" {
		return rd
	}
	rd.head, rd.fields, rd.body = head{}, fields{}, body{elem: -1}
	for i := range rd.v.blocks {
		if rd.v.blocks[i].flags&fHidden == 0 && rd.lines[i] != lineTool && rd.lines[i] != lineLegal {
			rd.body.blocks = append(rd.body.blocks, i)
		}
	}
	rd.drop = readCredits(rd.v, rd.lines, rd.body, rd.head, &rd.fields)
	return rd
}

// adopt appends another page's paragraphs, pictures and documents.
func (a *Article) adopt(rd *reading, frame bool) {
	ps := paragraphs(rd.v, rd.body.blocks, rd.drop)
	if frame {
		a.Paragraphs, a.Images = nil, []Image{} // the page around it has a banner, no text
		a.Provenance["body"] = Provenance{Rule: "iframe", Confidence: .9, Raw: rd.v.url}
	}
	a.Paragraphs = append(a.Paragraphs, ps...)
	a.Body = joinBody(a.Paragraphs)
	a.Images = append(a.Images, images(rd.v, rd.body)...)
	a.Attachments = append(a.Attachments, attachments(rd.v, rd.body, rd.head)...)
	for name, have := range map[string]Text{"author": a.Author, "editor": a.Editor, "contributor": a.Contributor} {
		if have != "" {
			continue
		}
		var f *field
		switch name { // a split article ends with its credits
		case "author":
			f = &rd.fields.author
		case "editor":
			f = &rd.fields.editor
		case "contributor":
			f = &rd.fields.contributor
		}
		pr, ok := f.provenance()
		if !ok {
			continue
		}
		c, _ := f.best()
		a.Provenance[name] = pr
		switch name {
		case "author":
			a.Author = Text(c.Value)
		case "editor":
			a.Editor = Text(c.Value)
		case "contributor":
			a.Contributor = Text(c.Value)
		}
	}
}
