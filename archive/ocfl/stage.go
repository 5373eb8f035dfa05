package ocfl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cundang/archive/disk"

	"github.com/gofrs/flock"
)

// Stage is a version that is being made. Nothing of it is seen before Commit. One goroutine uses it at a time.
type Stage struct {
	Head   *Object // the newest version; nil: this will be the first
	Copied int     // contents written
	Bytes  int64   // of them

	dir, id, name string
	fs            disk.FileSystem
	lock          *flock.Flock
	manifest      map[string][]string
	state         map[string][]string
	dirs          map[string]bool // to be synced
}

// Begin prepares the next version of the object in dir, or the first of a new object there, and locks the object until
// Close. What an interrupted run has copied already is used again. Errors: ErrOther, ErrLocked, *DamagedError,
// *OtherIDError.
func Begin(dir, id string, files disk.FileSystem) (_ *Stage, err error) {
	if files == nil {
		files = disk.Disk{}
	}
	s := &Stage{dir: dir, id: id, fs: files, manifest: map[string][]string{}, state: map[string][]string{},
		dirs: map[string]bool{}}
	_, err = versions(dir)
	if err != nil && !errors.Is(err, ErrNone) {
		return nil, err
	}
	if err != nil {
		if err := s.declare(); err != nil {
			return nil, fmt.Errorf("make %s: %w", dir, err)
		}
	}
	s.lock = flock.New(filepath.Join(dir, declaration))
	ok, err := s.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.completeDeclaration(); err != nil {
		return nil, err
	}
	numbers, err := versions(dir) // with what another process made meanwhile
	if err != nil {
		return nil, err
	}
	next := 1
	if len(numbers) > 0 {
		if s.Head, err = Open(dir, ""); err != nil {
			return nil, err
		}
		if s.Head.Inventory.ID != id {
			return nil, &OtherIDError{dir, s.Head.Inventory.ID}
		}
		s.manifest = maps.Clone(s.Head.Inventory.Manifest)
		next = numbers[len(numbers)-1] + 1
		if err := s.writeRoot(s.Head.Inventory); err != nil { // a kill came between a version and this
			return nil, err
		}
	}
	s.name = versionName(next)
	return s, os.MkdirAll(s.stage(contentName), 0o700)
}

// OtherIDError says that an object is not the one that was meant.
type OtherIDError struct{ Dir, ID string }

func (e *OtherIDError) Error() string { return e.Dir + " belongs to " + e.ID }

// declare makes the directory and says what it is.
func (s *Stage) declare() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	return s.write(filepath.Join(s.dir, declaration), []byte(declared))
}

// declared is what the declaration holds.
const declared = "ocfl_object_1.1\n"

// completeDeclaration writes it where a kill came between making the file and filling it.
func (s *Stage) completeDeclaration() error {
	path := filepath.Join(s.dir, declaration)
	if text, err := os.ReadFile(path); err != nil || string(text) == declared {
		return err
	}
	f, err := s.fs.Open(path) // in place: it is locked
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(declared), 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// stage returns a path below the directory in which the version is made.
func (s *Stage) stage(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(stageName), s.name, filepath.FromSlash(name))
}

// write writes a file durably but for its directory.
func (s *Stage) write(path string, data []byte) error {
	f, err := s.fs.Create(path)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Holds says whether the object has a content of n bytes with this digest. A *DamagedError says that it should, and
// what is there is not that.
func (s *Stage) Holds(digest string, n int64) (bool, error) {
	paths := s.manifest[digest]
	if len(paths) == 0 {
		return false, nil
	}
	name := filepath.Join(s.dir, filepath.FromSlash(paths[0]))
	if strings.HasPrefix(paths[0], s.name+"/") {
		name = filepath.Join(s.dir, filepath.FromSlash(stageName), filepath.FromSlash(paths[0]))
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, &DamagedError{paths[0], "is missing"}
	}
	if err == nil && n >= 0 && info.Size() != n {
		err = &DamagedError{paths[0], fmt.Sprintf("has %d bytes instead of %d", info.Size(), n)}
	}
	return err == nil, err
}

// Refer puts a file into the version whose content the object holds.
func (s *Stage) Refer(path, digest string) { s.state[digest] = append(s.state[digest], path) }

// Staged returns the size of what an interrupted run has copied for a path, 0 if it has not.
func (s *Stage) Staged(path string) int64 {
	if info, err := os.Stat(s.stage(contentName + "/" + path)); err == nil {
		return info.Size()
	}
	return 0
}

// Add puts a file into the version and returns its digest. Its content is copied unless the object has it already; what
// was written is read back. digest is what the content is expected to have, "" if that is not known.
func (s *Stage) Add(ctx context.Context, path, digest string, open func() (io.ReadCloser, error)) (string, error) {
	if err := local([]string{path}); err != nil {
		return "", err
	}
	to := s.stage(contentName + "/" + path)
	if digest != "" {
		if got, _, err := hashFile(ctx, to); err == nil && got == digest { // left by an interrupted run
			s.take(path, digest)
			return digest, nil
		}
	}
	in, err := open()
	if err != nil {
		return "", err
	}
	defer in.Close() // opened for reading
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	if err := errors.Join(os.RemoveAll(to+".part"), os.RemoveAll(to)); err != nil {
		return "", err
	}
	got, n, err := s.copy(ctx, to+".part", in)
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", path, err)
	}
	if len(s.manifest[got]) > 0 { // known after all
		if err := s.fs.Remove(to + ".part"); err != nil {
			return "", err
		}
		s.Refer(path, got)
		return got, nil
	}
	if err := s.fs.Rename(to+".part", to); err != nil {
		return "", fmt.Errorf("copy %s: %w", path, err)
	}
	s.Copied++
	s.Bytes += n
	s.take(path, got)
	return got, nil
}

