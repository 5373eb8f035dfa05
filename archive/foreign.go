package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"cundang/archive/warc"
)

// foreignReader reads the records of a WARC that others wrote, whatever is wrong with it. It goes on behind what
// cannot be read, and finds the end of a record whose Content-Length does not lead to one.
type foreignReader struct {
	source  string
	f       io.ReaderAt
	size    int64
	r       *warc.Reader
	problem func(error)
	mended  bool // something was passed over or mended: the file cannot stay as it is

	member  int64 // offset of the gzip member last read from
	given   int   // records given out of it
	inner   *foreignReader
	scratch *os.File // what inner reads: the content of a damaged member
	nested  bool     // this is the inner one
}

// foreignRecord is a record with its whole block, as it was found.
type foreignRecord struct {
	Version   string
	Header    warc.Header
	Length    int64  // of the block in bytes
	Mended    string // what the source said of the length, "" if that holds
	Truncated bool   // the source ends within the block
	Shared    bool   // its gzip member holds other records, too
}

func newForeignReader(ctx context.Context, source string, f io.ReaderAt, size int64, problem func(error)) *foreignReader {
	x := &foreignReader{source: source, f: f, size: size, problem: problem, r: warc.NewReader(nil, source, 0, warc.Mending)}
	x.seek(ctx, 0)
	return x
}

func (x *foreignReader) seek(ctx context.Context, at int64) {
	x.r.Reset(&ctxReader{ctx, io.NewSectionReader(x.f, at, x.size-at)}, x.source, at)
	x.member, x.given = -1, 0
}

// close removes what was unpacked.
func (x *foreignReader) close() error {
	if x.scratch == nil {
		return nil
	}
	f := x.scratch
	x.scratch, x.inner = nil, nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// blockSink takes the block of each record, from the beginning again after each call of begin.
type blockSink interface {
	io.Writer
	begin(h warc.Header, mended bool) error
}

// next reads the next record and gives its block to sink; io.EOF after the last.
func (x *foreignReader) next(ctx context.Context, sink blockSink) (*foreignRecord, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if x.inner != nil {
			rec, err := x.inner.next(ctx, sink)
			if err != io.EOF {
				return rec, err
			}
			if err := x.close(); err != nil {
				return nil, err
			}
		}
		rec, err := x.r.Next()
		if err == io.EOF {
			if n := x.r.Empty(); n > 0 {
				x.mended = true
				x.problem(fmt.Errorf("%s: %d gzip members without content, left out", x.source, n))
			}
			return nil, io.EOF
		}
		var got *foreignRecord
		if err == nil {
			if rec.Offset != x.member {
				x.member, x.given = rec.Offset, 0
			}
			if got, err = x.take(ctx, rec, sink); err == nil {
				x.given++
			}
		}
		var bad *warc.Error
		if errors.As(err, &bad) {
			if err := x.passOver(ctx, bad); err != nil {
				return nil, err
			}
			continue
		}
		return got, err
	}
}

// take gives the block of a record to sink.
func (x *foreignReader) take(ctx context.Context, rec *warc.Record, sink blockSink) (*foreignRecord, error) {
	out := &foreignRecord{Version: rec.Version, Header: rec.Header, Length: rec.Length}
	if rec.BlockAt > 0 {
		sound, err := x.ends(rec.BlockAt, rec.Length)
		if err != nil {
			return nil, err
		}
		if !sound {
			return x.mend(ctx, rec, sink)
		}
	} else if rec.Length < 0 {
		return nil, &warc.Error{File: x.source, Offset: rec.Offset, Clause: "§5.3", Msg: "Content-Length is missing or no number"}
	}
	if err := sink.begin(rec.Header, false); err != nil {
		return nil, err
	}
	if _, err := io.Copy(sink, rec.Block); err != nil {
		return nil, err
	}
	if err := x.r.Finish(); err != nil {
		return nil, err
	}
	for _, p := range rec.Problems {
		x.problem(p)
	}
	out.Shared = rec.Shared
	return out, nil
}

// ends says whether a block of this length at this place ends as a record does: with two line ends, or before another
// record or the end of the file.
func (x *foreignReader) ends(at, length int64) (bool, error) {
	if length < 0 || length > x.size-at {
		return false, nil
	}
	var mem [16]byte
	n, err := x.f.ReadAt(mem[:min(int64(len(mem)), x.size-at-length)], at+length)
	if err != nil && err != io.EOF {
		return false, err
	}
	tail := mem[:n]
	rest := bytes.TrimLeft(tail, "\r\n")
	return bytes.HasPrefix(tail, []byte("\r\n\r\n")) || bytes.HasPrefix(tail, []byte("\n\n")) || len(rest) == 0 ||
		bytes.HasPrefix(rest, []byte("WARC/")) || bytes.HasPrefix(rest, []byte{0x1f, 0x8b}), nil
}

