package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"cundang/archive/httpmsg"
	"cundang/archive/warc"
)

// fileResult is what one file adds to the report; it is kept for resuming.
type fileResult struct {
	Size       int64        `json:"size"`
	ModTime    int64        `json:"mod_time"` // Unix nanoseconds: a file that changed is read again
	Records    int64        `json:"records"`
	Captures   int64        `json:"captures"`
	Revisits   int64        `json:"revisits"`
	Companions int64        `json:"companions"`
	RawDigests int64        `json:"raw_digests"`
	Rows       []string     `json:"rows"`
	Findings   []Finding    `json:"findings"`
	Heads      []string     `json:"heads"`
	Refers     []revisitRef `json:"refers"`
}

type revisitRef struct {
	Offset                    int64
	URL, Target, Date, Digest string
}

// fileVerifier verifies one file.
type fileVerifier struct {
	info  FileInfo
	own   bool // written by us: no deviation is in order
	res   *fileResult
	info1 string // record ID of the warcinfo
	rows  func(string) error
}

func (f *fileVerifier) damage(code string, offset int64, url, format string, args ...any) {
	f.res.Findings = append(f.res.Findings, Finding{Code: code, Severity: Damage, File: f.info.File,
		Offset: offset, URL: url, Message: fmt.Sprintf(format, args...)})
}

// verifyFile reads one file, or takes over what an interrupted run found.
func (v *verifier) verifyFile(ctx context.Context, info FileInfo, e Entry, listed bool) error {
	fd, err := v.s.openRead(info.File)
	if errors.Is(err, ErrNotFound) {
		v.damage("file-missing", info.File, 0, "vanished during the verification")
		return nil
	}
	if err != nil {
		return err
	}
	st, err := fd.Stat()
	if err != nil {
		return errors.Join(err, fd.Close())
	}
	v.mu.Lock()
	res, ok := v.done[info.File]
	v.mu.Unlock()
	if ok && res.Size == info.Size && res.ModTime == st.ModTime().UnixNano() {
		v.mu.Lock()
		v.report.Resumed++
		v.mu.Unlock()
		return errors.Join(v.take(info, res), fd.Close())
	}
	res = fileResult{Size: info.Size, ModTime: st.ModTime().UnixNano()}
	keep := v.opts.State != ""
	f := &fileVerifier{info: info, res: &res, own: strings.Contains(info.File, "/cundang-")}
	f.rows = func(line string) error {
		if keep {
			res.Rows = append(res.Rows, line)
			return nil
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.want.AddLine(line)
	}
	sum, err := f.read(ctx, fd)
	if err != nil {
		return errors.Join(err, fd.Close())
	}
	if listed && !info.Open && info.Size == e.Bytes && fmt.Sprintf("%x", sum) != e.SHA256 {
		f.damage("file-hash", 0, "", "SHA-256 is %x, the journal says %s", sum, e.SHA256)
	}
	if keep {
		if err := v.saveState(info.File, res); err != nil {
			return errors.Join(err, fd.Close())
		}
	}
	return errors.Join(v.take(info, res), fd.Close())
}

func (v *verifier) take(info FileInfo, res fileResult) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := &v.report
	r.Records += res.Records
	r.Captures += res.Captures
	v.captures[info.File] = res.Captures
	r.Revisits += res.Revisits
	r.Companions += res.Companions
	r.RawDigests += res.RawDigests
	for _, f := range res.Findings {
		if len(r.Findings) < MaxFindings {
			r.Findings = append(r.Findings, f)
		} else {
			r.Truncated = true
		}
	}
	for _, h := range res.Heads {
		v.infos = append(v.infos, infoHead{info.File, h})
	}
	for _, x := range res.Refers {
		v.rows = append(v.rows, revisitRow{info.File, x.URL, x.Target, x.Date, x.Digest, x.Offset})
	}
	for _, line := range res.Rows {
		if err := v.want.AddLine(line); err != nil {
			return err
		}
	}
	return nil
}

