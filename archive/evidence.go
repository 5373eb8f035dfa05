package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"cundang/archive/evidence"
	"cundang/archive/tlog"
)

// WriteEvidence writes an evidence file of the capture at ref: its record as received, the proof that it is in the
// transparency log, and for a revisit the same of the capture that has the body. An error that is tlog.ErrNone says
// that the archive has no log, one that is tlog.ErrNotLogged that the capture is not in it.
func (s *Store) WriteEvidence(ctx context.Context, w io.Writer, ref Ref, citation string) error {
	view, err := tlog.OpenView(s.LogDir())
	if err != nil {
		return fmt.Errorf("evidence of %s: %w", ref, err)
	}
	keys, err := os.ReadFile(filepath.Join(s.LogDir(), "keys.jsonl"))
	if err != nil {
		return fmt.Errorf("evidence of %s: %w", ref, err)
	}
	in := evidence.Input{Software: s.opts.Software, Made: time.Now(), Keys: keys, Citation: citation}
	c, err := s.Read(ctx, ref)
	if err != nil {
		return err
	}
	captures := []Capture{c}
	if c.Revisit {
		switch origin, err := s.resolve(ctx, c); {
		case err == nil:
			captures = append(captures, origin)
		case !errors.Is(err, ErrNotFound): // then the revisit stands alone
			return fmt.Errorf("evidence of %s: %w", ref, err)
		}
	}
	if view, in.Timestamps, err = s.provenHead(view, captures); err != nil {
		return fmt.Errorf("evidence of %s: %w", ref, err)
	}
	for _, c := range captures {
		part, f, err := s.evidenceOf(ctx, view, c.Ref)
		if err != nil {
			return fmt.Errorf("evidence of %s: %w", c.Ref, err)
		}
		defer f.Close() // opened for reading
		in.Captures = append(in.Captures, part)
	}
	return evidence.Write(w, in)
}

// provenHead returns the head that proofs of the captures end at: the newest one with a time stamp or a cosignature, since
// that says more than the archive's own signature, or the present one.
func (s *Store) provenHead(view *tlog.View, captures []Capture) (*tlog.View, map[string][]byte, error) {
	last := int64(0)
	for _, c := range captures {
		index, _, err := view.Find(c.Ref.File, c.Ref.Offset, c.Ref.String())
		if err != nil {
			return nil, nil, err
		}
		last = max(last, index)
	}
	anchor, ok, err := tlog.Anchored(s.LogDir(), view.Keys, last)
	if err != nil || !ok {
		return view, nil, err
	}
	return view.At(anchor.Checkpoint), anchor.Files, nil
}

// evidenceOf returns the record at ref with its metadata record, read from f, and its proof.
func (s *Store) evidenceOf(
	ctx context.Context, view *tlog.View, ref Ref,
) (part evidence.Capture, f warcFile, err error) {
	index, leaf, err := view.Find(ref.File, ref.Offset, ref.String())
	if err != nil {
		return part, nil, err
	}
	proof, err := view.Proof(index)
	if err != nil {
		return part, nil, err
	}
	if f, err = s.openRead(ctx, ref.File); err != nil {
		return part, nil, err
	}
	x, err := readCapture(ref, f, false)
	if err != nil {
		return part, nil, errors.Join(err, f.Close())
	}
	end := max(x.end, ref.Offset+ref.Length)
	return evidence.Capture{Leaf: leaf, Proof: proof, Length: ref.Length, Record: io.NewSectionReader(f, ref.Offset, end-ref.Offset)}, f, nil
}
