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
	"strings"
	"sync"
	"time"

	"cundang/archive/httpmsg"
	"cundang/archive/warc"
)

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
	return label(h.Sum(sum[:0]))
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return label(sum[:])
}

// label writes a SHA-256 as a labelled digest (ISO 28500 §5.8).
func label(sum []byte) string {
	b := make([]byte, 0, 7+2*sha256.Size)
	return string(hex.AppendEncode(append(b, "sha256:"...), sum))
}

// readResponse takes length, digests and head of the response.
func (p *prepared) readResponse(method string) error {
	if _, err := p.Response.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum, err := sumResponse(method, p.Response, -1)
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

// sumResponse reads an HTTP response block of length bytes (-1: it ends with the message) to its end. The
// payload is what ISO 28500 means by it: the entity with its transfer coding removed.
func sumResponse(method string, r io.Reader, length int64) (summed, error) {
	w := &weigher{parser: httpmsg.NewParser(method), length: length, block: sha256.New(), payload: sha256.New()}
	if length >= 0 {
		w.rest = sha256.New()
	}
	if err := w.read(r); err != nil {
		return summed{}, err
	}
	payload := w.payload
	if w.stands(nil) {
		payload = w.rest
	}
	return summed{size: w.pos, block: digest(w.block), payload: digest(payload), head: w.parser.Head(), problems: w.parser.Problems()}, nil
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