// read goes through all records and returns the SHA-256 of the file.
func (f *fileVerifier) read(ctx context.Context, fd io.ReaderAt) ([]byte, error) {
	whole := sha256.New()
	tee := io.TeeReader(&ctxReader{ctx, io.NewSectionReader(fd, 0, f.info.Size)}, whole)
	pool := &readers
	if f.own {
		pool = &strictReaders
	}
	r := pool.Get().(*warc.Reader)
	defer pool.Put(r)
	r.Reset(tee, f.info.File, 0)
	damaged := false
	for {
		err := f.record(r)
		if err == io.EOF {
			break
		}
		var bad *warc.Error
		if errors.As(err, &bad) {
			damaged = true
			f.damage("record-damaged", bad.Offset, "", "%s", describeDamage(bad))
			at, err := nextMember(fd, f.info.File, bad.Offset+1, f.info.Size)
			if err != nil {
				return nil, err
			}
			r.Reset(&ctxReader{ctx, io.NewSectionReader(fd, at, f.info.Size-at)}, f.info.File, at)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", f.info.File, err)
		}
	}
	if f.res.Records == 0 && !f.info.Open {
		f.damage("file-empty", 0, "", "no record in it")
	}
	if damaged {
		whole.Reset()
		if _, err := io.Copy(whole, &ctxReader{ctx, io.NewSectionReader(fd, 0, f.info.Size)}); err != nil {
			return nil, err
		}
	}
	return whole.Sum(nil), nil
}

func describeDamage(e *warc.Error) string {
	short := *e
	short.File = ""
	msg := short.Error()
	if _, after, ok := strings.Cut(msg, ": "); ok {
		return after
	}
	return msg
}

// record verifies the next record.
func (f *fileVerifier) record(r *warc.Reader) error {
	rec, err := r.Next()
	if err != nil {
		return err
	}
	h := rec.Header
	first := f.res.Records == 0
	f.res.Records++
	typ := h.Value(warc.Type)
	var info []byte
	block := rec.Block
	if typ == warc.Warcinfo && rec.Length <= maxFields {
		if info, err = io.ReadAll(rec.Block); err != nil {
			return err
		}
		block = strings.NewReader(string(info))
	}
	if f.own {
		f.ownRecord(rec, first, info)
	}
	x := &found{file: f.info.File, header: h, offset: rec.Offset, digest: h.Value(warc.PayloadDigest)}
	page := isPage(h) && !rec.Shared
	x.beside = isCompanion(h)
	if err := f.digests(rec, x, block, page); err != nil {
		return err
	}
	if err := r.Finish(); err != nil {
		return err
	}
	for _, p := range rec.Problems {
		f.res.Findings = append(f.res.Findings, Finding{Code: "record-form", Severity: Warning,
			File: f.info.File, Offset: p.Offset, URL: h.URI(), Message: describeDamage(p)})
	}
	x.length = r.End() - rec.Offset
	switch {
	case rec.Shared:
		return nil
	case x.beside:
		f.res.Companions++
		return f.rows(x.cdxRow().String())
	case !page:
		return nil
	}
	f.res.Captures++
	if typ == warc.Revisit {
		f.res.Revisits++
		f.res.Refers = append(f.res.Refers, revisitRef{rec.Offset, h.URI(),
			unbracket(h.Value(warc.RefersToTargetURI)), h.Value(warc.RefersToDate), x.digest})
	}
	return f.rows(x.cdxRow().String())
}

// ownRecord checks what holds for the files we write.
func (f *fileVerifier) ownRecord(rec *warc.Record, first bool, info []byte) {
	h := rec.Header
	if first && h.Value(warc.Type) != warc.Warcinfo {
		f.damage("warcinfo-missing", rec.Offset, "", "the first record is %q", h.Value(warc.Type))
	}
	if h.Value(warc.Type) == warc.Warcinfo {
		f.info1 = h.Value(warc.RecordID)
		for _, x := range warc.ParseFields(info) {
			if x.Name == "journal" {
				f.res.Heads = append(f.res.Heads, x.Value)
			}
		}
		if want := h.Value(warc.Filename); want != "" && !strings.HasSuffix(f.info.File, "/"+want) {
			f.damage("file-name", rec.Offset, "", "the warcinfo says that this file is %s", want)
		}
		return
	}
	if id := h.Value(warc.WarcinfoID); f.info1 != "" && id != f.info1 {
		f.damage("warcinfo-other", rec.Offset, h.URI(), "record belongs to warcinfo %s, the file's is %s", id, f.info1)
	}
	if h.Value(warc.BlockDigest) == "" {
		f.damage("digest-missing", rec.Offset, h.URI(), "no WARC-Block-Digest")
	}
}

