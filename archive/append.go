package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"cundang/archive/cdx"
	"cundang/archive/tlog"
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

// appendTo writes the records; full says that the segment was closed to new captures.
func (s *Store) appendTo(g *segment, p *prepared) (ref Ref, full bool, err error) {
	g.write.Lock()
	defer g.write.Unlock()
	if g.full.Load() {
		return Ref{}, true, nil
	}
	records := 2 + len(p.Companions)
	var rows []cdx.Row
	record := sha256.New()
	err = g.append(func(out *spill) error {
		if p.Request != nil {
			records++
			if err := p.writeRequest(g, out); err != nil {
				return err
			}
		}
		start := out.pos()
		out.record = record
		if err := p.writeResponse(g, out); err != nil {
			return err
		}
		out.record = nil
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
	g.pending = append(g.pending, appended{rows, g.size, records, p.time,
		tlog.Leaf{URL: p.URL, Time: p.time, Payload: ref.Digest, Record: digest(record), Ref: ref.String()}})
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

// headerFields is more than the named fields of any record here.
const headerFields = 16

func (p *prepared) writeRequest(g *segment, out *spill) error {
	if _, err := p.Request.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := make(warc.Header, 0, headerFields)
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
	h := make(warc.Header, 0, headerFields)
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
	h := make(warc.Header, 0, headerFields)
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
	block := warc.AppendFields(make([]byte, 0, 512), fields)
	h.Add(warc.BlockDigest, digestOf(block))
	_, err := w.Write(out, h, bytes.NewReader(block), int64(len(block)))
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
