package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"cundang/archive/httpmsg"
	"cundang/archive/warc"
)

// examined is what the first reading of a foreign WARC shows.
type examined struct {
	Imported
	sum     string
	rewrite bool
	fresh   int             // captures the archive does not have
	known   string          // a file with one that it has
	holders map[string]bool // all files with those
	left    []int           // records, by their number, that the archive has
	others  []otherRecord   // records that are no captures
	parts   *segments
}

// otherRecord is a record that is known by its ID alone.
type otherRecord struct {
	number int
	id     recordID
}

// recordID stands for a WARC-Record-ID.
type recordID [16]byte

func idOf(h warc.Header) recordID { return idFrom(h.Value(warc.RecordID)) }

func idFrom(id string) recordID {
	sum := sha256.Sum256([]byte(id))
	return recordID(sum[:16])
}

const maxProblems = 100

func (x *examined) problem(err error) {
	if len(x.Problems) < maxProblems {
		x.Problems = append(x.Problems, err.Error())
		return
	}
	x.MoreProblems++
}

// examine reads the whole source once. The caller closes what it returns.
func (s *Store) examine(ctx context.Context, path string, src importSource) (*examined, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	x := &examined{Imported: Imported{Source: src.name, Bytes: src.size, Converted: src.converted}, sum: src.sum,
		holders: map[string]bool{}, parts: &segments{}}
	for _, p := range src.problems {
		x.problem(p)
	}
	var first [2]byte
	if _, err := f.ReadAt(first[:], 0); err != nil && err != io.EOF {
		return nil, err
	}
	x.rewrite = first != [2]byte{0x1f, 0x8b}
	r := newForeignReader(ctx, src.name, f, info.Size(), x.problem)
	if err := s.examineAll(ctx, x, r); err != nil {
		return nil, errors.Join(err, r.close(), x.parts.close())
	}
	if err := r.close(); err != nil {
		return nil, errors.Join(err, x.parts.close())
	}
	x.rewrite = x.rewrite || r.mended || x.parts.any()
	if x.Records == 0 {
		return nil, errors.Join(fmt.Errorf("no WARC record in it: %s", strings.Join(x.Problems, "; ")), x.parts.close())
	}
	if err := s.leaveKnown(ctx, x); err != nil {
		return nil, errors.Join(err, x.parts.close())
	}
	return x, nil
}

func (s *Store) examineAll(ctx context.Context, x *examined, r *foreignReader) (err error) {
	var sp spool
	defer func() { err = errors.Join(err, sp.close()) }()
	look := &blockLook{spool: &sp}
	for {
		rec, err := r.next(ctx, look)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.examineRecord(ctx, x, rec, look); err != nil {
			return err
		}
	}
}

func (s *Store) examineRecord(ctx context.Context, x *examined, rec *foreignRecord, look *blockLook) error {
	number := x.Records
	x.Records++
	x.rewrite = x.rewrite || rec.Shared
	if err := x.parts.add(rec, look.spool); err != nil {
		return err
	}
	if !isPage(rec.Header) {
		if t := rec.Header.Value(warc.Type); t != warc.Warcinfo && !(t == warc.Continuation && x.parts.joins(rec.Header)) {
			x.others = append(x.others, otherRecord{number, idOf(rec.Header)})
		}
		return nil
	}
	x.Captures++
	h := rec.Header
	if rec.Mended != "" {
		var err error
		if h, err = mendHeader(h, "Content-Length "+rec.Mended, rec.Truncated, look.spool); err != nil {
			return err
		}
	}
	got := &found{header: h, digest: warc.CanonicalDigest(h.Value(warc.PayloadDigest))}
	if err := look.finish(got); err != nil {
		return err
	}
	row := got.cdxRow()
	for r, err := range s.index.rows(ctx, row.Key+" "+row.Time, row.Key+" "+row.Time+"!") {
		if err != nil {
			return err
		}
		if r.URL == row.URL && warc.SameDigest(r.Digest, row.Digest) && (r.MIME == revisitMIME) == (row.MIME == revisitMIME) {
			x.known = r.Filename
			x.holders[r.Filename] = true
			x.left = append(x.left, number)
			return nil
		}
	}
	x.fresh++
	return nil
}

// blockLook takes of a block what examining needs: head and, where none is recorded, payload digest; all of it
// where its length was mended or it is a segment.
type blockLook struct {
	spool *spool
	kept  bool
	w     *weigher
}

