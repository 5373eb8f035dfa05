package crawler_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/site"
)

// rig is a data directory with a crawl's parts.
type rig struct {
	t     testing.TB
	dir   string
	front *frontier.Frontier
	store *archive.Store
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir()}
	r.open()
	t.Cleanup(func() { r.close() })
	return r
}

func (r *rig) open() {
	r.t.Helper()
	var err error
	if r.front, err = frontier.Open(filepath.Join(r.dir, "state")); err != nil {
		r.t.Fatal(err)
	}
	r.store, err = archive.Open(filepath.Join(r.dir, "archive"), archive.Options{Committed: r.front.Committed()})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) close() {
	r.t.Helper()
	if r.store == nil {
		return
	}
	if err := r.store.Close(); err != nil {
		r.t.Error(err)
	}
	if err := r.front.Close(); err != nil {
		r.t.Error(err)
	}
	r.store, r.front = nil, nil
}

// crawl runs one crawl; edit may change the options.
func (r *rig) crawl(profiles []*site.Profile, edit func(*crawler.Options)) crawler.Report {
	r.t.Helper()
	rep, err := r.tryCrawl(context.Background(), profiles, edit)
	if err != nil {
		r.t.Fatal(err)
	}
	return rep
}

func (r *rig) tryCrawl(ctx context.Context, profiles []*site.Profile, edit func(*crawler.Options)) (crawler.Report, error) {
	o := crawler.Options{Profiles: profiles, Store: r.store, Frontier: r.front, Wait: 10 * time.Second}
	if testing.Verbose() && os.Getenv("CRAWL_LOG") != "" {
		o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if edit != nil {
		edit(&o)
	}
	return crawler.Run(ctx, o)
}

// captures returns all captures in order of their position.
func (r *rig) captures() []archive.Capture {
	r.t.Helper()
	var cs []archive.Capture
	for f, err := range r.store.Since(context.Background(), "") {
		if err != nil {
			r.t.Fatal(err)
		}
		cs = append(cs, f.Capture)
	}
	return cs
}
