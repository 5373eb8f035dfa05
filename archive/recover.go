package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cundang/archive/warc"
)

// recover closes the files that a killed process left open: each is cut to its committed
// end, synced and renamed. What lies behind that end was never acknowledged, and will be
// fetched again.
func (s *Store) recover() error {
	ends, _, known, err := s.readCommitted()
	if err != nil {
		return err
	}
	if err := s.sweep(); err != nil {
		return err
	}
	files, err := listFiles(s.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Open {
			if err := s.journal.ensure(f); err != nil {
				return err
			}
			continue
		}
		if err := s.recoverFile(f, ends, known); err != nil {
			return fmt.Errorf("%s: %w", f.File, err)
		}
	}
	return s.writeCommitted()
}

// sweep removes what a killed process left half made.
func (s *Store) sweep() error {
	for _, pattern := range []string{"cdx-run-*", "import-*.tmp", "*/import-*.tmp", "*/" + pullPrefix + "*",
		"*/*" + remoteSuffix + ".tmp", pushPrefix + "*"} {
		left, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil {
			return err
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// committedEnd says where to cut; -1 is after the last whole capture.
func (s *Store) committedEnd(f FileInfo, noted map[string]int64, known bool, logged int64) (limit int64) {
	front, inFront := s.opts.Committed[f.File]
	note := max(noted[f.File], logged)
	switch {
	case !inFront && !known, s.opts.Committed == nil && note > 0:
		return -1 // nobody can say; a capture too many is better than one too few
	}
	return max(front, note)
}

func (s *Store) recoverFile(f FileInfo, noted map[string]int64, known bool) error {
	path := filepath.Join(s.dir, filepath.FromSlash(f.File)) + openSuffix
	logged := int64(0) // what is in the log was committed
	if s.proofs != nil {
		var err error
		if logged, err = s.proofs.Covered(f.File); err != nil {
			return err
		}
	}
	limit := s.committedEnd(f, noted, known, logged)
	if limit > f.Size {
		// The frontier acknowledged what the disk no longer holds: a lying disk, or a file
		// copied back from a backup. Keep what is whole and say so; verify will too.
		s.log.Error("open WARC is shorter than its committed end", "file", f.File, "bytes", f.Size, "committed", limit)
		limit = -1
	}
	fd, err := s.fs.Open(path)
	if err != nil {
		return err
	}
	scanTo := limit
	if limit < 0 {
		scanTo = f.Size
	}
	end, st, damage, err := s.wholeCaptures(f.File, fd, scanTo)
	if err != nil {
		return errors.Join(err, fd.Close())
	}
	if limit > 0 && damage != nil {
		s.log.Error("open WARC is damaged before its committed end", "file", f.File, "committed", limit, "err", damage)
		end = limit // keep it all: damage is for verify to report, not for recovery to delete
	} else if st.captures == 0 {
		s.log.Info("empty open WARC removed", "file", f.File)
		return errors.Join(fd.Close(), s.fs.Remove(path), s.fs.SyncDir(filepath.Dir(path)))
	}
	if end != f.Size {
		s.log.Info("open WARC cut back", "file", f.File, "bytes", f.Size, "end", end)
		if err := fd.Truncate(end); err != nil {
			return errors.Join(err, fd.Close())
		}
	}
	if err := errors.Join(fd.Sync(), fd.Close()); err != nil {
		return err
	}
	sum, err := hashFile(context.Background(), path)
	if err != nil {
		return err
	}
	return s.publish(f.File, end, sum, st)
}

// wholeCaptures reads a file from its beginning and returns the end of its last whole
// capture (one whose metadata record is there too), and what damage ended the reading.
func (s *Store) wholeCaptures(name string, f File, to int64) (end int64, st fileStats, damage, err error) {
	sc := newScanner(name, f, 0, to)
	last := "" // record ID of the last whole capture
	for {
		x, err := sc.next(context.Background())
		if err == io.EOF {
			return end, st, nil, nil
		}
		if bad := (*warc.Error)(nil); errors.As(err, &bad) {
			return end, st, bad, nil
		}
		if err != nil {
			return 0, st, nil, err
		}
		switch {
		case x.beside && x.owner() == last:
			st.records += x.records
			end = x.end
		case x.fields != nil: // else the metadata record was not written any more
			st.add(x.header.Time(), x.records)
			end, last = x.end, x.header.Value(warc.RecordID)
		}
	}
}

func hashFile(ctx context.Context, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	_, err = io.Copy(h, &ctxReader{ctx, f})
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("hash %s: %w", path, err)
	}
	return h.Sum(nil), nil
}

// ctxReader fails once its context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
