package wacz

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"cundang/archive/warc"
)

// Problem is one thing that is wrong with a package. Codes are stable.
type Problem struct {
	Code string // wacz-hash, wacz-missing, …
	Path string // within the package
	Msg  string
	// Warning says that nothing is damaged: something could not be checked.
	Warning bool
}

// maxProblems is how many problems Check returns.
const maxProblems = 10000

// Check reads the whole package and returns what is wrong with it as a package: manifest,
// hashes, storage, index blocks and their order, pages, signature. What the index says of the records
// is for the caller, who can read them. Each file is read once, however often the manifest names it. The error is
// that of ctx.
func (r *Reader) Check(ctx context.Context) ([]Problem, error) {
	c := &checker{r: r, ctx: ctx}
	times := make(map[string]int, len(r.m.Resources))
	for _, res := range r.m.Resources {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if times[res.Path]++; times[res.Path] == 1 {
			c.checkResource(res)
		}
	}
	for _, res := range r.m.Resources {
		if n := times[res.Path]; n > 1 {
			c.bad("wacz-manifest", res.Path, "is named %d times in the manifest", n)
			times[res.Path] = 1
		}
	}
	if !strings.HasPrefix(r.m.Version, "1.") {
		c.bad("wacz-version", dataPackage, "wacz_version is %q", r.m.Version)
	}
	c.checkDigest()
	for _, f := range r.z.File {
		if strings.HasSuffix(f.Name, "/") || f.Name == dataPackage || f.Name == packageDigest {
			continue
		}
		if times[f.Name] == 0 {
			c.bad("wacz-unlisted", f.Name, "is not in the manifest")
		}
		if f.Method != zip.Store && (strings.HasPrefix(f.Name, archiveDir) || strings.HasSuffix(f.Name, ".gz")) {
			c.bad("wacz-deflated", f.Name,
				"is compressed within the ZIP: replay tools cannot read records in place (WACZ 1.1.1 §4.1)")
		}
	}
	if len(r.WARCs()) == 0 {
		c.bad("wacz-empty", archiveDir, "no WARC in the package")
	}
	c.checkIndex()
	c.checkPages()
	return c.out, ctx.Err()
}

// checker gathers the problems of a package.
type checker struct {
	r   *Reader
	ctx context.Context // of the one call of Check
	out []Problem
}

func (c *checker) bad(code, path, format string, args ...any) {
	c.add(Problem{Code: code, Path: path, Msg: fmt.Sprintf(format, args...)})
}

func (c *checker) add(p Problem) {
	if len(c.out) < maxProblems {
		c.out = append(c.out, p)
	}
}

// ctxReader fails once its context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c *ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

func (c *checker) checkResource(res resource) {
	f := c.r.entry(res.Path)
	if f == nil {
		c.bad("wacz-missing", res.Path, "is in the manifest, not in the package")
		return
	}
	if int64(f.UncompressedSize64) != res.Bytes {
		c.bad("wacz-size", res.Path, "%d bytes, the manifest says %d", f.UncompressedSize64, res.Bytes)
	}
	want, err := warc.ParseDigest(res.Hash)
	if err != nil {
		c.bad("wacz-hash", res.Path, "hash %.100q cannot be checked: %v", res.Hash, err)
		want, _ = warc.ParseDigest("sha256:" + strings.Repeat("0", 64)) // it is read all the same
	}
	if packedTooFar(f) {
		c.bad("wacz-damaged", res.Path, "claims to unpack to %d bytes, more than 200 times its size", f.UncompressedSize64)
		return
	}
	rc, rerr := f.Open()
	if rerr != nil {
		c.bad("wacz-damaged", res.Path, "%v", rerr)
		return
	}
	h := want.New()
	_, rerr = io.Copy(h, &ctxReader{c.ctx, rc})
	if rerr := errors.Join(rerr, rc.Close()); rerr != nil {
		c.bad("wacz-damaged", res.Path, "%v", rerr)
		return
	}
	if err == nil && !want.Is(h) {
		c.bad("wacz-hash", res.Path, "is %s:%x, the manifest says %s", want.Algorithm, h.Sum(nil), res.Hash)
	}
}

func (c *checker) checkDigest() {
	b, err := c.r.read(packageDigest, maxManifest)
	if errors.Is(err, os.ErrNotExist) {
		return // optional
	}
	var d digestFile
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	m, merr := c.r.read(dataPackage, maxManifest)
	if err = errors.Join(err, merr); err != nil {
		c.bad("wacz-damaged", packageDigest, "%v", err)
		return
	}
	if !holds(d.Hash, m) || d.Path != dataPackage {
		c.bad("wacz-manifest", packageDigest, "says %s of %s, which is sha256:%x", d.Hash, d.Path, sha256.Sum256(m))
	}
	c.checkSignature(d)
}

// holds says whether a labelled digest is that of b.
func holds(digest string, b []byte) bool {
	want, err := warc.ParseDigest(digest)
	if err != nil {
		return false
	}
	h := want.New()
	h.Write(b)
	return want.Is(h)
}

// checkIndex holds the blocks of a ZipNum index against their list.
func (c *checker) checkIndex() {
	r, bad := c.r, c.bad
	prev, any := "", false
	for line, err := range r.Lines() {
		if err != nil {
			bad("wacz-index", indexPath, "%v", err)
			return
		}
		if c.ctx.Err() != nil {
			return
		}
		if any && line < prev {
			bad("wacz-index", indexPath, "is not sorted at %.80q", line)
			break
		}
		prev, any = line, true
	}
	idx, err := r.read(idxPath, maxIndex)
	if errors.Is(err, os.ErrNotExist) {
		if !any && len(r.WARCs()) > 0 {
			bad("wacz-index", "indexes/", "no index in the package")
		}
		return
	}
	index, ierr := r.read(indexPath, maxIndex)
	if err = errors.Join(err, ierr); err != nil {
		bad("wacz-index", idxPath, "%v", err)
		return
	}
	c.checkBlocks(idx, index)
}

func (c *checker) checkBlocks(idx, index []byte) {
	bad := c.bad
	end, n := int64(0), -1
	for line := range strings.Lines(strings.TrimSpace(string(idx))) {
		if n++; c.ctx.Err() != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
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
		if b.Digest != "" && !holds(b.Digest, member) {
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

// maxPages is how many pages are looked up in the index.
const maxPages = 500_000

func (c *checker) checkPages() {
	if c.r.entry(pagesPath) == nil {
		c.bad("wacz-pages", pagesPath, "is missing")
		return
	}
	missing := map[string]bool{}
	for u, err := range c.r.Pages() {
		if err != nil {
			c.bad("wacz-pages", pagesPath, "%v", err)
			return
		}
		if len(missing) == maxPages {
			c.add(Problem{"wacz-pages", pagesPath,
				fmt.Sprintf("more than %d pages: only those are looked up in the index", maxPages), true})
			break
		}
		missing[u] = true
	}
	for line, err := range c.r.Lines() {
		if err != nil || c.ctx.Err() != nil {
			return // reported with the index
		}
		_, js, _ := strings.Cut(line, " {")
		var row struct{ URL string }
		if json.Unmarshal([]byte("{"+js), &row) == nil {
			delete(missing, row.URL)
		}
	}
	for _, u := range slices.Sorted(maps.Keys(missing)) {
		c.bad("wacz-pages", pagesPath, "page %.2000s is not in the index", u)
	}
}
