// Package blob keeps closed files under names: in a directory (Dir) or in an S3 bucket (package s3). A file is put
// once, whole, and never changed afterwards; whoever puts another under its name is refused. blobtest is the
// contract of all implementations.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
)

// Conditions a caller can act on.
var (
	// ErrExists: there is a file of that name already.
	ErrExists = errors.New("exists already")
	// ErrNotFound: there is no file of that name.
	ErrNotFound = errors.New("not found")
	// ErrEmpty: a file has no bytes; such files are not kept.
	ErrEmpty = errors.New("a file without bytes is not kept")
	// ErrOverwrites: the store replaced a file although it was told to create only.
	ErrOverwrites = errors.New("the store does not honour conditional writes (If-None-Match: *) and would overwrite files")
)

// Info is a file in a Store.
type Info struct {
	Name string // slash path
	Size int64  // bytes
}

// Store keeps files. Its methods are safe for concurrent use, by any number of processes. Names are slash paths
// without empty parts, "." and ".."; none is that of a directory in another.
type Store interface {
	// PutNew keeps size bytes of content under a name that is not taken; once it returns nil they are durable. An
	// error that is ErrExists says that the name is taken: by an earlier attempt of the same call too, if its answer
	// was lost. After any other error the name may be taken or not; what it names is never half a file.
	PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error
	// ReadRange returns up to length bytes from offset on, less only where the file ends; a length below 0 is all
	// to the end. A transfer that breaks off is an error, never a short read. The caller closes the reader.
	ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)
	// Stat returns the size of a file.
	Stat(ctx context.Context, name string) (Info, error)
	// List yields the files whose names begin with prefix, in the order of their names.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// String names the place for people.
	String() string
}

// CheckName returns an error for a name that no Store takes.
func CheckName(name string) error {
	if name == "" || len(name) > 1000 || path.Clean("/"+name) != "/"+name || strings.ContainsAny(name, "\\\x00") {
		return fmt.Errorf("%q cannot be the name of a file", name)
	}
	return nil
}

// Put keeps content under name, or makes sure that just these bytes are there: it can be repeated until it returns nil.
// sha256sum is the digest of content in hex. An error that is ErrExists says that the name holds other bytes.
func Put(ctx context.Context, s Store, name string, content io.ReadSeeker, size int64, sha256sum string) error {
	err := s.PutNew(ctx, name, content, size)
	if !errors.Is(err, ErrExists) {
		return err
	}
	return Verify(ctx, s, name, size, sha256sum)
}

// Verify reads a file and returns an error that is ErrExists if it is not the one of that size and digest.
func Verify(ctx context.Context, s Store, name string, size int64, sha256sum string) error {
	h := sha256.New()
	n, err := copyAll(ctx, h, s, name)
	if err != nil {
		return fmt.Errorf("verify %s: %w", name, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); n != size || got != sha256sum {
		return fmt.Errorf("verify %s: %d bytes with SHA-256 %.16s…, not %d with %.16s…: %w",
			name, n, got, size, sha256sum, ErrExists)
	}
	return nil
}

func copyAll(ctx context.Context, w io.Writer, s Store, name string) (n int64, err error) {
	r, err := s.ReadRange(ctx, name, 0, -1)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(w, r)
	return n, errors.Join(err, r.Close())
}

// Fetch writes a file to w and returns an error unless it has that size and digest.
func Fetch(ctx context.Context, s Store, name string, w io.Writer, size int64, sha256sum string) error {
	h := sha256.New()
	n, err := copyAll(ctx, io.MultiWriter(w, h), s, name)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", name, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); n != size || got != sha256sum {
		return fmt.Errorf("fetch %s: got %d bytes with SHA-256 %.16s…, expected %d with %.16s…",
			name, n, got, size, sha256sum)
	}
	return nil
}

// ReadAll returns a file of at most limit bytes.
func ReadAll(ctx context.Context, s Store, name string, limit int64) ([]byte, error) {
	r, err := s.ReadRange(ctx, name, 0, limit+1)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("read %s: more than %d bytes", name, limit)
	}
	return b, nil
}

// CheckCreateOnly puts a file twice under a name and returns ErrOverwrites if the store lets it: with such a store two
// writers would replace each other's files.
func CheckCreateOnly(ctx context.Context, s Store, name string) error {
	for _, content := range []string{"first", "other"} {
		err := s.PutNew(ctx, name, strings.NewReader(content), int64(len(content)))
		if errors.Is(err, ErrExists) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("try the store: %w", err)
		}
	}
	return fmt.Errorf("%s: %w", s, ErrOverwrites)
}
