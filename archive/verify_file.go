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
	Leaves     string       `json:"leaves"` // a leafSum of its captures
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
	// leaves gathers what the log should have of the captures; nil: there is no log.
	leaves *leafSum
	hashes [3]hash.Hash // of the record before: of block, payload and what is behind the head
	alg    [3]string
}

// hash returns an empty hash for one of the three sums of a record: that of the record before, if it can serve.
func (f *fileVerifier) hash(i int, d *warc.Digest) hash.Hash {
	if f.alg[i] != d.Algorithm {
		f.alg[i], f.hashes[i] = d.Algorithm, d.New()
	}
	f.hashes[i].Reset()
	return f.hashes[i]
}

func (f *fileVerifier) damage(code string, offset int64, url, format string, args ...any) {
	f.res.Findings = append(f.res.Findings, Finding{Code: code, Severity: Damage, File: f.info.File,
		Offset: offset, URL: url, Message: fmt.Sprintf(format, args...)})
}

// verifyFile reads one file, or takes over what an interrupted run found.
func (v *verifier) verifyFile(ctx context.Context, info FileInfo, e Entry, listed bool) error {
	if info.Remote {
		if there, err := v.remoteThere(ctx, info); err != nil || !there {
			return err
		}
	}
	fd, err := v.s.openWith(ctx, info.File, nil) // a cache would tell what the store held once
	if errors.Is(err, ErrNotFound) {
		v.damage("file-missing", info.File, 0, "vanished during the verification")
		return nil
	}
	if err != nil {
		return err
	}
	modTime, err := modTime(fd)
	if err != nil {
		return errors.Join(err, fd.Close())
	}
	v.mu.Lock()
	res, ok := v.done[info.File]
	v.mu.Unlock()
	if ok && res.Size == info.Size && res.ModTime == modTime {
		v.mu.Lock()
		v.report.Resumed++
		v.mu.Unlock()
		return errors.Join(v.take(info, res), fd.Close())
	}
	res = fileResult{Size: info.Size, ModTime: modTime}
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
	if v.leaves != nil {
		f.leaves = &leafSum{}
	}
	sum, err := f.read(ctx, fd)
	if err != nil {
		return errors.Join(err, fd.Close())
	}
	res.Leaves = f.leaves.String()
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
	if v.leaves != nil {
		v.leaves[info.File] = res.Leaves
	}
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
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := f.record(r, fd)
		if err == io.EOF {
			break
		}
		if bad := damage(err); bad != nil {
			damaged = true
			f.damage("record-damaged", bad.Offset, "", "%s", describeDamage(bad))
			at, err := nextRecord(ctx, fd, bad.Offset+1, f.info.Size)
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
func (f *fileVerifier) record(r *warc.Reader, fd io.ReaderAt) error {
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
	x := &found{file: f.info.File, header: h, offset: rec.Offset, digest: warc.CanonicalDigest(h.Value(warc.PayloadDigest))}
	page := isPage(h) && !rec.Shared
	x.beside = isListed(h)
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
		if isCompanion(h) {
			f.res.Companions++
		}
		return f.rows(x.cdxRow().String())
	case !page:
		return nil
	}
	f.res.Captures++
	if f.leaves != nil {
		leaf, err := x.leaf(fd) // its bytes have just been read
		if err != nil {
			return err
		}
		f.leaves.add(leaf.Marshal())
	}
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

// digests reads the block and compares both digests.
func (f *fileVerifier) digests(rec *warc.Record, x *found, block io.Reader, page bool) error {
	h := rec.Header
	want := f.parse(rec, warc.BlockDigest)
	wantPayload := f.parse(rec, warc.PayloadDigest)
	typ := h.Value(warc.Type)
	whole := typ == warc.Resource || typ == warc.Conversion // the payload is the block (§6.4, §6.8)
	if whole || x.beside {
		x.head = resourceHead(h)
		if x.digest == "" {
			x.digest = warc.CanonicalDigest(h.Value(warc.BlockDigest))
		}
	}
	http := page && !whole
	computed := x.digest == "" && http // as for the CDX
	w := &weigher{parser: httpmsg.NewParser(""), length: rec.Length}
	if want != nil {
		w.block = f.hash(0, want)
	}
	switch {
	case computed:
		w.payload, w.rest = sha256.New(), sha256.New()
	case wantPayload != nil && typ != warc.Revisit:
		w.payload, w.rest = f.hash(1, wantPayload), f.hash(2, wantPayload)
	}
	var err error
	if http {
		err = w.read(block)
		x.head = w.parser.Head()
	} else {
		err = hashWhole(block, w.block, w.rest)
	}
	if err != nil {
		return err
	}
	if want != nil && !want.Is(w.block) {
		f.damage("block-digest", rec.Offset, h.URI(), "block has %s:%x, the record says %s", want.Algorithm, w.block.Sum(nil), h.Value(warc.BlockDigest))
	}
	switch {
	case w.payload == nil:
	case computed:
		x.digest = digest(w.payload)
		if w.stands(nil) {
			x.digest = digest(w.rest)
		}
	case !http: // the payload is the block, or it is no HTTP response
		if whole && !wantPayload.Is(w.rest) {
			f.damage("payload-digest", rec.Offset, h.URI(), "payload differs from %s", h.Value(warc.PayloadDigest))
		}
	case wantPayload.Is(w.payload):
	case w.differ && wantPayload.Is(w.rest):
		if !w.stands(wantPayload) {
			f.res.RawDigests++
		}
	default:
		f.damage("payload-digest", rec.Offset, h.URI(), "payload has %s:%x, the record says %s", wantPayload.Algorithm, w.payload.Sum(nil), h.Value(warc.PayloadDigest))
	}
	return nil
}

// hashWhole feeds a block to those hashes that are not nil.
func hashWhole(block io.Reader, hs ...hash.Hash) error {
	mem := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(mem)
	for {
		n, err := block.Read(mem[:])
		for _, h := range hs {
			if h != nil {
				h.Write(mem[:n])
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
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
