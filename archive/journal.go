package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cundang/archive/warc"
)

// Entry is one line of the journal: a closed WARC. Each line holds the SHA-256 of the line
// before it, so that none can be changed or taken out without breaking the chain; and each
// new WARC notes the head of the chain in its warcinfo record, so that lines cannot be
// taken off the end unnoticed once a further file has been begun.
type Entry struct {
	Seq      int       `json:"seq"` // from 1
	File     string    `json:"file"`
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Records  int       `json:"records"` // warcinfo included
	Captures int       `json:"captures"`
	First    time.Time `json:"first"` // of its captures
	Last     time.Time `json:"last"`
	Closed   time.Time `json:"closed"`
	// Found marks a file that was there already when the journal first met it: an archive
	// from elsewhere, or a journal that was lost. It proves nothing about the time before.
	Found bool `json:"found,omitempty"`
	// Source is where an imported file came from.
	Source string `json:"source,omitempty"`
	Prev   string `json:"prev"` // SHA-256 of the line before, hex; "" in the first
}

type journal struct {
	s     *Store
	mu    sync.Mutex
	f     *os.File
	last  string // SHA-256 of the last line
	seq   int
	files map[string]Entry
}

// openJournal opens journal.jsonl and cuts a line that was torn while being written.
func openJournal(s *Store) (*journal, error) {
	j := &journal{s: s, files: map[string]Entry{}}
	path := filepath.Join(s.dir, journalName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j.f = f
	entries, good, last, err := readJournal(f)
	var broken *JournalError
	if errors.As(err, &broken) {
		// Appending to a broken chain would hide where it broke; verify reports it.
		s.log.Error("journal is broken", "err", err)
		err = nil
	}
	if err == nil {
		err = f.Truncate(good)
	}
	if err == nil {
		_, err = f.Seek(good, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal: %w", err), f.Close())
	}
	for _, e := range entries {
		j.files[e.File] = e
		j.seq = e.Seq
	}
	j.last = last
	return j, nil
}

// JournalError says at which line (from 1) the journal's chain is broken.
type JournalError struct {
	Line int
	Msg  string
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("%s line %d: %s", journalName, e.Line, e.Msg)
}

// readJournal returns the entries, the end of the last whole line and its hash. With a
// broken chain it returns all entries it could read and a *JournalError.
func readJournal(r io.Reader) (entries []Entry, good int64, last string, err error) {
	br := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, rerr := br.ReadBytes('\n')
		if rerr == io.EOF {
			return entries, good, last, err // an unfinished line was never acknowledged
		}
		if rerr != nil {
			return nil, 0, "", rerr
		}
		var e Entry
		d := json.NewDecoder(bytes.NewReader(line))
		if derr := d.Decode(&e); derr != nil && err == nil {
			err = &JournalError{n, "is not an entry: " + derr.Error()}
		}
		if e.Prev != last && err == nil {
			err = &JournalError{n, fmt.Sprintf("is not chained to the line before: prev is %.16q, expected %.16q", e.Prev, last)}
		}
		if e.Seq != n && err == nil {
			err = &JournalError{n, fmt.Sprintf("has sequence number %d", e.Seq)}
		}
		entries = append(entries, e)
		good += int64(len(line))
		last = fmt.Sprintf("%x", sha256.Sum256(bytes.TrimSuffix(line, []byte("\n"))))
	}
}

// head is the hash of the last line with its number, "" if the journal is empty.
func (j *journal) head() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.last == "" {
		return ""
	}
	return headOf(j.seq, j.last)
}

// add appends an entry durably.
func (j *journal) add(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Seq, e.Prev = j.seq+1, j.last
	if e.Closed.IsZero() {
		e.Closed = time.Now().UTC().Truncate(time.Second)
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := j.f.Sync(); err != nil {
		return j.s.breakDown("sync journal", err)
	}
	j.seq, j.last = e.Seq, fmt.Sprintf("%x", sha256.Sum256(line))
	j.files[e.File] = e
	return nil
}

// ensure enters a closed file that the journal does not know: its process died between
// renaming it and writing the line, or it was put there by hand.
func (j *journal) ensure(f FileInfo) error {
	j.mu.Lock()
	_, known := j.files[f.File]
	j.mu.Unlock()
	if known {
		return nil
	}
	e, err := j.s.describe(context.Background(), f)
	if err != nil {
		return fmt.Errorf("enter %s in the journal: %w", f.File, err)
	}
	e.Found = true
	return j.add(e)
}

// describe reads a whole file for its journal entry.
func (s *Store) describe(ctx context.Context, f FileInfo) (Entry, error) {
	fd, err := s.openRead(ctx, f.File)
	if err != nil {
		return Entry{}, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &ctxReader{ctx, io.NewSectionReader(fd, 0, f.Size)}); err != nil {
		return Entry{}, errors.Join(err, fd.Close())
	}
	e := Entry{File: f.File, Bytes: f.Size, SHA256: fmt.Sprintf("%x", sum.Sum(nil))}
	r := warc.NewReader(io.NewSectionReader(fd, 0, f.Size), f.File, 0, warc.Tolerant)
	for {
		rec, err := r.Next()
		if err == io.EOF || damage(err) != nil {
			break
		}
		if err != nil {
			return Entry{}, errors.Join(err, fd.Close())
		}
		e.Records++
		if t := rec.Header.Time(); isPage(rec.Header) {
			e.Captures++
			if !t.IsZero() && (e.First.IsZero() || t.Before(e.First)) {
				e.First = t
			}
			if t.After(e.Last) {
				e.Last = t
			}
		}
	}
	return e, fd.Close()
}

func (j *journal) close() error { return j.f.Close() }

// JournalHead returns the number of the last whole line of the journal in dir and its SHA-256 as "12 sha256:…",
// "" where there is none.
func JournalHead(dir string) (string, error) {
	f, err := os.Open(filepath.Join(dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read journal: %w", err)
	}
	entries, _, last, err := readJournal(f)
	if broken := (*JournalError)(nil); errors.As(err, &broken) {
		err = nil // for verify to report
	}
	if err = errors.Join(err, f.Close()); err != nil || len(entries) == 0 {
		return "", err
	}
	return headOf(entries[len(entries)-1].Seq, last), nil
}

// headOf is how the head of the chain is written down.
func headOf(seq int, last string) string { return fmt.Sprintf("%d sha256:%s", seq, last) }

// Journal returns the entries of the journal. A broken chain gives the entries and a
// *JournalError.
func (s *Store) Journal() ([]Entry, error) {
	f, err := os.Open(filepath.Join(s.dir, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	entries, _, _, err := readJournal(f)
	return entries, errors.Join(err, f.Close())
}
