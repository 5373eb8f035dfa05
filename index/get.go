package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index/zh"
)

// totals reads the sums kept beside the documents.
func (r *reader) totals() (totals, error) {
	var t totals
	raw, err := r.snap.GetInternal(keyTotals)
	if err != nil {
		return t, fmt.Errorf("read totals: %w", err)
	}
	if raw == nil {
		return t, nil
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, &DamagedError{r.x.dir, err}
	}
	return t, nil
}

// seg finds the segment of a document.
func (r *reader) seg(doc uint32) (seg, uint64) {
	s := r.segs[r.part(doc)]
	return s, uint64(doc - s.base)
}

// stored reads the blocks of a document: those of head and text that are asked for.
func (r *reader) stored(doc uint32, wantHead, wantText bool) (h head, t texts, err error) {
	var p page
	var hb []byte
	if wantHead {
		err = r.visit(doc, fHead, func(value []byte) error { hb = slices.Clone(value); return nil })
		if err == nil {
			h, err = decodeHead(hb)
		}
	}
	if err == nil && wantText {
		if err = r.page(doc, &p); err == nil {
			t = p.texts()
		}
	}
	if err != nil {
		return h, t, &DamagedError{r.x.dir, err}
	}
	return h, t, nil
}

// page reads the texts of a document.
func (r *reader) page(doc uint32, p *page) error { return r.visit(doc, fTexts, p.read) }

// visit hands over the stored value of a field; it is valid until f returns.
func (r *reader) visit(doc uint32, field string, f func(value []byte) error) error {
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

// stands is a document and its key.
type stands struct {
	key string
	doc uint32
}

// versionsOf lists the documents of an article, oldest version first.
func (r *reader) versionsOf(id string) (out []stands, err error) {
	from, to := []byte(id+" "), []byte(id+"!") // keys have a space after the ID
	for i, s := range r.segs {
		dict, err := r.dictionary(i, "_id")
		if err != nil {
			return nil, err
		}
		for it := dict.AutomatonIterator(nil, from, to); ; {
			e, err := it.Next()
			if err != nil {
				return nil, err
			}
			if e == nil {
				break
			}
			if err := r.eachHaving(dict, e.Term, func(doc uint32) {
				if s.dead == nil || !s.dead.has(doc) {
					out = append(out, stands{e.Term, s.base + doc})
				}
			}); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(out, func(a, b stands) int { return strings.Compare(a.key, b.key) })
	return out, nil
}

// key is the key of a document.
func (r *reader) key(doc uint32) (string, error) {
	s, local := r.seg(doc)
	b, err := s.DocID(local)
	return string(b), err
}

// history reads all documents of an article, waiting states included, oldest version first.
func (r *reader) history(id string) ([]version, error) {
	all, err := r.versionsOf(id)
	if err != nil {
		return nil, fmt.Errorf("article %s: %w", id, err)
	}
	var out []version
	for _, d := range all {
		h, t, err := r.stored(d.doc, true, true)
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", id, err)
		}
		out = append(out, version{d.key, h, t})
	}
	return out, nil
}

// numbered finds which version of how many a document is.
func (r *reader) numbered(key string) (version, versions int, err error) {
	id, _, _ := strings.Cut(key, " ")
	if key != waitingKey(id) && r.alone(id) {
		return 1, 1, nil
	}
	all, err := r.versionsOf(id)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range all {
		if d.key == waitingKey(id) {
			continue
		}
		versions++
		if d.key == key {
			version = versions
		}
	}
	return version, versions, nil
}

// Article returns a stored article: the newest version, or the one that stood at the moment
// at (zero: newest), with the state and the last capture of that moment. ErrNotFound when
// there is none.
func (x *Index) Article(ctx context.Context, id string, at time.Time) (a extract.Article, err error) {
	all, err := x.versions(ctx, id, unixNano(at))
	if err != nil {
		return a, err
	}
	if len(all) == 0 {
		return a, fmt.Errorf("article %s: %w", id, ErrNotFound)
	}
	return all[len(all)-1], nil
}

// Versions returns every version of an article, oldest first, each with its last capture.
// The state of a version is what was seen while it stood. ErrNotFound when there is none.
func (x *Index) Versions(ctx context.Context, id string) ([]extract.Article, error) {
	all, err := x.versions(ctx, id, 0)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("article %s: %w", id, ErrNotFound)
	}
	return all, err
}

func (x *Index) versions(ctx context.Context, id string, at int64) (all []extract.Article, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, done, err := x.read()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer r.damage(&err)
	history, err := r.history(id)
	if err != nil {
		return nil, err
	}
	cut := zh.NewCutter(r.x.dict)
	total := 0
	for _, v := range history {
		if v.key != waitingKey(id) {
			total++
		}
	}
	for _, v := range history {
		if v.key == waitingKey(id) || at != 0 && v.head.Seen[0].At > at {
			continue
		}
		a := join(v.head, v.text, true)
		nameIn(cut, &a, v.text)
		asOf(&a, v.head, at)
		a.Version, a.Versions = len(all)+1, total
		all = append(all, a)
	}
	return all, nil
}

// asOf sets capture and state to what they were at a moment (0: now).
func asOf(a *extract.Article, h head, at int64) {
	if at == 0 {
		return
	}
	last, state := run{seen: h.Seen}.last(at)
	a.State = extract.State(state)
	a.Fetched = time.Unix(0, last.At).In(shanghai)
	a.Capture = nil
	if last.Ref != "" || last.Digest != "" {
		a.Capture = &extract.CaptureRef{Ref: last.Ref, Digest: last.Digest}
	}
}

// damage turns a panic inside bleve, which reads mapped files without checking, into a DamagedError.
func (r *reader) damage(err *error) {
	if p := recover(); p != nil {
		*err = &DamagedError{r.x.dir, fmt.Errorf("%v", p)}
	}
}
