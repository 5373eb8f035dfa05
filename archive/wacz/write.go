// Package wacz reads and writes WACZ 1.1.1 packages: WARCs, a compressed CDXJ, a list of
// pages and a manifest with hashes in one ZIP that replay tools read in place.
package wacz

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Version is the version of the specification that is written.
const Version = "1.1.1"

// BlockLines is how many CDXJ lines go into one gzip member of the index.
const BlockLines = 1024

// Paths within a package.
const (
	dataPackage   = "datapackage.json"
	packageDigest = "datapackage-digest.json"
	indexPath     = "indexes/index.cdx.gz"
	idxPath       = "indexes/index.idx"
	pagesPath     = "pages/pages.jsonl"
	archiveDir    = "archive/"
	indexName     = "index.cdx.gz"
)

// File is a WARC to be packed. Open is called twice and must give the same Size bytes.
type File struct {
	Name string // within archive/, without slash
	Size int64
	Open func() (io.ReadCloser, error)
}

// Page is an entry point of the collection.
type Page struct {
	URL   string
	Time  time.Time
	Title string // "" if unknown
}

// Package is what goes into a WACZ. The same Package gives the same bytes.
type Package struct {
	Title, Description string
	Software           string
	Created            time.Time                // stands in the manifest and as the time of every entry
	Files              []File                   // sorted by name
	Lines              iter.Seq2[string, error] // CDXJ lines in byte order, without line ends
	Pages              iter.Seq2[Page, error]
}

type resource struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Hash  string `json:"hash"`
	Bytes int64  `json:"bytes"`
}

