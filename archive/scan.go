package archive

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/httpmsg"
	"cundang/archive/warc"
	"cundang/internal/urlkey"
)

// found is a capture as met in a WARC: a response, revisit or resource record with what
// the records around it say. Or it is a companion.
type found struct {
	file    string
	beside  bool // no page, but in the CDX
	header  warc.Header
	offset  int64
	length  int64
	head    *httpmsg.Head // of a resource: made up from the record
	kept    bool          // the payload was small enough to keep it in parts
	parts   [][]byte
	digest  string
	fields  Fields
	records int   // from the end of the capture before to end
	end     int64 // behind the last record of this capture
}

// keepBlock is the largest block kept in memory between scanning and Body, in bytes.
const keepBlock = 256 << 10

// scanner reads the captures of a WARC one after the other.
type scanner struct {
	file    string
	f       io.ReaderAt
	to      int64
	r       *warc.Reader
	keep    bool   // keep small blocks
	pending *found // a capture whose metadata may follow
	records int    // since the last capture's end
	resync  bool   // skip damaged members, telling damaged
	damaged func(error)
}

func newScanner(file string, f io.ReaderAt, from, to int64) *scanner {
	return &scanner{file: file, f: f, to: to,
		r: warc.NewReader(io.NewSectionReader(f, from, to-from), file, from, warc.Tolerant)}
}

// next returns the next capture, io.EOF after the last.
func (s *scanner) next(ctx context.Context) (*found, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		got, err := s.step()
		if err == io.EOF {
			if got = s.pending; got != nil {
				s.pending = nil
				return got, nil
			}
			return nil, io.EOF
		}
		if bad := damage(err); bad != nil && s.resync {
			s.damaged(err)
			if err := s.skipDamage(ctx, bad.Offset+1); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if got != nil {
			return got, nil
		}
	}
}

// step reads one record; got is the capture before it, if that is complete now.
func (s *scanner) step() (got *found, err error) {
	rec, err := s.r.Next()
	if err != nil {
		return nil, err
	}
	s.records++
	switch t := rec.Header.Value(warc.Type); {
	case t == warc.Response, t == warc.Revisit, t == warc.Resource, t == warc.Metadata && isListed(rec.Header):
		x, err := s.capture(rec)
		if err != nil {
			return nil, err
		}
		got, s.pending = s.pending, x
		if x != nil {
			x.records, s.records = s.records, 0
		}
		return got, nil
	case t == warc.Metadata:
		return s.metadata(rec)
	}
	return nil, s.r.Finish()
}

// capture reads a record that holds a page or a companion. It returns nil for one that does
// not (dns: responses, embedded resources of other schemes) or that cannot be read alone.
func (s *scanner) capture(rec *warc.Record) (*found, error) {
	beside := isListed(rec.Header)
	if !isPage(rec.Header) && !beside || rec.Shared {
		return nil, s.r.Finish()
	}
	x := &found{file: s.file, beside: beside, header: rec.Header, offset: rec.Offset,
		digest: warc.CanonicalDigest(rec.Header.Value(warc.PayloadDigest))}
	var err error
	if s.keep && rec.Length <= keepBlock {
		block := make([]byte, rec.Length)
		if _, err = io.ReadFull(rec.Block, block); err != nil {
			return nil, err
		}
		err = x.keepBlock(block)
	} else {
		err = x.readHead(rec.Block, rec.Length)
	}
	if err != nil {
		return nil, err
	}
	if err := s.r.Finish(); err != nil || rec.Shared {
		return nil, err
	}
	x.end = s.r.End()
	x.length = x.end - x.offset
	return x, nil
}

// keepBlock takes head and payload from a block, parts of which it keeps.
func (x *found) keepBlock(block []byte) error {
	x.kept = true
	if x.bare() {
		x.parts = [][]byte{block}
		return x.readHead(bytes.NewReader(block), int64(len(block)))
	}
	e := httpmsg.NewEntityOf("", block)
	stands := false
	if mayStand(e.Parser(), int64(len(block))) {
		var err error
		if stands, err = weigh(bytes.NewReader(block), int64(len(block)), x.recorded()); err != nil {
			return err
		}
	}
	if stands {
		e = httpmsg.NewStandingOf(block)
	}
	x.head, x.parts = e.Head(), e.Parts()
	if x.digest == "" {
		return x.readHead(bytes.NewReader(block), int64(len(block)))
	}
	return nil
}

