package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cundang/extract"
	"cundang/internal/zone"
)

// Reprints is everything in the archive with one text, in the order in which it was published.
type Reprints struct {
	Copies []Copy `json:"copies"` // the earliest first; at least the article asked for
}

// Copy is an article with a text that others have too.
type Copy struct {
	Article extract.Article `json:"article"` // without body and paragraphs
	Newest  bool            `json:"newest"`  // no later version of it has another text
	// What was changed against the first: how much of the shorter of both texts stands in the longer one, from 0 to 1,
	// and the characters of this one, punctuation left out.
	Shared float64 `json:"shared"`
	Length int     `json:"length"`
	Title  bool    `json:"retitled"` // it has another title
}

// Reprints lists the articles with the text of an article, its newest version. Of an article with several versions
// of that text it has the first. ErrNotFound when there is no such article.
func (x *Index) Reprints(ctx context.Context, id string) (out Reprints, err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return out, err
	}
	defer done(&err)
	if out, err = r.reprints(ctx, id); err != nil {
		return out, fmt.Errorf("reprints of %s: %w", id, err)
	}
	return out, nil
}

func (r *reader) reprints(ctx context.Context, id string) (out Reprints, err error) {
	all, err := r.history(ctx, id)
	if err != nil {
		return out, err
	}
	all = slices.DeleteFunc(all, func(v version) bool { return v.key == waitingKey(id) })
	if len(all) == 0 {
		return out, ErrNotFound
	}
	own := all[len(all)-1]
	if own.head.Copies != "" {
		if all, err = r.group(ctx, own.head.Copies); err != nil {
			return out, err
		}
	} else {
		all = []version{own}
	}
	slices.SortFunc(all, func(a, b version) int { return comparePublication(a.head, b.head, a.key, b.key) })
	docs := make([]ranked, len(all))
	for i, v := range all {
		docs[i].Key = v.key
	}
	of, err := r.numbered(ctx, docs)
	if err != nil {
		return out, err
	}
	first := signature{}
	for i, v := range all {
		s := signatureOf(v.text.Body)
		if i == 0 {
			first = s
		}
		c := Copy{Article: join(v.head, v.text, false), Newest: v.head.Until == 0, Length: len(content(nil, v.text.Body)),
			Title: v.text.Title != all[0].text.Title}
		c.Article.Since = time.Unix(0, v.head.Seen[0].At).In(zone.China)
		c.Article.Version, c.Article.Versions = of[v.key].version, of[v.key].versions
		c.Shared, _ = first.overlap(s)
		out.Copies = append(out.Copies, c)
	}
	return out, nil
}

// group reads the documents of a group, of each article the first version.
func (r *reader) group(ctx context.Context, group string) ([]version, error) {
	refs, err := r.members(ctx, group)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.Key, b.Key) })
	var out []version
	for _, ref := range refs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, t, err := r.stored(ctx, ref.Place)
		if err != nil {
			return nil, err
		}
		if n := len(out); n > 0 && articleID(out[n-1].key) == articleID(ref.Key) {
			if h.Until == 0 {
				out[n-1].head.Until = 0 // the newest version has the text too
			}
			continue
		}
		out = append(out, version{ref.Key, h, t})
	}
	return out, nil
}

