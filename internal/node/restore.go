package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cundang/archive/disk"
	"cundang/archive/ocfl"
)

// Names in DATA of the directory in which a restore gathers the files, and, with the version behind it, of the same
// once all of them are there.
const (
	restoring = "restoring"
	restored  = "restored-"
)

// Restore makes the data directory from a version of the backup in dir, "" is the newest. Every file is held to the
// digest that the inventory has of it. The data directory must be empty, or hold a restore that was interrupted; until
// all files are there it has no archive. The index is not made. Errors: *BackupError. progress may be nil.
func (o Options) Restore(ctx context.Context, dir, version string, progress func(CopyProgress)) (
	r BackupReport, err error) {
	if err := apart(o.Dir, dir); err != nil {
		return r, err
	}
	obj, err := ocfl.Open(dir, version)
	if err != nil {
		return r, backupError(err)
	}
	r = BackupReport{Version: obj.Inventory.Head, Created: obj.Inventory.Versions[obj.Inventory.Head].Created,
		Problems: []string{}}
	complete, err := o.emptyForRestore(r.Version)
	if err == nil && !complete {
		err = o.restoreFiles(ctx, obj, progress)
	}
	if err != nil {
		return r, err
	}
	if r.Files, r.Bytes, err = size(obj); err != nil {
		return r, err
	}
	return r, o.publishRestored(r.Version)
}

// size returns how many files a version has, and of how many bytes.
func size(obj *ocfl.Object) (files int, bytes int64, err error) {
	for _, f := range obj.Files() {
		info, err := os.Stat(obj.Path(f))
		if err != nil {
			return 0, 0, &BackupError{BackupDamaged, err}
		}
		files++
		bytes += info.Size()
	}
	return files, bytes, nil
}

// restoreFiles gathers the files.
func (o Options) restoreFiles(ctx context.Context, obj *ocfl.Object, progress func(CopyProgress)) (err error) {
	if err := os.MkdirAll(o.Path(restoring), 0o700); err != nil {
		return &DirError{err}
	}
	at := CopyProgress{}
	if _, at.Total, err = size(obj); err != nil {
		return err
	}
	need := uint64(at.Total) + defaultMinFree
	if free, err := freeBytes(o.Dir); err == nil && free < need {
		return &RoomError{o.Dir, free, need}
	}
	dirs := map[string]bool{o.Dir: true, o.Path(restoring): true}
	for _, f := range obj.Files() {
		to := filepath.Join(o.Path(restoring), filepath.FromSlash(f.Path))
		n, err := restoreFile(ctx, obj.Path(f), to, f.SHA256)
		if err != nil {
			return fmt.Errorf("restore %s: %w", f.Path, err)
		}
		for d := filepath.Dir(to); d != o.Path(restoring); d = filepath.Dir(d) {
			dirs[d] = true
		}
		if at.Done += n; progress != nil {
			progress(at)
		}
	}
	for d := range dirs {
		if err := (disk.Disk{}).SyncDir(d); err != nil {
			return err
		}
	}
	return nil
}

// emptyForRestore makes sure that nothing is overwritten. complete says that an earlier restore of this version was
// interrupted when all files were there and some had been moved to where they belong.
func (o Options) emptyForRestore(version string) (complete bool, err error) {
	entries, err := os.ReadDir(o.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.Name() == restored+version {
			return true, nil
		}
	}
	if len(entries) == 1 && entries[0].Name() == restoring {
		return false, os.RemoveAll(o.Path(restoring))
	}
	if len(entries) > 0 {
		err = &BackupError{BackupNotEmpty, fmt.Errorf("%s is not empty", o.Dir)}
	}
	return false, err
}

// restoreFile copies a file and holds it to its digest.
func restoreFile(ctx context.Context, from, to, digest string) (n int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, &BackupError{BackupDamaged, err}
	}
	defer in.Close() // opened for reading
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return 0, err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	h := sha256.New()
	n, err = io.Copy(io.MultiWriter(out, h), readerFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return in.Read(b)
	}))
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil && fmt.Sprintf("%x", h.Sum(nil)) != digest {
		err = &BackupError{BackupDamaged, fmt.Errorf("%s %w", from, ocfl.ErrDigest)}
	}
	return n, err
}

type readerFunc func([]byte) (int, error)

func (r readerFunc) Read(b []byte) (int, error) { return r(b) }

// publishRestored moves what was restored to where it belongs, the archive last: without it there is no data directory.
func (o Options) publishRestored(version string) error {
	all := o.Path(restored + version)
	if err := os.Rename(o.Path(restoring), all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(all)
	if err != nil {
		return err
	}
	for _, last := range []bool{false, true} {
		if err := (disk.Disk{}).SyncDir(o.Dir); err != nil {
			return err
		}
		for _, e := range entries {
			if (e.Name() == "archive") != last {
				continue
			}
			if err := os.Rename(filepath.Join(all, e.Name()), o.Path(e.Name())); err != nil {
				return err
			}
		}
	}
	return errors.Join(os.Remove(all), (disk.Disk{}).SyncDir(o.Dir))
}
