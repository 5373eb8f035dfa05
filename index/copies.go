package index

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"cundang/extract"
)

// Articles with the same text are copies of each other, and so are those with the same text as a copy: groups are the
// connected components of the pairs that sameText names among those whose fingerprints agree in some bins. What a
// group is follows from the texts alone, not from the order in which they came. Its name is the least hash of its
// texts.
//
// Fingerprints are written with the documents; which groups there are is found afterwards, by Group, because one
// article may join two groups. Until then the position of the index says that it is to be done (see ungrouped).

// ungrouped ends the position that an engine remembers as long as articles have been put that Group has not seen.
const ungrouped = "\nungrouped"

// pending is what Group has to look at.
type pending struct {
	known  bool            // what is there since the index was opened is all
	keys   map[string]bool // documents with a new text
	groups map[string]bool // groups that lost a text
}

const (
	// candidates is with how many of the texts that agree most with it a text is compared.
	candidates = 256
	// groupBatch is how many documents are written at once.
	groupBatch = 512
	// manyPending are sooner found by a pass over all fingerprints than one by one.
	manyPending = 4096
)

// Group finds out which articles have the same text, of those put since it was last done. Puts wait meanwhile,
// searches do not. When ctx ends first, the rest is done the next time. CatchUp of a node, Settle, Optimize and
// Rebuild call it.
func (x *Index) Group(ctx context.Context) error {
	if x.opts.ReadOnly {
		return nil
	}
	x.write.Lock()
	defer x.write.Unlock()
	if err := x.group(ctx); err != nil {
		return fmt.Errorf("group articles by their texts: %w", err)
	}
	return nil
}

func (x *Index) group(ctx context.Context) (err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return err
	}
	defer done(&err)
	position, err := r.View.Position(ctx)
	if err != nil {
		return err
	}
	position, todo := strings.CutSuffix(position, ungrouped)
	if !todo {
		return nil
	}
	g := &grouping{r: r, index: map[Place]int{}, signatures: map[int]signature{}, refused: map[[2]int]bool{}}
	if x.pending.known {
		err = g.some(ctx, x.pending)
	} else {
		err = g.all(ctx)
	}
	if err == nil {
		err = g.write(ctx, position)
	}
	if err == nil {
		x.pending = newPending(true)
	}
	return err
}

// remember notes for Group what a Put changes, and says whether there is anything.
func (p *pending) remember(c changes) bool {
	type text struct{ body, group string }
	was, waits, stays := map[text]bool{}, map[string]bool{}, map[string]bool{}
	for _, v := range c.drop {
		was[text{v.text.Body, v.head.Copies}] = true
		if p.keys[v.key] {
			waits[v.text.Body] = true
			delete(p.keys, v.key)
		}
	}
	some := false
	for _, v := range c.write {
		stays[v.text.Body] = true
		if v.head.Article.Kind == extract.KindArticle && (waits[v.text.Body] || !was[text{v.text.Body, v.head.Copies}]) {
			p.keys[v.key], some = true, true
		}
	}
	for _, v := range c.drop {
		if v.head.Copies != "" && !stays[v.text.Body] {
			p.groups[v.head.Copies], some = true, true
		}
	}
	if len(p.keys)+len(p.groups) > manyPending {
		*p = newPending(false)
	}
	return some
}

func newPending(known bool) pending {
	return pending{known: known, keys: map[string]bool{}, groups: map[string]bool{}}
}

// grouping is a pass of Group.
type grouping struct {
	r     *reader
	nodes []textNode
	index map[Place]int
	// signatures are those of the texts compared last.
	signatures map[int]signature
	refused    map[[2]int]bool // pairs that were compared, and do not have the same text
}

// textNode is a document.
type textNode struct {
	place  Place
	key    string // once it was needed
	print  fingerprint
	parent int    // in the same group; itself for the first
	open   bool   // its group is to be found
	group  string // that it has; only of a node that was looked at
	looked bool
	text   uint64 // of its signature, once that was made
}