type manifest struct {
	Profile     string     `json:"profile"`
	Version     string     `json:"wacz_version"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Created     string     `json:"created"`
	Software    string     `json:"software,omitempty"`
	MainPage    string     `json:"mainPageUrl,omitempty"`
	MainDate    string     `json:"mainPageDate,omitempty"`
	Resources   []resource `json:"resources"`
}

type digestFile struct {
	Path   string      `json:"path"`
	Hash   string      `json:"hash"`
	Signed *signedData `json:"signedData,omitempty"`
}

type writer struct {
	z    *zip.Writer
	when time.Time
	m    manifest
}

// Write writes the package to w.
func Write(w io.Writer, p Package) error {
	x := &writer{z: zip.NewWriter(w), when: p.Created.UTC().Truncate(2 * time.Second)}
	x.m = manifest{Profile: "data-package", Version: Version, Title: p.Title, Description: p.Description,
		Created: p.Created.UTC().Format("2006-01-02T15:04:05Z"), Software: p.Software}
	for _, f := range p.Files {
		if f.Name == "" || strings.ContainsAny(f.Name, "/\\") {
			return fmt.Errorf("pack %q: not a file name", f.Name)
		}
		if err := x.file(archiveDir+f.Name, f.Open); err != nil {
			return fmt.Errorf("pack %s: %w", f.Name, err)
		}
	}
	index, idx, err := compressIndex(p.Lines)
	if err != nil {
		return fmt.Errorf("pack index: %w", err)
	}
	pages, err := x.pages(p.Pages)
	if err != nil {
		return fmt.Errorf("pack pages: %w", err)
	}
	for _, f := range []struct {
		path string
		data []byte
	}{{indexPath, index}, {idxPath, idx}, {pagesPath, pages}} {
		if err := x.bytes(f.path, f.data); err != nil {
			return err
		}
	}
	return x.finish()
}

func (x *writer) finish() error {
	m, err := json.MarshalIndent(x.m, "", "  ")
	if err != nil {
		return err
	}
	m = append(m, '\n')
	d, err := json.MarshalIndent(digestFile{Path: dataPackage, Hash: fmt.Sprintf("sha256:%x", sha256.Sum256(m))}, "", "  ")
	if err != nil {
		return err
	}
	listed := x.m.Resources
	if err := x.bytes(dataPackage, m); err != nil {
		return err
	}
	if err := x.bytes(packageDigest, append(d, '\n')); err != nil {
		return err
	}
	x.m.Resources = listed
	return x.z.Close()
}

func (x *writer) bytes(path string, data []byte) error {
	return x.file(path, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
}

// zip64 entries need a data descriptor, smaller ones carry their size up front, which is
// what readers that stream want.
const zip64 = 1<<32 - 1

// file stores one entry: read once for its sums, once for its bytes.
func (x *writer) file(path string, open func() (io.ReadCloser, error)) error {
	sum, crc, size, err := sums(open)
	if err != nil {
		return err
	}
	h := &zip.FileHeader{Name: path, Method: zip.Store, Modified: x.when}
	h.SetMode(0o644)
	var w io.Writer
	if size < zip64 {
		h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc, uint64(size), uint64(size)
		//lint:ignore SA1019 CreateRaw writes these fields and not Modified
		h.ModifiedDate, h.ModifiedTime = dosTime(x.when)
		w, err = x.z.CreateRaw(h)
	} else {
		w, err = x.z.CreateHeader(h)
	}
	if err != nil {
		return err
	}
	r, err := open()
	if err != nil {
		return err
	}
	n, err := io.Copy(w, r)
	if err = errors.Join(err, r.Close()); err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%s changed while it was packed: %d bytes, then %d", path, size, n)
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	x.m.Resources = append(x.m.Resources, resource{name, path, "sha256:" + fmt.Sprintf("%x", sum), size})
	return nil
}

func dosTime(t time.Time) (date, clock uint16) {
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9), uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

func sums(open func() (io.ReadCloser, error)) (sum []byte, crc uint32, size int64, err error) {
	r, err := open()
	if err != nil {
		return nil, 0, 0, err
	}
	h, c := sha256.New(), crc32.NewIEEE()
	size, err = io.Copy(io.MultiWriter(h, c), r)
	return h.Sum(nil), c.Sum32(), size, errors.Join(err, r.Close())
}

// compressIndex makes the ZipNum index: members of BlockLines lines, and one line in idx for each.
func compressIndex(lines iter.Seq2[string, error]) (index, idx []byte, err error) {
	var out, block bytes.Buffer
	var list bytes.Buffer
	fmt.Fprintf(&list, "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": %q}\n", indexName)
	z := gzip.NewWriter(&out)
	first, n := "", 0
	flush := func() error {
		if n == 0 {
			return nil
		}
		offset := out.Len()
		z.Reset(&out)
		if _, err := z.Write(block.Bytes()); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		member := out.Bytes()[offset:]
		fmt.Fprintf(&list, "%s {\"offset\": %d, \"length\": %d, \"digest\": \"sha256:%x\", \"filename\": %q}\n",
			first, offset, len(member), sha256.Sum256(member), indexName)
		block.Reset()
		n = 0
		return nil
	}
	for line, err := range lines {
		if err != nil {
			return nil, nil, err
		}
		if n == 0 {
			first, _, _ = strings.Cut(line, " {")
		}
		block.WriteString(line)
		block.WriteByte('\n')
		if n++; n == BlockLines {
			if err := flush(); err != nil {
				return nil, nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, nil, err
	}
	if out.Len() == 0 { // an empty index is still a gzip file
		z.Reset(&out)
		if err := z.Close(); err != nil {
			return nil, nil, err
		}
	}
	return out.Bytes(), list.Bytes(), nil
}

type pageLine struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	TS    string `json:"ts"`
	Title string `json:"title,omitempty"`
}

func (x *writer) pages(pages iter.Seq2[Page, error]) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": false}` + "\n")
	if pages == nil {
		return out.Bytes(), nil
	}
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for p, err := range pages {
		if err != nil {
			return nil, err
		}
		ts := p.Time.UTC().Format("2006-01-02T15:04:05Z")
		if x.m.MainPage == "" {
			x.m.MainPage, x.m.MainDate = p.URL, ts
		}
		id := fmt.Sprintf("%x", sha256.Sum256([]byte(p.URL+" "+ts)))[:20]
		if err := enc.Encode(pageLine{id, p.URL, ts, p.Title}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