// mend takes a record that is not compressed and whose length does not hold: its block goes on to the next record.
func (x *foreignReader) mend(ctx context.Context, rec *warc.Record, sink blockSink) (*foreignRecord, error) {
	x.mended = true
	next, err := nextRecord(ctx, x.f, rec.BlockAt, x.size)
	if err != nil {
		return nil, err
	}
	end, ended, err := x.trim(rec.BlockAt, next)
	if err != nil {
		return nil, err
	}
	out := &foreignRecord{Version: rec.Version, Header: rec.Header, Length: end - rec.BlockAt,
		Mended: rec.Header.Value(warc.ContentLength), Truncated: !ended && rec.Length > next-rec.BlockAt}
	if out.Truncated {
		out.Length = next - rec.BlockAt
	}
	if out.Mended == "" {
		out.Mended = "none"
	}
	if err := sink.begin(rec.Header, true); err != nil {
		return nil, err
	}
	if _, err := io.Copy(sink, &ctxReader{ctx, io.NewSectionReader(x.f, rec.BlockAt, out.Length)}); err != nil {
		return nil, err
	}
	msg := fmt.Sprintf("Content-Length is %s, the block has %d bytes: kept with those", out.Mended, out.Length)
	if out.Truncated {
		msg = fmt.Sprintf("the file ends within the record: kept as truncated, %d of %s bytes", out.Length, out.Mended)
	}
	x.problem(&warc.Error{File: x.source, Offset: rec.Offset, Clause: "§5.3", Msg: msg})
	x.seek(ctx, next)
	return out, nil
}

// trim returns the end of a block without the line ends before the next record, and whether there are two.
func (x *foreignReader) trim(from, to int64) (end int64, ended bool, err error) {
	var mem [4]byte
	tail := mem[:min(4, to-from)]
	if _, err := x.f.ReadAt(tail, to-int64(len(tail))); err != nil && err != io.EOF {
		return 0, false, err
	}
	for i, end := range []string{"\r\n\r\n", "\n\n", "\r\n", "\n"} {
		if bytes.HasSuffix(tail, []byte(end)) {
			return to - int64(len(end)), i < 2, nil
		}
	}
	return to, false, nil
}

// maxUnpacked bounds what is unpacked of a damaged gzip member to look for records in it, in bytes.
const maxUnpacked = 1 << 30

// passOver goes on behind a place that cannot be read. A gzip member that is whole, or that only breaks off with the file,
// is unpacked and read as if it had not been compressed; of another one nothing that is not checked by its sum is kept.
func (x *foreignReader) passOver(ctx context.Context, bad *warc.Error) error {
	x.mended = true
	skip := 0
	if x.member == bad.Offset {
		skip = x.given
	}
	x.problem(bad)
	content, next, whole, err := x.unpack(ctx, bad.Offset)
	if err != nil {
		return err
	}
	if content != nil && (whole || next == x.size) {
		return x.enter(ctx, content, next, skip, bad)
	}
	if content != nil {
		if err := errors.Join(content.Close(), os.Remove(content.Name())); err != nil {
			return err
		}
	}
	if next, err = nextRecord(ctx, x.f, bad.Offset+1, x.size); err != nil {
		return err
	}
	x.seek(ctx, next)
	return nil
}

// enter goes on with the unpacked content of a member, behind as many records as skip says.
func (x *foreignReader) enter(ctx context.Context, content *os.File, next int64, skip int, bad *warc.Error) error {
	info, err := content.Stat()
	if err != nil {
		return errors.Join(err, content.Close(), os.Remove(content.Name()))
	}
	x.scratch = content
	x.inner = newForeignReader(ctx, x.source, content, info.Size(), func(error) {})
	x.inner.nested = true
	for range skip {
		if _, err := x.inner.next(ctx, discard{}); err != nil {
			break
		}
	}
	x.inner.problem = func(err error) {
		var inside *warc.Error
		if errors.As(err, &inside) {
			err = &warc.Error{File: x.source, Offset: bad.Offset, Clause: inside.Clause, Msg: inside.Msg, Err: inside.Err}
		}
		x.problem(err)
	}
	x.seek(ctx, next)
	return nil
}

// unpack writes the content of the gzip member at a place to a scratch file: nil if there is none, or too much. next is the
// end of the member, or that of the file where it breaks off; whole says that its sum holds.
func (x *foreignReader) unpack(ctx context.Context, at int64) (content *os.File, next int64, whole bool, err error) {
	if x.nested { // a member within a member: there are some that hold themselves
		return nil, at, false, nil
	}
	var magic [2]byte
	if n, err := x.f.ReadAt(magic[:], at); n < 2 || magic != [2]byte{0x1f, 0x8b} {
		if err == io.EOF {
			err = nil
		}
		return nil, at, false, err
	}
	content, err = os.CreateTemp("", "cundang-member-*")
	if err != nil {
		return nil, 0, false, err
	}
	n, next, uerr := warc.Unpack(content, &ctxReader{ctx, io.NewSectionReader(x.f, at, x.size-at)}, maxUnpacked)
	next += at
	if cerr := ctx.Err(); cerr != nil {
		return nil, 0, false, errors.Join(cerr, content.Close(), os.Remove(content.Name()))
	}
	if n == 0 || n >= maxUnpacked || uerr != nil && !errors.Is(uerr, io.ErrUnexpectedEOF) {
		return nil, next, false, errors.Join(content.Close(), os.Remove(content.Name()))
	}
	if uerr != nil {
		next = x.size
	}
	return content, next, uerr == nil, nil
}

// discard takes blocks that nobody wants.
type discard struct{}

func (discard) Write(b []byte) (int, error)   { return len(b), nil }
func (discard) begin(warc.Header, bool) error { return nil }
