package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"cundang/archive/tlog"
)

// SnapshotFile is a file of the archive as it was at one moment.
type SnapshotFile struct {
	Path    string `json:"path"`              // slash path below DATA/archive
	From    string `json:"from"`              // where its bytes are; an open WARC may lose ".open"
	Bytes   int64  `json:"bytes"`             // its first ones, or as the journal has it
	SHA256  string `json:"sha256,omitempty"`  // as the journal has it, "" if it does not
	Problem string `json:"problem,omitempty"` // in what it is not as the journal says
}

// Snapshot says of what the archive consists at one moment, without stopping whoever writes for longer than it takes to
// copy what changes in place (journal, log, notes) to dir. What it says is what a kill at that moment would leave:
// Open recovers it. hold is called at that moment, before anything is looked at; what it keeps of the frontier is then
// never ahead of the WARCs. Derived files (the CDX) are left out.
func (s *Store) Snapshot(ctx context.Context, dir string, hold func() error) ([]SnapshotFile, error) {
	s.syncMu.Lock() // no commit, no closing, no import
	defer s.syncMu.Unlock()
	s.mu.Lock()
	err := s.usable()
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("take a snapshot: %w", err)
	}
	if err := hold(); err != nil {
		return nil, err
	}
	t := &snapshotTaker{s: s, dir: dir, journal: map[string]Entry{}}
	if err := t.take(ctx); err != nil {
		return nil, fmt.Errorf("take a snapshot of %s: %w", s.dir, err)
	}
	return t.files, nil
}

type snapshotTaker struct {
	s       *Store
	dir     string
	journal map[string]Entry // of closed WARCs, those met taken out
	files   []SnapshotFile
}

func (t *snapshotTaker) take(ctx context.Context) error {
	entries, err := t.s.Journal()
	if broken := (*JournalError)(nil); err != nil && !errors.As(err, &broken) {
		return err
	}
	for _, e := range entries {
		t.journal[e.File] = e
	}
	if err := t.open(); err != nil {
		return err
	}
	err = WalkFiles(t.s.dir, func(p string, info os.FileInfo) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(t.s.dir, p)
		if err != nil {
			return err
		}
		return t.file(filepath.ToSlash(rel), p, info)
	})
	for name, e := range t.journal {
		t.files = append(t.files, SnapshotFile{Path: name, From: t.path(name), Bytes: e.Bytes, SHA256: e.SHA256,
			Problem: "is missing, the journal has it"})
	}
	return err
}

func (t *snapshotTaker) path(name string) string {
	return filepath.Join(t.s.dir, filepath.FromSlash(name))
}

// open takes the WARCs that are being written, up to what is synced: the frontier acknowledges no more than that.
func (t *snapshotTaker) open() error {
	t.s.mu.Lock()
	ends := map[string]int64{}
	var open []SnapshotFile
	for name, g := range t.s.open {
		ends[name] = t.s.committed[name]
		g.state.Lock()
		synced := g.synced
		g.state.Unlock()
		if synced > 0 {
			open = append(open, SnapshotFile{Path: name + openSuffix, From: t.path(name) + openSuffix, Bytes: synced})
		}
	}
	t.s.mu.Unlock()
	t.files = append(t.files, open...)
	text, err := json.Marshal(ends)
	if err != nil {
		return err
	}
	return t.keep(committedName, strings.NewReader(string(text)))
}

// file takes one file that lies below the archive.
func (t *snapshotTaker) file(rel, from string, info os.FileInfo) error {
	top, _, _ := strings.Cut(rel, "/")
	e, closed := t.journal[rel]
	switch {
	case rel == lockName, rel == committedName, rel == indexName, rel == stateName, strings.HasPrefix(rel, "cdx-run-"),
		strings.HasSuffix(rel, ".tmp"), strings.HasSuffix(rel, openSuffix),
		strings.HasPrefix(path.Base(rel), pullPrefix):
		return nil
	case strings.HasSuffix(rel, remoteSuffix): // the WARC itself is safe in the bucket
		delete(t.journal, strings.TrimSuffix(rel, remoteSuffix))
	case closed:
		delete(t.journal, rel)
		f := SnapshotFile{Path: rel, From: from, Bytes: e.Bytes, SHA256: e.SHA256}
		if info.Size() != e.Bytes {
			f.Problem = fmt.Sprintf("has %d bytes, the journal says %d", info.Size(), e.Bytes)
		}
		t.files = append(t.files, f)
		return nil
	case rel == journalName, top == logDir && !tlog.IsFullTile(strings.TrimPrefix(rel, logDir+"/")):
		f, err := os.Open(from)
		if errors.Is(err, fs.ErrNotExist) { // a partial tile whose full one came
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(t.keep(rel, f), f.Close())
	}
	t.files = append(t.files, SnapshotFile{Path: rel, From: from, Bytes: info.Size()})
	return nil
}

// keep copies what changes in place.
func (t *snapshotTaker) keep(rel string, from io.Reader) error {
	to := filepath.Join(t.dir, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, from)
	t.files = append(t.files, SnapshotFile{Path: rel, From: to, Bytes: n})
	return errors.Join(err, f.Close())
}
