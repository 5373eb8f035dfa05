package archive

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/httpmsg"
	"cundang/archive/warc"
	"cundang/internal/urlkey"
)

// Append writes the records of one exchange to the site's open WARC. The Ref is that of
// the response (or revisit) record. Nothing is durable before Sync returns.
//
// The response is read twice (digests go before the block) and never held in memory as a
// whole. ErrNoSpace leaves the archive as it was; any other error of the disk is ErrBroken.
func (s *Store) Append(ctx context.Context, x Exchange) (Ref, error) {
	if err := ctx.Err(); err != nil {
		return Ref{}, err
	}
	p, err := s.prepare(ctx, x)
	if err != nil {
		return Ref{}, fmt.Errorf("archive %s: %w", x.URL, err)
	}
	for {
		g, err := s.segmentFor(x.Site)
		if err != nil {
			return Ref{}, fmt.Errorf("archive %s: %w", x.URL, err)
		}
		ref, full, err := s.appendTo(g, p)
		if full {
			continue
		}
		if err != nil {
			return Ref{}, fmt.Errorf("archive %s: %w", x.URL, err)
		}
		return ref, nil
	}
}

// prepared is an exchange after the first reading.
type prepared struct {
	Exchange
	date        string
	time        time.Time
	id          string
	from        int64 // where the final response begins, behind interim (1xx) ones
	size        int64 // of the response block, from there
	reqSize     int64
	reqDigest   string
	block       string // digests
	payload     string
	head        *httpmsg.Head
	origin      *origin // set for a revisit
	cdxMIME     string
	metaPayload warc.Header
}

// origin is what a revisit refers to.
type origin struct {
	id, url, date, digest string
}

func (s *Store) prepare(ctx context.Context, x Exchange) (*prepared, error) {
	p := &prepared{Exchange: x, id: warc.NewID()}
	p.time = x.Time.UTC().Truncate(time.Microsecond)
	if x.Time.IsZero() {
		return nil, errors.New("exchange has no time")
	}
	p.date = warc.FormatDate(p.time)
	if x.Response == nil {
		return nil, errors.New("exchange has no response")
	}
	for _, c := range x.Companions {
		if err := c.check(); err != nil {
			return nil, err
		}
	}
	method := "GET"
	var err error
	if x.Request != nil {
		if method, err = p.readRequest(); err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
	}
	if err := p.readResponse(method); err != nil {
		return nil, fmt.Errorf("read response: %w", err)
	}
	if x.RefersTo != nil {
		if err := s.findOrigin(ctx, p); err != nil {
			return nil, err
		}
	}
	fields, err := p.wireFields()
	if err != nil {
		return nil, fmt.Errorf("read response: %w", err)
	}
	p.metaPayload = metaFields(x.Site, fields)
	return p, nil
}

// wireFields returns the exchange's fields with the bytes that cannot stand in the response
// record: pywb takes the first status line of a response for the last, and answers with a
// bare 304 where a revisit's block begins with one.
func (p *prepared) wireFields() (Fields, error) {
	fields := maps.Clone(p.Fields)
	if fields == nil {
		fields = Fields{}
	}
	for _, part := range []struct {
		name     string
		from, to int64
	}{{FieldInterim, 0, p.from}, {FieldNotModified, p.from, p.from + p.bareHead()}} {
		if part.to == part.from {
			continue
		}
		if _, err := p.Response.Seek(part.from, io.SeekStart); err != nil {
			return nil, err
		}
		b := make([]byte, part.to-part.from)
		if _, err := io.ReadFull(p.Response, b); err != nil {
			return nil, err
		}
		fields[part.name] = base64.StdEncoding.EncodeToString(b)
	}
	return fields, nil
}

// bareHead is the size of a 304's head that goes into the metadata record, else 0.
func (p *prepared) bareHead() int64 {
	if p.origin == nil || !p.NotModified || p.head.Status != http.StatusNotModified {
		return 0
	}
	return p.head.Size - p.from
}

func (p *prepared) readRequest() (string, error) {
	if _, err := p.Request.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	var first firstLine
	n, err := io.Copy(io.MultiWriter(h, &first), p.Request)
	if err != nil {
		return "", err
	}
	p.reqSize, p.reqDigest = n, digest(h)
	method, _, _ := strings.Cut(string(first.b), " ")
	return method, nil
}

// firstLine keeps the first bytes written to it.
type firstLine struct{ b []byte }

func (f *firstLine) Write(b []byte) (int, error) {
	if n := min(len(b), 16-len(f.b)); n > 0 {
		f.b = append(f.b, b[:n]...)
	}
	return len(b), nil
}