// chunkHasher holds the hashes of one record.
type chunkHasher struct{ block, payload, raw hash.Hash }

// digests reads the block and compares both digests.
func (f *fileVerifier) digests(rec *warc.Record, x *found, block io.Reader, page bool) error {
	h := rec.Header
	want := f.parse(rec, warc.BlockDigest)
	wantPayload := f.parse(rec, warc.PayloadDigest)
	typ := h.Value(warc.Type)
	whole := typ == warc.Resource || typ == warc.Conversion // the payload is the block (§6.4, §6.8)
	if whole {
		x.head = resourceHead(h)
		if x.digest == "" {
			x.digest = h.Value(warc.BlockDigest)
		}
	}
	http := page && !whole
	if x.digest == "" && http { // computed, as for the CDX
		wantPayload = &warc.Digest{Algorithm: "sha256"}
	}
	var hs chunkHasher
	if want != nil {
		hs.block = want.New()
	}
	if wantPayload != nil && typ != warc.Revisit {
		hs.payload, hs.raw = wantPayload.New(), wantPayload.New()
	}
	parser := httpmsg.NewParser("")
	chunked, err := hashBlock(block, hs, parser, http)
	if err != nil {
		return err
	}
	if http {
		x.head = parser.Head()
	}
	if want != nil && !want.Is(hs.block) {
		f.damage("block-digest", rec.Offset, h.URI(), "block has %s:%x, the record says %s", want.Algorithm, hs.block.Sum(nil), h.Value(warc.BlockDigest))
	}
	if hs.payload == nil {
		return nil
	}
	switch {
	case wantPayload.Sum == nil:
		x.digest = digest(hs.payload)
	case !http: // the payload is the block, or it is no HTTP response
		if whole && !wantPayload.Is(hs.raw) {
			f.damage("payload-digest", rec.Offset, h.URI(), "payload differs from %s", h.Value(warc.PayloadDigest))
		}
	case wantPayload.Is(hs.payload):
	case chunked && wantPayload.Is(hs.raw):
		f.res.RawDigests++
	default:
		f.damage("payload-digest", rec.Offset, h.URI(), "payload has %s:%x, the record says %s", wantPayload.Algorithm, hs.payload.Sum(nil), h.Value(warc.PayloadDigest))
	}
	return nil
}

// parse reads a digest field; one that cannot be read is a warning.
func (f *fileVerifier) parse(rec *warc.Record, field string) *warc.Digest {
	v := rec.Header.Value(field)
	if v == "" {
		return nil
	}
	d, err := warc.ParseDigest(v)
	if err != nil {
		f.res.Findings = append(f.res.Findings, Finding{Code: "digest-unknown", Severity: Warning, File: f.info.File,
			Offset: rec.Offset, URL: rec.Header.URI(), Message: field + ": " + err.Error()})
		return nil
	}
	return &d
}

// hashBlock feeds block, payload and raw body (everything behind the head) to the hashes.
// The raw body is hashed only where it can differ from the payload.
func hashBlock(block io.Reader, hs chunkHasher, parser *httpmsg.Parser, http bool) (chunked bool, err error) {
	give := func(b []byte) {
		if hs.payload != nil {
			hs.payload.Write(b)
		}
	}
	mem := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(mem)
	buf := mem[:]
	var pos int64
	for {
		n, err := block.Read(buf)
		b := buf[:n]
		if hs.block != nil {
			hs.block.Write(b)
		}
		switch {
		case http:
			parser.Feed(b, give)
			if head := parser.Head(); head != nil && hs.raw != nil {
				chunked = chunked || len(head.Values("Transfer-Encoding")) > 0
				if from := max(0, head.Size-pos); chunked && from < int64(n) {
					hs.raw.Write(b[from:])
				}
			}
		case hs.raw != nil:
			hs.raw.Write(b)
		}
		pos += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return chunked, err
		}
	}
	if http && !parser.Done() {
		parser.Close(give)
	}
	return chunked, nil
}
