package archive

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"cundang/archive/tlog"
)

// leafSum is the digest of the entries of one WARC's captures in the order of the file: what the log and the file must
// have in common, in the same few bytes for a file of any size.
type leafSum struct {
	h hash.Hash
	n int64
}

func (s *leafSum) add(entry []byte) {
	if s.h == nil {
		s.h = sha256.New()
	}
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(entry)))
	s.h.Write(size[:])
	s.h.Write(entry)
	s.n++
}

func (s *leafSum) String() string {
	if s == nil || s.h == nil {
		return ""
	}
	return digest(s.h)
}

// logVerifier compares the log with the captures of the WARCs.
type logVerifier struct {
	v     *verifier
	ctx   context.Context
	files map[string]warcFile // open for reading; nil: cannot be opened
	seen  map[string]*leafSum // by file: what the log has of it
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
	l := &logVerifier{v, ctx, map[string]warcFile{}, map[string]*leafSum{}}
	defer func() {
		for _, f := range l.files {
			if f != nil {
				err = errors.Join(err, f.Close())
			}
		}
	}()
	unread := func(from int64, err error) { v.damage("log-tree", logDir, 0, "entries from %d on: %v", from, err) }
	if err := entries(ctx, view, unread, l.gather); err != nil {
		return err
	}
	differing := false
	for name, seen := range l.seen {
		differing = differing || !l.agrees(name, seen)
	}
	if differing { // which entries are they?
		if err := entries(ctx, view, func(int64, error) {}, l.check); err != nil {
			return err
		}
	}
	return l.compareCounts()
}

// entries calls f for each entry of the log, and unread for each bundle that cannot be read.
func entries(
	ctx context.Context, view *tlog.View, unread func(from int64, err error), f func(index int64, entry []byte) error,
) error {
	for n := int64(0); n*tlog.BundleSize < view.Tree.Size; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		bundle, err := view.Entries(n)
		if err != nil {
			unread(n*tlog.BundleSize, err)
			continue
		}
		for i, e := range bundle {
			if err := f(n*tlog.BundleSize+int64(i), e); err != nil {
				return err
			}
		}
	}
	return nil
}

// gather notes what the log has of each file.
func (l *logVerifier) gather(index int64, entry []byte) error {
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
	seen := l.seen[ref.File]
	if seen == nil {
		seen = &leafSum{}
		l.seen[ref.File] = seen
	}
	seen.add(entry)
	return nil
}

// agrees says that the log has of a file what was met in reading it, or that the file is none of this run's.
func (l *logVerifier) agrees(name string, seen *leafSum) bool {
	return !l.v.files[name] && l.v.report.Partial || seen.String() == l.v.leaves[name]
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

// check compares entry index with the bytes that it names, where its file does not agree as a whole.
func (l *logVerifier) check(index int64, entry []byte) error {
	leaf, err := tlog.ParseLeaf(entry)
	if err != nil {
		return nil // gather has said so
	}
	ref, err := ParseRef(leaf.Ref)
	if err != nil || l.agrees(ref.File, l.seen[ref.File]) {
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
	x, err := readCapture(ref, f, false)
	if Unreachable(err) {
		return err
	}
	if err != nil {
		differs("%v", err)
		return nil
	}
	now, err := x.leaf(f)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(now.Marshal()) != string(entry) {
		differs("the record there is %s of %s, %s", now.Record, now.Time.Format("2006-01-02 15:04:05"), now.URL)
	}
	return nil
}

func (l *logVerifier) open(name string) (warcFile, error) {
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
	f, err := l.v.s.openWith(l.ctx, name, nil)
	if errors.Is(err, ErrNotFound) {
		f, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	l.files[name] = f
	return f, nil
}

// compareCounts names the captures that the log does not have.
func (l *logVerifier) compareCounts() error {
	for _, name := range slices.Sorted(maps.Keys(l.v.captures)) {
		n, logged := l.v.captures[name], int64(0)
		if seen := l.seen[name]; seen != nil {
			logged = seen.n
		}
		if n <= logged {
			continue // fewer: check has named those that are gone
		}
		l.v.damage("log-missing", name, 0, "%d of its %d captures are not in the log", n-logged, n)
	}
	return nil
}

// fmtEntry says which entry differs from what is there.
func fmtEntry(index int64, l tlog.Leaf, format string, args ...any) string {
	return fmt.Sprintf("entry %d of the log is the capture of %s: ", index, l.Time.Format("2006-01-02 15:04:05")) +
		fmt.Sprintf(format, args...)
}
