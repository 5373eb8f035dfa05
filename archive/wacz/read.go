package wacz

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
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

// Problem is one thing that is wrong with a package. Codes are stable.
type Problem struct {
	Code string // wacz-hash, wacz-missing, …
	Path string // within the package
	Msg  string
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

// Check reads the whole package and returns what is wrong with it as a package: manifest,
// hashes, storage, index blocks and their order, pages. What the index says of the records
// is for the caller, who can read them.
func (r *Reader) Check() []Problem {
	var out []Problem
	bad := func(code, p, format string, args ...any) {
		out = append(out, Problem{code, p, fmt.Sprintf(format, args...)})
	}
	listed := map[string]bool{}
	for _, res := range r.m.Resources {
		listed[res.Path] = true
		r.checkResource(res, bad)
	}
	if !strings.HasPrefix(r.m.Version, "1.") {
		bad("wacz-version", dataPackage, "wacz_version is %q", r.m.Version)
	}
	r.checkDigest(bad)
	for _, f := range r.z.File {
		if strings.HasSuffix(f.Name, "/") || f.Name == dataPackage || f.Name == packageDigest {
			continue
		}
		if !listed[f.Name] {
			bad("wacz-unlisted", f.Name, "is not in the manifest")
		}
		if f.Method != zip.Store && (strings.HasPrefix(f.Name, archiveDir) || strings.HasSuffix(f.Name, ".gz")) {
			bad("wacz-deflated", f.Name, "is compressed within the ZIP: replay tools cannot read records in place (WACZ 1.1.1 §4.1)")
		}
	}
	if len(r.WARCs()) == 0 {
		bad("wacz-empty", archiveDir, "no WARC in the package")
	}
	r.checkIndex(bad)
	r.checkPages(bad)
	return out
}

type badFunc func(code, path, format string, args ...any)

func (r *Reader) checkResource(res resource, bad badFunc) {
	f := r.entry(res.Path)
	if f == nil {
		bad("wacz-missing", res.Path, "is in the manifest, not in the package")
		return
	}
	if int64(f.UncompressedSize64) != res.Bytes {
		bad("wacz-size", res.Path, "%d bytes, the manifest says %d", f.UncompressedSize64, res.Bytes)
	}
	rc, err := f.Open()
	if err != nil {
		bad("wacz-damaged", res.Path, "%v", err)
		return
	}
	h := sha256.New()
	_, err = io.Copy(h, rc)
	if err := errors.Join(err, rc.Close()); err != nil {
		bad("wacz-damaged", res.Path, "%v", err)
		return
	}
	if sum := fmt.Sprintf("sha256:%x", h.Sum(nil)); strings.HasPrefix(res.Hash, "sha256:") && sum != res.Hash {
		bad("wacz-hash", res.Path, "is %s, the manifest says %s", sum, res.Hash)
	} else if !strings.HasPrefix(res.Hash, "sha256:") {
		bad("wacz-hash", res.Path, "hash %q is not SHA-256", res.Hash)
	}
}

func (r *Reader) checkDigest(bad badFunc) {
	b, err := r.read(packageDigest)
	if errors.Is(err, os.ErrNotExist) {
		return // optional
	}
	var d digestFile
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	m, merr := r.read(dataPackage)
	if err = errors.Join(err, merr); err != nil {
		bad("wacz-damaged", packageDigest, "%v", err)
		return
	}
	if sum := fmt.Sprintf("sha256:%x", sha256.Sum256(m)); d.Path != dataPackage || d.Hash != sum {
		bad("wacz-manifest", packageDigest, "says %s of %s, which is %s", d.Hash, d.Path, sum)
	}
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

// checkIndex holds the blocks of a ZipNum index against their list.
func (r *Reader) checkIndex(bad badFunc) {
	prev, any := "", false
	for line, err := range r.Lines() {
		if err != nil {
			bad("wacz-index", indexPath, "%v", err)
			return
		}
		if any && line < prev {
			bad("wacz-index", indexPath, "is not sorted at %.80q", line)
			break
		}
		prev, any = line, true
	}
	idx, err := r.read(idxPath)
	if errors.Is(err, os.ErrNotExist) {
		if !any && len(r.WARCs()) > 0 {
			bad("wacz-index", "indexes/", "no index in the package")
		}
		return
	}
	index, ierr := r.read(indexPath)
	if err = errors.Join(err, ierr); err != nil {
		bad("wacz-index", idxPath, "%v", err)
		return
	}
	r.checkBlocks(idx, index, bad)
}

func (r *Reader) checkBlocks(idx, index []byte, bad badFunc) {
	end := int64(0)
	for n, line := range strings.Split(strings.TrimSpace(string(idx)), "\n") {
		if strings.HasPrefix(line, "!meta") || line == "" {
			continue
		}
		key, js, ok := strings.Cut(line, " {")
		var b struct {
			Offset, Length int64
			Digest         string
		}
		if err := json.Unmarshal([]byte("{"+js), &b); !ok || err != nil {
			bad("wacz-index", idxPath, "line %d: %.80q", n+1, line)
			return
		}
		if b.Offset != end || b.Length <= 0 || b.Offset+b.Length > int64(len(index)) {
			bad("wacz-index", idxPath, "line %d: block %d+%d does not follow %d", n+1, b.Offset, b.Length, end)
			return
		}
		end = b.Offset + b.Length
		member := index[b.Offset:end]
		if b.Digest != "" && b.Digest != fmt.Sprintf("sha256:%x", sha256.Sum256(member)) {
			bad("wacz-index", idxPath, "line %d: the block's digest differs", n+1)
		}
		z, err := gzip.NewReader(bytes.NewReader(member))
		if err != nil {
			bad("wacz-index", idxPath, "line %d: no gzip member at %d: %v", n+1, b.Offset, err)
			return
		}
		first, err := bufio.NewReaderSize(z, 64<<10).ReadString('\n')
		if err != nil && err != io.EOF || !strings.HasPrefix(first, key+" ") {
			bad("wacz-index", idxPath, "line %d: the block begins with %.80q", n+1, first)
		}
	}
	if end != int64(len(index)) && end > 0 {
		bad("wacz-index", idxPath, "lists %d of %d bytes of the index", end, len(index))
	}
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

func (r *Reader) checkPages(bad badFunc) {
	if r.entry(pagesPath) == nil {
		bad("wacz-pages", pagesPath, "is missing")
		return
	}
	urls := map[string]bool{}
	for line, err := range r.Lines() {
		if err != nil {
			return // reported with the index
		}
		_, js, _ := strings.Cut(line, " {")
		var row struct{ URL string }
		if json.Unmarshal([]byte("{"+js), &row) == nil {
			urls[row.URL] = true
		}
	}
	for u, err := range r.Pages() {
		if err != nil {
			bad("wacz-pages", pagesPath, "%v", err)
			return
		}
		if !urls[u] {
			bad("wacz-pages", pagesPath, "page %s is not in the index", u)
		}
	}
}