func digest(h hash.Hash) string {
	var sum [sha256.Size]byte
	b := make([]byte, 0, 7+2*sha256.Size)
	return string(hex.AppendEncode(append(b, "sha256:"...), h.Sum(sum[:0])))
}

// readResponse takes length, digests and head of the response.
func (p *prepared) readResponse(method string) error {
	if _, err := p.Response.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum, err := sumResponse(method, p.Response)
	if err != nil {
		return err
	}
	p.size, p.block, p.payload, p.head = sum.size, sum.block, sum.payload, sum.head
	if p.from = min(sum.head.InterimSize, sum.size); p.from > maxInterim {
		p.from = 0 // not sensible any more: leave the response as it came
	}
	if p.from > 0 {
		if p.block, err = p.sumFinal(); err != nil {
			return err
		}
		p.size -= p.from
	}
	p.cdxMIME = mimeOf(p.head)
	return nil
}

// maxInterim bounds what is kept of interim responses, in bytes.
const maxInterim = 512 << 10

// sumFinal is the digest of the response without the interim ones before it.
func (p *prepared) sumFinal() (string, error) {
	if _, err := p.Response.Seek(p.from, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	_, err := io.Copy(h, p.Response)
	return digest(h), err
}

var copyBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

type summed struct {
	size           int64
	block, payload string
	head           *httpmsg.Head
	problems       []httpmsg.Problem
}

// sumResponse reads an HTTP response block to its end. The payload is what ISO 28500
// means by it: the entity with its transfer coding removed.
func sumResponse(method string, r io.Reader) (summed, error) {
	var out summed
	block, payload := sha256.New(), sha256.New()
	parser := httpmsg.NewParser(method)
	give := func(b []byte) { payload.Write(b) }
	mem := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(mem)
	buf := mem[:]
	for {
		n, err := r.Read(buf)
		block.Write(buf[:n])
		parser.Feed(buf[:n], give)
		out.size += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return out, err
		}
	}
	if !parser.Done() {
		parser.Close(give)
	}
	out.block, out.payload = digest(block), digest(payload)
	out.head, out.problems = parser.Head(), parser.Problems()
	return out, nil
}

func mimeOf(h *httpmsg.Head) string { return mediaType(h.Header.Get("Content-Type")) }

// mediaType is a Content-Type without its parameters.
func mediaType(m string) string {
	if i := strings.IndexAny(m, "; \t"); i >= 0 {
		m = m[:i]
	}
	return m
}

// findOrigin completes what a revisit refers to: the capture that holds the payload, even
// if the caller names another revisit of it.
func (s *Store) findOrigin(ctx context.Context, p *prepared) error {
	c := *p.RefersTo
	if c.id == "" {
		var err error
		if c, err = s.Read(ctx, c.Ref); err != nil {
			return fmt.Errorf("read the capture this revisits: %w", err)
		}
	}
	if c.origin != nil {
		p.origin = c.origin
		return nil
	}
	p.origin = &origin{id: c.id, url: c.URL, date: warc.FormatDate(c.Time), digest: c.Digest}
	return nil
}

// The metadata record uses the names of ISO 28500 §6.6 where it has any.
const standardHops = "hopsFromSeed"

// metaFields writes fields, which it may add to, in the order of their names.
func metaFields(site string, all Fields) warc.Header {
	h := make(warc.Header, 0, len(all)+1)
	if all[FieldSite] == "" {
		all[FieldSite] = site
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == FieldHops {
			h.Add(standardHops, all[name])
		} else {
			h.Add(name, all[name])
		}
	}
	return h
}

