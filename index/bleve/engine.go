// Package bleve is the embedded engine of package index: a bleve index in a folder.
//
// Documents are written as bleve's documents, with terms that the analyzer of package zh makes, and searches run
// through bleve's Search with a query of our own, which matches and scores on bleve's readers (ADR 71).
package bleve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"cundang/index"
	"cundang/index/zh"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// Engine is a bleve index below dir.
type Engine struct {
	dir  string
	opts index.Options
	log  *slog.Logger
	dict *zh.Dict

	mu    sync.RWMutex // guards what follows: Close and Replace wait for views
	b     bleve.Index
	store bleveindex.Index
	warm  *warm

	files  manifest // as they were when the index was opened
	opened string   // the name of this process in the manifest

	keepWarm atomic.Bool // Warm was called
}

var _ index.Engine = (*Engine)(nil)

// format names what the documents of the index look like; another one is asked to be rebuilt.
const format = "5"

// keys of what the index remembers beside its documents.
var (
	keyPosition = []byte("cundang.position")
	keyBuild    = []byte("cundang.build")
	keyTotals   = []byte("cundang.totals")
)

// build says what an index was made with.
type build struct {
	Format     string `json:"format"`
	Segmenter  string `json:"segmenter"`
	Dictionary string `json:"dictionary"`
}

// Open opens the index at dir, or makes an empty one (not with ReadOnly: that is index.ErrMissing).
//
// An index held by another process is index.ErrLocked, damaged files are an *index.DamagedError, an index
// built with another dictionary or format is an *index.StaleError; the last two are cured by Rebuild.
func Open(dir string, opts index.Options) (*index.Index, error) {
	e, err := open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	return index.New(e, e.dict, opts), nil
}

