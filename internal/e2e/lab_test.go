package e2e

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/extract"
	"cundang/internal/fakesite"
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
	store, err := archive.Open(filepath.Join(l.dir, "archive"), archive.Options{Committed: front.Committed(), MaxSize: 2 << 20})
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

// articles reads the newest live capture of each page and returns those that are articles.
func (l *lab) articles() (all []fakesite.Found) {
	l.t.Helper()
	err := l.with(func(_ *frontier.Frontier, store *archive.Store) error {
		newest, state := map[string]archive.Capture{}, map[string]string{}
		var order []string
		for f, err := range store.Since(l.t.Context(), "") {
			if err != nil {
				return err
			}
			c := f.Capture
			switch s := c.Fields[archive.FieldState]; s {
			case crawler.StateLive:
				if _, ok := newest[c.URL]; !ok {
					order = append(order, c.URL)
				}
				if c.Status == 200 || c.Status == 304 {
					newest[c.URL] = c
				}
				state[c.URL] = s
			case crawler.StateMissing, crawler.StateGone, crawler.StateMoved, crawler.StateSoft404:
				state[c.URL] = s
			}
		}
		r := extract.Reader{Library: store}
		for _, url := range order {
			a, err := readCapture(l.t.Context(), &r, newest[url])
			if err != nil {
				return err
			}
			if a.Kind != extract.KindArticle || a.PartOf != "" {
				continue
			}
			f := found(a)
			f.State = state[url]
			all = append(all, f)
		}
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return all
}

func readCapture(ctx context.Context, r *extract.Reader, c archive.Capture) (extract.Article, error) {
	kind := c.Header.Get("Content-Type")
	if strings.HasSuffix(c.Fields[archive.FieldHops], "E") {
		return extract.Article{}, nil // the frame of a page, read with it
	}
	if len(kind) < 9 || kind[:9] != "text/html" {
		return extract.Article{}, nil
	}
	body, err := c.Body()
	if err != nil {
		return extract.Article{}, err
	}
	b, err := readAll(body)
	if err != nil {
		return extract.Article{}, err
	}
	return r.Read(ctx, extract.Page{URL: c.URL, ContentType: kind, Body: b, Fetched: c.Time, Site: c.Site, Capture: &c})
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
