package node

import (
	"context"
	"time"

	"cundang/archive"
	"cundang/extract"
)

// Import takes WARC and WACZ files of other crawlers in and indexes what they bring. What was
// taken in before an error is returned with it.
func (n *Node) Import(ctx context.Context, files []string, opts archive.ImportOptions) ([]archive.Imported, error) {
	var all []archive.Imported
	for _, f := range files {
		got, err := n.Store.Import(ctx, f, opts)
		all = append(all, got...)
		if err != nil {
			return all, err
		}
	}
	_, err := n.CatchUp(ctx)
	return all, err
}

// Explain reads the newest capture of a URL anew, whatever the index holds, and says what was
// considered. archive.ErrNotFound: there is no capture of it.
func (n *Node) Explain(ctx context.Context, url string) (a extract.Article, x extract.Explanation, err error) {
	c, err := n.Store.Closest(ctx, url, time.Time{})
	if err != nil {
		return a, x, err
	}
	page, err := n.page(c)
	if err != nil {
		return a, x, err
	}
	if page, err = n.shown(ctx, page); err != nil {
		return a, x, err
	}
	return n.Reader.Explain(ctx, page)
}
