package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"cundang/archive"
	"cundang/archive/disk"
	"cundang/archive/warc"

	"github.com/gofrs/flock"
)

// snapshot is of what a data directory consists at one moment. The process that owns it takes the snapshot, any process
// copies from it.
type snapshot struct {
	ID      string                 `json:"id"`      // of the archive
	Journal string                 `json:"journal"` // its head: number of closed WARCs and SHA-256 of its last line
	Files   []archive.SnapshotFile `json:"files"`   // paths below DATA; bytes below 0: to the end

	dir  string // what is kept for it, in DATA
	lock *flock.Flock
}

const (
	snapshotPrefix = "snapshot-"
	snapshotFiles  = "files.json"
	idName         = "id"
)

// perProcess are the entries of DATA that say something about a process or can be made anew, and are in no snapshot.
var perProcess = map[string]bool{"lock": true, "owner.json": true, "reading": true, "cache": true, "archive": true,
	"state": true}

func inSnapshot(name string) bool {
	return !perProcess[name] && !strings.HasPrefix(name, "index.bleve") && !strings.HasPrefix(name, snapshotPrefix) &&
		!strings.HasSuffix(name, ".tmp")
}

// snapshot writes down of what the data directory consists now and returns the directory in DATA that holds it.
func (n *Node) snapshot(ctx context.Context) (dir string, err error) {
	if err := n.sweepSnapshots(); err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp(n.Dir, snapshotPrefix); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if dir, err = filepath.Abs(dir); err != nil {
		return dir, err
	}
	s := snapshot{}
	if s.ID, err = n.archiveID(); err != nil {
		return dir, err
	}
	kept, err := n.Store.Snapshot(ctx, filepath.Join(dir, "archive"), func() error {
		return n.Frontier.Checkpoint(filepath.Join(dir, "state"))
	})
	if err != nil {
		return dir, err
	}
	for _, f := range kept {
		f.Path = "archive/" + f.Path
		s.Files = append(s.Files, f)
	}
	if s.Journal, err = archive.JournalHead(filepath.Join(dir, "archive")); err != nil {
		return dir, err
	}
	if err := s.addTree(ctx, filepath.Join(dir, "state"), "state"); err != nil {
		return dir, err
	}
	entries, err := os.ReadDir(n.Dir)
	if err != nil {
		return dir, err
	}
	for _, e := range entries {
		if inSnapshot(e.Name()) {
			if err := s.addTree(ctx, n.Path(e.Name()), e.Name()); err != nil {
				return dir, err
			}
		}
	}
	for i := range s.Files {
		if s.Files[i].From, err = filepath.Abs(s.Files[i].From); err != nil {
			return dir, err
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return dir, err
	}
	return dir, os.WriteFile(filepath.Join(dir, snapshotFiles), text, 0o600)
}

// addTree adds a file or all files below a directory.
func (s *snapshot) addTree(ctx context.Context, root, name string) error {
	info, err := os.Stat(root)
	if errors.Is(err, os.ErrNotExist) { // gone meanwhile, or a link that leads nowhere
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		s.Files = append(s.Files, archive.SnapshotFile{Path: name, From: root, Bytes: -1})
	}
	if !info.IsDir() {
		return nil
	}
	return archive.WalkFiles(root, func(p string, info os.FileInfo) error {
		if err := ctx.Err(); err != nil || !info.Mode().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err == nil {
			s.Files = append(s.Files, archive.SnapshotFile{Path: name + "/" + filepath.ToSlash(rel), From: p, Bytes: -1})
		}
		return err
	})
}

// sweepSnapshots removes the snapshots of backups that were killed.
func (n *Node) sweepSnapshots() error {
	left, err := filepath.Glob(n.Path(snapshotPrefix + "*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		lock := flock.New(filepath.Join(dir, "lock"))
		if free, err := lock.TryLock(); err != nil || !free {
			continue // being copied
		}
		if err := errors.Join(os.RemoveAll(dir), lock.Unlock()); err != nil {
			return err
		}
	}
	return nil
}

// takeSnapshot has the process that owns DATA take a snapshot, or does it as the owner.
func (o Options) takeSnapshot(ctx context.Context) (*snapshot, error) {
	dir, err := o.askSnapshot(ctx)
	if errors.Is(err, ErrNoOwner) {
		dir, err = o.ownSnapshot(ctx)
	}
	if err != nil {
		return nil, err
	}
	s := &snapshot{dir: dir, lock: flock.New(filepath.Join(dir, "lock"))}
	if _, err := s.lock.TryLock(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, snapshotFiles))
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the snapshot: %w", err), s.close())
	}
	return s, nil
}

func (o Options) askSnapshot(ctx context.Context) (string, error) {
	owner, err := FindOwner(o.Dir)
	if err != nil {
		return "", err
	}
	return owner.snapshot(ctx, o.Dir)
}

func (o Options) ownSnapshot(ctx context.Context) (dir string, err error) {
	n, err := OpenArchive(ctx, o, false)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	return n.snapshot(ctx)
}

func (s *snapshot) close() error { return errors.Join(os.RemoveAll(s.dir), s.lock.Unlock()) }

// snapshot asks the owner for a snapshot. ErrNoOwner: another program took the port of an owner that was killed.
func (o Owner) snapshot(ctx context.Context, data string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+o.Addr+"/snapshot", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask the process that owns %s: %w", data, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	switch {
	case err != nil:
		return "", err
	case resp.StatusCode == http.StatusOK:
		return string(text), nil
	case resp.StatusCode == http.StatusInternalServerError:
		return "", fmt.Errorf("the process that owns %s: %s", data, strings.TrimSpace(string(text)))
	}
	return "", ErrNoOwner
}

// archiveID returns the name of this archive, which its copies and its restored backups share, making one up where
// there is none yet.
func (o Options) archiveID() (string, error) {
	text, err := os.ReadFile(o.Path(idName))
	if errors.Is(err, os.ErrNotExist) {
		id := strings.Trim(warc.NewID(), "<>")
		return id, disk.Replace(o.Path(idName), []byte(id+"\n"), true)
	}
	return strings.TrimSpace(string(text)), err
}
