// Package node is one running cundang: it opens and locks a data directory, crawls into its
// archive, lets the index follow the archive, keeps what became of each crawl, learns about
// sites, and answers the commands of other processes. It prints nothing and reads neither
// flags nor environment: cmd/cundang, tests and workers drive it through Options, callbacks
// and errors.
package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/extract"
	"cundang/extract/document"
	"cundang/index"
	"cundang/internal/curation"

	"github.com/gofrs/flock"
)

// Options say where a node's data is and how it works. Its methods need no open data directory.
type Options struct {
	Dir        string           // the data directory
	Log        *slog.Logger     // must not be nil
	Version    string           // of the program, told to sites and written into WARC files
	Operator   string           // the institution named in warcinfo records
	Contact    string           // put into the User-Agent
	Workers    int              // hosts crawled at the same time; 0: the crawler's default
	Dictionary string           // file with the operator's own words, "": none
	MinFree    uint64           // bytes of the disk to leave free; 0 is 64 MiB
	Synonyms   string           // file with the operator's own synonyms, "": none
	OpenSearch *OpenSearch      // where the index is; nil: in Dir
	Bucket     Bucket           // where closed WARCs may lie beside the data directory
	Notice     bool             // readers are told that something is hidden, and why
	Now        func() time.Time // the clock of crawls; nil is the machine's
}

// Path returns the path of a file or folder of the data directory.
func (o Options) Path(name string) string { return filepath.Join(o.Dir, name) }

// software names the program in WARC files; the commit is left out of what is exported.
func (o Options) software() string {
	release, _, _ := strings.Cut(o.Version, "+")
	return "cundang/" + release
}

// Node is an open data directory. What it does is safe for concurrent use.
type Node struct {
	Options
	Store    *archive.Store
	Index    *index.Index
	Reader   *extract.Reader
	Frontier *frontier.Frontier // nil in a node opened for reading
	// Curation says who sees what. Articles and Captures are the index and the archive as it lets them be seen; what
	// answers
	// people asks these two.
	Curation *curation.Rules
	Articles *curation.Index
	Captures *curation.Archive
	Meter    *Meter // counts what crawls do; nil: nobody asks. Set before the first crawl.

	// Unseen is why a node opened for reading answers without the newest captures: they could not be indexed.
	Unseen error

	profiles *profileSet
	models   *modelSet
	lock     *flock.Flock // the owner's only
	indexing sync.Mutex   // one goroutine at a time follows the archive; guards fills
	fills    fills
	alarming sync.Mutex // one at a time changes the file of alarms

	rebuilding atomic.Pointer[RebuildStatus] // how a rebuild under way stands; nil: there is none
}

// NewReader returns a node that reads the captures of a store and does nothing else: it has no index
// and knows neither profiles nor models. The store stays the caller's to close.
func NewReader(store *archive.Store) *Node {
	return &Node{Store: store, Reader: &extract.Reader{Library: store}, profiles: &profileSet{}, models: newModelSet("")}
}

// Close closes what is open, the archive after its users and the lock last.
func (n *Node) Close() error {
	var errs []error
	if n.Index != nil {
		errs = append(errs, n.Index.Close())
	}
	if n.Reader != nil && n.Reader.Documents != nil {
		errs = append(errs, n.Reader.Documents.Close())
	}
	if n.Store != nil {
		errs = append(errs, n.Store.Close())
	}
	if n.Frontier != nil {
		errs = append(errs, n.Frontier.Close())
	}
	if n.lock != nil {
		errs = append(errs, n.lock.Unlock())
	}
	return errors.Join(errs...)
}

// Open opens the data directory for writing, creating it when create is set. It recovers what a
// killed process left. Errors: ErrNoArchive, *LockedError, *DirError, those of archive and index.
func Open(ctx context.Context, o Options, create bool) (*Node, error) {
	n, err := OpenArchive(ctx, o, create)
	if err != nil {
		return nil, err
	}
	if err := n.openIndex(ctx, false); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// OpenArchive is Open without the index, which may be damaged or missing.
func OpenArchive(_ context.Context, o Options, create bool) (n *Node, err error) {
	if !create {
		if err := o.mustExist(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, &DirError{err}
	}
	if err := o.room(); err != nil {
		return nil, err
	}
	n = &Node{Options: o, lock: flock.New(o.Path("lock"))}
	ok, err := n.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", o.Dir, err)
	}
	if !ok {
		return nil, o.locked()
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
			n = nil
		}
	}()
	if n.Frontier, err = frontier.Open(n.Path("state")); err != nil {
		return n, err
	}
	opts, err := o.archiveOptions()
	if err != nil {
		return n, err
	}
	opts.Committed, opts.Operator, opts.Software = n.Frontier.Committed(), o.Operator, "cundang/"+o.Version
	n.Store, err = archive.Open(n.Path("archive"), opts)
	if errors.Is(err, archive.ErrLocked) {
		return n, o.locked()
	}
	if err != nil {
		return n, err
	}
	return n, n.openReading()
}

