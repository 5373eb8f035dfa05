package bleve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cundang/index"

	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// view is a frozen view of the index, for one goroutine.
type view struct {
	e      *Engine
	snap   *scorch.IndexSnapshot
	number int // from 1
	segs   []seg
	total  int // documents, deleted ones included
	dicts  map[string][]segment.TermDictionary
	pl     segment.PostingsList // memory to use again
	it     segment.PostingsIterator
	sets   []docSet // lent until the view is closed
	within map[*index.Compiled]docSet
	close  sync.Once
}

var _ index.View = (*view)(nil)

// seg is a segment and where its documents begin in the numbering of the whole.
type seg struct {
	*scorch.SegmentSnapshot
	base uint32
	size uint32
	dead docSet // deleted documents, nil for none
	warm *warmSegment
}

// View implements index.Engine.
func (e *Engine) View(context.Context) (index.View, error) {
	v, err := e.view()
	if err != nil {
		return nil, err // not a nil *view
	}
	return v, nil
}

// view opens a view and keeps the index open until it is closed.
func (e *Engine) view() (r *view, err error) {
	e.mu.RLock()
	defer func() {
		if r == nil {
			e.mu.RUnlock()
		}
	}()
	defer recovered(e.dir, &err)
	if e.store == nil {
		return nil, index.ErrClosed
	}
	ir, err := e.store.Reader()
	if err != nil {
		return nil, fmt.Errorf("open index reader: %w", err)
	}
	snap, ok := ir.(*scorch.IndexSnapshot)
	if !ok {
		return nil, errors.Join(fmt.Errorf("index reader is a %T", ir), ir.Close())
	}
	v := &view{e: e, snap: snap}
	kept, number := e.warm.view(snap)
	v.number = number
	for i, s := range snap.Segments() {
		n := uint32(s.FullSize())
		v.segs = append(v.segs, seg{s, uint32(v.total), n, deadIn(s, n), kept[i]})
		v.total += int(n)
	}
	return v, nil
}

// Close implements index.View.
func (r *view) Close() (err error) {
	r.close.Do(func() {
		r.release()
		err = r.snap.Close()
		r.e.mu.RUnlock()
	})
	return err
}

// Number implements index.View.
func (r *view) Number() int { return r.number }

// damage turns a panic inside bleve into a DamagedError.
func (r *view) damage(err *error) {
	if p := recover(); p != nil {
		*err = &index.DamagedError{Dir: r.e.dir, Err: fmt.Errorf("%v", p)}
	}
}

func deadIn(s *scorch.SegmentSnapshot, size uint32) docSet {
	deleted := s.Deleted()
	if deleted == nil || deleted.IsEmpty() {
		return nil
	}
	dead := newDocSet(int(size))
	for it := deleted.Iterator(); it.HasNext(); {
		dead.add(it.Next())
	}
	return dead
}

// dropDeleted takes the deleted documents out of a set.
func (r *view) dropDeleted(set docSet) {
	for _, s := range r.segs {
		s.dead.each(func(doc uint32) { set.remove(s.base + doc) })
	}
}

// part is the segment of a document.
func (r *view) part(doc uint32) int {
	i := len(r.segs) - 1
	for i > 0 && doc < r.segs[i].base {
		i--
	}
	return i
}

// seg finds the segment of a document.
func (r *view) seg(doc uint32) (seg, uint64) {
	s := r.segs[r.part(doc)]
	return s, uint64(doc - s.base)
}

// totals are sums over all documents, for average lengths.
type totals struct {
	Docs  int   `json:"docs"`
	Words int64 `json:"words"`
}

// totals reads the sums kept beside the documents.
func (r *view) totals() (totals, error) {
	var t totals
	raw, err := r.snap.GetInternal(keyTotals)
	if err != nil {
		return t, fmt.Errorf("read totals: %w", err)
	}
	if raw == nil {
		return t, nil
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, &index.DamagedError{Dir: r.e.dir, Err: err}
	}
	return t, nil
}

// Position implements index.View.
func (r *view) Position(context.Context) (string, error) {
	raw, err := r.snap.GetInternal(keyPosition)
	return string(raw), err
}

