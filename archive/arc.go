package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"cundang/archive/warc"
)

// ARC is what the Internet Archive wrote before WARC: a line with URL, address of the server, date, media type and
// length, then as many bytes as came over the wire, for each document. The first of them describes the file.

// arcLine is the line before a document: version 1, or version 2 with more fields behind the media type.
var arcLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*:.*) (\S+) (\d{12,17}) (.*) (\d+)$`)

// maxARCLine is the longest line that is read as one, in bytes.
const maxARCLine = 64 << 10

// arcVersion returns "ARC/1.0" or the like if the file at path is one, compressed or not, else "".
func arcVersion(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // opened for reading
	br := bufio.NewReaderSize(f, 16<<10)
	var src io.Reader = br
	if m, _ := br.Peek(2); bytes.Equal(m, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return "", nil
		}
		src = z
	}
	head := make([]byte, 8<<10)
	n, _ := io.ReadFull(src, head) // what is damaged is said when it is read as a whole
	head = head[:n]
	line, rest, _ := strings.Cut(strings.TrimLeft(string(head), "\r\n"), "\n")
	if !arcLine.MatchString(strings.TrimSuffix(line, "\r")) {
		return "", nil
	}
	if major, minor, ok := strings.Cut(rest, " "); ok && strings.HasPrefix(line, "filedesc:") {
		minor, _, _ = strings.Cut(minor, " ")
		if _, err := strconv.Atoi(major + minor); err == nil {
			return "ARC/" + major + "." + minor, nil
		}
	}
	return "ARC/1.0", nil
}

// convertARC makes a WARC of an ARC file, document by document, and returns the path of that, which the caller removes.
// What was converted and what could not be is noted in src.
func (s *Store) convertARC(ctx context.Context, path, version string, src *importSource) (converted string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close() // opened for reading
	out, err := os.CreateTemp(s.dir, "import-*.tmp")
	if err != nil {
		return "", err
	}
	src.converted = version
	w := bufio.NewWriterSize(out, 256<<10)
	c := &arcConverter{src: src, out: w}
	err = c.file(ctx, in, src.size)
	if err == nil && c.documents == 0 {
		err = fmt.Errorf("an %s file without a document that can be read: %w", version, errors.Join(src.problems...))
	}
	if err = errors.Join(err, w.Flush(), out.Close(), c.block.close()); err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), nil
}

type arcConverter struct {
	src       *importSource
	out       io.Writer
	zw        warc.Writer
	block     spool
	info      string // record ID of the warcinfo
	documents int
	member    int64 // offset of the gzip member being read
}

func (c *arcConverter) problem(at int64, format string, args ...any) {
	if len(c.src.problems) < maxProblems {
		c.src.problems = append(c.src.problems, fmt.Errorf("%s at %d: "+format, append([]any{c.src.name, at}, args...)...))
	}
}

// file converts the documents of a file: of each gzip member, or of the whole.
func (c *arcConverter) file(ctx context.Context, in io.ReaderAt, size int64) error {
	for at := int64(0); at < size; {
		raw := bufio.NewReaderSize(&ctxReader{ctx, io.NewSectionReader(in, at, size-at)}, 64<<10)
		count := &countingReader{r: raw}
		m, err := raw.Peek(2)
		if err != nil && err != io.EOF {
			return err
		}
		if !bytes.Equal(m, []byte{0x1f, 0x8b}) {
			return c.stream(ctx, at, bufio.NewReaderSize(raw, maxARCLine))
		}
		c.member = at
		z, err := gzip.NewReader(count)
		if err == nil {
			err = c.members(ctx, at, z, count)
		}
		if err == nil {
			return nil
		}
		if cerr := ctx.Err(); cerr != nil {
			return cerr
		}
		if errors.Is(err, errWrite) {
			return err
		}
		at = max(at, c.member)
		c.problem(at, "gzip member is damaged: %v", err)
		if at, err = nextMagic(ctx, in, at+1, size); err != nil {
			return err
		}
	}
	return nil
}

// members converts gzip members up to the end of the file or the first that is damaged.
func (c *arcConverter) members(ctx context.Context, at int64, z *gzip.Reader, in *countingReader) error {
	plain := bufio.NewReaderSize(nil, maxARCLine)
	for {
		z.Multistream(false)
		plain.Reset(z)
		if err := c.stream(ctx, c.member, plain); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, z); err != nil {
			return err
		}
		c.member = at + in.n
		if err := z.Reset(in); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// countingReader counts the bytes of the file that were read; it reads bytes one by one, so that members end exactly.
type countingReader struct {
	r *bufio.Reader
	n int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// ReadByte implements io.ByteReader.
func (c *countingReader) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// nextMagic returns where the next gzip member may begin.
func nextMagic(ctx context.Context, in io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for at := from; at < to; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := in.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.Index(buf[:n], []byte{0x1f, 0x8b, 8}); i >= 0 {
			return at + int64(i), nil
		}
		at += int64(max(n-2, 1))
	}
	return to, nil
}

var errWrite = errors.New("write what was converted")

// stream converts the documents of plain; a document that breaks off is kept as truncated where the file ends there.
func (c *arcConverter) stream(ctx context.Context, at int64, plain *bufio.Reader) error {
	lost := 0 // lines that are no document's
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := plain.ReadSlice('\n')
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if m := arcLine.FindStringSubmatch(text); m != nil {
			if err := c.document(m, plain, text); err != nil {
				return err
			}
		} else if strings.TrimSpace(text) != "" {
			if lost++; lost == 1 {
				c.problem(at, "%.60q is no line before a document: passed over up to the next", text)
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// document converts one document.
func (c *arcConverter) document(m []string, plain *bufio.Reader, line string) error {
	url, ip, date, mime := m[1], m[2], m[3], m[4]
	length, err := strconv.ParseInt(m[5], 10, 64)
	if err != nil {
		c.problem(0, "%.60q: length: %v", line, err)
		return nil
	}
	c.block.begin(nil, false) // never fails
	n, err := io.CopyN(&c.block, plain, length)
	short := err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !short {
		return err
	}
	if short {
		c.problem(0, "%.60q: the file ends within the document: kept as truncated, %d of %d bytes", line, n, length)
	}
	t, err := warc.ParseDate(date)
	if err != nil {
		c.problem(0, "%.60q: %v", line, err)
		t = time.Unix(0, 0)
	}
	if err := c.begin(t); err != nil {
		return fmt.Errorf("%w: %w", errWrite, err)
	}
	mime, _, _ = strings.Cut(mime, " ") // version 2 has the status and more behind it
	if err := c.write(url, ip, mime, line, t, short); err != nil {
		return fmt.Errorf("%w: %w", errWrite, err)
	}
	c.documents++
	return nil
}

// begin writes the warcinfo record in front.
func (c *arcConverter) begin(t time.Time) error {
	if c.info != "" {
		return nil
	}
	var h, note warc.Header
	c.info = warc.NewID()
	h.Add(warc.Type, warc.Warcinfo)
	h.Add(warc.RecordID, c.info)
	h.Add(warc.Date, warc.FormatDate(t))
	h.Add(warc.ContentType, warc.WARCFields)
	note.Add("format", "WARC File Format 1.1")
	note.Add("description", "converted from "+c.src.converted+": the line before each document is in "+fieldMended)
	return writeFields(&c.zw, c.out, h, note)
}

// write writes the document in c.block as a record.
func (c *arcConverter) write(url, ip, mime, line string, t time.Time, short bool) error {
	var h warc.Header
	typ, ct := warc.Resource, mime
	var start [5]byte
	n, _ := io.ReadFull(c.block.open(), start[:]) // in memory, or said when it is read as a whole
	switch {
	case strings.HasPrefix(url, "filedesc:"):
		typ, ct = warc.Metadata, "text/plain"
	case strings.HasPrefix(url, "http") && string(start[:n]) == "HTTP/":
		typ, ct = warc.Response, warc.HTTPResponse
	case !strings.Contains(mime, "/"):
		ct = "application/octet-stream"
	}
	h.Add(warc.Type, typ)
	h.Add(warc.RecordID, warc.NewID())
	h.Add(warc.WarcinfoID, c.info)
	h.Add(warc.TargetURI, url)
	h.Add(warc.Date, warc.FormatDate(t))
	if a, err := netip.ParseAddr(ip); err == nil && !a.IsUnspecified() {
		h.Add(warc.IPAddress, ip)
	}
	if err := c.digests(&h, typ); err != nil {
		return err
	}
	h.Add(warc.ContentType, ct)
	if short {
		h.Add(warc.Truncated, "unspecified")
	}
	h.Add(fieldMended, line)
	_, err := c.zw.Write(c.out, h, c.block.open(), c.block.n)
	return err
}

func (c *arcConverter) digests(h *warc.Header, typ string) error {
	if typ == warc.Response {
		sum, err := sumResponse("", c.block.open(), c.block.n)
		h.Add(warc.BlockDigest, sum.block)
		h.Add(warc.PayloadDigest, sum.payload)
		return err
	}
	sum := sha256.New()
	_, err := io.Copy(sum, c.block.open())
	h.Add(warc.BlockDigest, digest(sum))
	return err
}
