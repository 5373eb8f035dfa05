package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Model is what was learnt about the pages of one site: per kind of address (host and path
// with its numbers taken out) the lines that all pages share, the title's suffix, the
// element around the text and the one around the byline. It is data: written as JSON, shown
// by `sites show`, and worth nothing without the generic rules, which check it on each page.
type Model struct {
	Format  string         `json:"format"` // "cundang-model/1"
	Site    string         `json:"site"`
	Version int            `json:"version"` // counts the changes
	Digest  string         `json:"digest"`  // of what follows
	Pages   int            `json:"pages"`   // articles it was learnt from
	Groups  []LearnedGroup `json:"groups"`
}

// LearnedGroup is one kind of address. Empty fields were not accepted; Why says why not.
type LearnedGroup struct {
	Pattern   string   `json:"pattern"`
	Pages     int      `json:"pages"`
	Container Vote     `json:"container"`
	Byline    Vote     `json:"byline"`
	Suffix    Vote     `json:"suffix"`
	Lines     []string `json:"lines"` // boilerplate, letters and digits only
	Why       []string `json:"why"`
}

// Vote is a value with its share of the pages; Value is "" when it was not accepted.
type Vote struct {
	Value string  `json:"value"`
	Share float64 `json:"share"`
}

// The rules of acceptance. Measured: lines on 15 of 100 pages were boilerplate on every one
// of 52 pages; an element with 60 of 100 votes was never wrong where the check on the page
// held.
const (
	modelFormat   = "cundang-model/1"
	learnPages    = 5   // articles of one pattern, at least
	learnVotes    = .6  // share of votes for an element or a suffix
	learnLines    = .15 // share of pages a repeated line stands on
	learnMinLines = 3   // and pages at least
)

// pageVote is what one page says for its pattern.
type pageVote struct {
	container, byline, suffix string
	lines                     []string
}

// Learn reads the pages of one site generically and returns what they share. It does no
// I/O; the caller chooses the pages (the newest capture of each article is a good choice).
// prev is the model in use, nil if there is none: the version goes up when something changed.
func Learn(site string, pages []Page, prev *Model) Model {
	m := Model{Format: modelFormat, Site: site, Groups: []LearnedGroup{}}
	votes := map[string][]pageVote{}
	for i := range pages { // first the lines that pages share
		if rd := trainingPage(&pages[i]); rd != nil {
			votes[Pattern(pages[i].URL)] = append(votes[Pattern(pages[i].URL)], pageVote{lines: rd.lineKeys()})
			m.Pages++
		}
	}
	shared := map[string]map[string]bool{}
	for p, ls := range votes {
		shared[p] = commonLines(ls)
	}
	next := map[string]int{}
	for i := range pages { // then where the text stands without them
		if rd := trainingPage(&pages[i]); rd != nil {
			p := Pattern(pages[i].URL)
			l := rd.pageVote(shared[p])
			l.lines = votes[p][next[p]].lines
			votes[p][next[p]] = l
			next[p]++
		}
	}
	var pats []string
	for p := range votes {
		pats = append(pats, p)
	}
	sort.Strings(pats)
	for _, p := range pats {
		m.Groups = append(m.Groups, learnGroup(p, votes[p], shared[p]))
	}
	m.Digest = m.digest()
	m.Version = 1
	if prev != nil {
		m.Version = prev.Version
		if prev.Digest != m.Digest {
			m.Version++
		}
	}
	return m
}

func (m *Model) digest() string {
	b, err := json.Marshal(m.Groups)
	if err != nil { // strings and numbers always encode
		return ""
	}
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}

// ParseModel reads a model that was written as JSON.
func ParseModel(b []byte) (*Model, error) {
	var m Model
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if m.Format != modelFormat {
		return nil, fmt.Errorf("read model of %s: format %q is not %q", m.Site, m.Format, modelFormat)
	}
	return &m, nil
}

// Pattern is the kind of an address: its host and its path with every number as "#" and without
// query values. Pages of one template share it.
func Pattern(url string) string {
	if i := strings.Index(url, "://"); i >= 0 {
		url = url[i+3:]
	}
	path, query, has := strings.Cut(url, "?")
	host, path, _ := strings.Cut(path, "/")
	var b strings.Builder
	b.WriteString(host + "/")
	num := false
	for _, r := range path {
		if r >= '0' && r <= '9' {
			if !num {
				b.WriteByte('#')
			}
			num = true
			continue
		}
		num = false
		b.WriteRune(r)
	}
	if has {
		b.WriteByte('?')
		for i, q := range strings.Split(query, "&") {
			if i > 0 {
				b.WriteByte('&')
			}
			name, _, _ := strings.Cut(q, "=")
			b.WriteString(name)
		}
	}
	return b.String()
}

// trainingPage reads a page generically; nil if it is no article.
func trainingPage(p *Page) *reading {
	q := *p
	q.Model = nil
	rd := read(q)
	if rd.kind != KindArticle || len(rd.body.blocks) == 0 {
		return nil
	}
	return rd
}

// lineKeys are the lines of a body that could be boilerplate, each once.
func (rd *reading) lineKeys() []string {
	seen := map[string]bool{}
	var out []string
	for _, i := range rd.body.blocks {
		if k := lineKey(rd.v, i); k != "" && !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// commonLines are the lines that stand on enough pages of a pattern.
func commonLines(ls []pageVote) map[string]bool {
	n := map[string]int{}
	for i := range ls {
		for _, k := range ls[i].lines {
			n[k]++
		}
	}
	out := map[string]bool{}
	for k, c := range n {
		if len(ls) >= learnPages && c >= learnMinLines && float64(c) >= learnLines*float64(len(ls)) {
			out[k] = true
		}
	}
	return out
}

// pageVote says what one generic reading teaches: the smallest element around the text that
// is this page's own.
func (rd *reading) pageVote(shared map[string]bool) pageVote {
	v := rd.v
	var l pageVote
	lo, hi := -1, -1
	for _, i := range rd.body.blocks {
		if k := lineKey(v, i); k == "" || !shared[k] {
			if lo < 0 {
				lo = i
			}
			hi = i
		}
	}
	if lo >= 0 && rd.body.agreement >= .7 {
		l.container = v.signature(v.around(lo, hi))
	}
	if h := rd.head; h.byLo < h.byHi && h.dated() {
		l.byline = v.signature(v.around(h.byLo, h.byHi-1))
	}
	if t, ok := rd.fields.title.best(); ok && strings.HasPrefix(t.Rule, "line") && strings.HasPrefix(v.docTitle, t.Value) {
		l.suffix = strings.TrimSpace(v.docTitle[len(t.Value):])
	}
	return l
}

// lineKey is a line of a body that could be boilerplate, "" for those that notices repeat
// by right: signatures, dates, numbered headings, salutations, contacts.
func lineKey(v *view, i int) string {
	b := &v.blocks[i]
	s := v.str(i)
	if b.chars < 10 || b.chars > 200 || v.dataTable(i) >= 0 || isOrg(s) {
		return ""
	}
	switch lastRune(s) {
	case '：', ':', '；':
		return ""
	}
	if strings.ContainsRune("一二三四五六七八九十（(1234567890各附", firstRune(s)) {
		return ""
	}
	if _, _, _, ok := findDate(s); ok && b.chars < 20 {
		return ""
	}
	if containsAny(s, []string{"通知", "联系", "电话", "邮箱", "地址", "特此"}) &&
		!containsAny(s, []string{"版权", "转载", "本网", "本站"}) {
		return ""
	}
	return string(squeeze(nil, s))
}

// learnGroup counts the votes of one pattern.
func learnGroup(pattern string, ls []pageVote, shared map[string]bool) LearnedGroup {
	g := LearnedGroup{Pattern: pattern, Pages: len(ls), Lines: []string{}, Why: []string{}}
	if len(ls) < learnPages {
		g.Why = append(g.Why, fmt.Sprintf("%d pages of %d", len(ls), learnPages))
		return g
	}
	vote := func(name string, pick func(*pageVote) string) Vote {
		n := map[string]int{}
		for i := range ls {
			if s := pick(&ls[i]); s != "" {
				n[s]++
			}
		}
		best := ""
		for s, k := range n {
			if best == "" || k > n[best] || k == n[best] && s < best {
				best = s
			}
		}
		share := round(float64(n[best]) / float64(len(ls)))
		if best == "" || share < learnVotes {
			g.Why = append(g.Why, fmt.Sprintf("%s: %.0f %% of votes for %q", name, 100*share, best))
			return Vote{Share: share}
		}
		return Vote{Value: best, Share: share}
	}
	g.Container = vote("container", func(l *pageVote) string { return l.container })
	g.Byline = vote("byline", func(l *pageVote) string { return l.byline })
	g.Suffix = vote("suffix", func(l *pageVote) string { return l.suffix })
	for k := range shared {
		g.Lines = append(g.Lines, k)
	}
	slices.Sort(g.Lines)
	return g
}

// around is the innermost element that covers two blocks.
func (v *view) around(lo, hi int) int32 {
	e := v.blocks[lo].elem
	for e >= 0 && !v.within(hi, e) {
		e = v.elems[e].parent
	}
	if e > 0 && lo == hi && v.elems[e].hi-v.elems[e].lo == 1 && !named(&v.elems[e]) {
		e = v.elems[e].parent // a single paragraph: its parent is the container
	}
	return e
}

func named(e *elem) bool { return attr(e.node, "id") != "" || attr(e.node, "class") != "" }

// signature names an element by its tag, id and classes, and by its ancestors' up to the
// first that has an id or a class. Names with numbers in them belong to one page.
func (v *view) signature(e int32) string {
	var parts []string
	for ; e >= 0 && len(parts) < 5; e = v.elems[e].parent {
		s, ok := elemName(&v.elems[e])
		parts = append(parts, s)
		if ok {
			break
		}
	}
	slices.Reverse(parts)
	if n := len(parts); n == 0 || parts[n-1] == "body" || parts[n-1] == "html" {
		return ""
	}
	return strings.Join(parts, " > ")
}

func elemName(e *elem) (string, bool) {
	s := e.node.Data
	if id := attr(e.node, "id"); id != "" && !strings.ContainsAny(id, "0123456789 ") {
		return s + "#" + id, true
	}
	ok := false
	for _, c := range strings.Fields(attr(e.node, "class")) {
		if !strings.ContainsAny(c, "0123456789") {
			s += "." + c
			ok = true
		}
	}
	return s, ok
}
