package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"cundang/archive/httpmsg"
	"cundang/archive/warc"
)

// Read returns the capture at ref. If ref holds a digest, the record must have it.
func (s *Store) Read(ctx context.Context, ref Ref) (Capture, error) {
	x, err := s.readAt(ctx, ref, true)
	if err != nil {
		return Capture{}, fmt.Errorf("read %s: %w", ref, err)
	}
	if ref.Digest != "" && !warc.SameDigest(x.digest, ref.Digest) {
		return Capture{}, fmt.Errorf("read %s: record has payload digest %s, expected %s", ref, x.digest, ref.Digest)
	}
	return s.capture(x), nil
}

func (s *Store) readAt(ctx context.Context, ref Ref, keep bool) (*found, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.openRead(ctx, ref.File)
	if err != nil {
		return nil, err
	}
	x, err := readCapture(ref, f, keep)
	return x, errors.Join(err, f.Close())
}

// tailSize is how much behind a record is read for its metadata record, in bytes.
const tailSize = 4 << 10

// readCapture reads the record at ref and its metadata record, which follows it.
func readCapture(ref Ref, f io.ReaderAt, keep bool) (*found, error) {
	src := window{f: f, at: ref.Offset}
	if ref.Length+tailSize <= 1<<20 { // one system call
		mem := windows.Get().(*[]byte)
		defer windows.Put(mem)
		if int64(cap(*mem)) < ref.Length+tailSize {
			*mem = make([]byte, ref.Length+tailSize)
		}
		buf := (*mem)[:ref.Length+tailSize]
		n, err := f.ReadAt(buf, ref.Offset)
		if err != nil && err != io.EOF {
			return nil, err
		}
		src.buf, src.at = buf[:n], ref.Offset+int64(n)
	}
	r := readers.Get().(*warc.Reader)
	defer readers.Put(r)
	r.Reset(&src, ref.File, ref.Offset)
	sc := &scanner{file: ref.File, r: r, keep: keep}
	rec, err := sc.r.Next()
	if err == io.EOF {
		return nil, fmt.Errorf("no record there: %w", ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	if t := rec.Header.Value(warc.Type); !isPage(rec.Header) {
		return nil, fmt.Errorf("%s record of %q is no capture: %w", t, rec.Header.URI(), ErrNotFound)
	}
	x, err := sc.capture(rec)
	if err != nil {
		return nil, err
	}
	if x == nil {
		return nil, fmt.Errorf("record shares its gzip member with others")
	}
	if x.length != ref.Length {
		return nil, fmt.Errorf("record is %d bytes long, not %d", x.length, ref.Length)
	}
	sc.pending = x
	for range 2 { // other writers put the request in between
		rec, err := sc.r.Next()
		if err != nil { // the end, or not written yet: the capture stands without it
			return x, nil
		}
		switch rec.Header.Value(warc.Type) {
		case warc.Metadata:
			if _, err := sc.metadata(rec); err != nil {
				return x, nil
			}
			return x, nil
		case warc.Request:
		default:
			return x, nil
		}
	}
	return x, nil
}

// Readers are kept for the next random read or file: their buffers and tables are dear.
var (
	readers       = sync.Pool{New: func() any { return warc.NewReader(nil, "", 0, warc.Tolerant) }}
	strictReaders = sync.Pool{New: func() any { return warc.NewReader(nil, "", 0, warc.Strict) }}
)

var windows = sync.Pool{New: func() any { return new([]byte) }}

// window reads a file from an offset on, the first part of which has been read into buf.
type window struct {
	f   io.ReaderAt
	buf []byte
	at  int64 // behind buf
}

// Read implements io.Reader. What is in buf is returned alone: readers that ask for much
// would otherwise read parts of the file that nobody wants.
func (w *window) Read(b []byte) (int, error) {
	if len(w.buf) > 0 {
		n := copy(b, w.buf)
		w.buf = w.buf[n:]
		return n, nil
	}
	n, err := w.f.ReadAt(b, w.at)
	w.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// recordBody opens the entity of a response or resource record, whose payload digest is recorded or "".
func (s *Store) recordBody(ref Ref, resource bool, recorded string) (io.ReadCloser, error) {
	b, length, err := s.openBlockAt(context.Background(), ref)
	if err != nil {
		return nil, fmt.Errorf("body of %s: %w", ref, err)
	}
	if resource {
		return b, nil
	}
	e, err := httpmsg.NewEntity("", b)
	if err == nil && mayStand(e.Parser(), length) {
		if b, e, err = s.weighedBody(ref, b, recorded); err != nil {
			return nil, fmt.Errorf("body of %s: %w", ref, err)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("body of %s: %w", ref, err), b.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{decoded(e, e.Head()), b}, nil
}

// weighedBody reads the record twice more: once to know its payload. It closes b.
func (s *Store) weighedBody(ref Ref, b io.ReadCloser, recorded string) (io.ReadCloser, *httpmsg.Entity, error) {
	if err := b.Close(); err != nil {
		return nil, nil, err
	}
	b, length, err := s.openBlockAt(context.Background(), ref)
	if err != nil {
		return nil, nil, err
	}
	stands, err := weigh(b, length, recorded)
	if err := errors.Join(err, b.Close()); err != nil {
		return nil, nil, err
	}
	if b, _, err = s.openBlockAt(context.Background(), ref); err != nil {
		return nil, nil, err
	}
	var e *httpmsg.Entity
	if stands {
		e, err = httpmsg.NewStanding(b)
	} else {
		e, err = httpmsg.NewEntity("", b)
	}
	if err != nil {
		return nil, nil, errors.Join(err, b.Close())
	}
	return b, e, nil
}

// openBlockAt opens the block of the record at ref and tells its length in bytes.
func (s *Store) openBlockAt(ctx context.Context, ref Ref) (io.ReadCloser, int64, error) {
	f, err := s.openRead(ctx, ref.File)
	if err != nil {
		return nil, 0, err
	}
	return openBlock(f, ref)
}

// openBlock reads the block of the record at ref and tells its length; closing it closes f.
func openBlock(f warcFile, ref Ref) (io.ReadCloser, int64, error) {
	r := readers.Get().(*warc.Reader)
	r.Reset(io.NewSectionReader(f, ref.Offset, ref.Length), ref.File, ref.Offset)
	rec, err := r.Next()
	if err != nil {
		readers.Put(r)
		return nil, 0, errors.Join(err, f.Close())
	}
	return &block{rec.Block, r, f}, rec.Length, nil
}

type block struct {
	io.Reader
	r *warc.Reader
	f warcFile
}

// Close implements io.Closer. Nothing can be read afterwards.
func (b *block) Close() error {
	if b.r == nil {
		return os.ErrClosed
	}
	readers.Put(b.r)
	b.Reader, b.r = strings.NewReader(""), nil
	return b.f.Close()
}

// decoded removes the content codings that head tells of.
func decoded(payload io.Reader, head *httpmsg.Head) io.Reader {
	return httpmsg.Decode(payload, strings.Join(head.Values("Content-Encoding"), ","))
}

// revisitBody returns the body of the capture that a revisit refers to.
func (s *Store) revisitBody(c Capture) (io.ReadCloser, error) {
	x, err := s.resolve(context.Background(), c)
	if err != nil {
		return nil, fmt.Errorf("body of revisit %s: %w", c.Ref, err)
	}
	return x.Body()
}

// Block returns the wire-exact bytes of the record at ref: of a response its head and body
// as they came. The caller closes it.
func (s *Store) Block(ctx context.Context, ref Ref) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, _, err := s.openBlockAt(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("block of %s: %w", ref, err)
	}
	return b, nil
}
