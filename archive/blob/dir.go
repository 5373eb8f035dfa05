package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cundang/archive/disk"
)

// Dir is a Store in a directory, such as a mounted network share. It is created by the first file put into it.
type Dir string

// tempPrefix begins the names of files that are being written; List does not show them.
const tempPrefix = ".putting-"

// String implements Store.
func (d Dir) String() string { return "file://" + filepath.ToSlash(string(d)) }

func (d Dir) path(name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	if strings.HasPrefix(path.Base(name), tempPrefix) {
		return "", fmt.Errorf("%q cannot be the name of a file", name)
	}
	return filepath.Join(string(d), filepath.FromSlash(name)), nil
}

// PutNew implements Store: the content is made durable under a temporary name, then linked to its own, which fails if
// that is taken.
func (d Dir) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	p, err := d.path(name)
	if err == nil && size <= 0 {
		err = ErrEmpty
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = d.putNew(ctx, p, content, size)
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

func (d Dir) putNew(ctx context.Context, p string, content io.Reader, size int64) (err error) {
	if _, err := os.Lstat(p); err == nil {
		return ErrExists
	}
	if err := makeDir(filepath.Dir(p)); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(p), tempPrefix+"*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	n, err := io.Copy(tmp, io.LimitReader(&ctxReader{ctx, content}, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("content has %d bytes, not %d", n, size)
	}
	if err == nil {
		err = errors.Join(tmp.Chmod(0o644), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), p); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return ErrExists
		}
		return err
	}
	return disk.Disk{}.SyncDir(filepath.Dir(p))
}

// makeDir makes a directory and those above it durably.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if up := filepath.Dir(dir); up != dir {
		if err := makeDir(up); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return disk.Disk{}.SyncDir(filepath.Dir(dir))
}

// ReadRange implements Store.
func (d Dir) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	p, err := d.path(name)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && offset < 0 {
		err = fmt.Errorf("offset is %d", offset)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	f, err := os.Open(p)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, notFound(err))
	}
	if length < 0 {
		length = 1<<63 - 1 - offset
	}
	return struct {
		io.Reader
		io.Closer
	}{&ctxReader{ctx, io.NewSectionReader(f, offset, length)}, f}, nil
}

func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return err
}

// Stat implements Store.
func (d Dir) Stat(ctx context.Context, name string) (Info, error) {
	p, err := d.path(name)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", name, err)
	}
	info, err := os.Stat(p)
	if err == nil && info.IsDir() {
		err = ErrNotFound
	}
	if err != nil {
		return Info{}, fmt.Errorf("stat %s: %w", name, notFound(err))
	}
	return Info{name, info.Size()}, nil
}

// List implements Store.
func (d Dir) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if dir, _ := path.Split(prefix); dir != "" && CheckName(strings.TrimSuffix(dir, "/")) != nil {
			yield(Info{}, fmt.Errorf("list %q: no names begin so", prefix))
			return
		}
		_, err := d.list(ctx, "", prefix, func(i Info) bool { return yield(i, nil) })
		if err != nil {
			yield(Info{}, fmt.Errorf("list %s: %w", prefix, err))
		}
	}
}

// list visits the files below the directory dir ("" or with a slash at its end).
func (d Dir) list(ctx context.Context, dir, prefix string, visit func(Info) bool) (more bool, err error) {
	entries, err := os.ReadDir(filepath.Join(string(d), filepath.FromSlash(dir)))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, dir+name)
	}
	slices.Sort(names) // as the names of files sort, "a.b" before "a/b"
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		switch {
		case strings.HasPrefix(path.Base(name), tempPrefix):
		case strings.HasSuffix(name, "/"):
			if strings.HasPrefix(name, prefix) || strings.HasPrefix(prefix, name) {
				if more, err := d.list(ctx, name, prefix, visit); err != nil || !more {
					return more, err
				}
			}
		case strings.HasPrefix(name, prefix):
			info, err := os.Stat(filepath.Join(string(d), filepath.FromSlash(name)))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return false, err
			}
			if !visit(Info{name, info.Size()}) {
				return false, nil
			}
		}
	}
	return true, nil
}

// ctxReader fails once its context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c *ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