// recorded is the payload digest that the record itself has, "" if none.
func (x *found) recorded() string { return x.header.Value(warc.PayloadDigest) }

// isPage says whether a record is a capture of an http(s) URL.
func isPage(h warc.Header) bool {
	u := h.URI()
	if !strings.HasPrefix(u, "http:") && !strings.HasPrefix(u, "https:") {
		return false
	}
	switch h.Value(warc.Type) {
	case warc.Response, warc.Revisit:
		ct := h.Value(warc.ContentType)
		return ct == "" || strings.HasPrefix(strings.ToLower(ct), "application/http")
	case warc.Resource:
		return !strings.EqualFold(h.Value(warc.ContentType), warc.WARCFields)
	}
	return false
}

// readHead reads the head of the block and, if the record has no payload digest, all of it.
func (x *found) readHead(block io.Reader, length int64) error {
	if x.bare() {
		x.head = resourceHead(x.header)
		if x.digest == "" {
			x.digest = warc.CanonicalDigest(x.header.Value(warc.BlockDigest))
		}
		return nil
	}
	if x.digest == "" {
		sum, err := sumResponse("", block, length)
		x.head, x.digest = sum.head, sum.payload
		return err
	}
	e, err := httpmsg.NewEntity("", block)
	if err != nil {
		return err
	}
	x.head = e.Head()
	return nil
}

// bare says that the block is no HTTP message: it is the payload.
func (x *found) bare() bool { return x.beside || x.header.Value(warc.Type) == warc.Resource }

func resourceHead(h warc.Header) *httpmsg.Head {
	head := &httpmsg.Head{Status: 200, Header: map[string][]string{}}
	if ct := h.Value(warc.ContentType); ct != "" {
		head.Fields = []httpmsg.Field{{Name: "Content-Type", Value: ct}}
		head.Header["Content-Type"] = []string{ct}
	}
	return head
}

// maxFields is the longest metadata block that is read, in bytes.
const maxFields = 1 << 20

// metadata completes the capture it belongs to.
func (s *scanner) metadata(rec *warc.Record) (*found, error) {
	x := s.pending
	if x == nil || !belongs(rec.Header, x.header) {
		return nil, s.r.Finish()
	}
	block, err := io.ReadAll(io.LimitReader(rec.Block, maxFields))
	if err != nil {
		return nil, err
	}
	if err := s.r.Finish(); err != nil {
		return nil, err
	}
	x.fields = parseFields(block)
	x.end = s.r.End()
	x.records += s.records
	s.records, s.pending = 0, nil
	return x, nil
}

// belongs says whether a metadata record describes this capture.
func belongs(meta, capture warc.Header) bool {
	ct := meta.Value(warc.ContentType)
	if ct != "" && !strings.HasPrefix(strings.ToLower(ct), warc.WARCFields) {
		return false
	}
	id := capture.Value(warc.RecordID)
	for _, v := range append(meta.Values(warc.ConcurrentTo), meta.Value(warc.RefersTo)) {
		if v != "" && v == id {
			return true
		}
	}
	return false
}

func parseFields(block []byte) Fields {
	out := Fields{}
	for _, f := range warc.ParseFields(block) {
		name := f.Name
		if strings.EqualFold(name, standardHops) {
			name = FieldHops
		}
		out[name] = f.Value
	}
	return out
}

// skipDamage moves to the next record at or after from.
func (s *scanner) skipDamage(ctx context.Context, from int64) error {
	at, err := nextRecord(ctx, s.f, from, s.to)
	if err != nil {
		return err
	}
	s.r.Reset(io.NewSectionReader(s.f, at, s.to-at), s.file, at)
	return nil
}

