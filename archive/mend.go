package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"cundang/archive/httpmsg"
	"cundang/archive/warc"
)

// fieldMended is the field of a record that was mended when it was taken in: what its fields were in the source. It is an
// extension field (ISO 28500 §4).
const fieldMended = "X-Cundang-Source"

// mendHeader returns the fields of a record whose block is not the one they tell of: digests that do not hold over what
// there is go, and what was there is noted behind what else was mended.
func mendHeader(header warc.Header, was string, truncated bool, block *spool) (warc.Header, error) {
	h := slices.Clone(header)
	if truncated && h.Value(warc.Truncated) == "" {
		h.Add(warc.Truncated, "unspecified")
	}
	for _, name := range []string{warc.BlockDigest, warc.PayloadDigest} {
		want := wanted(h.Value(name))
		if want == nil {
			continue
		}
		holds, err := digestHolds(h, name, want, block)
		if err != nil {
			return nil, err
		}
		if !holds {
			was += "; " + name + " " + h.Value(name)
			h = without(h, name)
		}
	}
	h.Add(fieldMended, was)
	return h, nil
}

func without(h warc.Header, name string) warc.Header {
	return slices.DeleteFunc(h, func(f warc.Field) bool { return strings.EqualFold(f.Name, name) })
}

// digestHolds says whether a digest of the record holds over its block, or over the payload in it.
func digestHolds(h warc.Header, name string, want *warc.Digest, block *spool) (bool, error) {
	w := &weigher{length: block.n}
	http := name == warc.PayloadDigest && isPage(h) && h.Value(warc.Type) != warc.Resource
	if !http {
		sum := want.New()
		_, err := io.Copy(sum, block.open())
		return want.Is(sum), err
	}
	if h.Value(warc.Type) == warc.Revisit {
		return true, nil // it is that of another record's payload
	}
	w.parser, w.payload, w.rest = httpmsg.NewParser(""), want.New(), want.New()
	if err := w.read(block.open()); err != nil {
		return false, err
	}
	return want.Is(w.payload) || w.differ && want.Is(w.rest), nil
}

// segments are the continuation records of a source, by the record that they continue (ISO 28500 §6.9).
type segments struct {
	file  *os.File // their blocks, one after the other
	size  int64
	first map[recordID]bool // records that are continued
	of    map[recordID][]part
}

// part is the block of a continuation record.
type part struct {
	number     int
	at, length int64
	total      int64 // of all blocks, as the last one tells it; else -1
}

// add takes a record that is a segment; block holds its block.
func (s *segments) add(rec *foreignRecord, block *spool) (err error) {
	h := rec.Header
	number, err := strconv.Atoi(h.Value(warc.SegmentNumber))
	if err != nil || number < 1 {
		return nil // it is none
	}
	if h.Value(warc.Type) != warc.Continuation {
		if s.first == nil {
			s.first = map[recordID]bool{}
		}
		s.first[idOf(h)] = true
		return nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "cundang-segments-*"); err != nil {
			return err
		}
		s.of = map[recordID][]part{}
	}
	n, err := io.Copy(s.file, block.open())
	if err != nil {
		return err
	}
	p := part{number: number, at: s.size, length: n, total: -1}
	if total, err := strconv.ParseInt(h.Value(warc.SegmentTotalLength), 10, 64); err == nil {
		p.total = total
	}
	origin := idFrom(h.Value(warc.SegmentOriginID))
	s.of[origin] = append(s.of[origin], p)
	s.size += n
	return nil
}

// joins says whether a record will be joined with others: it is continued, or it continues one that is there.
func (s *segments) joins(h warc.Header) bool {
	if h.Value(warc.SegmentNumber) == "" {
		return false
	}
	if h.Value(warc.Type) == warc.Continuation {
		return s.first[idFrom(h.Value(warc.SegmentOriginID))]
	}
	return len(s.of[idOf(h)]) > 0
}

// any says whether anything will be joined.
func (s *segments) any() bool {
	for id := range s.first {
		if len(s.of[id]) > 0 {
			return true
		}
	}
	return false
}

// join appends to the block of a first segment those that continue it and returns the fields of the whole, with what was
// done.
func (s *segments) join(rec *foreignRecord, block *spool) (warc.Header, string, error) {
	parts := s.of[idOf(rec.Header)]
	slices.SortStableFunc(parts, func(a, b part) int { return a.number - b.number })
	joined, total := 1, int64(-1)
	for _, p := range parts {
		if p.number != joined+1 {
			continue // given twice, or behind one that is missing
		}
		if _, err := io.Copy(block, io.NewSectionReader(s.file, p.at, p.length)); err != nil {
			return nil, "", err
		}
		joined++
		total = p.total
	}
	done := fmt.Sprintf("joined from %d segments", joined)
	whole := total == block.n && joined == len(parts)+1
	if !whole {
		done += ", not all of them are there"
	}
	h := without(slices.Clone(rec.Header), warc.SegmentNumber)
	h, err := mendHeader(h, done, !whole, block)
	return h, done, err
}

func (s *segments) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