// node returns the number of a document.
func (g *grouping) node(at Place) int {
	i, ok := g.index[at]
	if !ok {
		i = len(g.nodes)
		g.index[at] = i
		g.nodes = append(g.nodes, textNode{place: at, parent: i})
	}
	return i
}

// byKey sorts documents by their keys, after what else is compared.
func (g *grouping) byKey(ctx context.Context, nodes []int, first func(a, b int) int) error {
	for _, i := range nodes {
		if g.nodes[i].key == "" {
			key, err := g.r.Key(ctx, g.nodes[i].place)
			if err != nil {
				return err
			}
			g.nodes[i].key = key
		}
	}
	slices.SortFunc(nodes, func(a, b int) int {
		return cmp.Or(first(a, b), strings.Compare(g.nodes[a].key, g.nodes[b].key))
	})
	return nil
}

func (g *grouping) root(i int) int {
	for g.nodes[i].parent != i {
		g.nodes[i].parent = g.nodes[g.nodes[i].parent].parent
		i = g.nodes[i].parent
	}
	return i
}

// join puts two documents into one group.
func (g *grouping) join(i, j int) {
	i, j = g.root(i), g.root(j)
	g.nodes[max(i, j)].parent = min(i, j)
}

// signatures kept, and pairs remembered as different.
const (
	keptSignatures = 2 * candidates
	keptRefused    = 1 << 20
)

// signature reads the text of a document.
func (g *grouping) signature(ctx context.Context, i int) (signature, error) {
	if s, ok := g.signatures[i]; ok {
		return s, nil
	}
	if err := g.r.Text(ctx, g.nodes[i].place, &g.r.text); err != nil {
		return signature{}, err
	}
	s := signatureOf(string(g.r.text.Body))
	if len(g.signatures) >= keptSignatures {
		clear(g.signatures)
	}
	g.signatures[i] = s
	g.nodes[i].text = s.text
	return s, nil
}

// compare joins two documents if they have the same text.
func (g *grouping) compare(ctx context.Context, i, j int) error {
	if g.root(i) == g.root(j) {
		return nil
	}
	pair := [2]int{min(i, j), max(i, j)}
	if g.refused[pair] {
		return nil
	}
	a, err := g.signature(ctx, i)
	if err != nil {
		return err
	}
	b, err := g.signature(ctx, j)
	if err != nil {
		return err
	}
	if a.sameText(b) {
		g.join(i, j)
		return nil
	}
	if len(g.refused) >= keptRefused {
		clear(g.refused)
	}
	g.refused[pair] = true
	return nil
}

// look reads the group that a document has.
func (g *grouping) look(ctx context.Context, i int) error {
	if g.nodes[i].looked {
		return nil
	}
	h, err := g.r.head(ctx, g.nodes[i].place)
	if err != nil {
		return err
	}
	g.nodes[i].group, g.nodes[i].looked = h.Copies, true
	return nil
}