// take enters a content of this version.
func (s *Stage) take(path, digest string) {
	content := s.name + "/" + contentName + "/" + path
	s.manifest[digest] = append(slices.Clone(s.manifest[digest]), content)
	for d := filepath.Dir(s.stage(contentName + "/" + path)); d != s.dir; d = filepath.Dir(d) {
		s.dirs[d] = true
	}
	s.Refer(path, digest)
}

// copy writes a file, makes it durable and reads it back.
func (s *Stage) copy(ctx context.Context, to string, in io.Reader) (digest string, n int64, err error) {
	f, err := s.fs.Create(to)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var k int
		k, err = in.Read(buf)
		h.Write(buf[:k])
		if k > 0 {
			if _, werr := f.WriteAt(buf[:k], n); werr != nil {
				err = werr
			}
		}
		n += int64(k)
	}
	if err == io.EOF {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", n, errors.Join(err, s.fs.Remove(to))
	}
	digest = hex.EncodeToString(h.Sum(nil))
	back, _, err := hashFile(ctx, to)
	if err == nil && back != digest {
		err = fmt.Errorf("read back: %w", ErrDigest)
	}
	return digest, n, err
}

// hashFile returns the digest and the size of a file.
func hashFile(ctx context.Context, name string) (string, int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close() // opened for reading
	h := sha256.New()
	n, err := io.Copy(h, &contextReader{ctx, f})
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// contextReader fails once its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// Commit makes the version: durably, and by one rename. It returns its name.
func (s *Stage) Commit(ctx context.Context, v Version) (string, error) {
	inv := Inventory{ID: s.id, Type: objectType, Algorithm: "sha256", Head: s.name, Manifest: s.manifest,
		Versions: map[string]Version{}}
	if s.Head != nil {
		maps.Copy(inv.Versions, s.Head.Inventory.Versions)
	}
	v.State = s.state
	inv.Versions[s.name] = v
	if err := inv.check(); err != nil {
		return "", err
	}
	if err := s.dropForeign(); err != nil {
		return "", err
	}
	if err := s.writeInventory(s.stage(""), inv); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.dirs[s.stage("")] = true
	for _, d := range slices.Sorted(maps.Keys(s.dirs)) {
		if err := s.fs.SyncDir(d); err != nil {
			return "", err
		}
	}
	to := filepath.Join(s.dir, s.name)
	if err := s.fs.Rename(s.stage(""), to); err != nil {
		return "", err
	}
	if err := s.fs.SyncDir(s.dir); err != nil {
		return "", err
	}
	return s.name, s.writeRoot(inv)
}

// dropForeign removes what an earlier run has staged and this one did not take, and directories without a file.
func (s *Stage) dropForeign() error {
	taken := map[string]bool{}
	for _, paths := range s.manifest {
		for _, p := range paths {
			taken[p] = true
		}
	}
	content := s.stage(contentName)
	var dirs []string
	err := filepath.WalkDir(content, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			dirs = append(dirs, p)
			return nil
		}
		rel, err := filepath.Rel(content, p)
		if err != nil || taken[s.name+"/"+contentName+"/"+filepath.ToSlash(rel)] {
			return err
		}
		return s.fs.Remove(p)
	})
	for _, d := range slices.Backward(dirs) {
		if rest, rerr := os.ReadDir(d); rerr == nil && len(rest) == 0 {
			err = errors.Join(err, s.fs.Remove(d))
			delete(s.dirs, d)
		}
	}
	for _, name := range []string{inventoryName, sidecarName} {
		err = errors.Join(err, os.RemoveAll(s.stage(name)))
	}
	return err
}

func (s *Stage) writeInventory(dir string, inv Inventory) error {
	text, side, err := inv.marshal()
	if err != nil {
		return err
	}
	return errors.Join(s.write(filepath.Join(dir, inventoryName), text), s.write(filepath.Join(dir, sidecarName), side))
}

// writeRoot copies the inventory of the newest version to where other programs look for it.
func (s *Stage) writeRoot(inv Inventory) error {
	if root, err := readInventory(s.dir, ""); err == nil && root.Head == inv.Head {
		return nil
	}
	tmp := filepath.Join(s.dir, filepath.FromSlash(stageName), "root")
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	if err := s.writeInventory(tmp, inv); err != nil {
		return err
	}
	for _, name := range []string{inventoryName, sidecarName} {
		if err := s.fs.Rename(filepath.Join(tmp, name), filepath.Join(s.dir, name)); err != nil {
			return err
		}
	}
	return errors.Join(s.fs.SyncDir(s.dir), s.fs.Remove(tmp))
}

// Close unlocks the object. What was copied for a version that was not committed stays for the next run.
func (s *Stage) Close() error {
	for _, d := range []string{s.stage(contentName), s.stage(""), filepath.Join(s.dir, filepath.FromSlash(stageName)),
		filepath.Join(s.dir, extensions)} {
		_ = os.Remove(d) // goes only where nothing is in it
	}
	return s.lock.Unlock()
}