// appendTo writes the records; full says that the segment was closed to new captures.
func (s *Store) appendTo(g *segment, p *prepared) (ref Ref, full bool, err error) {
	g.write.Lock()
	defer g.write.Unlock()
	if g.full.Load() {
		return Ref{}, true, nil
	}
	records := 2 + len(p.Companions)
	var rows []cdx.Row
	err = g.append(func(out *spill) error {
		if p.Request != nil {
			records++
			if err := p.writeRequest(g, out); err != nil {
				return err
			}
		}
		start := out.pos()
		if err := p.writeResponse(g, out); err != nil {
			return err
		}
		ref = Ref{File: g.name, Offset: start, Length: out.pos() - start, Digest: p.digest()}
		if err := p.writeMetadata(g, out); err != nil {
			return err
		}
		rows = append(rows, p.cdxRow(ref))
		for _, c := range p.Companions {
			r, err := c.write(p, g, out)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		return nil
	})
	if err != nil {
		return Ref{}, false, s.appendError(g, err)
	}
	g.state.Lock()
	g.pending = append(g.pending, appended{rows, g.size, records, p.time})
	size := g.size
	g.state.Unlock()
	if size >= s.opts.MaxSize {
		g.full.Store(true)
		s.mu.Lock()
		delete(s.current, siteDir(g.site))
		s.mu.Unlock()
	}
	return ref, false, nil
}

func (s *Store) appendError(g *segment, err error) error {
	var undo *undoError
	var write *writeError
	switch {
	case errors.As(err, &undo):
		return s.breakDown("append to "+g.name, err)
	case errors.As(err, &write) && noSpace(err):
		return fmt.Errorf("append to %s: %w: %w", g.name, ErrNoSpace, err)
	case errors.As(err, &write):
		return s.breakDown("append to "+g.name, err)
	}
	return err
}

// digest is the payload digest that the capture is known by: of a revisit, the original's.
func (p *prepared) digest() string {
	if p.origin != nil {
		return p.origin.digest
	}
	return p.payload
}

func (p *prepared) writeRequest(g *segment, out *spill) error {
	if _, err := p.Request.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var h warc.Header
	h.Add(warc.Type, warc.Request)
	h.Add(warc.RecordID, warc.NewID())
	h.Add(warc.WarcinfoID, g.info)
	h.Add(warc.ConcurrentTo, p.id)
	h.Add(warc.TargetURI, p.URL)
	h.Add(warc.Date, p.date)
	h.Add(warc.IPAddress, p.IP)
	h.Add(warc.BlockDigest, p.reqDigest)
	h.Add(warc.ContentType, warc.HTTPRequest)
	_, err := g.w.Write(out, h, p.Request, p.reqSize)
	return err
}

func (p *prepared) writeResponse(g *segment, out *spill) error {
	if _, err := p.Response.Seek(p.from, io.SeekStart); err != nil {
		return err
	}
	var h warc.Header
	size, block := p.size, p.block
	if p.origin == nil {
		h.Add(warc.Type, warc.Response)
	} else {
		h.Add(warc.Type, warc.Revisit)
		sum := sha256.New()
		if size = min(p.head.Size-p.from, p.size); p.bareHead() > 0 {
			size = 0
		}
		if _, err := io.CopyN(sum, p.Response, size); err != nil {
			return err
		}
		if _, err := p.Response.Seek(p.from, io.SeekStart); err != nil {
			return err
		}
		block = digest(sum)
	}
	h.Add(warc.RecordID, p.id)
	h.Add(warc.WarcinfoID, g.info)
	h.Add(warc.TargetURI, p.URL)
	h.Add(warc.Date, p.date)
	h.Add(warc.IPAddress, p.IP)
	if p.origin != nil {
		profile := warc.IdenticalPayload
		if p.NotModified {
			profile = warc.ServerNotModified
		}
		h.Add(warc.Profile, profile)
		h.Add(warc.RefersTo, p.origin.id)
		h.Add(warc.RefersToTargetURI, p.origin.url)
		h.Add(warc.RefersToDate, p.origin.date)
	}
	h.Add(warc.BlockDigest, block)
	h.Add(warc.PayloadDigest, p.digest())
	h.Add(warc.Truncated, p.Truncated)
	if size > 0 {
		h.Add(warc.ContentType, warc.HTTPResponse)
	}
	_, err := g.w.Write(out, h, p.Response, size)
	return err
}

func (p *prepared) writeMetadata(g *segment, out *spill) error {
	var h warc.Header
	h.Add(warc.Type, warc.Metadata)
	h.Add(warc.RecordID, warc.NewID())
	h.Add(warc.WarcinfoID, g.info)
	h.Add(warc.ConcurrentTo, p.id)
	h.Add(warc.TargetURI, p.URL)
	h.Add(warc.Date, p.date)
	h.Add(warc.ContentType, warc.WARCFields)
	return writeFields(&g.w, out, h, p.metaPayload)
}

// writeFields writes a record whose block is application/warc-fields.
func writeFields(w *warc.Writer, out io.Writer, h, fields warc.Header) error {
	block := warc.AppendFields(nil, fields)
	sum := sha256.Sum256(block)
	h.Add(warc.BlockDigest, fmt.Sprintf("sha256:%x", sum))
	_, err := w.Write(out, h, strings.NewReader(string(block)), int64(len(block)))
	return err
}

func (p *prepared) cdxRow(ref Ref) cdx.Row {
	r := cdx.Row{
		Key: cdx.Clean(urlkey.SURT(p.URL)), Time: p.time.Format("20060102150405"), URL: p.URL,
		MIME: p.cdxMIME, Digest: ref.Digest, Length: ref.Length, Offset: ref.Offset, Filename: ref.File,
	}
	if p.head.Status > 0 && p.bareHead() == 0 {
		r.Status = strconv.Itoa(p.head.Status)
	}
	if p.origin != nil {
		r.MIME = revisitMIME
	}
	return r
}

const revisitMIME = "warc/revisit"