// Head implements index.View.
func (r *view) Head(_ context.Context, at index.Place) (head []byte, err error) {
	defer r.damage(&err)
	err = r.visit(uint32(at), fHead, func(b []byte) (err error) { head, err = unpackHead(b); return err })
	if err != nil {
		return nil, &index.DamagedError{Dir: r.e.dir, Err: err}
	}
	return head, nil
}

// Text implements index.View.
func (r *view) Text(_ context.Context, at index.Place, t *index.Text) (err error) {
	defer r.damage(&err)
	if err := r.text(uint32(at), t); err != nil {
		return &index.DamagedError{Dir: r.e.dir, Err: err}
	}
	return nil
}

func (r *view) text(doc uint32, t *index.Text) error {
	return r.visit(doc, fTexts, func(b []byte) error { return unpackTexts(b, t) })
}

// visit hands over the stored value of a field; it is valid until f returns.
func (r *view) visit(doc uint32, field string, f func(value []byte) error) error {
	if int(doc) >= r.total {
		return fmt.Errorf("stored document: no number %d", doc)
	}
	s, local := r.seg(doc)
	found := false
	var failed error
	err := s.VisitDocument(local, func(name string, _ byte, value []byte, _ []uint64) bool {
		if name != field {
			return true
		}
		found, failed = true, f(value)
		return false
	})
	if err == nil && !found {
		err = fmt.Errorf("stored document: no field %s", field)
	}
	return errors.Join(err, failed)
}

// key is the key of a document.
func (r *view) key(doc uint32) (string, error) {
	s, local := r.seg(doc)
	b, err := s.DocID(local)
	return string(b), err
}

// Documents implements index.View.
func (r *view) Documents(_ context.Context, ids ...string) (out []index.Ref, err error) {
	defer r.damage(&err)
	for _, id := range ids {
		for i := range r.segs {
			if out, err = r.documentsIn(i, id, out); err != nil {
				return nil, &index.DamagedError{Dir: r.e.dir, Err: err}
			}
		}
	}
	slices.SortFunc(out, func(a, b index.Ref) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// lookup finds the document with a key.
func (r *view) lookup(key string) (doc uint32, ok bool, err error) {
	for i, s := range r.segs {
		dict, err := r.dictionary(i, "_id")
		if err != nil {
			return 0, false, err
		}
		err = r.eachHaving(dict, key, func(local uint32) {
			if s.dead == nil || !s.dead.has(local) {
				doc, ok = s.base+local, true
			}
		})
		if ok || err != nil {
			return doc, ok, err
		}
	}
	return 0, false, nil
}

// Key implements index.View.
func (r *view) Key(_ context.Context, at index.Place) (key string, err error) {
	defer r.damage(&err)
	return r.key(uint32(at))
}

// Values implements index.View.
func (r *view) Values(ctx context.Context, field string, f func(at index.Place, value string)) (err error) {
	defer r.damage(&err)
	for i, s := range r.segs {
		dict, err := r.dictionary(i, field)
		if err != nil {
			return err
		}
		n := 0
		err = r.terms(i, field, func(term string) error {
			if n++; n%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			return r.eachHaving(dict, term, func(doc uint32) {
				if s.dead == nil || !s.dead.has(doc) {
					f(index.Place(s.base+doc), term)
				}
			})
		})
		if err != nil {
			return fmt.Errorf("read field %s: %w", field, err)
		}
	}
	return nil
}

// Terms implements index.View.
func (r *view) Terms(_ context.Context, field string, f func(term string, documents int)) (err error) {
	defer r.damage(&err)
	if field == index.FieldWords {
		field = fWords
	}
	dict, err := r.snap.FieldDict(field)
	if err != nil {
		return err
	}
	for {
		e, err := dict.Next()
		if e == nil || err != nil {
			return errors.Join(err, dict.Close())
		}
		f(e.Term, int(e.Count))
	}
}

// Frequencies implements index.View.
func (r *view) Frequencies(_ context.Context, words []string) (documents int, having []int, err error) {
	defer r.damage(&err)
	sums, err := r.totals()
	if err != nil {
		return 0, nil, err
	}
	for _, w := range words {
		l, err := r.list(fWords, w)
		if err != nil {
			return 0, nil, err
		}
		having = append(having, l.count)
	}
	return sums.Docs, having, nil
}
