package archive

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"cundang/archive/cdx"
	"cundang/archive/warc"
)

// checkCDX holds the rows that the WARCs call for against those of the CDX.
func (v *verifier) checkCDX(ctx context.Context) error {
	sorted, err := v.checkOrder()
	if err != nil {
		return err
	}
	var have iter.Seq2[string, error] = v.actual(ctx)
	if !sorted {
		resorted := cdx.NewSorter(os.TempDir())
		defer resorted.Close()
		for line, err := range have {
			if err != nil {
				return err
			}
			if err := resorted.AddLine(line); err != nil {
				return err
			}
		}
		have = sorterLines(resorted)
	}
	diff := rowDiff{v: v, index: indexName, missing: "cdx-missing", differs: "cdx-differs", dangling: "cdx-dangling", want: map[string]cdx.Row{}, have: map[string]cdx.Row{}}
	if err := diff.compare(sorterLines(v.want), have); err != nil {
		return err
	}
	diff.report()
	return nil
}

// checkOrder reads index.cdxj itself: its size against its state, its order.
func (v *verifier) checkOrder() (sorted bool, err error) {
	path := filepath.Join(v.s.dir, indexName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // not written yet; everything is in memory
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	var st baseState
	if raw, err := os.ReadFile(filepath.Join(v.s.dir, stateName)); err == nil && json.Unmarshal(raw, &st) == nil && info.Size() < st.Size {
		v.damage("cdx-short", indexName, 0, "%d bytes, %d were written; it is ignored and will be rebuilt", info.Size(), st.Size)
	}
	ok, line, err := cdx.Sorted(f)
	if err != nil {
		return false, err
	}
	if !ok {
		v.damage("cdx-order", indexName, 0, "line %d is less than the line before it: lookups miss rows", line)
	}
	return ok, nil
}

// actual yields the lines of the CDX, on disk and in memory, that name a verified file.
func (v *verifier) actual(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range v.s.index.lines(ctx, func(line, why string) {
			v.damage("cdx-form", indexName, 0, "%.100q: %s", line, why)
		}) {
			if err != nil {
				yield("", err)
				return
			}
			v.report.Rows++
			if !yield(line, nil) {
				return
			}
		}
	}
}

// lines yields all rows as they stand, merged; malformed ones go to bad.
func (x *index) lines(ctx context.Context, bad func(line, why string)) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := x.refresh(ctx); err != nil {
			yield("", err)
			return
		}
		base, size, delta, err := x.snapshot("", "")
		if err != nil {
			yield("", err)
			return
		}
		defer base.Close() // opened for reading
		memory := make([]string, len(delta))
		for i, r := range delta {
			memory[i] = r.String()
		}
		br := bufio.NewReaderSize(io.NewSectionReader(base, 0, size), 256<<10)
		for n := 0; ; n++ {
			if n%1000 == 0 && ctx.Err() != nil {
				yield("", ctx.Err())
				return
			}
			line, err := br.ReadString('\n')
			if line = strings.TrimSuffix(line, "\n"); line == "" && err == io.EOF {
				break
			}
			if err != nil && err != io.EOF {
				yield("", err)
				return
			}
			if _, perr := cdx.Parse([]byte(line)); perr != nil {
				bad(line, perr.Error())
				continue
			}
			for len(memory) > 0 && memory[0] <= line {
				if memory[0] < line && !yield(memory[0], nil) {
					return
				}
				memory = memory[1:]
			}
			if !yield(line, nil) {
				return
			}
		}
		for _, line := range memory {
			if !yield(line, nil) {
				return
			}
		}
	}
}

func sorterLines(s *cdx.Sorter) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		pr, pw := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			pw.CloseWithError(s.WriteTo(pw, nil))
		}()
		defer func() { pr.Close(); <-done }()
		br := bufio.NewReaderSize(pr, 64<<10)
		for {
			line, err := br.ReadString('\n')
			if err == io.EOF && line == "" {
				return
			}
			if err != nil && err != io.EOF {
				yield("", err)
				return
			}
			if !yield(strings.TrimSuffix(line, "\n"), nil) {
				return
			}
		}
	}
}

