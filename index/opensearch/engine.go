// Package opensearch is the engine of package index for an archive that has outgrown one machine: an index in an
// OpenSearch cluster.
//
// Documents are cut into words here, as for the embedded engine, and matched and scored there; the second pass,
// snippets and everything else of a search is package index's. An index is reached by an alias, so that a rebuild
// beside it takes its place at once (ADR 91).
package opensearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"cundang/index"
	"cundang/index/zh"
)

// Options say where the index is. Name and at least one of Addresses are needed.
type Options struct {
	index.Options
	Addresses []string // of nodes, http://host:9200
	Name      string   // of the index: the alias; lower case
	User      string   // "" without authentication
	Password  string
	CA        []byte // PEM certificates to believe beside none other; nil: the system's
	Shards    int    // of an index that is made, 0 is 1; see docs/cluster.md
}

// Engine is an index in a cluster.
type Engine struct {
	opts  Options
	c     *client
	log   *slog.Logger
	dict  *zh.Dict
	name  string // alias that everything is asked of
	made  string // the index that Beside made, "" for others
	about about

	mu       sync.RWMutex // Close and Replace wait for views
	closed   bool
	snapshot snapshots
}

var _ index.Engine = (*Engine)(nil)

// format names what the documents of the index look like; another one is asked to be rebuilt.
const format = "os1"

// build says what an index was made with. It stands in the mapping's _meta.
type build struct {
	Format     string `json:"format"`
	Segmenter  string `json:"segmenter"`
	Dictionary string `json:"dictionary"`
}

// about is what is known of the cluster and the index.
type about struct {
	shards int
}

