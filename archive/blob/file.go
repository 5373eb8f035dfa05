package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

const (
	blockSize = 256 << 10 // what a random read fetches, and the unit of a Cache
	maxRun    = 4 << 20   // what a reader in sequence fetches at a time, at most
	fetches   = 3         // attempts to fetch a range: each goes on where the one before broke off
)

// TransferError says that a file could not be read now: nothing is known about its bytes.
type TransferError struct {
	Name string
	Err  error
}

// Error implements error.
func (e *TransferError) Error() string { return fmt.Sprintf("read %s: %v", e.Name, e.Err) }

// Unwrap implements errors.
func (e *TransferError) Unwrap() error { return e.Err }

// File reads one file of a Store. Random reads fetch blocks, which a Cache keeps; reads in sequence fetch longer
// and longer runs, which go past it. An error is io.EOF, a *TransferError, or says that the file is shorter than it
// was. Its methods are safe for concurrent use, one read at a time.
type File struct {
	ctx   context.Context // of the reads: io.ReaderAt has no place for one
	store Store
	src   Source
	cache *Cache

	mu  sync.Mutex
	buf []byte // the bytes from at on
	at  int64
	run int64 // length of the run that buf is; 0: it is blocks
}

// Source names a file whose size and content are known.
type Source struct {
	Name   string
	Size   int64  // bytes
	SHA256 string // hex; what a Cache knows the file by
}

// Open returns a reader of a file, which asks the store only when it is read; cache may be nil. ctx bounds all reads.
func Open(ctx context.Context, s Store, src Source, cache *Cache) *File {
	return &File{ctx: ctx, store: s, src: src, cache: cache}
}

// Close implements io.Closer.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buf = nil
	return nil
}

// ReadAt implements io.ReaderAt.
func (f *File) ReadAt(p []byte, off int64) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n < len(p) {
		at := off + int64(n)
		if at >= f.src.Size {
			return n, io.EOF
		}
		if i := at - f.at; i >= 0 && i < int64(len(f.buf)) {
			n += copy(p[n:], f.buf[i:])
			continue
		}
		if err := f.fill(at, int64(len(p)-n)); err != nil {
			if errors.Is(err, errShort) {
				return n, fmt.Errorf("read %s: %w", f.src.Name, err)
			}
			return n, &TransferError{f.src.Name, err}
		}
	}
	return n, nil
}

// fill gets bytes into buf, the one at offset at among them; want more are asked for.
func (f *File) fill(at, want int64) error {
	// What begins behind buf, or a little further on, is a reader in sequence that passes something over.
	if gap := at - f.at - int64(len(f.buf)); len(f.buf) > 0 && gap >= 0 && gap < blockSize {
		f.run = min(max(4*blockSize, 2*f.run), maxRun)
		return f.fetch(at, min(f.run, f.src.Size-at))
	}
	f.run = 0
	first := at / blockSize
	last := min(at+min(want, maxRun)-1, f.src.Size-1) / blockSize
	f.buf, f.at = f.buf[:0], first*blockSize
	for i := first; i <= last && f.cache != nil; i++ {
		block, ok := f.cache.get(f.src.SHA256, i)
		if !ok || int64(len(block)) != min(blockSize, f.src.Size-i*blockSize) {
			break
		}
		f.buf = append(f.buf, block...)
	}
	if int64(len(f.buf)) > at-f.at {
		return nil // ReadAt comes back for the rest
	}
	if err := f.fetch(first*blockSize, min((last+1)*blockSize, f.src.Size)-first*blockSize); err != nil {
		return err
	}
	if f.cache != nil {
		for i := first; i <= last; i++ {
			from := (i - first) * blockSize
			f.cache.put(f.src.SHA256, i, f.buf[from:min(from+blockSize, int64(len(f.buf)))])
		}
	}
	return nil
}

// errShort says that a file has fewer bytes than were put: it was changed.
var errShort = errors.New("the file ends too early")

// fetch reads n bytes from offset at on into buf.
func (f *File) fetch(at, n int64) error {
	if int64(cap(f.buf)) < n {
		f.buf = make([]byte, n)
	}
	buf := f.buf[:n]
	f.buf = f.buf[:0]
	got := 0
	for try := 1; ; try++ {
		m, err := f.fetchOnce(buf[got:], at+int64(got))
		if got += m; got == len(buf) {
			f.buf, f.at = buf, at
			return nil
		}
		if err == nil {
			return fmt.Errorf("%w: at %d, not at %d", errShort, at+int64(got), f.src.Size)
		}
		if try == fetches || f.ctx.Err() != nil || errors.Is(err, ErrNotFound) {
			return err
		}
	}
}

func (f *File) fetchOnce(buf []byte, at int64) (int, error) {
	r, err := f.store.ReadRange(f.ctx, f.src.Name, at, int64(len(buf)))
	if err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r, buf)
	if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
		// Either the file ends there or the transfer broke off: asking again from there on tells.
		return n, errors.Join(err, r.Close())
	}
	if err == io.EOF {
		err = nil
	}
	return n, errors.Join(err, r.Close())
}
