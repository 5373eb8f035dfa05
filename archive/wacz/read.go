package wacz

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
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
	maxManifest  = 32 << 20
	maxIndex     = 64 << 20 // of what is read of an index at once: its blocks as they are packed, their list
	maxLine      = 4 << 20
	maxDirectory = 32 << 20 // of the ZIP: some 500,000 entries
)

// Reader reads a package.
type Reader struct {
	f io.ReaderAt
	z *zip.Reader
	c io.Closer
	m manifest

	entries map[string]*zip.File // the first of each name
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
	if n, err := directorySize(f, size); err != nil || n > maxDirectory {
		if err == nil {
			err = fmt.Errorf("the directory of the ZIP is larger than %d MiB", maxDirectory>>20)
		}
		return nil, fmt.Errorf("not a WACZ: %w", err)
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("not a WACZ: %w", err)
	}
	r := &Reader{f: f, z: z, entries: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		if r.entries[f.Name] == nil {
			r.entries[f.Name] = f
		}
	}
	b, err := r.read(dataPackage, maxManifest)
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

// directorySize is the size of the ZIP's central directory in bytes, as its end record tells it.
func directorySize(f io.ReaderAt, size int64) (int64, error) {
	const endRecord, locator, end64 = "PK\x05\x06", "PK\x06\x07", "PK\x06\x06"
	tail := make([]byte, min(size, 64<<10+22))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return 0, err
	}
	i := bytes.LastIndex(tail, []byte(endRecord))
	if i < 0 || len(tail)-i < 22 {
		return 0, zip.ErrFormat
	}
	n := int64(binary.LittleEndian.Uint32(tail[i+12:]))
	if i < 20 || string(tail[i-20:i-16]) != locator {
		return n, nil
	}
	at := binary.LittleEndian.Uint64(tail[i-20+8:])
	var rec [56]byte
	if at > uint64(size) {
		return 0, zip.ErrFormat
	}
	if _, err := f.ReadAt(rec[:], int64(at)); err != nil && err != io.EOF {
		return 0, err
	}
	if string(rec[:4]) == end64 {
		n = int64(min(binary.LittleEndian.Uint64(rec[40:]), 1<<62))
	}
	return n, nil
}

func (r *Reader) entry(name string) *zip.File { return r.entries[name] }

// read returns a file of the package that has at most limit bytes.
func (r *Reader) read(name string, limit int64) ([]byte, error) {
	f := r.entry(name)
	if f == nil {
		return nil, os.ErrNotExist
	}
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(rc, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("larger than %d MiB", limit>>20)
	}
	return b, errors.Join(err, rc.Close())
}

// packedTooFar says whether an entry must not be unpacked: one that claims to become some hundred times larger, and
// more than a gigabyte, is no archive.
func packedTooFar(f *zip.File) bool {
	return f.UncompressedSize64 > 1<<30 && f.UncompressedSize64/200 > f.CompressedSize64
}

// bounded reads what is packed in size bytes and fails where it becomes two hundred times as much, and more than 64
// MiB.
func bounded(r io.Reader, size uint64) io.Reader {
	return &boundedReader{r: r, left: int64(min(size, 1<<50))*200 + 64<<20}
}

type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("unpacks to more than 200 times its size")
	}
	return n, err
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
	if packedTooFar(f) {
		return nil, fmt.Errorf("open %s: claims to unpack to %d bytes, more than 200 times its size", name,
			f.UncompressedSize64)
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
	sc := bufio.NewScanner(bounded(src, f.CompressedSize64))
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
		sc := bufio.NewScanner(bounded(rc, f.CompressedSize64))
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
