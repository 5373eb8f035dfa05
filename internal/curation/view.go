package curation

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"cundang/archive"
	"cundang/archive/cdx"
	"cundang/extract"
	"cundang/index"
)

// Index is an index as somebody may see it: without what is hidden from them, an article that is merged into another
// in the place of none. Who asks is in the context, see For.
type Index struct {
	index *index.Index
	rules *Rules
}

// NewIndex returns a view of an index.
func NewIndex(x *index.Index, rules *Rules) *Index { return &Index{x, rules} }

// Search is index.Index.Search; its hits have their tags.
func (x *Index) Search(ctx context.Context, q index.Query) (index.Result, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.Result{}, err
	}
	r, err := x.index.Search(ctx, q)
	if err != nil {
		return r, err
	}
	state, err := x.rules.Store.State()
	if err != nil {
		return index.Result{}, err
	}
	for i := range r.Hits {
		h := &r.Hits[i]
		h.Tags = state.Tags(h.Article.ID)
		_, h.Hidden = state.Hidden(h.Article.ID, x.rules.now())
	}
	return r, nil
}

// Article is index.Index.Article; of an article that is merged into another it returns that one.
func (x *Index) Article(ctx context.Context, id string, at time.Time) (extract.Article, error) {
	id, err := x.resolve(ctx, id)
	if err != nil {
		return extract.Article{}, err
	}
	a, err := x.index.Article(ctx, id, at)
	if err == nil {
		err = x.rules.Article(ctx, a.ID, string(a.Site))
	}
	if err != nil {
		return extract.Article{}, err
	}
	return a, nil
}

// Versions is index.Index.Versions; of an article that is merged into another it returns those of that one.
func (x *Index) Versions(ctx context.Context, id string) ([]extract.Article, error) {
	id, err := x.resolve(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := x.index.Versions(ctx, id)
	if err == nil && len(all) > 0 {
		err = x.rules.Article(ctx, id, string(all[len(all)-1].Site))
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// resolve returns the article that is shown for one.
func (x *Index) resolve(ctx context.Context, id string) (string, error) {
	state, err := x.rules.Store.State()
	if err != nil {
		return "", err
	}
	if err := x.rules.Article(ctx, id, ""); err != nil {
		return "", err
	}
	return state.Resolve(id), nil
}

// All is index.Index.All.
func (x *Index) All(ctx context.Context, q index.Query) iter.Seq2[extract.Article, error] {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return func(yield func(extract.Article, error) bool) { yield(extract.Article{}, err) }
	}
	return x.index.All(ctx, q)
}

// Changes is index.Index.Changes.
func (x *Index) Changes(ctx context.Context, q index.Query) ([]index.Change, int, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	return x.index.Changes(ctx, q)
}

// Trend is index.Index.Trend.
func (x *Index) Trend(ctx context.Context, q index.Query, interval string, terms ...string) (index.Trend, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.Trend{}, err
	}
	return x.index.Trend(ctx, q, interval, terms...)
}

// KWIC is index.Index.KWIC.
func (x *Index) KWIC(ctx context.Context, q index.Query, term string, exact bool, width int) (index.Concordance,
	error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.Concordance{}, err
	}
	return x.index.KWIC(ctx, q, term, exact, width)
}

// Similar is index.Index.Similar.
func (x *Index) Similar(ctx context.Context, id string, q index.Query) ([]index.Similar, error) {
	a, err := x.Article(ctx, id, time.Time{})
	if err != nil {
		return nil, err
	}
	if q, err = x.rules.Narrow(ctx, q); err != nil {
		return nil, err
	}
	return x.index.Similar(ctx, a.ID, q)
}

// Reprints is index.Index.Reprints without the copies that may not be seen.
func (x *Index) Reprints(ctx context.Context, id string) (index.Reprints, error) {
	id, err := x.resolve(ctx, id)
	if err != nil {
		return index.Reprints{}, err
	}
	r, err := x.index.Reprints(ctx, id)
	if err != nil {
		return r, err
	}
	state, err := x.rules.Store.State()
	if err != nil {
		return index.Reprints{}, err
	}
	shown := r.Copies[:0]
	for _, c := range r.Copies {
		err := x.rules.Article(ctx, c.Article.ID, string(c.Article.Site))
		switch {
		case err == nil && state.Resolve(c.Article.ID) == c.Article.ID:
			shown = append(shown, c)
		case err != nil && !isHidden(err):
			return index.Reprints{}, err
		}
	}
	if r.Copies = shown; len(shown) == 0 {
		return r, fmt.Errorf("article %s: %w", id, index.ErrNotFound)
	}
	return r, nil
}