// OpenReader opens the data directory for reading, after catching up with what the archive has
// beyond the index if there is anything.
func OpenReader(ctx context.Context, o Options) (*Node, error) {
	if err := o.mustExist(); err != nil {
		return nil, err
	}
	n, err := openShared(ctx, o)
	if err != nil {
		return nil, err
	}
	behind, err := n.behind(ctx)
	if err != nil || !behind {
		return n, err
	}
	if err := o.room(); err != nil && cannotWrite(err) {
		n.Unseen = err
		return n, nil
	}
	if err := n.Close(); err != nil {
		return nil, err
	}
	if err := catchUpOnce(ctx, o); err != nil {
		if !cannotWrite(err) {
			return nil, err
		}
		unseen := err
		if n, err = openShared(ctx, o); err == nil {
			n.Unseen = unseen
		}
		return n, err
	}
	return openShared(ctx, o)
}

func openShared(ctx context.Context, o Options) (n *Node, err error) {
	n, err = openExisting(ctx, o)
	if errors.Is(err, index.ErrMissing) {
		if err := catchUpOnce(ctx, o); err != nil {
			return nil, err
		}
		return openExisting(ctx, o)
	}
	return n, err
}

func openExisting(ctx context.Context, o Options) (n *Node, err error) {
	n = &Node{Options: o}
	if n.Store, err = o.OpenStore(); err != nil {
		return nil, err
	}
	if err = n.openReading(); err == nil {
		err = n.openIndex(ctx, true)
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// catchUpOnce owns the data directory for as long as it takes to index what is not indexed yet.
func catchUpOnce(ctx context.Context, o Options) error {
	n, err := Open(ctx, o, false)
	if err != nil {
		return err
	}
	_, err = n.CatchUp(ctx)
	return errors.Join(err, n.Close())
}

// OpenStore opens the archive alone for reading, which is possible while another process writes.
func (o Options) OpenStore() (*archive.Store, error) {
	if err := o.mustExist(); err != nil {
		return nil, err
	}
	opts, err := o.archiveOptions()
	if err != nil {
		return nil, err
	}
	opts.ReadOnly, opts.Software = true, o.software()
	store, err := archive.Open(o.Path("archive"), opts)
	if errors.Is(err, archive.ErrLocked) {
		return nil, o.locked()
	}
	return store, err
}

// openReading makes what is needed to read captures.
func (n *Node) openReading() (err error) {
	n.Reader = &extract.Reader{Library: n.Store,
		Documents: document.New(document.Options{CacheDir: n.Path("cache")})}
	n.models = newModelSet(n.Path("models"))
	if n.profiles, err = n.loadProfiles(); err != nil {
		return err
	}
	n.Curation = &curation.Rules{Store: curation.Open(n.Path(curationFile)), Sites: n.profiles, Notice: n.Notice}
	n.Captures = curation.NewArchive(n.Store, n.Curation)
	return nil
}

// IndexOptions returns how the index of this node cuts texts into words.
func (o Options) IndexOptions() (index.Options, error) {
	words, err := lines(o.Dictionary)
	if err != nil {
		return index.Options{}, err
	}
	own, err := lines(o.Synonyms)
	if err != nil {
		return index.Options{}, err
	}
	groups, err := index.ParseSynonyms(own)
	if err != nil {
		return index.Options{}, &DictionaryError{err}
	}
	return index.Options{Log: o.Log, Dictionary: words, Synonyms: groups}, nil
}

// lines reads the operator's own words or synonyms, one a line; # starts a comment.
func lines(file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &DictionaryError{err}
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			words = append(words, line)
		}
	}
	return words, nil
}

// mustExist says whether there is an archive.
func (o Options) mustExist() error {
	if _, err := os.Stat(o.Path("archive")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w at %s", ErrNoArchive, o.Dir)
	}
	return nil
}

// locked names the process that owns the data directory if it answers.
func (o Options) locked() error {
	e := &LockedError{Dir: o.Dir}
	if owner, err := FindOwner(o.Dir); err == nil {
		e.PID = owner.PID
	}
	return e
}
