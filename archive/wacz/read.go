package wacz

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Limits on what is read into memory, in bytes.
const (
	maxManifest = 64 << 20
	maxLine     = 4 << 20
)

// Reader reads a package.
type Reader struct {
	f io.ReaderAt
	z *zip.Reader
	c io.Closer
	m manifest
}

// Open opens the package at a path.
func Open(name string) (*Reader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r, err := NewReader(f, info.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), f.Close())
	}
	r.c = f
	return r, nil
}

// NewReader reads a package of size bytes. It fails on what is no ZIP or has no manifest.
func NewReader(f io.ReaderAt, size int64) (*Reader, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("not a WACZ: %w", err)
	}
	r := &Reader{f: f, z: z}
	b, err := r.read(dataPackage)
	if err != nil {
		return nil, fmt.Errorf("not a WACZ: %s: %w", dataPackage, err)
	}
	if err := json.Unmarshal(b, &r.m); err != nil {
		return nil, fmt.Errorf("not a WACZ: %s: %w", dataPackage, err)
	}
	return r, nil
}

// Close closes the file that Open opened.
func (r *Reader) Close() error {
	if r.c == nil {
		return nil
	}
	return r.c.Close()
}

// Title returns the collection's title.
func (r *Reader) Title() string { return r.m.Title }

func (r *Reader) entry(name string) *zip.File {
	for _, f := range r.z.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (r *Reader) read(name string) ([]byte, error) {
	f := r.entry(name)
	if f == nil {
		return nil, os.ErrNotExist
	}
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(rc, maxManifest+1))
	if err == nil && len(b) > maxManifest {
		err = errors.New("larger than 64 MiB")
	}
	return b, errors.Join(err, rc.Close())
}

// WARCs returns the names of the WARCs within archive/, sorted.
func (r *Reader) WARCs() []string {
	var out []string
	for _, f := range r.z.File {
		name, ok := strings.CutPrefix(f.Name, archiveDir)
		if ok && (strings.HasSuffix(name, ".warc.gz") || strings.HasSuffix(name, ".warc")) && !strings.Contains(name, "..") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// OpenWARC opens a WARC of the package.
func (r *Reader) OpenWARC(name string) (io.ReadCloser, error) {
	f := r.entry(archiveDir + name)
	if f == nil {
		return nil, fmt.Errorf("open %s: %w", name, os.ErrNotExist)
	}
	return f.Open()
}

// StoredWARC returns a WARC in place, ok false if it is compressed within the ZIP.
func (r *Reader) StoredWARC(name string) (warc *io.SectionReader, ok bool, err error) {
	f := r.entry(archiveDir + name)
	if f == nil {
		return nil, false, fmt.Errorf("open %s: %w", name, os.ErrNotExist)
	}
	if f.Method != zip.Store {
		return nil, false, nil
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, false, err
	}
	return io.NewSectionReader(r.f, at, int64(f.UncompressedSize64)), true, nil
}

// Lines yields the CDXJ lines of all indexes, one index after the other.
func (r *Reader) Lines() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, f := range r.z.File {
			dir, name := path.Split(f.Name)
			gz := strings.HasSuffix(name, ".cdx.gz") || strings.HasSuffix(name, ".cdxj.gz")
			if dir != "indexes/" || !gz && !strings.HasSuffix(name, ".cdx") && !strings.HasSuffix(name, ".cdxj") {
				continue
			}
			if !linesOf(f, gz, yield) {
				return
			}
		}
	}
}

func linesOf(f *zip.File, gz bool, yield func(string, error) bool) bool {
	rc, err := f.Open()
	if err != nil {
		yield("", err)
		return false
	}
	defer rc.Close()
	var src io.Reader = rc
	if gz {
		if src, err = gzip.NewReader(rc); err != nil {
			yield("", fmt.Errorf("%s: %w", f.Name, err))
			return false
		}
	}
	sc := bufio.NewScanner(src)
	sc.Buffer(nil, maxLine)
	for sc.Scan() {
		if line := sc.Text(); line != "" && !strings.HasPrefix(line, "!meta") && !yield(line, nil) {
			return false
		}
	}
	if err := sc.Err(); err != nil {
		yield("", fmt.Errorf("%s: %w", f.Name, err))
		return false
	}
	return true
}

// Pages yields the pages of pages/pages.jsonl.
func (r *Reader) Pages() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f := r.entry(pagesPath)
		if f == nil {
			return
		}
		rc, err := f.Open()
		if err != nil {
			yield("", err)
			return
		}
		defer rc.Close()
		sc := bufio.NewScanner(rc)
		sc.Buffer(nil, maxLine)
		for n := 1; sc.Scan(); n++ {
			var line struct{ Format, URL string }
			if err := json.Unmarshal(sc.Bytes(), &line); err != nil {
				yield("", fmt.Errorf("line %d: %w", n, err))
				return
			}
			if n == 1 {
				if line.Format != "json-pages-1.0" {
					yield("", fmt.Errorf("line 1: format is %q", line.Format))
					return
				}
				continue
			}
			if !yield(line.URL, nil) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			yield("", err)
		}
	}
}
