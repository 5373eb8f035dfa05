package index

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/extract"
	"cundang/internal/zone"
)

// Put adds article versions and remembers position, in one atomic batch: after a crash
// either all of it is there or nothing. An article that was already put with the same
// content only refreshes its last capture; a changed one becomes the next version. Versions
// are ordered by Fetched: the order of Puts makes no difference. The same capture (Fetched
// and Capture.Ref) put again with other content, as after a change of the reading rules, replaces what
// was read before.
//
// A capture that only tells what became of a page is an Article with ID, URL, Fetched,
// Capture and State missing or gone, and without title, body, paragraphs and attachments:
// the last content stays, its state changes.
//
// Several hundred articles a call are best: each call is a synced write.
func (x *Index) Put(ctx context.Context, position string, articles ...extract.Article) error {
	x.write.Lock()
	defer x.write.Unlock()
	if x.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := x.put(ctx, position, articles); err != nil {
		return fmt.Errorf("put %d articles: %w", len(articles), err)
	}
	return nil
}

func (x *Index) put(ctx context.Context, position string, articles []extract.Article) (err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return err
	}
	defer done(&err)
	changes, err := r.plan(ctx, articles)
	if err != nil {
		return err
	}
	before, err := r.View.Position(ctx)
	if err != nil {
		return err
	}
	todo := strings.HasSuffix(before, ungrouped)
	if !todo {
		x.pending = newPending(true)
	}
	fresh := x.pending
	if fresh.remember(changes) || todo {
		position += ungrouped
	}
	b := Batch{Position: position}
	for _, old := range changes.drop {
		b.Delete = append(b.Delete, old.key)
	}
	for _, v := range changes.write {
		d, err := v.document()
		if err != nil {
			return err
		}
		b.Put = append(b.Put, d)
	}
	if err := x.engine.Write(ctx, b); err != nil {
		x.pending = newPending(false) // it may be there all the same
		return err
	}
	x.pending = fresh
	return nil
}

// changes is what a Put does to the documents.
type changes struct {
	drop  []version
	write []version
}

// plan merges articles into the histories they belong to. Documents that stay as they are
// are neither dropped nor written.
func (r *reader) plan(ctx context.Context, articles []extract.Article) (changes, error) {
	var out changes
	byID := map[string][]extract.Article{}
	var order []string
	for _, a := range articles {
		if a.ID == "" || strings.ContainsAny(a.ID, " \x00") {
			return out, fmt.Errorf("article %q (%s): an ID without spaces is needed", a.ID, a.URL)
		}
		if byID[a.ID] == nil {
			order = append(order, a.ID)
		}
		byID[a.ID] = append(byID[a.ID], a)
	}
	for ids := range slices.Chunk(order, manyArticles) {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		old, err := r.histories(ctx, ids...)
		if err != nil {
			return out, err
		}
		for _, id := range ids {
			if err := merge(&out, id, old[id], byID[id]); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// merge adds the changes to one article's history.
func merge(out *changes, id string, old []version, fresh []extract.Article) error {
	type capture struct {
		at  int64
		ref string
	}
	seen := map[capture]observation{}
	source := map[string]version{} // content → who has it
	newest := map[string]int64{}   // content → when last read
	for _, v := range old {
		for _, o := range v.head.Seen {
			seen[capture{o.At, o.Ref}] = o
			if o.Content != "" && o.At >= newest[o.Content] {
				source[o.Content], newest[o.Content] = v, o.At
			}
		}
	}
	for _, a := range fresh {
		o, err := observe(a)
		if err != nil {
			return err
		}
		if before := seen[capture{o.At, o.Ref}]; o.Content == "" && before.Content != "" {
			before.State = o.State // a state told by the capture that also had content
			o = before
		}
		seen[capture{o.At, o.Ref}] = o
		if at, ok := newest[o.Content]; o.Content != "" && (!ok || o.At >= at) && !stateOnly(a) {
			h, t := split(a)
			if before, ok := source[o.Content]; ok && !named(h.Article) { // they follow from the content
				b := before.head.Article
				h.Article.People, h.Article.Places, h.Article.Organizations = b.People, b.Places, b.Organizations
			}
			h.Copies = source[o.Content].head.Copies
			source[o.Content], newest[o.Content] = version{head: h, text: t}, o.At
		}
	}
	all := make([]observation, 0, len(seen))
	for _, o := range seen {
		all = append(all, o)
	}
	versions, waiting := runs(all)

	want := make([]version, 0, len(versions)+1)
	for i, r := range versions {
		v := source[r.content]
		v.key = r.key(id)
		v.head.Seen = r.seen
		v.head.Until = 0
		if i+1 < len(versions) {
			v.head.Until = versions[i+1].seen[0].At
		}
		last, state := r.last(0)
		v.head.Article.ID = id
		v.head.Article.State = extract.State(state)
		v.head.Article.Fetched = time.Unix(0, last.At).In(zone.China)
		v.head.Article.Capture = nil
		if last.Ref != "" || last.Digest != "" {
			v.head.Article.Capture = &extract.CaptureRef{Ref: last.Ref, Digest: last.Digest}
		}
		v.head.Article.Version, v.head.Article.Versions, v.head.Article.Since = 0, 0, time.Time{}
		want = append(want, v)
	}
	if len(waiting) > 0 {
		want = append(want, version{key: waitingKey(id), head: head{Article: extract.Article{ID: id, Kind: extract.KindOther}, Seen: waiting, Until: 1}})
	}
	for _, v := range old {
		if i := slices.IndexFunc(want, func(w version) bool { return w.key == v.key }); i >= 0 {
			if sameVersion(v.head, want[i].head) {
				want = slices.Delete(want, i, i+1)
				continue
			}
		}
		out.drop = append(out.drop, v)
	}
	out.write = append(out.write, want...)
	return nil
}

// sameVersion says whether nothing has to be written. The key holds the content, so what
// can differ is what was seen, and what the reading rules added to the content.
func sameVersion(a, b head) bool {
	ja, errA := json.Marshal(a)
	jb, errB := json.Marshal(b)
	return errA == nil && errB == nil && cmp.Compare(string(ja), string(jb)) == 0
}
