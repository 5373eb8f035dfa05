package node

import (
	"context"
	"errors"
	"time"

	"cundang/archive"
	"cundang/extract"
)

// Import takes WARC, ARC and WACZ files of other crawlers in and indexes what they bring. A file that
// cannot be taken in does not keep the others out: the errors are returned with what was taken in.
func (n *Node) Import(ctx context.Context, files []string, opts archive.ImportOptions) ([]archive.Imported, error) {
	var all []archive.Imported
	var errs []error
	for _, f := range files {
		got, err := n.Store.Import(ctx, f, opts)
		all = append(all, got...)
		for _, g := range got {
			n.Log.Info("imported", "source", g.Source, "file", g.File, "captures", g.Captures, "known", g.Known)
		}
		if ctx.Err() != nil {
			return all, err
		}
		errs = append(errs, err)
	}
	_, err := n.CatchUp(ctx)
	return all, errors.Join(append(errs, err)...)
}

// Explain reads the newest capture of a URL anew, whatever the index holds, and says what was
// considered. archive.ErrNotFound: there is no capture of it.
func (n *Node) Explain(ctx context.Context, url string) (a extract.Article, x extract.Explanation, err error) {
	c, err := n.Store.Closest(ctx, url, time.Time{})
	if err != nil {
		return a, x, err
	}
	page, _, err := n.page(c)
	if err != nil {
		return a, x, err
	}
	if page, err = n.shown(ctx, page); err != nil {
		return a, x, err
	}
	return n.Reader.Explain(ctx, page)
}
