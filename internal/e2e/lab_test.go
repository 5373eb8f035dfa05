package e2e

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/extract"
	"cundang/internal/demo"
	"cundang/internal/fakesite"
	"cundang/internal/node"
	"cundang/internal/urlkey"
	"cundang/site"
)

// lab is a data directory: frontier and archive, opened anew for each crawl as a process
// would.
type lab struct {
	t   testing.TB
	dir string
}

func newLab(t testing.TB) *lab { return &lab{t, t.TempDir()} }

// with opens frontier and archive for the length of f.
func (l *lab) with(f func(*frontier.Frontier, *archive.Store) error) error {
	front, err := frontier.Open(filepath.Join(l.dir, "state"))
	if err != nil {
		return err
	}
	store,
		err := archive.Open(filepath.Join(l.dir, "archive"), archive.Options{Committed: front.Committed(), MaxSize: 2 << 20})
	if err != nil {
		return errors.Join(err, front.Close())
	}
	err = f(front, store)
	return errors.Join(err, store.Close(), front.Close())
}

// crawl crawls until nothing is due.
func (l *lab) crawl(profiles []*site.Profile, change func(*crawler.Options)) (r crawler.Report) {
	l.t.Helper()
	err := l.with(func(front *frontier.Frontier, store *archive.Store) (err error) {
		o := crawler.Options{Profiles: profiles, Store: store, Frontier: front, Workers: 8, Digest: extract.ContentDigest,
			Limits: wire.Limits{FirstByte: 4 * time.Second}, Wait: 5 * time.Second, Spool: l.dir}
		if change != nil {
			change(&o)
		}
		r, err = crawler.Run(context.Background(), o)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// captures returns all captures in the order in which they were committed.
func (l *lab) captures(see func(*archive.Store, archive.Capture)) {
	l.t.Helper()
	err := l.with(func(_ *frontier.Frontier, store *archive.Store) error {
		for f, err := range store.Since(l.t.Context(), "") {
			if err != nil {
				return err
			}
			see(store, f.Capture)
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// articles lets the index follow the archive, as every command does, and returns what it holds.
func (l *lab) articles() []fakesite.Found {
	l.t.Helper()
	n, err := node.Open(l.t.Context(), node.Options{Dir: l.dir, Log: slog.New(slog.DiscardHandler)}, false)
	if err != nil {
		l.t.Fatal(err)
	}
	_, err = n.CatchUp(l.t.Context())
	all, e := demo.All(l.t.Context(), n.Index)
	if err := errors.Join(err, e, n.Close()); err != nil {
		l.t.Fatal(err)
	}
	return all
}

// clean is urlkey.Clean for URLs of the truth.
func clean(t testing.TB, url string) string {
	t.Helper()
	u, err := urlkey.Clean(url)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
