package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Policy says what a Reader does about deviations from the standard.
type Policy int

const (
	// Tolerant reads what other tools wrote: deviations that leave the record readable are
	// listed in Record.Problems, damage is an error.
	Tolerant Policy = iota
	// Strict makes every deviation an error.
	Strict
	// Mending is Tolerant, and a Content-Length that is missing or no number is a problem of the
	// record, too: its Length is -1 and the caller has to find its end.
	Mending
)

// Limits on what a header may occupy, so that a damaged length cannot exhaust memory.
const (
	maxHeader = 1 << 20
	maxLine   = 256 << 10
)

// Record is one record as read. Its block must be read before the next call of Next.
type Record struct {
	Version string // "WARC/1.1", "WARC/1.0", …
	Header  Header
	Length  int64     // of the block in bytes
	Block   io.Reader // yields Length bytes, or an error
	// Offset is where the record (its gzip member) starts in the file.
	Offset int64
	// BlockAt is where the block of a record that is not compressed starts in the file, 0 of others.
	BlockAt int64
	// Shared says that the gzip member holds other records, or bytes, too: no random access.
	// Of the member's first record it is known after Finish.
	Shared bool
	// Problems are the deviations tolerated in this record, complete after Finish.
	Problems []*Error

	left int64
}

// Reader reads records one after the other. Not safe for concurrent use.
type Reader struct {
	file     string
	policy   Policy
	raw      *offsetReader
	plain    *bufio.Reader // unpacked, or raw.br itself
	unpacked *bufio.Reader // over the gzip member
	z        gzip.Reader
	gz       bool // the current record is compressed
	open     bool // a gzip member is being read
	member   int64
	inside   int // records read from this member
	rec      *Record
	end      int64
	block    blockReader
	head     []byte // of the record being read
	empty    int    // gzip members without content
}

// offsetReader counts what has been consumed through a bufio.Reader.
type offsetReader struct {
	br   *bufio.Reader
	src  io.Reader
	read int64
}

func (o *offsetReader) Read(b []byte) (int, error) {
	n, err := o.src.Read(b)
	o.read += int64(n)
	return n, err
}

func (o *offsetReader) pos() int64 { return o.read - int64(o.br.Buffered()) }

// NewReader reads the records of r, which starts at offset start of the named file.
// Compression is recognised record by record.
func NewReader(r io.Reader, file string, start int64, policy Policy) *Reader {
	x := &Reader{policy: policy}
	x.Reset(r, file, start)
	return x
}

// Reset makes the Reader read another file, keeping its buffers.
func (r *Reader) Reset(src io.Reader, file string, start int64) {
	if r.raw == nil {
		r.raw = &offsetReader{}
		r.raw.br = bufio.NewReaderSize(r.raw, 64<<10)
	}
	r.raw.src, r.raw.read = src, start
	r.raw.br.Reset(r.raw)
	r.file, r.rec, r.open, r.gz, r.end, r.empty = file, nil, false, false, start, 0
}

// Empty is the number of gzip members without any content that were passed over.
func (r *Reader) Empty() int { return r.empty }

func (r *Reader) fail(clause, msg string, err error) *Error {
	off := r.member
	if r.rec != nil {
		off = r.rec.Offset
	}
	return &Error{File: r.file, Offset: off, Clause: clause, Msg: msg, Err: err}
}

// deviation is an error under Strict and a note otherwise.
func (r *Reader) deviation(rec *Record, clause, msg string) error {
	e := &Error{File: r.file, Offset: rec.Offset, Clause: clause, Msg: msg}
	if r.policy == Strict {
		return e
	}
	rec.Problems = append(rec.Problems, e)
	return nil
}

// End is the offset behind the last record that Finish or Next completed and that is not Shared.
func (r *Reader) End() int64 { return r.end }

// Next finishes the current record and returns the next one, or io.EOF.
func (r *Reader) Next() (*Record, error) {
	if r.rec != nil {
		if err := r.Finish(); err != nil {
			return nil, err
		}
	}
	if err := r.start(); err != nil {
		return nil, err
	}
	rec := &Record{Offset: r.member}
	if r.gz {
		r.inside++
		if r.inside > 1 {
			rec.Shared = true
			if err := r.deviation(rec, "annex D.2", "several records in one gzip member"); err != nil {
				return nil, err
			}
		}
	}
	if err := r.readHead(rec); err != nil {
		return nil, err
	}
	r.rec = rec
	if !r.gz {
		rec.BlockAt = r.raw.pos()
	}
	rec.left = max(rec.Length, 0)
	r.block = blockReader{r: r, rec: rec}
	rec.Block = &r.block
	return rec, nil
}