// all finds the groups of all documents.
func (g *grouping) all(ctx context.Context) error {
	err := g.r.Values(ctx, FieldPrint, func(at Place, term string) {
		i := g.node(at)
		g.nodes[i].print.set(term)
		g.nodes[i].open = true
	})
	if err != nil {
		return err
	}
	err = g.r.Values(ctx, FieldCopies, func(at Place, group string) {
		i := g.node(at)
		g.nodes[i].group, g.nodes[i].open = group, true
	})
	if err != nil {
		return err
	}
	for i := range g.nodes {
		g.nodes[i].looked = true
	}
	order := make([]int, 0, len(g.nodes))
	for i := range bins {
		for j := range i {
			if err := ctx.Err(); err != nil {
				return err
			}
			order = order[:0]
			for n := range g.nodes {
				if p := &g.nodes[n].print; p[i] != 0 && p[j] != 0 {
					order = append(order, n)
				}
			}
			if err := g.agreeing(ctx, order, i, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// agreeing compares the documents whose fingerprints agree in two bins. Where very many do, those are compared
// that agree most: they stand side by side once they are sorted.
func (g *grouping) agreeing(ctx context.Context, order []int, i, j int) error {
	slices.SortFunc(order, func(a, b int) int {
		p, q := &g.nodes[a].print, &g.nodes[b].print
		return cmp.Or(cmp.Compare(p[i], q[i]), cmp.Compare(p[j], q[j]))
	})
	for from := 0; from < len(order); {
		to := from + 1
		p := &g.nodes[order[from]].print
		for to < len(order) && g.nodes[order[to]].print[i] == p[i] && g.nodes[order[to]].print[j] == p[j] {
			to++
		}
		same := order[from:to]
		if len(same) > candidates {
			err := g.byKey(ctx, same, func(a, b int) int { return slices.Compare(g.nodes[a].print[:], g.nodes[b].print[:]) })
			if err != nil {
				return err
			}
		}
		for a := range same {
			for b := a + 1; b < min(len(same), a+candidates); b++ {
				if err := g.compare(ctx, same[a], same[b]); err != nil {
					return err
				}
			}
			if len(same) > candidates && ctx.Err() != nil {
				return ctx.Err()
			}
		}
		from = to
	}
	return nil
}

// some finds the groups of the documents that are pending, and of those in groups that lost a text.
func (g *grouping) some(ctx context.Context, p pending) error {
	var todo []int
	for group := range p.groups {
		found, err := g.r.members(ctx, group)
		if err != nil {
			return err
		}
		for _, ref := range found {
			todo = append(todo, g.node(ref.Place))
		}
	}
	for key := range p.keys {
		all, err := g.r.Documents(ctx, articleID(key))
		if err != nil {
			return err
		}
		for _, ref := range all {
			if ref.Key == key {
				todo = append(todo, g.node(ref.Place))
			}
		}
	}
	slices.Sort(todo)
	todo = slices.Compact(todo)
	for _, i := range todo {
		g.nodes[i].open = true
		if err := g.look(ctx, i); err != nil {
			return err
		}
		if err := g.read(ctx, i); err != nil {
			return err
		}
	}
	for _, i := range todo {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := g.neighbours(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// read makes the fingerprint of a document.
func (g *grouping) read(ctx context.Context, i int) error {
	if err := g.r.Text(ctx, g.nodes[i].place, &g.r.text); err != nil {
		return err
	}
	g.nodes[i].print = fingerprintOf(string(g.r.text.Body))
	return nil
}

// neighbours compares a document with those whose fingerprints agree most with its own.
func (g *grouping) neighbours(ctx context.Context, i int) error {
	terms := g.nodes[i].print.terms()
	if len(terms) < agreeing {
		return nil
	}
	found, err := g.r.Search(ctx, Request{Query: Compiled{All: Clause{Op: OpValues, Field: FieldPrint, Terms: terms,
		N: agreeing}}, Size: -1})
	if err != nil {
		return err
	}
	var near []int
	for _, h := range found.Hits {
		j := g.node(h.Place)
		if j == i {
			continue
		}
		if g.nodes[j].print == (fingerprint{}) {
			if err := g.read(ctx, j); err != nil {
				return err
			}
		}
		near = append(near, j)
	}
	if len(near) > candidates {
		mine := &g.nodes[i].print
		err := g.byKey(ctx, near, func(a, b int) int { return g.nodes[b].print.agree(mine) - g.nodes[a].print.agree(mine) })
		if err != nil {
			return err
		}
		near = near[:candidates]
	}
	for _, j := range near {
		if err := g.compare(ctx, i, j); err != nil {
			return err
		}
	}
	return nil
}

// write names the groups and writes the documents whose group is another than it was.
func (g *grouping) write(ctx context.Context, position string) error {
	if err := g.joinWhole(ctx); err != nil {
		return err
	}
	w := &groupWriter{grouping: g, position: position, done: map[Place]bool{}}
	for _, nodes := range g.components() {
		if err := w.rename(ctx, nodes); err != nil {
			return err
		}
	}
	return w.flush(ctx, "")
}

// components lists the groups with a document whose group is to be found.
func (g *grouping) components() [][]int {
	all := make([][]int, len(g.nodes))
	open := make([]bool, len(g.nodes))
	for i, n := range g.nodes {
		first := g.root(i)
		all[first] = append(all[first], i)
		open[first] = open[first] || n.open
	}
	out := all[:0]
	for i, nodes := range all {
		if open[i] {
			out = append(out, nodes)
		}
	}
	return out
}

// joinWhole joins what was in one group before and is not to be looked at again.
func (g *grouping) joinWhole(ctx context.Context) error {
	first := map[string]int{}
	for _, nodes := range g.components() {
		for _, i := range nodes {
			if err := g.look(ctx, i); err != nil {
				return err
			}
			n := g.nodes[i]
			if n.open || n.group == "" {
				continue
			}
			if j, ok := first[n.group]; ok {
				g.join(i, j)
			} else {
				first[n.group] = i
			}
		}
	}
	return nil
}

// groupWriter writes documents with their groups.
type groupWriter struct {
	*grouping
	position string
	done     map[Place]bool
	out      []Document
}

// rename gives the documents of a group its name, and those of groups that it joins.
func (w *groupWriter) rename(ctx context.Context, nodes []int) error {
	name := ""
	whole := map[string]bool{} // groups that are in it as they were
	for _, i := range nodes {
		if len(nodes) == 1 {
			break // it stands alone
		}
		own := w.nodes[i].group
		if w.nodes[i].open || own == "" {
			if w.nodes[i].text == 0 {
				if _, err := w.signature(ctx, i); err != nil {
					return err
				}
			}
			own = groupName(w.nodes[i].text)
		} else {
			whole[own] = true
		}
		if name == "" || own < name {
			name = own
		}
	}
	for _, i := range nodes {
		if w.nodes[i].group != name {
			if err := w.put(ctx, w.nodes[i].place, name); err != nil {
				return err
			}
		}
	}
	delete(whole, name)
	for group := range whole {
		found, err := w.r.members(ctx, group)
		if err != nil {
			return err
		}
		for _, ref := range found {
			if err := w.put(ctx, ref.Place, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// put makes a document anew with another group, once.
func (w *groupWriter) put(ctx context.Context, at Place, name string) error {
	if w.done[at] {
		return nil
	}
	w.done[at] = true
	key, err := w.r.Key(ctx, at)
	if err != nil {
		return err
	}
	h, t, err := w.r.stored(ctx, at)
	if err != nil {
		return err
	}
	h.Copies = name
	d, err := version{key, h, t}.document()
	if err != nil {
		return err
	}
	if w.out = append(w.out, d); len(w.out) < groupBatch {
		return nil
	}
	return w.flush(ctx, ungrouped)
}

func (w *groupWriter) flush(ctx context.Context, mark string) error {
	err := w.r.x.engine.Write(ctx, Batch{Put: w.out, Position: w.position + mark})
	w.out = w.out[:0]
	return err
}

// groupName names a group after the least hash of its texts, so that names sort as hashes do.
func groupName(text uint64) string {
	return hexOrder.EncodeToString(binary.BigEndian.AppendUint64(nil, text))
}

// hexOrder is base64 with digits in the order of their code points.
var hexOrder = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").
	WithPadding(base64.NoPadding)

// members lists the documents of a group.
func (r *reader) members(ctx context.Context, group string) ([]Ref, error) {
	found, err := r.Search(ctx, Request{Query: Compiled{All: values(FieldCopies, group)}, Size: -1})
	if err != nil {
		return nil, err
	}
	out := make([]Ref, len(found.Hits))
	for i, h := range found.Hits {
		out[i] = h.Ref
	}
	return out, nil
}
