package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"cundang/archive/tlog"
	"cundang/archive/warc"
)

// logVerifier compares the log with the captures of the WARCs.
type logVerifier struct {
	v     *verifier
	ctx   context.Context
	files map[string]*os.File // open for reading; nil: cannot be opened
	seen  map[string]int64    // by file: captures that the log has
}

// checkLog checks that each entry of the log is the capture that lies at its Ref, that each capture has its entry,
// and that the log continues every head that it ever signed and those of VerifyOptions.Against.
func (v *verifier) checkLog(ctx context.Context) (err error) {
	view, err := tlog.OpenView(v.s.LogDir())
	if errors.Is(err, tlog.ErrNone) {
		if len(v.opts.Against) > 0 {
			v.damage("log-head", logDir, 0, "a head of the log was given to compare with, but there is no log")
		}
		return nil
	}
	if err != nil {
		v.damage("log-head", logDir, 0, "%v", err)
		return nil
	}
	v.report.Log, v.report.LogSize = string(view.Signed), view.Tree.Size
	if err := v.checkHistory(ctx, view); err != nil {
		return err
	}
	l := &logVerifier{v, ctx, map[string]*os.File{}, map[string]int64{}}
	defer func() {
		for _, f := range l.files {
			if f != nil {
				err = errors.Join(err, f.Close())
			}
		}
	}()
	for n := int64(0); n*tlog.BundleSize < view.Tree.Size; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := view.Entries(n)
		if err != nil {
			v.damage("log-tree", logDir, 0, "entries from %d on: %v", n*tlog.BundleSize, err)
			continue
		}
		for i, e := range entries {
			if err := l.check(n*tlog.BundleSize+int64(i), e); err != nil {
				return err
			}
		}
	}
	return l.compareCounts()
}

// checkHistory holds the tree to the heads that were signed or given.
func (v *verifier) checkHistory(ctx context.Context, view *tlog.View) error {
	heads, err := tlog.History(v.s.LogDir())
	if err != nil {
		return err
	}
	for _, signed := range append(heads, v.opts.Against...) {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, err := tlog.ParseCheckpoint(signed, view.Keys)
		if err != nil {
			v.damage("log-head", logDir, 0, "a head of the log: %v", err)
			continue
		}
		var fork *tlog.ForkError
		switch err := view.Continues(head); {
		case errors.As(err, &fork):
			v.damage("log-fork", logDir, 0, "%v", fork)
		case err != nil:
			v.damage("log-tree", logDir, 0, "the tree at %d entries: %v", head.Size, err)
		}
	}
	return nil
}

// check compares entry index with the bytes that it names.
func (l *logVerifier) check(index int64, entry []byte) error {
	leaf, err := tlog.ParseLeaf(entry)
	if err != nil {
		l.v.damage("log-tree", logDir, 0, "entry %d: %v", index, err)
		return nil
	}
	ref, err := ParseRef(leaf.Ref)
	if err != nil {
		l.v.damage("log-tree", logDir, 0, "entry %d: %v", index, err)
		return nil
	}
	l.seen[ref.File]++
	if !l.v.files[ref.File] && l.v.report.Partial {
		return nil
	}
	f, err := l.open(ref.File)
	if err != nil {
		return err
	}
	differs := func(format string, args ...any) {
		l.v.add(Finding{Code: "log-entry", Severity: Damage, File: ref.File, Offset: ref.Offset, URL: leaf.URL,
			Message: fmtEntry(index, leaf, format, args...)})
	}
	if f == nil {
		differs("its WARC is not there")
		return nil
	}
	if now, err := headLeaf(ref, f); err == nil && now == leaf {
		return nil
	}
	x, err := readCapture(ref, f, false)
	if err != nil {
		differs("%v", err)
		return nil
	}
	now, err := x.leaf(f)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if now != leaf {
		differs("the record there is %s of %s, %s", now.Record, now.Time.Format("2006-01-02 15:04:05"), now.URL)
	}
	return nil
}

// headLeaf is found.leaf by the record's header alone: its block was checked when its file was read.
func headLeaf(ref Ref, f io.ReaderAt) (tlog.Leaf, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, ref.Offset, ref.Length)); err != nil {
		return tlog.Leaf{}, err
	}
	r := readers.Get().(*warc.Reader)
	defer readers.Put(r)
	r.Reset(io.NewSectionReader(f, ref.Offset, ref.Length), ref.File, ref.Offset)
	rec, err := r.Next()
	if err != nil {
		return tlog.Leaf{}, err
	}
	h := rec.Header
	return tlog.Leaf{URL: h.URI(), Time: h.Time(), Payload: h.Value(warc.PayloadDigest), Record: digest(sum), Ref: ref.String()}, nil
}

func (l *logVerifier) open(name string) (*os.File, error) {
	f, ok := l.files[name]
	if ok {
		return f, nil
	}
	if len(l.files) == 64 { // logs go through the WARCs of many sites at once
		for old, f := range l.files {
			delete(l.files, old)
			if f != nil {
				if err := f.Close(); err != nil {
					return nil, err
				}
			}
			break
		}
	}
	f, err := l.v.s.openRead(name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	l.files[name] = f
	return f, nil
}

// compareCounts names the captures that the log does not have.
func (l *logVerifier) compareCounts() error {
	for _, name := range slices.Sorted(maps.Keys(l.v.captures)) {
		n := l.v.captures[name]
		if n <= l.seen[name] {
			continue // fewer: check has named those that are gone
		}
		l.v.damage("log-missing", name, 0, "%d of its %d captures are not in the log", n-l.seen[name], n)
	}
	return nil
}

// fmtEntry says which entry differs from what is there.
func fmtEntry(index int64, l tlog.Leaf, format string, args ...any) string {
	return fmt.Sprintf("entry %d of the log is the capture of %s: ", index, l.Time.Format("2006-01-02 15:04:05")) +
		fmt.Sprintf(format, args...)
}
