package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cundang/archive"
	"cundang/extract"
	"cundang/index"
)

// rebuildStatus is how a rebuild of the index stands.
type rebuildStatus struct {
	Captures int       `json:"captures"` // read
	Total    int       `json:"total"`
	Rate     float64   `json:"captures_per_second"`
	Started  time.Time `json:"started"`
}

// line says it on one line.
func (s rebuildStatus) line(a *app) string {
	left := ""
	if s.Rate > 0 && s.Captures < s.Total {
		left = fmt.Sprintf(a.tr(", %s left", "，还需 %s"), time.Duration(float64(s.Total-s.Captures)/s.Rate*float64(time.Second)).Round(time.Second))
	}
	return fmt.Sprintf(a.tr("rebuilding the index: %d of %d captures, %.0f a second%s", "正在重建索引：%d / %d 条存档记录，每秒 %.0f 条%s"), s.Captures, s.Total, s.Rate, left)
}

// rebuildIndex makes a new index beside the old one from the archive alone and swaps them. The
// process that owns DATA does it while it goes on answering; without one the old index may be
// damaged, of another dictionary, or missing.
func (a *app) rebuildIndex(ctx context.Context) (err error) {
	if a.lib != nil {
		return a.rebuildOwned(ctx, a.lib)
	}
	if o, err := findOwner(a.data); err == nil {
		if err := a.askOwner(ctx, o, a.args); !errors.Is(err, errNoOwner) {
			return err
		}
	}
	lib, err := a.openArchive(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.Close()) }()
	opts, err := a.indexOptions()
	if err != nil {
		return err
	}
	return a.rebuildBy(ctx, lib, func(feed index.Feed) error {
		return index.Rebuild(ctx, lib.path("index.bleve"), opts, feed)
	})
}

// rebuildOwned rebuilds an index that is open. What is archived meanwhile is indexed afterwards.
func (a *app) rebuildOwned(ctx context.Context, lib *library) error {
	lib.indexing.Lock() // a catching up under way ends first
	err := a.rebuildBy(ctx, lib, func(feed index.Feed) error { return lib.index.Rebuild(ctx, feed) })
	lib.indexing.Unlock()
	if err != nil {
		return err
	}
	_, err = lib.catchUp(ctx)
	return err
}

// rebuildBy reads the whole archive into a rebuild and shows how far it is.
func (a *app) rebuildBy(ctx context.Context, lib *library, rebuild func(index.Feed) error) error {
	total, err := lib.captures(ctx)
	if err != nil {
		return err
	}
	defer lib.rebuilding.Store(nil)
	n := 0
	err = rebuild(func(ctx context.Context, put func(string, ...extract.Article) error) (err error) {
		n, err = (&ingest{lib: lib}).run(ctx, "", put, a.rebuildProgress(lib, total))
		return err
	})
	if err != nil {
		return a.diskProblem(err)
	}
	if a.json {
		return a.printJSON(map[string]int{"captures": n})
	}
	_, err = fmt.Fprintf(a.out, a.tr("index rebuilt from %d captures\n", "已由 %d 条存档记录重建索引\n"), n)
	return err
}

// captures counts the captures of the archive.
func (l *library) captures(ctx context.Context) (n int, err error) {
	for _, err := range l.store.Rows(ctx, archive.Lookup{}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// rebuildProgress notes how far a rebuild is, for status, and shows it: a line redrawn on a terminal, a
// line now and then elsewhere.
func (a *app) rebuildProgress(lib *library, total int) func(captures int) {
	began := time.Now()
	lib.rebuilding.Store(&rebuildStatus{Total: total, Started: began})
	shown := began
	return func(n int) {
		s := rebuildStatus{n, total, float64(n) / time.Since(began).Seconds(), began}
		lib.rebuilding.Store(&s)
		switch {
		case a.quiet:
		case a.isTerminal(a.err):
			fmt.Fprintf(a.err, "\r\x1b[2K%s", s.line(a))
			if n >= total {
				fmt.Fprintln(a.err)
			}
		case n >= total || time.Since(shown) >= logEvery:
			shown = time.Now()
			fmt.Fprintln(a.err, s.line(a))
		}
	}
}
