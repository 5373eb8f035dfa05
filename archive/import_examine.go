package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cundang/archive/warc"
)

// examined is what the first reading of a foreign WARC shows.
type examined struct {
	Imported
	sum     string
	rewrite bool
	fresh   int // captures the archive does not have
	known   string
}

const maxProblems = 100

func (x *examined) problem(err error) {
	if len(x.Problems) < maxProblems {
		x.Problems = append(x.Problems, err.Error())
	}
}

// examine reads the whole source once.
func (s *Store) examine(ctx context.Context, path, source string) (*examined, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	x := &examined{Imported: Imported{Source: source, Bytes: info.Size()}}
	sum, err := hashFile(ctx, path)
	if err != nil {
		return nil, err
	}
	x.sum = fmt.Sprintf("%x", sum)
	var first [2]byte
	if _, err := f.ReadAt(first[:], 0); err != nil && err != io.EOF {
		return nil, err
	}
	x.rewrite = first != [2]byte{0x1f, 0x8b}
	r := warc.NewReader(&ctxReader{ctx, f}, source, 0, warc.Tolerant)
	for {
		rec, err := r.Next()
		var bad *warc.Error
		if err == io.EOF {
			break
		}
		if errors.As(err, &bad) {
			x.problem(err)
			x.rewrite = true
			at, err := nextMember(f, source, bad.Offset+1, info.Size())
			if err != nil {
				return nil, err
			}
			r.Reset(&ctxReader{ctx, io.NewSectionReader(f, at, info.Size()-at)}, source, at)
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := s.examineRecord(ctx, x, rec); err != nil {
			if errors.As(err, &bad) {
				continue // Next meets it again
			}
			return nil, err
		}
	}
	if x.Records == 0 {
		return nil, fmt.Errorf("no WARC record in it: %s", strings.Join(x.Problems, "; "))
	}
	return x, nil
}

func (s *Store) examineRecord(ctx context.Context, x *examined, rec *warc.Record) error {
	x.Records++
	x.rewrite = x.rewrite || rec.Shared
	for _, p := range rec.Problems {
		x.problem(p)
	}
	if !isPage(rec.Header) {
		return nil
	}
	x.Captures++
	got := &found{header: rec.Header, digest: rec.Header.Value(warc.PayloadDigest)}
	if err := got.readHead(rec.Block); err != nil {
		return err
	}
	if x.fresh > 0 && x.Captures > 1000 {
		return nil // it is not all known: no need to look further
	}
	row := got.cdxRow()
	for r, err := range s.index.rows(ctx, row.Key+" "+row.Time, row.Key+" "+row.Time+"!") {
		if err != nil {
			return err
		}
		if r.URL == row.URL && r.Digest == row.Digest && (r.MIME == revisitMIME) == (row.MIME == revisitMIME) {
			x.known = r.Filename
			return nil
		}
	}
	x.fresh++
	return nil
}

// knownImport returns the file that holds the source already: the same bytes, an earlier
// import of them, or all its captures.
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
	if x.Captures > 0 && x.fresh == 0 {
		return x.known, nil
	}
	return "", nil
}