func open(dir string, opts index.Options) (*Engine, error) {
	dict, err := zh.Load(opts.Dictionary)
	if err != nil {
		return nil, err
	}
	e := &Engine{dir: dir, opts: opts, dict: dict, log: opts.Log, warm: newWarm()}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if !opts.ReadOnly {
		if err := finishSwap(dir); err != nil {
			return nil, err
		}
	}
	empty, err := isEmpty(dir)
	if err == nil && empty {
		err = e.create()
	}
	if err == nil {
		err = e.attach()
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// analyzer is the name that the mapping gives to package zh's analyzer with the operator's words.
const analyzer = "zh"

// newMapping names the analyzer of the texts; fields are made by document.
func newMapping(words []string) (*mapping.IndexMappingImpl, error) {
	m := bleve.NewIndexMapping()
	m.DefaultMapping.Dynamic = false
	if err := m.AddCustomAnalyzer(analyzer, map[string]any{"type": zh.Analyzer, zh.AnalyzerWords: words}); err != nil {
		return nil, err
	}
	m.DefaultAnalyzer = analyzer
	return m, nil
}

// create makes an empty index beside dir and moves it there, so that a crash leaves none or a whole one.
func (e *Engine) create() error {
	if e.opts.ReadOnly {
		return fmt.Errorf("%w: %s", index.ErrMissing, e.dir)
	}
	made, err := json.Marshal(build{format, zh.Version, e.dict.Hash()})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(e.dir), 0o755); err != nil {
		return err
	}
	tmp := e.dir + ".create"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	m, err := newMapping(e.opts.Dictionary)
	if err != nil {
		return err
	}
	b, err := bleve.NewUsing(tmp, m, scorch.Name, scorch.Name, map[string]any{"bolt_timeout": lockWait})
	if err != nil {
		return err
	}
	if err := errors.Join(b.SetInternal(keyBuild, made), b.Close()); err != nil {
		return err
	}
	if err := os.Remove(e.dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty folder
		return err
	}
	return os.Rename(tmp, e.dir)
}

// attach opens the files and checks what they were made with.
func (e *Engine) attach() (err error) {
	if e.files, err = readManifest(e.dir); err == nil {
		err = e.files.checkSizes(e.dir)
	}
	if err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	if !e.opts.ReadOnly {
		if err := e.begin(); err != nil {
			return err
		}
	}
	if e.b, err = openBleve(e.dir, e.opts.ReadOnly); err != nil {
		if e.opts.ReadOnly {
			return err
		}
		if e.files.Open == "" && len(e.files.Files) == 0 { // there was none
			return errors.Join(err, os.Remove(filepath.Join(e.dir, manifestName)))
		}
		return errors.Join(err, e.files.write(e.dir))
	}
	if err := e.fits(); err != nil {
		return errors.Join(err, e.detach())
	}
	return nil
}

// fits checks that the index was made with the format and the dictionary of now.
func (e *Engine) fits() error {
	store, err := e.b.Advanced()
	if err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	e.store = store
	want := build{format, zh.Version, e.dict.Hash()}
	raw, err := e.b.GetInternal(keyBuild)
	if err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	if raw == nil { // bleve goes on without the segments it cannot read
		return &index.DamagedError{Dir: e.dir, Err: errors.New("its segments cannot be read")}
	}
	var have build
	if err := json.Unmarshal(raw, &have); err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	stale := func(what, have, want string) error {
		return &index.StaleError{Dir: e.dir, What: what, Have: have, Want: want}
	}
	switch {
	case have.Format != want.Format || have.Segmenter != want.Segmenter:
		return stale("format", have.Format+"/"+have.Segmenter, want.Format+"/"+want.Segmenter)
	case have.Dictionary != want.Dictionary:
		return stale("dictionary", have.Dictionary, want.Dictionary)
	}
	return e.complete()
}

// complete compares how many documents there are with how many there were after the last batch.
func (e *Engine) complete() error {
	n, err := e.b.DocCount()
	if err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	raw, err := e.b.GetInternal(keyTotals)
	if err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	var sums totals
	if raw != nil {
		err = json.Unmarshal(raw, &sums)
	}
	if err == nil && sums.Docs != int(n) {
		err = fmt.Errorf("%d of %d documents are left", n, sums.Docs)
	}
	if err != nil {
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	return nil
}

// lockWait is how long Open waits for another process to let go: a process that is just ending.
const lockWait = "250ms"

// openBleve turns everything bleve can do wrong on opening into our errors.
func openBleve(dir string, readOnly bool) (b bleve.Index, err error) {
	defer recovered(dir, &err)
	b, err = bleve.OpenUsing(dir, map[string]any{"read_only": readOnly, "bolt_timeout": lockWait})
	switch {
	case err == nil:
		return b, nil
	case strings.Contains(err.Error(), "timeout"): // bbolt's ErrTimeout, flattened on its way
		return nil, fmt.Errorf("%w: %s", index.ErrLocked, dir)
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	}
	return nil, &index.DamagedError{Dir: dir, Err: err}
}

// recovered turns a panic inside bleve, which reads mapped files without checking, into a DamagedError.
func recovered(dir string, err *error) {
	if p := recover(); p != nil {
		*err = &index.DamagedError{Dir: dir, Err: fmt.Errorf("%v", p)}
	}
}

func isEmpty(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return len(entries) == 0, err
}

// Info implements index.Engine.
func (e *Engine) Info(context.Context) (index.Info, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	info := index.Info{Dir: e.dir, Format: format}
	if e.b == nil {
		return info, index.ErrClosed
	}
	n, err := e.b.DocCount()
	if err != nil {
		return info, fmt.Errorf("count documents: %w", err)
	}
	info.Documents = int(n)
	err = filepath.WalkDir(e.dir, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // merged away while we look
		}
		if err != nil || d.IsDir() {
			return err
		}
		file, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			info.Bytes += file.Size()
		}
		return err
	})
	return info, err
}

// Close implements index.Engine.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.detach()
}

// detach closes bleve's index and forgets what was kept of it. e.mu is held.
func (e *Engine) detach() error {
	if e.b == nil {
		return index.ErrClosed
	}
	err := e.b.Close()
	if err == nil && !e.opts.ReadOnly {
		err = e.end()
	}
	e.b, e.store = nil, nil
	e.warm = newWarm()
	if err != nil {
		return fmt.Errorf("close index: %w", err)
	}
	return nil
}

// warmAgain is for those who dropped what was kept.
func (e *Engine) warmAgain(ctx context.Context) error {
	if !e.keepWarm.Load() {
		return nil
	}
	return e.Warm(ctx)
}
