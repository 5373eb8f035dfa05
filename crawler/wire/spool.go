package wire

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
)

// inMemory is how much of a response a spool holds before it goes to a file.
const inMemory = 1 << 20

// spool keeps a message, large ones in a file that no longer has a name: nothing is
// left behind when the process is killed.
type spool struct {
	dir string
	buf []byte
	f   *os.File
	n   int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.f == nil && len(s.buf)+len(p) <= inMemory {
		s.buf = append(s.buf, p...)
		s.n += int64(len(p))
		return len(p), nil
	}
	if s.f == nil {
		f, err := os.CreateTemp(s.dir, "cundang-spool-")
		if err != nil {
			return 0, fmt.Errorf("create spool: %w", err)
		}
		s.f = f
		if err := os.Remove(f.Name()); err != nil {
			return 0, fmt.Errorf("unlink spool: %w", err)
		}
		if _, err := f.Write(s.buf); err != nil {
			return 0, fmt.Errorf("write spool: %w", err)
		}
		s.buf = nil
	}
	n, err := s.f.Write(p)
	s.n += int64(n)
	if err != nil {
		return n, fmt.Errorf("write spool: %w", err)
	}
	return n, nil
}

// expect makes room for n more bytes, if that many are kept in memory.
func (s *spool) expect(n int64) {
	if s.f == nil && int64(len(s.buf))+n <= inMemory {
		s.buf = slices.Grow(s.buf, int(n))
	}
}

func (s *spool) size() int64 { return s.n }

// reader reads the message from off on; several may be used at once.
func (s *spool) reader(off int64) io.ReadSeeker {
	if s.f != nil {
		return io.NewSectionReader(s.f, off, s.n-off)
	}
	return bytes.NewReader(s.buf[off:])
}

func (s *spool) Close() error {
	s.buf = nil
	if s.f == nil {
		return nil
	}
	f := s.f
	s.f = nil
	return f.Close()
}