// capture makes the public form of what was found.
func (s *Store) capture(x *found) Capture {
	c := Capture{
		URL: x.header.URI(), Time: x.time(), Status: x.head.Status, Header: x.head.Header,
		Digest: x.digest, Ref: Ref{x.file, x.offset, x.length, x.digest},
		Revisit: x.header.Value(warc.Type) == warc.Revisit, Fields: maps.Clone(x.fields),
		id: x.header.Value(warc.RecordID),
	}
	if c.Fields == nil {
		c.Fields = Fields{}
	}
	if c.Site = c.Fields[FieldSite]; c.Site == "" {
		c.Site, _, _ = strings.Cut(x.file, "/")
	}
	if head := x.wireHead(); head != nil {
		c.Status, c.Header = head.Status, head.Header
	}
	if c.Revisit {
		c.origin = &origin{
			id: x.header.Value(warc.RefersTo), url: unbracket(x.header.Value(warc.RefersToTargetURI)),
			date: x.header.Value(warc.RefersToDate), digest: x.digest,
		}
		c.body = func() (io.ReadCloser, error) { return s.revisitBody(c) }
		return c
	}
	resource := x.header.Value(warc.Type) == warc.Resource
	if recorded := x.recorded(); !x.kept {
		c.body = func() (io.ReadCloser, error) { return s.recordBody(c.Ref, resource, recorded) }
		return c
	}
	parts, head := x.parts, x.head
	c.body = func() (io.ReadCloser, error) {
		payload := append(net.Buffers(nil), parts...)
		if resource {
			return io.NopCloser(&payload), nil
		}
		return io.NopCloser(decoded(&payload, head)), nil
	}
	return c
}

// time returns when the record was made: its WARC-Date, or where that cannot be read what the server said, or the
// beginning of Unix time, which nobody takes for a true date.
func (x *found) time() time.Time {
	if t := x.header.Time(); !t.IsZero() {
		return t
	}
	if x.head != nil {
		if t, err := http.ParseTime(x.head.Header.Get("Date")); err == nil {
			return t.UTC()
		}
	}
	return time.Unix(0, 0).UTC()
}

// wireHead is the head of a 304 that stands in the metadata record, nil if none does.
func (x *found) wireHead() *httpmsg.Head {
	raw, err := base64.StdEncoding.DecodeString(x.fields[FieldNotModified])
	if err != nil || len(raw) == 0 {
		return nil
	}
	p := httpmsg.NewParser("")
	p.Feed(raw, nil)
	return p.Head()
}

func unbracket(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
}

// cdxRow makes the CDX row of what was found.
func (x *found) cdxRow() cdx.Row {
	url := x.header.URI()
	r := cdx.Row{
		Key: cdx.Clean(urlkey.SURT(url)), Time: x.time().Format("20060102150405"), URL: url,
		Digest: x.digest, Length: x.length, Offset: x.offset, Filename: x.file,
	}
	switch x.header.Value(warc.Type) {
	case warc.Revisit:
		r.MIME = revisitMIME
	default:
		r.MIME = mimeOf(x.head)
	}
	if x.head.Status > 0 && !x.bare() {
		r.Status = strconv.Itoa(x.head.Status)
	}
	return r
}

// scanFile calls yield for each capture and companion of a file between two offsets. Damaged records are
// logged and skipped: one flipped bit must not hide what follows it.
func (s *Store) scanFile(ctx context.Context, name string, from, to int64, keep bool, yield func(*found) bool) error {
	if from >= to {
		return nil
	}
	f, err := s.openRead(ctx, name)
	if err != nil {
		return err
	}
	err = s.scanOpen(ctx, name, f, from, to, keep, yield)
	return errors.Join(err, f.Close())
}

func (s *Store) scanOpen(
	ctx context.Context, name string, f io.ReaderAt, from, to int64, keep bool, yield func(*found) bool,
) error {
	sc := newScanner(name, f, from, to)
	sc.keep, sc.resync = keep, true
	sc.damaged = func(err error) {
		s.log.Warn("damaged record skipped", "file", name, "err", err)
	}
	for {
		x, err := sc.next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if !yield(x) {
			return nil
		}
	}
}
