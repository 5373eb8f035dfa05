// Package index makes articles searchable: Put, Search, Rebuild.
//
// The index is derived: everything in it comes from the archive, and it remembers how far
// it has read. What a search is stands here: versions, the query language, the second pass, snippets,
// concordances, trends. An Engine stores the documents and finds those that match; index/bleve is the embedded one.
package index

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"cundang/index/zh"
)

// Options of an index; the zero value is a good default.
type Options struct {
	Log        *slog.Logger
	Dictionary []string   // the operator's own words, one a line: word [frequency [part of speech]]
	Synonyms   [][]string // the operator's groups of names that stand for the same (see ParseSynonyms)
	ReadOnly   bool       // several readers may open an index that no writer holds
}

// Index answers questions about articles. Search is safe for concurrent use; one writer at a time.
type Index struct {
	engine Engine
	dict   *zh.Dict
	opts   Options

	write   sync.Mutex // one Put at a time; guards pending
	pending pending
	suggest suggestions
	names   learned
}

// New returns an index on an engine that was opened with the same options and dictionary.
func New(e Engine, dict *zh.Dict, opts Options) *Index {
	return &Index{engine: e, dict: dict, opts: opts, pending: newPending(false)}
}

// dir is where the index is, for messages.
func (x *Index) dir(ctx context.Context) string {
	info, err := x.engine.Info(ctx)
	if err != nil {
		return "?"
	}
	return info.Dir
}

// Position returns what the last Put remembered, "" for a new index.
func (x *Index) Position(ctx context.Context) (position string, err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return "", err
	}
	defer done(&err)
	if position, err = r.View.Position(ctx); err != nil {
		return "", fmt.Errorf("read index position: %w", err)
	}
	return strings.TrimSuffix(position, ungrouped), nil
}

// Status describes an index.
type Status struct {
	Dir        string `json:"dir"`
	Documents  int    `json:"documents"` // versions of articles, lists and other pages
	Bytes      int64  `json:"bytes"`     // on disk
	Position   string `json:"position"`
	Format     string `json:"format"`
	Segmenter  string `json:"segmenter"`
	Dictionary string `json:"dictionary"` // hash
}

// Status reports size and make of the index.
func (x *Index) Status(ctx context.Context) (Status, error) {
	position, err := x.Position(ctx)
	if err != nil {
		return Status{}, err
	}
	info, err := x.engine.Info(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("index status: %w", err)
	}
	return Status{
		Dir: info.Dir, Documents: info.Documents, Bytes: info.Bytes, Position: position,
		Format: info.Format, Segmenter: zh.Version, Dictionary: x.dict.Hash(),
	}, nil
}

// Settle makes the index small and fast again after many Puts: it merges when that pays, and
// removes what was merged before. It is for the end of a crawl: Puts wait meanwhile, searches only for a moment. When ctx
// ends first, the index stays as it is.
func (x *Index) Settle(ctx context.Context) error {
	if x.opts.ReadOnly || ctx.Err() != nil {
		return nil
	}
	if err := x.compact(ctx, false); err != nil && ctx.Err() == nil {
		return fmt.Errorf("settle index: %w", err)
	}
	return nil
}

// Optimize merges the index into its smallest and fastest form, at the cost of
// writing all of it once more; Puts wait meanwhile, searches only for a moment.
func (x *Index) Optimize(ctx context.Context) error {
	if x.opts.ReadOnly {
		return fmt.Errorf("optimize index: %w", ErrReadOnly)
	}
	if err := x.compact(ctx, true); err != nil {
		return fmt.Errorf("optimize index: %w", err)
	}
	return nil
}

func (x *Index) compact(ctx context.Context, whole bool) error {
	if err := x.Group(ctx); err != nil {
		return err
	}
	x.write.Lock()
	defer x.write.Unlock()
	return x.engine.Compact(ctx, whole)
}

// Warm reads what searches keep in memory of every article, the values of facets, dates and lengths, so that
// the first searches do not have to: a second for some half a million articles. From then on it is
// read again whenever it is dropped, at the end of Optimize, Settle and Rebuild. Searches go on meanwhile.
func (x *Index) Warm(ctx context.Context) error {
	if err := x.engine.Warm(ctx); err != nil {
		return fmt.Errorf("warm index: %w", err)
	}
	// Any search makes the tables that texts are unpacked and names are found with.
	if _, err := x.Search(ctx, Query{Text: "科普", Limit: 1}); err != nil && ctx.Err() == nil {
		return fmt.Errorf("warm index: %w", err)
	}
	return nil
}

// Close waits for searches under way, then flushes and closes.
func (x *Index) Close() error {
	x.write.Lock()
	defer x.write.Unlock()
	return x.engine.Close()
}

func unixNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
