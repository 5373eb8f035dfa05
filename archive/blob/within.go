package blob

import (
	"context"
	"io"
	"iter"
	"strings"
)

// Within returns the part of a store whose names begin with a directory.
func Within(s Store, dir string) Store { return within{s, strings.TrimSuffix(dir, "/") + "/"} }

type within struct {
	s   Store
	dir string
}

// String implements Store.
func (w within) String() string { return w.s.String() + "/" + strings.TrimSuffix(w.dir, "/") }

// PutNew implements Store.
func (w within) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return w.s.PutNew(ctx, w.dir+name, content, size)
}

// ReadRange implements Store.
func (w within) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return w.s.ReadRange(ctx, w.dir+name, offset, length)
}

// Stat implements Store.
func (w within) Stat(ctx context.Context, name string) (Info, error) {
	if err := CheckName(name); err != nil {
		return Info{}, err
	}
	i, err := w.s.Stat(ctx, w.dir+name)
	i.Name = name
	return i, err
}

// List implements Store.
func (w within) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for i, err := range w.s.List(ctx, w.dir+prefix) {
			i.Name = strings.TrimPrefix(i.Name, w.dir)
			if !yield(i, err) {
				return
			}
		}
	}
}
