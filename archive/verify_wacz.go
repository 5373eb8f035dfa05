package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/wacz"
	"cundang/archive/warc"
)

// VerifyWACZ verifies a WACZ package, ours or another's: manifest and hashes, storage, index
// blocks and order, pages, and every record of its WARCs against its index. The error
// means that the file could not be read at all.
func VerifyWACZ(ctx context.Context, path string) (VerifyReport, error) {
	v := &verifier{captures: map[string]int64{}, files: map[string]bool{}}
	v.report.Started = time.Now().UTC()
	v.want = cdx.NewSorter(os.TempDir())
	have := cdx.NewSorter(os.TempDir())
	err := v.wacz(ctx, path, have)
	err = errors.Join(err, v.want.Close(), have.Close())
	if err != nil {
		err = fmt.Errorf("verify %s: %w", path, err)
	}
	v.report.Finished = time.Now().UTC()
	v.report.Complete = err == nil
	if v.report.Findings == nil {
		v.report.Findings = []Finding{}
	}
	return v.report, err
}

func (v *verifier) wacz(ctx context.Context, path string, have *cdx.Sorter) error {
	r, err := wacz.Open(path)
	if err != nil {
		return err
	}
	defer r.Close() // opened for reading
	name := filepath.Base(path)
	problems, err := r.Check(ctx)
	if err != nil {
		return err
	}
	for _, p := range problems {
		f := Finding{Code: p.Code, Severity: Damage, File: name, Message: p.Path + " " + p.Msg}
		if p.Warning {
			f.Severity = Warning
		}
		v.add(f)
	}
	for _, w := range r.WARCs() {
		if err := v.packedWARC(ctx, r, w); err != nil {
			return err
		}
	}
	for line, err := range r.Lines() {
		if err != nil {
			return nil // found by Check
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := cdx.Parse([]byte(line))
		if err != nil {
			v.damage("cdx-form", name, 0, "%.100q: %v", line, err)
			continue
		}
		v.report.Rows++
		if commonRow(row) {
			if err := have.Add(plainRow(row)); err != nil {
				return err
			}
		}
	}
	diff := rowDiff{v: v, index: name, missing: "wacz-row", differs: "wacz-row", dangling: "wacz-row",
		want: map[string]cdx.Row{}, have: map[string]cdx.Row{}}
	if err := diff.compare(sorterLines(v.want), sorterLines(have)); err != nil {
		return err
	}
	diff.report()
	return nil
}

// commonRow says whether every writer of indexes has a row for such a record: not all list dns: and the like.
func commonRow(r cdx.Row) bool {
	return strings.HasPrefix(r.URL, "http:") || strings.HasPrefix(r.URL, "https:") || strings.HasPrefix(r.URL, "urn:")
}

// plainRow keeps of a row what every writer of CDXJ agrees on.
func plainRow(r cdx.Row) cdx.Row {
	r.Status, r.MIME, r.Key = "", "", "-"
	r.Time = r.Time[:min(len(r.Time), 14)]
	r.Digest = warc.CanonicalDigest(r.Digest)
	r.Filename = r.Filename[strings.LastIndexByte(r.Filename, '/')+1:]
	return r
}

func (v *verifier) packedWARC(ctx context.Context, r *wacz.Reader, name string) error {
	in, stored, err := r.StoredWARC(name)
	if err != nil {
		return err
	}
	var at io.ReaderAt = in
	size := int64(0)
	if stored {
		size = in.Size()
	} else {
		tmp, err := unpack(ctx, r, name)
		if err != nil {
			return err
		}
		defer func() { tmp.Close(); os.Remove(tmp.Name()) }() // a scratch file
		info, err := tmp.Stat()
		if err != nil {
			return err
		}
		at, size = tmp, info.Size()
	}
	res := fileResult{}
	f := &fileVerifier{info: FileInfo{File: name, Size: size}, res: &res}
	f.rows = func(line string) error {
		row, err := cdx.Parse([]byte(line))
		if err != nil {
			return err
		}
		if !commonRow(row) {
			return nil
		}
		return v.want.Add(plainRow(row))
	}
	if _, err := f.read(ctx, at); err != nil {
		return err
	}
	v.report.Files++
	v.report.Bytes += size
	return v.take(f.info, res)
}

func unpack(ctx context.Context, r *wacz.Reader, name string) (*os.File, error) {
	src, err := r.OpenWARC(name)
	if err != nil {
		return nil, err
	}
	defer src.Close() // opened for reading
	tmp, err := os.CreateTemp("", "cundang-verify-*")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(tmp, &ctxReader{ctx, src}); err != nil {
		return nil, errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
	}
	return tmp, nil
}
