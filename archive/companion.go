package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"cundang/archive/cdx"
	"cundang/archive/warc"
	"cundang/internal/urlkey"
)

// Companion is a record that is kept with a capture and is no capture itself: the document as
// a browser showed it, the certificates the server sent. It is a resource record whose target is
// urn:NAME:URL, as browsertrix has them, so that no replay tool takes it for the page
// (ADR 0015). It is in the CDX under that URN and the capture's time; followers and Versions
// do not meet it.
type Companion struct {
	Name      string // [a-z0-9-]+, such as CompanionDOM
	MediaType string // of Content
	Content   []byte // at most MaxCompanion bytes
}

// Names of companions that several packages use.
const (
	CompanionDOM          = "dom"          // text/html; charset=utf-8: the document after its scripts have run
	CompanionCertificates = "certificates" // application/pem-certificate-chain: as the server sent them
)

// MaxCompanion is the largest Content of a Companion, in bytes.
const MaxCompanion = 64 << 20

var companionName = regexp.MustCompile(`^[a-z0-9-]+$`)

func (c Companion) check() error {
	switch {
	case !companionName.MatchString(c.Name):
		return fmt.Errorf("%q is no name for a companion record", c.Name)
	case c.MediaType == "" || strings.EqualFold(c.MediaType, warc.WARCFields):
		return fmt.Errorf("companion %s: media type is %q", c.Name, c.MediaType)
	case len(c.Content) > MaxCompanion:
		return fmt.Errorf("companion %s: %d bytes, at most %d are kept", c.Name, len(c.Content), MaxCompanion)
	}
	return nil
}

// write writes the record and returns its CDX row.
func (c Companion) write(p *prepared, g *segment, out *spill) (cdx.Row, error) {
	start := out.pos()
	sum := digestOf(c.Content)
	uri := "urn:" + c.Name + ":" + p.URL
	h := make(warc.Header, 0, headerFields)
	h.Add(warc.Type, warc.Resource)
	h.Add(warc.RecordID, warc.NewID())
	h.Add(warc.WarcinfoID, g.info)
	h.Add(warc.ConcurrentTo, p.id)
	h.Add(warc.TargetURI, uri)
	h.Add(warc.Date, p.date)
	h.Add(warc.IPAddress, p.IP)
	h.Add(warc.BlockDigest, sum)
	h.Add(warc.PayloadDigest, sum)
	h.Add(warc.ContentType, c.MediaType)
	n, err := g.w.Write(out, h, bytes.NewReader(c.Content), int64(len(c.Content)))
	return cdx.Row{
		Key: cdx.Clean(urlkey.SURT(uri)), Time: p.time.Format("20060102150405"), URL: uri,
		MIME: mediaType(c.MediaType), Digest: sum, Length: n, Offset: start, Filename: g.name,
	}, err
}

// isCompanion says whether a record accompanies a capture: ours, and browsertrix's
// (urn:pageinfo:, urn:view:, urn:text:, …).
func isCompanion(h warc.Header) bool {
	return h.Value(warc.Type) == warc.Resource && strings.HasPrefix(h.URI(), "urn:") &&
		!strings.EqualFold(h.Value(warc.ContentType), warc.WARCFields)
}

// isListed says whether a record that is no page has a row in the CDX, as cdxj-indexer gives it one: companions and
// what was kept of other schemes (dns:, file:, metadata:, screenshot:).
func isListed(h warc.Header) bool {
	switch h.Value(warc.Type) {
	case warc.Response, warc.Resource, warc.Metadata:
	default:
		return false
	}
	scheme, _, ok := strings.Cut(h.URI(), ":")
	scheme = strings.ToLower(scheme)
	ct := h.Value(warc.ContentType)
	return ok && scheme != "http" && scheme != "https" && scheme != "filedesc" &&
		!strings.EqualFold(mediaType(ct), warc.WARCFields) && !strings.HasPrefix(strings.ToLower(ct), "application/http")
}

// owner is the record ID of the capture that a companion belongs to, "" if it names none.
func (x *found) owner() string { return x.header.Value(warc.ConcurrentTo) }

// Companions returns the records that were kept with the committed capture at ref, in the order
// in which they were given.
func (s *Store) Companions(ctx context.Context, ref Ref) ([]Companion, error) {
	out, err := s.companions(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("companions of %s: %w", ref, err)
	}
	return out, nil
}

func (s *Store) companions(ctx context.Context, ref Ref) (out []Companion, err error) {
	x, err := s.readAt(ctx, ref, false)
	if err != nil {
		return nil, err
	}
	f, err := s.openRead(ctx, ref.File)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	end := int64(1 << 62)
	ends, err := s.visibleEnds()
	if err != nil {
		return nil, err
	}
	if committed, open := ends[ref.File]; open { // behind it another capture may be half written
		end = max(committed, x.end)
	}
	r := warc.NewReader(io.NewSectionReader(f, x.end, end-x.end), ref.File, x.end, warc.Tolerant)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rec, err := r.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		y := &found{header: rec.Header}
		if !isCompanion(rec.Header) || y.owner() != x.header.Value(warc.RecordID) {
			return out, nil
		}
		if rec.Length > MaxCompanion {
			return nil, fmt.Errorf("%s is %d bytes long", rec.Header.URI(), rec.Length)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(rec.Header.URI(), "urn:"), ":")
		c := Companion{Name: name, MediaType: rec.Header.Value(warc.ContentType)}
		if c.Content, err = io.ReadAll(rec.Block); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}
