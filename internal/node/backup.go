package node

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cundang/archive"
	"cundang/archive/ocfl"
)

// BackupFault is why a backup could not be made or restored.
type BackupFault int

// What may be wrong with a backup or with where it is to go.
const (
	BackupInside   BackupFault = iota + 1 // the backup would lie in the data directory, or the other way round
	BackupOther                           // something else is there
	BackupForeign                         // it is the backup of another archive
	BackupDiverged                        // it holds what this archive never had, or has no more
	BackupDamaged                         // it is not what its inventory says
	BackupBusy                            // another process is writing it
	BackupNone                            // there is none
	BackupNotEmpty                        // a data directory to restore to is not empty
)

// BackupError says that a backup could not be made or restored.
type BackupError struct {
	Fault BackupFault
	Err   error
}

func (e *BackupError) Error() string { return e.Err.Error() }
func (e *BackupError) Unwrap() error { return e.Err }

// BackupReport is what a backup consists of.
type BackupReport struct {
	Version  string    `json:"version"`
	Created  time.Time `json:"created"`
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	NewFiles int       `json:"new_files"` // that were in no version before it
	NewBytes int64     `json:"new_bytes"`
	Journal  string    `json:"journal"` // its head
	// Problems are what is not as the journal says. It was copied as it is, or left out where there is nothing; what an
	// earlier version holds as the journal says was taken from there.
	Problems []string `json:"problems"`
}

// CopyProgress is how a backup or a restore stands.
type CopyProgress struct{ Done, Total int64 } // bytes

// backupJournal is where the journal is in a backup.
const backupJournal = "archive/journal.jsonl"

// Backup makes a consistent copy of the data directory as a new version of the OCFL object in dir, while another
// process may go on writing. What the versions before it hold is not copied again. Until the last moment dir is what it
// was before, whatever happens. Errors: ErrNoArchive, *LockedError, *RoomError, *BackupError. progress may be nil.
func (o Options) Backup(ctx context.Context, dir string, progress func(CopyProgress)) (r BackupReport, err error) {
	if err := o.mustExist(); err != nil {
		return r, err
	}
	for _, held := range []string{o.Dir, o.Path("archive")} {
		if err := apart(held, dir); err != nil {
			return r, err
		}
	}
	snap, err := o.takeSnapshot(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, snap.close()) }()
	stage, err := ocfl.Begin(dir, snap.ID, nil)
	if err != nil {
		return r, backupError(err)
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	c := &backupCopy{snap: snap, stage: stage, progress: progress}
	if err := c.continues(); err != nil {
		return r, err
	}
	if err := c.run(ctx, o, dir); err != nil {
		return r, err
	}
	created := time.Now().UTC().Truncate(time.Second)
	message := fmt.Sprintf("journal %s", cmp.Or(snap.Journal, "empty"))
	r = BackupReport{Created: created, Files: c.files, Bytes: c.bytes, NewFiles: stage.Copied, NewBytes: stage.Bytes,
		Journal: snap.Journal, Problems: c.problems}
	r.Version, err = stage.Commit(ctx, ocfl.Version{Created: created, Message: message,
		User: &ocfl.User{Name: o.software()}})
	return r, err
}

// backupError says which fault an error of the object is.
func backupError(err error) error {
	var foreign *ocfl.OtherIDError
	var damaged *ocfl.DamagedError
	switch {
	case errors.As(err, &foreign):
		return &BackupError{BackupForeign, err}
	case errors.As(err, &damaged):
		return &BackupError{BackupDamaged, err}
	case errors.Is(err, ocfl.ErrOther):
		return &BackupError{BackupOther, err}
	case errors.Is(err, ocfl.ErrLocked):
		return &BackupError{BackupBusy, err}
	case errors.Is(err, ocfl.ErrNone):
		return &BackupError{BackupNone, err}
	}
	return err
}

// apart makes sure that neither of two directories lies in the other. They need not exist.
func apart(data, other string) error {
	a, err := existing(data)
	if err != nil {
		return err
	}
	b, err := existing(other)
	if err != nil {
		return err
	}
	within := func(a, b string) bool { return b == a || strings.HasPrefix(b, strings.TrimSuffix(a, "/")+"/") }
	if within(a, b) || within(b, a) {
		return &BackupError{BackupInside, fmt.Errorf("%s and %s lie in each other", data, other)}
	}
	return nil
}

// existing is canonical for a path whose last parts may not exist yet.
func existing(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for rest := ""; ; {
		real, err := filepath.EvalSymlinks(abs)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || abs == filepath.Dir(abs) {
			return "", err
		}
		rest, abs = filepath.Join(filepath.Base(abs), rest), filepath.Dir(abs)
	}
}

// backupCopy copies a snapshot into a version.
type backupCopy struct {
	snap     *snapshot
	stage    *ocfl.Stage
	progress func(CopyProgress)

	files    int
	bytes    int64
	at       CopyProgress
	problems []string
}

