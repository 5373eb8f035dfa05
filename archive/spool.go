package archive

import (
	"bytes"
	"errors"
	"io"
	"os"

	"cundang/archive/warc"
)

// spool holds one block, in memory while it is small and else in a scratch file, which is used again for the next.
type spool struct {
	mem  bytes.Buffer
	file *os.File
	n    int64
	disk bool
}

// maxSpooled is how much of a block is held in memory, in bytes.
const maxSpooled = 4 << 20

func (s *spool) begin(warc.Header, bool) error {
	s.mem.Reset()
	s.n, s.disk = 0, false
	return nil
}

// Write implements io.Writer.
func (s *spool) Write(b []byte) (int, error) {
	if !s.disk && s.mem.Len()+len(b) > maxSpooled {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	s.n += int64(len(b))
	if s.disk {
		return s.file.Write(b)
	}
	return s.mem.Write(b)
}

// spill moves to the scratch file what is in memory.
func (s *spool) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "cundang-record-*"); err != nil {
			return err
		}
	}
	if err := s.file.Truncate(0); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s.disk = true
	_, err = s.file.Write(s.mem.Bytes())
	s.mem.Reset()
	return err
}

// open returns the block from its beginning. It is good until the next begin or Write.
func (s *spool) open() io.Reader {
	if s.disk {
		return io.NewSectionReader(s.file, 0, s.n)
	}
	return bytes.NewReader(s.mem.Bytes())
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
