package crawler

import "context"

// restore rebuilds an empty frontier from the archive.
func (c *crawl) restore(ctx context.Context) error { return nil }
