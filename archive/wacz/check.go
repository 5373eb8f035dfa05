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
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Problem is one thing that is wrong with a package. Codes are stable.
type Problem struct {
	Code string // wacz-hash, wacz-missing, …
	Path string // within the package
	Msg  string
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
