package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/extract"
	"cundang/extract/document"
	"cundang/index"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"
)

// library is an open data directory.
type library struct {
	dir      string
	store    *archive.Store
	index    *index.Index
	reader   *extract.Reader
	profiles *profileSet
	models   *modelSet

	frontier *frontier.Frontier // the owner's only
	lock     *flock.Flock       // the owner's only
	indexing sync.Mutex         // one goroutine at a time follows the archive; guards fills
	fills    fills

	rebuilding atomic.Pointer[rebuildStatus] // how a rebuild under way stands; nil: there is none
}

func (l *library) path(name string) string { return filepath.Join(l.dir, name) }

// Close closes what is open, the archive last but the lock.
func (l *library) Close() error {
	var errs []error
	if l.reader != nil && l.reader.Documents != nil {
		errs = append(errs, l.reader.Documents.Close())
	}
	if l.index != nil {
		errs = append(errs, l.index.Close())
	}
	if l.store != nil {
		errs = append(errs, l.store.Close())
	}
	if l.reader != nil && l.reader.Documents != nil {
		errs = append(errs, l.reader.Documents.Close())
	}
	if l.frontier != nil {
		errs = append(errs, l.frontier.Close())
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Unlock())
	}
	return errors.Join(errs...)
}

// reading makes the RunE of a command that only reads DATA. When another process owns DATA
// the command is executed there.
func (a *app) reading(do func(context.Context, *library, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		if a.lib != nil {
			return do(ctx, a.lib, args)
		}
		if o, err := findOwner(a.data); err == nil {
			if err := a.askOwner(ctx, o, a.forwardArgs()); !errors.Is(err, errNoOwner) {
				return err
			}
		}
		lib, err := a.openReader(ctx)
		if err != nil {
			return err
		}
		return errors.Join(do(ctx, lib, args), lib.Close())
	}
}

// forwardArgs is the command line for the owner: the data directory is its own, the output
// file is opened here.
func (a *app) forwardArgs() []string {
	args := append([]string{}, a.args...)
	if a.outputFile != "" {
		args = append(args, "--output", "-")
	}
	return args
}

// openOwner opens DATA for writing, creating it when create is set. It recovers what a
// killed process left.
func (a *app) openOwner(ctx context.Context, create bool) (*library, error) {
	lib, err := a.openArchive(ctx, create)
	if err != nil {
		return nil, err
	}
	if err := a.openIndex(lib, false); err != nil {
		return nil, errors.Join(err, lib.Close())
	}
	return lib, nil
}

// openArchive is openOwner without the index.
func (a *app) openArchive(_ context.Context, create bool) (lib *library, err error) {
	if !create {
		if err := a.mustExist(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(a.data, 0o755); err != nil {
		return nil, &problem{statusError, fmt.Errorf("create the data directory: %w", err), "cundang --data DIR …"}
	}
	lib = &library{dir: a.data, lock: flock.New(filepath.Join(a.data, "lock"))}
	ok, err := lib.lock.TryLock()
	if err != nil {
		return nil, a.diskProblem(fmt.Errorf("lock %s: %w", a.data, err))
	}
	if !ok {
		return nil, a.lockedProblem()
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lib.Close())
			lib = nil
		}
	}()
	if lib.frontier, err = frontier.Open(lib.path("state")); err != nil {
		return lib, a.diskProblem(err)
	}
	lib.store, err = archive.Open(lib.path("archive"), archive.Options{
		Log: a.log, Committed: lib.frontier.Committed(), Operator: a.cfg.Operator, Software: "cundang/" + version()})
	if err != nil {
		return lib, a.archiveProblem(err)
	}
	return lib, a.openReading(lib)
}

// openReader opens DATA for reading, after catching up with what the archive has beyond the
// index if there is anything.
func (a *app) openReader(ctx context.Context) (lib *library, err error) {
	if err := a.mustExist(); err != nil {
		return nil, err
	}
	if lib, err = a.openShared(ctx); err != nil {
		return nil, err
	}
	behind, err := lib.behind(ctx)
	if err != nil || !behind {
		return lib, err
	}
	if err := lib.Close(); err != nil {
		return nil, err
	}
	if err := a.catchUpOnce(ctx); err != nil {
		return nil, err
	}
	return a.openShared(ctx)
}

func (a *app) openShared(ctx context.Context) (lib *library, err error) {
	if _, err := os.Stat(filepath.Join(a.data, "index.bleve")); errors.Is(err, fs.ErrNotExist) {
		if err := a.catchUpOnce(ctx); err != nil {
			return nil, err
		}
	}
	lib = &library{dir: a.data}
	lib.store, err = archive.Open(lib.path("archive"), archive.Options{Log: a.log, ReadOnly: true})
	if err != nil {
		return nil, a.archiveProblem(err)
	}
	if err = a.openReading(lib); err == nil {
		err = a.openIndex(lib, true)
	}
	if err != nil {
		return nil, errors.Join(err, lib.Close())
	}
	return lib, nil
}

// catchUpOnce owns DATA for as long as it takes to index what is not indexed yet.
func (a *app) catchUpOnce(ctx context.Context) error {
	lib, err := a.openOwner(ctx, false)
	if err != nil {
		return err
	}
	_, err = lib.catchUp(ctx)
	return errors.Join(err, lib.Close())
}

// openReading makes what is needed to read captures.
func (a *app) openReading(lib *library) (err error) {
	lib.reader = &extract.Reader{Library: lib.store,
		Documents: document.New(document.Options{CacheDir: lib.path("cache")})}
	lib.models = &modelSet{dir: lib.path("models"), site: map[string]*extract.Model{}}
	lib.profiles, err = a.loadProfiles()
	return err
}

func (a *app) openIndex(lib *library, readOnly bool) error {
	opts, err := a.indexOptions()
	if err != nil {
		return err
	}
	opts.ReadOnly = readOnly
	if lib.index, err = index.Open(lib.path("index.bleve"), opts); err != nil {
		return a.indexProblem(err)
	}
	return nil
}

func (a *app) indexOptions() (index.Options, error) {
	words, err := a.dictionary()
	return index.Options{Log: a.log, Dictionary: words}, err
}

// mustExist says that there is no archive at DATA.
func (a *app) mustExist() error {
	if _, err := os.Stat(filepath.Join(a.data, "archive")); errors.Is(err, fs.ErrNotExist) {
		return &problem{statusNoArchive, fmt.Errorf(a.tr("no archive at %s", "%s 没有存档"), a.data),
			a.tr("cundang demo, or cundang crawl URL, or --data DIR", "cundang demo、cundang crawl URL，或用 --data 指定目录")}
	}
	return nil
}

func (a *app) lockedProblem() error {
	who := ""
	if o, err := findOwner(a.data); err == nil {
		who = fmt.Sprintf(" (pid %d)", o.PID)
	}
	return &problem{statusLocked, fmt.Errorf(a.tr("%s is in use by another cundang%s", "%s 正由另一个 cundang 使用%s"), a.data, who),
		a.tr("cundang status, or wait for it to end", "cundang status，或等待其结束")}
}
