package cdx

import (
	"bufio"
	"bytes"
	"container/heap"
	"io"
	"os"
	"slices"
)

// Sorter sorts any number of lines with bounded memory: runs of about 64 MiB are spilled
// to temporary files. Identical lines are written once. Not safe for concurrent use.
type Sorter struct {
	dir   string
	limit int
	lines []string
	bytes int
	runs  []*os.File
}

// NewSorter returns a Sorter that spills to dir.
func NewSorter(dir string) *Sorter { return &Sorter{dir: dir, limit: 64 << 20} }

// Add adds a row.
func (s *Sorter) Add(r Row) error { return s.AddLine(r.String()) }

// AddLine adds a line without its end.
func (s *Sorter) AddLine(line string) error {
	s.lines = append(s.lines, line)
	s.bytes += len(line) + 16
	if s.bytes < s.limit {
		return nil
	}
	return s.spill()
}

func (s *Sorter) spill() error {
	slices.Sort(s.lines)
	f, err := os.CreateTemp(s.dir, "cdx-run-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	w := bufio.NewWriterSize(f, 256<<10)
	for _, l := range s.lines {
		if _, err := w.WriteString(l + "\n"); err != nil {
			return err
		}
	}
	s.lines, s.bytes = s.lines[:0], 0
	return w.Flush()
}

// WriteTo merges everything added, and the sorted CDXJ in base (may be nil), into w.
func (s *Sorter) WriteTo(w io.Writer, base io.Reader) error {
	slices.Sort(s.lines)
	var srcs []source
	if base != nil {
		srcs = append(srcs, &fileSource{br: bufio.NewReaderSize(base, 256<<10)})
	}
	for _, f := range s.runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		srcs = append(srcs, &fileSource{br: bufio.NewReaderSize(f, 256<<10)})
	}
	srcs = append(srcs, &sliceSource{s.lines})
	return merge(w, srcs)
}

// Close removes the spilled runs.
func (s *Sorter) Close() error {
	var first error
	for _, f := range s.runs {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
		if err := os.Remove(f.Name()); err != nil && first == nil {
			first = err
		}
	}
	s.runs, s.lines = nil, nil
	return first
}

type source interface {
	next() (string, bool, error)
}

type fileSource struct{ br *bufio.Reader }

func (f *fileSource) next() (string, bool, error) {
	line, err := readLine(f.br)
	if err == io.EOF {
		return string(line), len(line) > 0, nil
	}
	return string(line), err == nil, err
}

type sliceSource struct{ lines []string }

func (s *sliceSource) next() (string, bool, error) {
	if len(s.lines) == 0 {
		return "", false, nil
	}
	l := s.lines[0]
	s.lines = s.lines[1:]
	return l, true, nil
}

type head struct {
	line string
	src  source
}

type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i].line < h[j].line }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

func merge(w io.Writer, srcs []source) error {
	var h heads
	for _, s := range srcs {
		line, ok, err := s.next()
		if err != nil {
			return err
		}
		if ok {
			h = append(h, head{line, s})
		}
	}
	heap.Init(&h)
	out := bufio.NewWriterSize(w, 256<<10)
	last, any := "", false
	for len(h) > 0 {
		line := h[0].line
		if !any || line != last {
			if _, err := out.WriteString(line + "\n"); err != nil {
				return err
			}
			last, any = line, true
		}
		next, ok, err := h[0].src.next()
		if err != nil {
			return err
		}
		if !ok {
			heap.Pop(&h)
			continue
		}
		h[0].line = next
		heap.Fix(&h, 0)
	}
	return out.Flush()
}

// Sorted says whether lines of r are in byte order, and if not at which line (from 1).
func Sorted(r io.Reader) (bool, int, error) {
	br := bufio.NewReaderSize(r, 256<<10)
	var prev []byte
	for n := 1; ; n++ {
		line, err := readLine(br)
		if err == io.EOF && len(line) == 0 {
			return true, 0, nil
		}
		if err != nil && err != io.EOF {
			return false, n, err
		}
		if n > 1 && bytes.Compare(prev, line) > 0 {
			return false, n, nil
		}
		prev = append(prev[:0], line...)
	}
}
