package node

import (
	"context"
	"errors"
	"time"

	"cundang/archive"
	"cundang/extract"
)

// Imported is what an import brought.
type Imported struct {
	Files    []archive.Imported
	Findings map[string]int // that the archive has now, by code
	Unread   bool           // some of them are new
}

// Import takes WARC, ARC and WACZ files of other crawlers in and indexes what they bring. A file that
// cannot be taken in does not keep the others out: the errors are returned with what was taken in.
func (n *Node) Import(ctx context.Context, files []string, opts archive.ImportOptions) (got Imported, err error) {
	before, err := n.CountFindings()
	if err != nil {
		return got, err
	}
	var errs []error
	for _, f := range files {
		all, err := n.Store.Import(ctx, f, opts)
		got.Files = append(got.Files, all...)
		for _, g := range all {
			n.Log.Info("imported", "source", g.Source, "file", g.File, "captures", g.Captures, "known", g.Known)
		}
		if ctx.Err() != nil {
			return got, err
		}
		errs = append(errs, err)
	}
	if _, err := n.CatchUp(ctx); err != nil {
		return got, errors.Join(append(errs, err)...)
	}
	if got.Findings, err = n.CountFindings(); err != nil {
		return got, errors.Join(append(errs, err)...)
	}
	for code, count := range got.Findings {
		got.Unread = got.Unread || count > before[code]
	}
	return got, errors.Join(errs...)
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