// start moves to the first byte of the next record.
func (r *Reader) start() error {
	if r.open { // further records in the same member
		if _, err := r.plain.Peek(1); err == nil {
			return nil
		} else if err != io.EOF {
			return r.fail("RFC 1952 §2.3", "gzip member is damaged", noEOF(err))
		}
		r.open = false
		r.end = r.raw.pos()
	}
	r.inside = 0
	skipped := 0
	for {
		b, err := r.raw.br.Peek(2)
		if len(b) == 0 {
			if err == io.EOF {
				return io.EOF
			}
			return err
		}
		r.member = r.raw.pos()
		switch {
		case len(b) == 2 && b[0] == 0x1f && b[1] == 0x8b:
			if err := r.openMember(); err != nil {
				return err
			}
			_, err := r.plain.Peek(1)
			if err == nil {
				return nil
			}
			if err != io.EOF || r.policy == Strict {
				return r.fail("RFC 1952 §2.3", "gzip member is damaged", noEOF(err))
			}
			r.empty++ // it ends at once
			r.open, r.end = false, r.raw.pos()
		case b[0] == 'W':
			r.gz, r.plain = false, r.raw.br
			return nil
		case (b[0] == '\r' || b[0] == '\n') && r.policy != Strict && skipped < 1024:
			skipped++ // stray line ends between records
			if _, err := r.raw.br.Discard(1); err != nil {
				return err
			}
		default:
			return r.fail("§4", fmt.Sprintf("neither a record nor a gzip member starts with %q", b), nil)
		}
	}
}

func (r *Reader) openMember() error {
	if err := r.z.Reset(r.raw.br); err != nil {
		return r.fail("RFC 1952 §2.3", "gzip member header is damaged", noEOF(err))
	}
	if r.unpacked == nil {
		r.unpacked = bufio.NewReaderSize(nil, 16<<10)
	}
	r.z.Multistream(false) // the end of a member is the end of its records
	r.unpacked.Reset(&r.z)
	r.plain = r.unpacked
	r.gz, r.open = true, true
	return nil
}

// readHead reads version line and named fields.
func (r *Reader) readHead(rec *Record) error {
	r.rec = rec
	defer func() { r.rec = nil }()
	bare, err := r.gatherHead()
	if err != nil {
		return err
	}
	all := string(r.head) // the fields are parts of it
	line, rest := nextLine(all)
	rec.Version = line
	if line != "WARC/1.1" && line != "WARC/1.0" {
		if err := r.deviation(rec, "§4", "version "+line); err != nil {
			return err
		}
	}
	rec.Header = make(Header, 0, strings.Count(rest, "\n"))
	for rest != "" {
		if line, rest = nextLine(rest); line == "" {
			break
		}
		line, rest = unfold(line, rest)
		if err := r.fieldLine(rec, line); err != nil {
			return err
		}
	}
	if bare {
		if err := r.deviation(rec, "§4", "line ends with LF only"); err != nil {
			return err
		}
	}
	rec.Length, err = parseLength(rec.Header.Value(ContentLength))
	if err != nil && r.policy != Mending {
		return r.fail("§5.3", "Content-Length", err)
	}
	if err != nil {
		rec.Length = -1
		if err := r.deviation(rec, "§5.3", "Content-Length: "+err.Error()); err != nil {
			return err
		}
	}
	return r.check(rec)
}

// gatherHead reads version line and named fields up to the empty line into r.head, and says
// whether a line ends without CR. It ends with the first line if that is no version line.
func (r *Reader) gatherHead() (bare bool, err error) {
	r.head = r.head[:0]
	for what := "version line"; ; what = "named fields" {
		from := len(r.head)
		if err := r.line(); err != nil {
			return false, r.fail("§4", what, noEOF(err))
		}
		line := bytes.TrimSuffix(r.head[from:len(r.head)-1], []byte{'\r'})
		bare = bare || len(line) == len(r.head)-from-1
		switch {
		case from == 0 && !bytes.HasPrefix(line, []byte("WARC/")):
			return false, r.fail("§4", fmt.Sprintf("version line is %.40q", line), nil)
		case len(line) == 0:
			return bare, nil
		case len(r.head) > maxHeader:
			return false, r.fail("§4", "header is longer than 1 MiB", nil)
		}
	}
}