func (l *blockLook) begin(h warc.Header, mended bool) error {
	l.kept = mended || h.Value(warc.SegmentNumber) != ""
	l.w = nil
	if l.kept {
		return l.spool.begin(h, mended)
	}
	if t := h.Value(warc.Type); isPage(h) && t != warc.Resource {
		l.w = &weigher{parser: httpmsg.NewParser(""), length: -1}
		if h.Value(warc.PayloadDigest) == "" {
			l.w.payload, l.w.rest = sha256.New(), sha256.New()
			l.w.length, _ = strconv.ParseInt(h.Value(warc.ContentLength), 10, 64) // it holds
		}
	}
	return nil
}

// Write implements io.Writer.
func (l *blockLook) Write(b []byte) (int, error) {
	switch {
	case l.kept:
		return l.spool.Write(b)
	case l.w != nil:
		return l.w.Write(b)
	}
	return len(b), nil
}

// finish completes a capture with what was seen of its block.
func (l *blockLook) finish(got *found) error {
	if l.w == nil {
		var block io.Reader = strings.NewReader("")
		length := int64(0)
		if l.kept {
			block, length = l.spool.open(), l.spool.n
		}
		return got.readHead(block, length)
	}
	if !l.w.parser.Done() {
		l.w.parser.Close(l.w.give)
	}
	got.head = l.w.parser.Head()
	if got.digest == "" {
		got.digest = digest(l.w.payload)
		if l.w.stands(nil) {
			got.digest = digest(l.w.rest)
		}
	}
	return nil
}

// leaveKnown decides, where captures are known, which other records are: those whose ID is in a file that holds such
// a capture. They are left out, and so are the captures.
func (s *Store) leaveKnown(ctx context.Context, x *examined) error {
	if len(x.left) == 0 {
		return nil
	}
	if err := s.addPartly(x.holders); err != nil {
		return err
	}
	ids := map[recordID]bool{}
	for name := range x.holders {
		if err := s.recordIDs(ctx, name, ids); err != nil {
			return err
		}
	}
	left := map[int]bool{}
	for _, n := range x.left {
		left[n] = true
	}
	news := 0
	for _, o := range x.others {
		if ids[o.id] {
			left[o.number] = true
		} else {
			news++
		}
	}
	if x.fresh == 0 && news == 0 {
		return nil // all of it is known
	}
	x.KnownRecords, x.rewrite = len(left), true
	x.left = x.left[:0]
	for n := range x.Records {
		if left[n] {
			x.left = append(x.left, n)
		}
	}
	x.others = x.others[:news]
	return nil
}

// leftOut stands in the journal behind the source of a file that some known records were left out of.
const leftOut = " left-out:"

// addPartly adds the imported files that hold records of captures which are in other files.
func (s *Store) addPartly(files map[string]bool) error {
	entries, err := s.Journal()
	var broken *JournalError
	if err != nil && !errors.As(err, &broken) {
		return err
	}
	for _, e := range entries {
		if strings.Contains(e.Source, leftOut) {
			files[e.File] = true
		}
	}
	return nil
}

// recordIDs adds the IDs of all records of a file.
func (s *Store) recordIDs(ctx context.Context, name string, to map[recordID]bool) (err error) {
	f, err := s.openRead(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return nil // verify tells of it
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := warc.NewReader(&ctxReader{ctx, io.NewSectionReader(f, 0, 1<<62)}, name, 0, warc.Tolerant)
	for {
		rec, err := r.Next()
		if err == io.EOF || damage(err) != nil {
			return nil
		}
		if err != nil {
			return err
		}
		to[idOf(rec.Header)] = true
	}
}

// knownImport returns the file that holds the source already: the same bytes, an earlier
// import of them, or all its captures and other records.
func (s *Store) knownImport(x *examined) (string, error) {
	files, err := s.Files()
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if strings.HasSuffix(f.File, "-"+x.sum[:16]+".warc.gz") {
			return f.File, nil
		}
	}
	entries, err := s.Journal()
	var broken *JournalError
	if err != nil && !errors.As(err, &broken) {
		return "", err
	}
	for _, e := range entries {
		if e.SHA256 == x.sum {
			return e.File, nil
		}
	}
	if x.Captures > 0 && x.fresh == 0 && x.KnownRecords == 0 {
		return x.known, nil
	}
	return "", nil
}