// rowDiff collects the rows found on one side only, so that a changed row is reported as
// one finding.
type rowDiff struct {
	v                          *verifier
	index                      string             // what the rows are from
	missing, differs, dangling string             // codes
	want, have                 map[string]cdx.Row // by file and offset
	more                       int                // beyond what is kept
}

func (d *rowDiff) compare(want, have iter.Seq2[string, error]) error {
	nextWant, stopWant := iter.Pull2(want)
	defer stopWant()
	nextHave, stopHave := iter.Pull2(have)
	defer stopHave()
	w, werr, wok := nextWant()
	h, herr, hok := nextHave()
	for wok || hok {
		if werr != nil || herr != nil {
			return errors.Join(werr, herr)
		}
		switch {
		case wok && hok && w == h:
			w, werr, wok = nextWant()
			h, herr, hok = nextHave()
		case !hok || wok && w < h:
			d.keep(d.want, w)
			w, werr, wok = nextWant()
		default:
			d.keep(d.have, h)
			h, herr, hok = nextHave()
		}
	}
	return nil
}

func (d *rowDiff) keep(in map[string]cdx.Row, line string) {
	r, err := cdx.Parse([]byte(line))
	if err != nil {
		d.v.damage("cdx-form", d.index, 0, "%v", err)
		return
	}
	if d.v.report.Partial && !d.v.files[r.Filename] {
		return // its file was not read this time
	}
	if len(in) >= MaxFindings {
		d.more++
		return
	}
	key := fmt.Sprintf("%s:%d", r.Filename, r.Offset)
	if _, twice := in[key]; twice {
		key += " " + line
	}
	in[key] = r
}

func (d *rowDiff) report() {
	v := d.v
	for key, w := range d.want {
		h, ok := d.have[key]
		if !ok {
			v.add(Finding{d.missing, Damage, w.Filename, w.Offset, w.URL, "the capture is not in the CDX"})
			continue
		}
		delete(d.have, key)
		if alike(w, h) {
			continue
		}
		v.add(Finding{d.differs, Damage, w.Filename, w.Offset, w.URL, "the CDX row is " + h.String() + ", the record calls for " + w.String()})
	}
	for _, h := range d.have {
		v.add(Finding{d.dangling, Damage, h.Filename, h.Offset, h.URL, "the CDX has a row for a capture that is not there"})
	}
	if d.more > 0 {
		v.mu.Lock()
		v.report.Truncated = true
		v.mu.Unlock()
	}
}

// alike says whether two rows differ only in how they spell a digest, or in that one tells none.
func alike(a, b cdx.Row) bool {
	if a.Digest == "" || b.Digest == "" || warc.SameDigest(a.Digest, b.Digest) {
		a.Digest = b.Digest
	}
	return a == b
}

// checkRevisits resolves every revisit by URI and date, as replay tools do.
func (v *verifier) checkRevisits(ctx context.Context) error {
	for _, r := range v.rows {
		t, err := warc.ParseDate(r.date)
		if r.target == "" || err != nil {
			v.add(Finding{"revisit-form", Warning, r.file, r.offset, r.url,
				"no WARC-Refers-To-Target-URI and -Date: replay tools cannot resolve it"})
			continue
		}
		ok, err := v.resolves(ctx, r, t.Format("20060102150405"))
		if err != nil {
			return err
		}
		if !ok {
			v.add(Finding{"revisit-unresolved", Damage, r.file, r.offset, r.url,
				fmt.Sprintf("refers to %s of %s, which is not in the archive", r.target, r.date)})
		}
	}
	return nil
}

func (v *verifier) resolves(ctx context.Context, r revisitRow, ts string) (bool, error) {
	from, to, err := Lookup{URL: r.target}.bounds()
	if err != nil {
		return false, err
	}
	from, to = from+ts, strings.TrimSuffix(to, "!")+" "+ts+"!"
	for row, err := range v.s.index.rows(ctx, from, to) {
		if err != nil {
			return false, nil // a malformed row; it has its own finding
		}
		if row.MIME != revisitMIME && (r.digest == "" || warc.SameDigest(row.Digest, r.digest)) {
			return true, nil
		}
	}
	return false, nil
}