// nextLine cuts s behind its first line and returns that without its end.
func nextLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// unfold joins a line and those that continue it, which begin with a blank (§4 allows that).
func unfold(line, rest string) (joined, behind string) {
	if !blank(rest) {
		return line, rest
	}
	var b strings.Builder
	b.WriteString(line)
	for blank(rest) {
		line, rest = nextLine(rest)
		b.WriteByte(' ')
		b.WriteString(strings.TrimSpace(line))
	}
	return b.String(), rest
}

func blank(s string) bool { return s != "" && (s[0] == ' ' || s[0] == '\t') }

func (r *Reader) fieldLine(rec *Record, line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.TrimSpace(name) != name {
		if err := r.deviation(rec, "§4", fmt.Sprintf("%.60q is not a named field", line)); err != nil {
			return err
		}
		name = strings.TrimSpace(name)
		if !ok || name == "" {
			return nil
		}
	}
	rec.Header = append(rec.Header, Field{name, strings.TrimSpace(value)})
	return nil
}

// line appends the bytes up to LF to r.head.
func (r *Reader) line() error {
	for n := 0; ; {
		b, err := r.plain.ReadSlice('\n')
		r.head = append(r.head, b...)
		if n += len(b); err != bufio.ErrBufferFull {
			return err
		}
		if n > maxLine {
			return errors.New("line is longer than 256 KiB")
		}
	}
}

// Finish reads what is left of the current record, checks its end and makes End valid.
func (r *Reader) Finish() error {
	rec := r.rec
	if rec == nil {
		return nil
	}
	if _, err := io.Copy(io.Discard, rec.Block); err != nil {
		return err
	}
	tail, err := r.plain.Peek(4)
	if err != nil && err != io.EOF {
		return r.fail("RFC 1952 §2.3", "gzip member is damaged", noEOF(err))
	}
	n := 4
	if !bytes.Equal(tail, []byte("\r\n\r\n")) {
		n = len(tail) - len(bytes.TrimLeft(tail, "\r\n"))
		if err := r.deviation(rec, "§4", fmt.Sprintf("record ends with %q instead of two line ends", tail)); err != nil {
			return err
		}
		if rest := tail[n:]; (n == 0 || r.policy == Mending) && len(rest) > 0 &&
			!bytes.HasPrefix([]byte("WARC"), rest) && !bytes.HasPrefix([]byte{0x1f, 0x8b, 8, 0}, rest[:min(2, len(rest))]) {
			return r.fail("§5.3", "block is longer than Content-Length", nil)
		}
	}
	if _, err := r.plain.Discard(n); err != nil {
		return r.fail("§4", "end of record", noEOF(err))
	}
	r.rec = nil
	if !r.gz {
		r.end = r.raw.pos()
		return nil
	}
	for r.policy != Strict { // stray line ends within the member
		b, err := r.plain.Peek(1)
		if err != nil || b[0] != '\r' && b[0] != '\n' {
			break
		}
		if _, err := r.plain.Discard(1); err != nil {
			return err
		}
	}
	switch _, err := r.plain.Peek(1); err {
	case io.EOF: // the member's checksum has been verified
		r.open = false
		r.end = r.raw.pos()
	case nil:
		rec.Shared = true
	default:
		return &Error{File: r.file, Offset: rec.Offset, Clause: "RFC 1952 §2.3", Msg: "gzip member is damaged",
			Err: noEOF(err)}
	}
	return nil
}

type blockReader struct {
	r   *Reader
	rec *Record
}

func (b *blockReader) Read(p []byte) (int, error) {
	if b.rec.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > b.rec.left {
		p = p[:b.rec.left]
	}
	n, err := b.r.plain.Read(p)
	b.rec.left -= int64(n)
	if err == io.EOF && b.rec.left > 0 {
		return n, b.r.fail("§5.3", fmt.Sprintf("block ends %d bytes early", b.rec.left), io.ErrUnexpectedEOF)
	}
	if err != nil && err != io.EOF {
		return n, b.r.fail("RFC 1952 §2.3", "gzip member is damaged", err)
	}
	return n, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Unpack writes the content of the gzip member at which src stands to dst, at most limit bytes, and returns how much
// that was and the length of the member. The error is io.ErrUnexpectedEOF where src ends within the member.
func Unpack(dst io.Writer, src io.Reader, limit int64) (n, length int64, err error) {
	raw := &offsetReader{src: src}
	raw.br = bufio.NewReaderSize(raw, 64<<10)
	z, err := gzip.NewReader(raw.br)
	if err != nil {
		return 0, raw.pos(), noEOF(err)
	}
	z.Multistream(false)
	n, err = io.Copy(dst, io.LimitReader(z, limit))
	return n, raw.pos(), err
}
