package archive

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Since returns the captures committed after pos in a stable order, each with the position
// behind it: per site in the order in which they were archived. A follower stores the
// position it got last. The order follows from the WARC files alone: sites by name, the
// files of a site by their names, captures by their place in the file.
func (s *Store) Since(ctx context.Context, pos Position) iter.Seq2[Followed, error] {
	return func(yield func(Followed, error) bool) {
		at, err := parsePosition(pos)
		if err != nil {
			yield(Followed{}, err)
			return
		}
		files, err := s.Files()
		if err != nil {
			yield(Followed{}, err)
			return
		}
		for _, f := range files {
			from, skip := at.start(f.File)
			if skip || from >= f.Size {
				continue
			}
			more := true
			err := s.scanFile(ctx, f.File, from, f.Size, true, func(x *found) bool {
				at.move(f.File, x.end)
				if x.beside {
					return true
				}
				more = yield(Followed{s.capture(x), at.position()}, nil)
				return more
			})
			if !more {
				return
			}
			if err != nil {
				yield(Followed{}, fmt.Errorf("follow the archive: %w", err))
				return
			}
		}
	}
}

// places is a Position taken apart: the file and offset reached in each stream.
type places struct {
	marks []mark // by stream
	// The text of all marks before and after the one last moved.
	last          int
	before, after string
}

type mark struct {
	stream, order, file string
	offset              int64
}

func parsePosition(pos Position) (*places, error) {
	p := &places{last: -1}
	if pos == "" {
		return p, nil
	}
	for _, part := range strings.Split(string(pos), " ") {
		file, offset, ok := cutLast(part, ":")
		n, err := strconv.ParseInt(offset, 10, 64)
		if !ok || err != nil || n < 0 || !safePath(file) {
			return nil, fmt.Errorf("%q is not a position of the archive", part)
		}
		stream, order := streamOf(file)
		p.marks = append(p.marks, mark{stream, order, file, n})
	}
	slices.SortFunc(p.marks, func(a, b mark) int { return strings.Compare(a.stream, b.stream) })
	return p, nil
}

func (p *places) find(stream string) (int, bool) {
	return slices.BinarySearchFunc(p.marks, stream, func(m mark, s string) int { return strings.Compare(m.stream, s) })
}

// start says where to go on in a file.
func (p *places) start(file string) (from int64, skip bool) {
	stream, order := streamOf(file)
	i, ok := p.find(stream)
	if !ok {
		return 0, false
	}
	m := p.marks[i]
	switch {
	case m.file == file:
		return m.offset, false
	case order < m.order || order == m.order && file < m.file:
		return 0, true
	}
	return 0, false
}

func (p *places) move(file string, offset int64) {
	stream, order := streamOf(file)
	i, ok := p.find(stream)
	if !ok {
		p.marks = slices.Insert(p.marks, i, mark{})
		p.last = -1
	}
	p.marks[i] = mark{stream, order, file, offset}
	if p.last != i {
		p.before, p.after, p.last = join(p.marks[:i]), join(p.marks[i+1:]), i
	}
}

func join(ms []mark) string {
	parts := make([]string, len(ms))
	for i, m := range ms {
		parts[i] = m.String()
	}
	return strings.Join(parts, " ")
}

func (m mark) String() string { return m.file + ":" + strconv.FormatInt(m.offset, 10) }

func (p *places) position() Position {
	parts := make([]string, 0, 3)
	for _, s := range []string{p.before, p.marks[p.last].String(), p.after} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return Position(strings.Join(parts, " "))
}