// Open opens the index, or makes an empty one (not with ReadOnly: that is index.ErrMissing). An index built with
// another dictionary or format is an *index.StaleError, cured by Rebuild.
func Open(ctx context.Context, opts Options) (*index.Index, error) {
	e, err := open(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return index.New(e, e.dict, opts.Options), nil
}

// Rebuild makes the index anew beside the old one, which may be stale or missing, and puts it in its place once it is
// complete.
func Rebuild(ctx context.Context, opts Options, feed index.Feed) error {
	opts.ReadOnly = false
	e, err := connect(ctx, opts)
	if err != nil {
		return fmt.Errorf("rebuild index: %w", err)
	}
	err = index.New(e, e.dict, opts.Options).Rebuild(ctx, feed)
	return errors.Join(err, e.Close())
}

func open(ctx context.Context, opts Options) (*Engine, error) {
	e, err := connect(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := e.attach(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// connect asks the cluster who it is.
func connect(ctx context.Context, opts Options) (*Engine, error) {
	if opts.Name == "" || strings.ContainsAny(opts.Name, " \"*\\<|,>/?#:") || strings.ToLower(opts.Name) != opts.Name ||
		strings.HasPrefix(opts.Name, "_") || strings.HasPrefix(opts.Name, "-") || strings.HasPrefix(opts.Name, ".") {
		return nil, fmt.Errorf("%q is no name of an index: lower case, without spaces and signs", opts.Name)
	}
	dict, err := zh.Load(opts.Dictionary)
	if err != nil {
		return nil, err
	}
	e := &Engine{opts: opts, dict: dict, log: opts.Log, name: opts.Name}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.c, err = newClient(opts); err != nil {
		return nil, err
	}
	var who struct {
		Version struct{ Distribution, Number string }
	}
	if err := e.c.get(ctx, "/", &who); err != nil {
		return nil, errors.Join(err, e.c.close())
	}
	major, _, _ := strings.Cut(who.Version.Number, ".")
	if n, err := strconv.Atoi(major); err != nil || who.Version.Distribution != "opensearch" || n < 2 {
		err = fmt.Errorf("%s answers as %q %s: OpenSearch 2 or later is needed",
			opts.Addresses[0], who.Version.Distribution, who.Version.Number)
		return nil, errors.Join(err, e.c.close())
	}
	return e, nil
}

// where names the index in messages.
func (e *Engine) where() string { return strings.Join(e.opts.Addresses, ",") + "/" + e.opts.Name }

// attach finds the index, makes it where there is none, and checks what it was made with.
func (e *Engine) attach(ctx context.Context) error {
	indices, err := e.aliased(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(indices) > 1:
		return fmt.Errorf("alias %s stands for several indices: %s", e.name, strings.Join(indices, ", "))
	case len(indices) == 0 && e.opts.ReadOnly:
		return fmt.Errorf("%w: %s", index.ErrMissing, e.where())
	case len(indices) == 0:
		if _, err := e.create(ctx, e.name, referenceLength); err != nil {
			return err
		}
	}
	return e.fits(ctx)
}

// aliased lists the indices that the alias stands for.
func (e *Engine) aliased(ctx context.Context) ([]string, error) {
	var of map[string]json.RawMessage
	err := e.c.get(ctx, "/_alias/"+e.opts.Name, &of)
	if status(err) == 404 {
		if err := e.c.get(ctx, "/"+e.opts.Name, nil); status(err) != 404 {
			return nil, errors.Join(err, fmt.Errorf("%s is an index of its own, not the alias of one", e.opts.Name))
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range of {
		names = append(names, name)
	}
	return names, nil
}

// create makes an empty index under an alias and returns its name.
func (e *Engine) create(ctx context.Context, alias string, length float32) (string, error) {
	name := e.opts.Name + "-" + strconv.FormatInt(time.Now().UnixMilli(), 36)
	body := definition(max(e.opts.Shards, 1), length, build{format, zh.Version, e.dict.Hash()})
	body["aliases"] = object{alias: object{"is_write_index": true}}
	err := e.c.call(ctx, "PUT", "/"+name, body, nil)
	if err != nil {
		return "", fmt.Errorf("create index %s: %w", name, err)
	}
	e.log.Info("index created", "index", name, "alias", alias)
	return name, nil
}

// fits checks that the index was made with the format and the dictionary of now.
func (e *Engine) fits(ctx context.Context) error {
	var of map[string]struct {
		Mappings struct {
			Meta struct {
				Build *build `json:"cundang"`
			} `json:"_meta"`
		}
		Settings struct {
			Index struct {
				Shards string `json:"number_of_shards"`
			}
		}
	}
	if err := e.c.get(ctx, "/"+e.name, &of); err != nil {
		return err
	}
	for name, x := range of {
		have, want := x.Mappings.Meta.Build, build{format, zh.Version, e.dict.Hash()}
		if have == nil {
			return fmt.Errorf("index %s was not made by cundang: its mapping does not say so", name)
		}
		stale := func(what, have, want string) error {
			return &index.StaleError{Dir: e.where(), What: what, Have: have, Want: want}
		}
		switch {
		case have.Format != want.Format || have.Segmenter != want.Segmenter:
			return stale("format", have.Format+"/"+have.Segmenter, want.Format+"/"+want.Segmenter)
		case have.Dictionary != want.Dictionary:
			return stale("dictionary", have.Dictionary, want.Dictionary)
		}
		var err error
		if e.about.shards, err = strconv.Atoi(x.Settings.Index.Shards); err != nil {
			return fmt.Errorf("shards of index %s: %w", name, err)
		}
	}
	return nil
}

// Info implements index.Engine.
func (e *Engine) Info(ctx context.Context) (index.Info, error) {
	info := index.Info{Dir: e.where(), Format: format}
	v, err := e.view(ctx)
	if err != nil {
		return info, err
	}
	info.Documents = v.snap.documents
	s, err := e.stats(ctx)
	info.Bytes = s.Total.Store.Bytes
	return info, errors.Join(err, v.Close())
}

// stats are the cluster's figures of an index.
type stats struct {
	Primaries struct {
		Docs  struct{ Count, Deleted int64 }
		Store size
	}
	Total struct{ Store size }
}

type size struct {
	Bytes int64 `json:"size_in_bytes"`
}

func (e *Engine) stats(ctx context.Context) (stats, error) {
	var of struct {
		All stats `json:"_all"`
	}
	err := e.c.get(ctx, "/"+e.name+"/_stats/store,docs", &of)
	return of.All, err
}

// Warm implements index.Engine: the cluster loads what facets are counted with.
func (e *Engine) Warm(ctx context.Context) error {
	v, err := e.view(ctx)
	if err != nil {
		return err
	}
	_, err = v.Search(ctx, index.Request{Facets: []string{
		index.FieldSite, index.FieldSource, index.FieldColumn, index.FieldAuthor, index.FieldDay,
		index.FieldPeople, index.FieldPlaces, index.FieldOrgs,
	}})
	return errors.Join(err, v.Close())
}

// Close implements index.Engine.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return index.ErrClosed
	}
	e.closed = true
	e.snapshot.drop(e.c)
	return e.c.close()
}