// Network is index.Index.Network.
func (x *Index) Network(ctx context.Context, q index.Query, by string) (index.Network, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.Network{}, err
	}
	return x.index.Network(ctx, q, by)
}

// Words is index.Index.Words.
func (x *Index) Words(ctx context.Context, q index.Query, c index.Counting) (index.WordList, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.WordList{}, err
	}
	return x.index.Words(ctx, q, c)
}

// Collocations is index.Index.Collocations.
func (x *Index) Collocations(ctx context.Context, q index.Query, word string,
	c index.Counting) (index.Collocations, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.Collocations{}, err
	}
	return x.index.Collocations(ctx, q, word, c)
}

// Keyness is index.Index.Keyness; what may not be seen is not in the rest either.
func (x *Index) Keyness(ctx context.Context, q index.Query, c index.Counting) (index.Keyness, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return index.Keyness{}, err
	}
	return x.index.Keyness(ctx, q, c)
}

// Suggest is index.Index.Suggest.
func (x *Index) Suggest(ctx context.Context, prefix string, q index.Query) ([]index.Suggestion, error) {
	q, err := x.rules.Narrow(ctx, q)
	if err != nil {
		return nil, err
	}
	return x.index.Suggest(ctx, prefix, q)
}

// Archive is the captures of an archive as somebody may see them. Who asks is in the context, see For.
type Archive struct {
	store *archive.Store
	rules *Rules
}

// NewArchive returns a view of an archive.
func NewArchive(s *archive.Store, rules *Rules) *Archive { return &Archive{s, rules} }

// Versions is archive.Store.Versions.
func (v *Archive) Versions(ctx context.Context, url string) iter.Seq2[archive.Capture, error] {
	return func(yield func(archive.Capture, error) bool) {
		for c, err := range v.store.Versions(ctx, url) {
			if err == nil {
				err = v.rules.Capture(ctx, c.URL, c.Site)
			}
			if err != nil {
				yield(archive.Capture{}, err)
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// Closest is archive.Store.Closest.
func (v *Archive) Closest(ctx context.Context, url string, t time.Time) (archive.Capture, error) {
	c, err := v.store.Closest(ctx, url, t)
	if err == nil {
		err = v.rules.Capture(ctx, c.URL, c.Site)
	}
	if err != nil {
		return archive.Capture{}, err
	}
	return c, nil
}

// Rows is archive.Store.Rows without the rows that may not be seen.
func (v *Archive) Rows(ctx context.Context, q archive.Lookup) iter.Seq2[cdx.Row, error] {
	return func(yield func(cdx.Row, error) bool) {
		for row, err := range v.store.Rows(ctx, q) {
			if err == nil {
				err = v.rules.Capture(ctx, row.URL, "")
				if isHidden(err) {
					continue
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// LogDir is archive.Store.LogDir.
func (v *Archive) LogDir() string { return v.store.LogDir() }

// LogEntries reports whether somebody may read the entries of the log, which name the address of every capture and
// which
// nothing can be taken out of: curators, and everybody as long as nothing is hidden and no site is closed. Hashes and
// checkpoints tell nothing and are for everybody.
func (v *Archive) LogEntries(ctx context.Context) error {
	_, c, err := v.rules.closures()
	if err != nil || AudienceOf(ctx).Level >= Curator || len(c.ids) == 0 && (v.rules.Sites == nil ||
		len(v.rules.Sites.Closed()) == 0) {
		return err
	}
	return fmt.Errorf("entries of the log: %w", archive.ErrNotFound)
}

// WriteEvidence is archive.Store.WriteEvidence.
func (v *Archive) WriteEvidence(ctx context.Context, w io.Writer, ref archive.Ref, citation string) error {
	c, err := v.store.Read(ctx, ref)
	if err != nil {
		return fmt.Errorf("read %s: %w", ref, err)
	}
	if err := v.rules.Capture(ctx, c.URL, c.Site); err != nil {
		return err
	}
	return v.store.WriteEvidence(ctx, w, ref, citation)
}
