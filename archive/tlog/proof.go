package tlog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrNotLogged says that a capture is not in the log.
var ErrNotLogged = errors.New("not in the transparency log")

// View is a log as a reader sees it: its published head and what lies below it. Its methods are not safe for
// concurrent use.
type View struct {
	Checkpoint
	Keys []Key
	*Tree
	runs runs
}

// OpenView opens the log in dir for reading, at its published head.
func OpenView(dir string) (*View, error) {
	c, keys, err := Latest(Dir(dir))
	if err != nil {
		return nil, err
	}
	return &View{c, keys, NewTree(Dir(dir), c.Size, c.Root), runs(dir + "/" + runsName)}, nil
}

// At returns the view as it was at an earlier head.
func (v *View) At(head Checkpoint) *View {
	return &View{head, v.Keys, NewTree(v.Tree.src, head.Size, head.Root), v.runs}
}

// Find returns the entry of the record at Ref: FILE:OFFSET:LENGTH, of which FILE and OFFSET are given too.
func (v *View) Find(file string, offset int64, ref string) (index int64, leaf Leaf, err error) {
	row, ok, err := v.runs.find(file, offset)
	if err != nil {
		return 0, Leaf{}, err
	}
	for i := row.First; ok && i < row.First+int64(row.Count) && i < v.Tree.Size; {
		entries, err := v.Entries(i / tileWidth)
		if err != nil {
			return 0, Leaf{}, err
		}
		for _, e := range entries[i%tileWidth:] {
			if strings.HasSuffix(string(e), "\n"+ref+"\n") {
				leaf, err := ParseLeaf(e)
				return i, leaf, err
			}
			i++
		}
	}
	return 0, Leaf{}, fmt.Errorf("%s: %w", ref, ErrNotLogged)
}

// Proof returns the C2SP tlog-proof that an entry is in the log: what a stranger checks without the archive.
func (v *View) Proof(index int64) ([]byte, error) {
	hashes, err := v.Prove(index)
	if err != nil {
		return nil, err
	}
	p := proof.TLogProof{Index: uint64(index), Checkpoint: v.Signed}
	for _, h := range hashes {
		p.Hashes = append(p.Hashes, [sha256.Size]byte(h))
	}
	return p.Marshal(), nil
}

// CheckProof checks that entry is in the log whose keys are given, by a C2SP tlog-proof, and returns its place
// and the head that the proof ends at.
func CheckProof(text, entry []byte, keys []Key) (index int64, head Checkpoint, err error) {
	var p proof.TLogProof
	if err := p.Unmarshal(text); err != nil {
		return 0, Checkpoint{}, err
	}
	if head, err = ParseCheckpoint(p.Checkpoint, keys); err != nil {
		return 0, Checkpoint{}, err
	}
	var hashes tlog.RecordProof
	for _, h := range p.Hashes {
		hashes = append(hashes, h)
	}
	if p.Index >= uint64(head.Size) {
		return 0, head, fmt.Errorf("proof of entry %d in a log of %d", p.Index, head.Size)
	}
	if err := tlog.CheckRecord(hashes, head.Size, head.Root, int64(p.Index), tlog.RecordHash(entry)); err != nil {
		return 0, head, fmt.Errorf("the proof does not lead from the entry to the head: %w", err)
	}
	return int64(p.Index), head, nil
}

// ForkError says that a head belongs to another history than the log has.
type ForkError struct {
	Size int64 // of the head
	Why  string
}

// Error implements error.
func (e *ForkError) Error() string {
	return fmt.Sprintf("the log is not a continuation of the head at %d entries: %s", e.Size, e.Why)
}

// Continues checks that the tree continues an earlier head: a *ForkError if not.
func (t *Tree) Continues(old Checkpoint) error {
	if old.Size > t.Size {
		return &ForkError{old.Size, fmt.Sprintf("it has only %d entries now", t.Size)}
	}
	root, err := t.RootAt(old.Size)
	if err != nil {
		return err
	}
	if root != old.Root {
		return &ForkError{old.Size, fmt.Sprintf("its root was %v, that of the entries here is %v", old.Root, root)}
	}
	return nil
}