// continues makes sure that the archive goes on where the newest version ends: its journal begins with that one's.
func (c *backupCopy) continues() error {
	if c.stage.Head == nil {
		return nil
	}
	had, ok := c.stage.Head.Find(backupJournal)
	if !ok {
		return nil
	}
	before, err := os.ReadFile(c.stage.Head.Path(had))
	if err != nil {
		return &BackupError{BackupDamaged, err}
	}
	before = before[:bytes.LastIndexByte(before, '\n')+1] // what a kill cut off is written anew
	now, err := os.ReadFile(filepath.Join(c.snap.dir, filepath.FromSlash(backupJournal)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.HasPrefix(now, before) {
		return &BackupError{BackupDiverged,
			fmt.Errorf("%s holds WARC files in version %s that this archive does not have, or its journal was rewritten",
				c.stage.Head.Dir, c.stage.Head.Inventory.Head)}
	}
	return nil
}

func (c *backupCopy) run(ctx context.Context, o Options, dir string) error {
	slices.SortFunc(c.snap.Files, func(a, b archive.SnapshotFile) int { return strings.Compare(a.Path, b.Path) })
	if err := c.plan(o, dir); err != nil {
		return err
	}
	for _, f := range c.snap.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.file(ctx, f); err != nil {
			return backupError(fmt.Errorf("back up %s: %w", f.Path, err))
		}
	}
	return nil
}

// plan adds up what has to be copied, and makes sure that there is room for it.
func (c *backupCopy) plan(o Options, dir string) error {
	for _, f := range c.snap.Files {
		if f.Bytes < 0 || f.Problem != "" {
			continue
		}
		held := false
		if f.SHA256 != "" {
			var err error
			if held, err = c.stage.Holds(f.SHA256, f.Bytes); err != nil {
				return backupError(err)
			}
		}
		if !held {
			c.at.Total += max(f.Bytes-c.stage.Staged(f.Path), 0)
		}
	}
	free, err := freeBytes(dir)
	if err == nil && free < uint64(c.at.Total)+defaultMinFree {
		err = &RoomError{dir, free, uint64(c.at.Total) + defaultMinFree}
	}
	return err
}

func (c *backupCopy) file(ctx context.Context, f archive.SnapshotFile) error {
	if f.SHA256 != "" {
		held, err := c.stage.Holds(f.SHA256, f.Bytes)
		if err != nil {
			return err
		}
		if f.Problem != "" {
			c.problem(f, held)
		}
		if held {
			c.stage.Refer(f.Path, f.SHA256)
			c.count(f.Bytes)
			return nil
		}
	}
	read := int64(0)
	got, err := c.stage.Add(ctx, f.Path, f.SHA256, func() (io.ReadCloser, error) {
		in, err := openEither(f.From)
		if err != nil {
			return nil, err
		}
		want := f.Bytes
		if f.Problem != "" {
			want = -1
		}
		return &backupSource{f: in, want: want, read: &read, tell: c.tell}, nil
	})
	if errors.Is(err, fs.ErrNotExist) && (f.Problem != "" || f.Bytes < 0) {
		return nil // it is a problem already; or somebody removed it, a profile perhaps
	}
	if err == nil && f.SHA256 != "" && got != f.SHA256 && f.Problem == "" {
		f.Problem = "is not what the journal says: SHA-256 is " + got
		c.problem(f, false)
	}
	c.count(max(f.Bytes, read))
	return err
}

func (c *backupCopy) problem(f archive.SnapshotFile, held bool) {
	text := f.Path + " " + f.Problem
	if held {
		text += "; the backup keeps it as the journal says"
	}
	c.problems = append(c.problems, text)
}

func (c *backupCopy) count(n int64) {
	c.files++
	c.bytes += n
}

func (c *backupCopy) tell(n int) {
	c.at.Done += int64(n)
	c.at.Total = max(c.at.Total, c.at.Done)
	if c.progress != nil {
		c.progress(c.at)
	}
}

// openEither opens a file; an open WARC may have been closed and renamed meanwhile.
func openEither(name string) (*os.File, error) {
	f, err := os.Open(name)
	if closed, ok := strings.CutSuffix(name, ".open"); ok && errors.Is(err, fs.ErrNotExist) {
		return os.Open(closed)
	}
	return f, err
}

// backupSource reads the first bytes of a file, and no fewer.
type backupSource struct {
	f    *os.File
	want int64 // below 0: to the end
	read *int64
	tell func(int)
}

func (s *backupSource) Read(b []byte) (int, error) {
	if s.want >= 0 {
		if *s.read == s.want {
			return 0, io.EOF
		}
		b = b[:min(int64(len(b)), s.want-*s.read)]
	}
	n, err := s.f.Read(b)
	*s.read += int64(n)
	s.tell(n)
	if err == io.EOF && s.want >= 0 && *s.read < s.want {
		err = fmt.Errorf("%s has %d bytes, %d were there: %w", s.f.Name(), *s.read, s.want, io.ErrUnexpectedEOF)
	}
	return n, err
}

func (s *backupSource) Close() error { return s.f.Close() }

// Backups returns the versions of the backup in dir, the oldest first. Errors: *BackupError.
func Backups(dir string) ([]BackupReport, error) {
	obj, err := ocfl.Open(dir, "")
	if err != nil {
		return nil, backupError(err)
	}
	var out []BackupReport
	for name, v := range obj.Inventory.Versions {
		r := BackupReport{Version: name, Created: v.Created, Journal: strings.TrimPrefix(v.Message, "journal "),
			Problems: []string{}}
		for digest, paths := range v.State {
			content := obj.Inventory.Manifest[digest][0]
			info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(content)))
			if err != nil {
				r.Problems = append(r.Problems, err.Error())
				continue
			}
			r.Files += len(paths)
			r.Bytes += info.Size() * int64(len(paths))
			if strings.HasPrefix(content, name+"/") {
				r.NewFiles++
				r.NewBytes += info.Size()
			}
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b BackupReport) int {
		return cmp.Or(cmp.Compare(len(a.Version), len(b.Version)), strings.Compare(a.Version, b.Version))
	})
	return out, nil
}

// VerifyBackup reads all of the backup in dir and returns what is not as its inventories say.
func VerifyBackup(ctx context.Context, dir string, progress func(CopyProgress)) ([]string, error) {
	bad, err := ocfl.Verify(ctx, dir, func(n int64) {
		if progress != nil {
			progress(CopyProgress{Done: n})
		}
	})
	problems := []string{}
	for _, p := range bad {
		problems = append(problems, p.Error())
	}
	return problems, backupError(err)
}