// comparePublication orders documents by the date that they show, those without one last; of one day by the time when
// they were first seen.
func comparePublication(a, b head, keyA, keyB string) int {
	p, q := a.Article.Published.Time, b.Article.Published.Time
	if p.IsZero() != q.IsZero() {
		if p.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(p.Compare(q), cmp.Compare(a.Seen[0].At, b.Seen[0].At), strings.Compare(keyA, keyB))
}

// What the nodes of a network are.
const (
	BySource = "source" // the source that an article names, its site where it names none
	BySite   = "site"   // the site that it stands on
)

// Network is who publishes whose texts: of articles with the same text, the first was published by one, the others by
// those that reprint it.
type Network struct {
	By       string        `json:"by"`       // source or site
	Articles int           `json:"articles"` // that match and have a text in common with others
	Texts    int           `json:"texts"`
	Notice   string        `json:"notice,omitempty"` // on the query
	Nodes    []NetworkNode `json:"nodes"`            // those that are reprinted most first
	Edges    []NetworkEdge `json:"edges"`            // with the most texts first
}

// NetworkNode is a source.
type NetworkNode struct {
	Name     string `json:"name"`
	Origin   int    `json:"origin"`   // texts that others took over from it
	Reprints int    `json:"reprints"` // texts that it took over from others
}

// NetworkEdge is the texts that one source took over from another.
type NetworkEdge struct {
	From  string `json:"from"` // who published first
	To    string `json:"to"`   // who reprints
	Texts int    `json:"texts"`
	// First and Last are the days of the earliest and the latest reprint, "" when none has a date.
	First string `json:"first"`
	Last  string `json:"last"`
}

// Network counts, among the articles that match, which sources take over texts of which others. Articles
// of one source with the same text count once, as the first of them.
func (x *Index) Network(ctx context.Context, q Query, by string) (n Network, err error) {
	if by != BySource && by != BySite {
		return n, fmt.Errorf("network by %q: %s or %s", by, BySource, BySite)
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return n, err
	}
	defer done(&err)
	if n, err = r.network(ctx, q, by); err != nil {
		return n, fmt.Errorf("network of sources: %w", err)
	}
	return n, nil
}

func (r *reader) network(ctx context.Context, q Query, by string) (Network, error) {
	n := Network{By: by, Nodes: []NetworkNode{}, Edges: []NetworkEdge{}}
	q.Collapse = ""
	u, err := r.understand(ctx, q)
	if err != nil {
		return n, err
	}
	grouped := Clause{Op: OpLike, Field: FieldCopies, Terms: []string{"", ""}}
	found, err := r.Search(ctx, Request{Query: Compiled{All: grouped, Within: &u.query}, Size: -1})
	if err != nil {
		return n, err
	}
	type publication struct {
		name string
		head head
		key  string
	}
	texts := map[string][]publication{}
	for _, h := range found.Hits {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		d, err := r.head(ctx, h.Place)
		if err != nil {
			return n, err
		}
		p := publication{string(d.Article.Source), head{Article: extract.Article{Published: d.Article.Published},
			Seen: d.Seen[:1]}, h.Key}
		if by == BySite || p.name == "" {
			p.name = string(d.Article.Site)
		}
		texts[d.Copies] = append(texts[d.Copies], p)
	}
	nodes, edges := map[string]*NetworkNode{}, map[[2]string]*NetworkEdge{}
	node := func(name string) *NetworkNode {
		if nodes[name] == nil {
			nodes[name] = &NetworkNode{Name: name}
		}
		return nodes[name]
	}
	for _, all := range texts {
		if len(all) < 2 {
			continue // the others do not match
		}
		n.Articles, n.Texts = n.Articles+len(all), n.Texts+1
		slices.SortFunc(all, func(a, b publication) int { return comparePublication(a.head, b.head, a.key, b.key) })
		from := all[0].name
		seen := map[string]bool{from: true}
		for _, p := range all[1:] {
			if seen[p.name] {
				continue
			}
			seen[p.name] = true
			e := edges[[2]string{from, p.name}]
			if e == nil {
				e = &NetworkEdge{From: from, To: p.name}
				edges[[2]string{from, p.name}] = e
			}
			e.Texts++
			node(p.name).Reprints++
			if day := p.head.Article.Published.Time; !day.IsZero() {
				d := day.In(zone.China).Format(time.DateOnly)
				if e.First == "" || d < e.First {
					e.First = d
				}
				e.Last = max(e.Last, d)
			}
		}
		if len(seen) > 1 {
			node(from).Origin++
		}
	}
	n.Notice = u.notice()
	for _, v := range nodes {
		n.Nodes = append(n.Nodes, *v)
	}
	for _, e := range edges {
		n.Edges = append(n.Edges, *e)
	}
	slices.SortFunc(n.Nodes, func(a, b NetworkNode) int {
		return cmp.Or(cmp.Compare(b.Origin, a.Origin), cmp.Compare(b.Reprints, a.Reprints), strings.Compare(a.Name, b.Name))
	})
	slices.SortFunc(n.Edges, func(a, b NetworkEdge) int {
		return cmp.Or(cmp.Compare(b.Texts, a.Texts), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return n, nil
}

// NetworkHead names the columns of Rows.
func NetworkHead() []string { return []string{"from", "to", "texts", "first", "last"} }

// Rows returns the edges as a table.
func (n Network) Rows() [][]string {
	out := make([][]string, len(n.Edges))
	for i, e := range n.Edges {
		out[i] = []string{e.From, e.To, strconv.Itoa(e.Texts), e.First, e.Last}
	}
	return out
}
