package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"cundang/archive/tlog"
)

// logDir is where the transparency log lies below DATA/archive.
const logDir = "log"

// logBatch is how many captures are logged together when a whole WARC is: few enough that one of them is found quickly.
const logBatch = 256

// LogDir returns the directory of the archive's transparency log; there may be none.
func (s *Store) LogDir() string { return filepath.Join(s.dir, logDir) }

// openLog opens the log of an archive that has one or is new. An archive from before there was a log goes on
// without until InitLog makes one: reading all its captures takes as long as a verification.
func (s *Store) openLog() (err error) {
	if !tlog.Exists(s.LogDir()) {
		files, err := listFiles(s.dir)
		if err != nil || len(files) > 0 || s.opts.NoLog {
			return err
		}
	}
	s.proofs, err = tlog.Open(s.LogDir(), tlog.Options{FS: s.opts.FS})
	return err
}

// InitLog makes the transparency log of an archive from before there was one, from the captures that are there: the
// files in their order, the captures of each in theirs. Where there is a log it only makes sure that nothing is missing. An
// interrupted run is taken up by the next. origin names a new log; "" draws one by lot.
func (s *Store) InitLog(ctx context.Context, origin string) error {
	s.syncMu.Lock()
	defer s.syncMu.Unlock()
	s.mu.Lock()
	err := s.usable()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if s.proofs == nil {
		if s.proofs, err = tlog.Open(s.LogDir(), tlog.Options{FS: s.opts.FS, Origin: origin}); err != nil {
			return err
		}
	}
	return s.logMissing(ctx)
}

// RotateLogKey gives the log a new key, for which the present one vouches.
func (s *Store) RotateLogKey() (tlog.Key, error) {
	if s.proofs == nil {
		return tlog.Key{}, tlog.ErrNone
	}
	return s.proofs.Rotate()
}

// logMissing logs the captures that the log does not have yet: those of an import, and those that a killed process had
// committed last. It reads nothing of a file that is logged to its end.
func (s *Store) logMissing(ctx context.Context) error {
	if s.proofs == nil {
		return nil
	}
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := s.logFile(ctx, f.File, f.Size); err != nil {
			return fmt.Errorf("log the captures of %s: %w", f.File, err)
		}
	}
	return nil
}

func (s *Store) logFile(ctx context.Context, name string, size int64) error {
	from, err := s.proofs.Covered(name)
	if err != nil || from >= size {
		return err
	}
	f, err := s.openRead(ctx, name)
	if err != nil {
		return err
	}
	defer f.Close() // opened for reading
	batch := tlog.File{Name: name}
	var failed error
	err = s.scanOpen(ctx, name, f, from, size, false, func(x *found) bool {
		batch.End = x.end
		if x.beside {
			return true
		}
		leaf, err := x.leaf(f)
		if err == nil {
			batch.Leaves = append(batch.Leaves, leaf)
		}
		if err == nil && len(batch.Leaves) == logBatch {
			err = s.proofs.Append([]tlog.File{batch})
			batch.Leaves = nil
		}
		failed = err
		return err == nil
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	batch.End = size
	return s.proofs.Append([]tlog.File{batch})
}

// leaf returns what the log says of a capture; f is its file.
func (x *found) leaf(f io.ReaderAt) (tlog.Leaf, error) {
	sum := sha256.New()
	mem := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(mem)
	record := struct{ io.Reader }{io.NewSectionReader(f, x.offset, x.length)} // its WriteTo would make a buffer
	if _, err := io.CopyBuffer(sum, record, mem[:]); err != nil {
		return tlog.Leaf{}, err
	}
	ref := Ref{File: x.file, Offset: x.offset, Length: x.length}
	return tlog.Leaf{URL: x.header.URI(), Time: x.header.Time(), Payload: x.digest, Record: digest(sum), Ref: ref.String()}, nil
}
