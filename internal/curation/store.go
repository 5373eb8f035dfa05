package curation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Store is the file of acts. It is read again when it has changed, so that what another process writes holds at once.
// It is safe for concurrent use.
type Store struct {
	path string

	mu    sync.Mutex
	stamp string // of the file that state was read from
	state *State
}

// Open returns the store of a file, which need not exist. The file is read when it is asked first.
func Open(path string) *Store { return &Store{path: path, state: newState()} }

// Path returns the file.
func (s *Store) Path() string { return s.path }

// State returns what holds now.
func (s *Store) State() (*State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current()
}

// current is State with the store locked.
func (s *Store) current() (*State, error) {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		s.state, s.stamp = newState(), ""
		return s.state, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read curation: %w", err)
	}
	stamp := fmt.Sprintf("%d %d", info.ModTime().UnixNano(), info.Size())
	if stamp == s.stamp {
		return s.state, nil
	}
	text, err := os.ReadFile(s.path)
	if err != nil {
		return nil, fmt.Errorf("read curation: %w", err)
	}
	state, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("read curation in %s: %w", s.path, err)
	}
	s.state, s.stamp = state, stamp
	return state, nil
}

// parse reads a file. What follows the last line end was being written when a process died: it was never acknowledged.
// A line that is not understood is an error, as it may hide something.
func parse(text []byte) (*State, error) {
	state := newState()
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	n := 0
	for line := range bytes.Lines(text) {
		if n++; len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var a Act
		if err := json.Unmarshal(line, &a); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		state.add(a)
	}
	return state, nil
}

// Do checks acts and appends them to the file, all or none; they are on the disk when it returns. What is wrong with
// one of
// them is an *InvalidError.
func (s *Store) Do(acts ...Act) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lock := flock.New(s.path+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("lock curation: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	state, err := s.current()
	if err != nil {
		return err
	}
	next := state.clone()
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	enc.SetEscapeHTML(false)
	for _, a := range acts {
		a.Time = a.Time.UTC().Truncate(time.Second)
		if err := errors.Join(a.check(), next.fits(a)); err != nil {
			return err
		}
		next.add(a)
		if err := enc.Encode(a); err != nil {
			return fmt.Errorf("write curation: %w", err)
		}
	}
	if err := appendLines(s.path, lines.Bytes()); err != nil {
		return fmt.Errorf("write curation: %w", err)
	}
	s.stamp = "" // read once more: the file is what counts
	return nil
}

// appendLines appends whole lines to a file; what a process that died left of a line is removed first.
func appendLines(path string, lines []byte) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	end, err := wholeLines(f)
	if err != nil {
		return err
	}
	if err := f.Truncate(end); err != nil {
		return err
	}
	if _, err := f.WriteAt(lines, end); err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	return f.Sync()
}

// wholeLines returns the length of the lines of a file that are complete.
func wholeLines(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	buf := make([]byte, 4096)
	for end := info.Size(); end > 0; {
		from := max(0, end-int64(len(buf)))
		part := buf[:end-from]
		if _, err := f.ReadAt(part, from); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return from + int64(i) + 1, nil
		}
		end = from
	}
	return 0, nil
}
