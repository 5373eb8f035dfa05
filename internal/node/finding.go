package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/extract"
	"cundang/internal/urlkey"
)

// Finding is what could not be read of one capture, why, and what would cure it. Findings are
// kept in the state of the frontier; a rebuild of the index makes them anew.
type Finding struct {
	Ref    string    `json:"ref"`
	URL    string    `json:"url"`
	Site   string    `json:"site"`
	Time   time.Time `json:"captured"`
	Code   string    `json:"code"`             // one of the Fault constants
	Detail string    `json:"detail,omitempty"` // what the reader said
	Origin string    `json:"origin,omitempty"` // of a revisit: the URL whose capture holds the payload
	Cure   string    `json:"cure"`             // the command that may cure it
	Reader string    `json:"reader"`           // version of the program that could not read it
}

// Codes of findings.
const (
	FaultRevisit   = "revisit-unresolved" // the capture that holds the payload is not in the archive
	FaultBody      = "unreadable"         // the record or its body cannot be read
	FaultTruncated = "truncated"          // the body is larger than what is read of one
	FaultReader    = "reader-failed"      // the reader failed on it; what it could do alone was done
	FaultEnded     = "ended-process"      // reading it ended the process twice: it is set aside
)

// Faults are all codes, the gravest first.
var Faults = []string{FaultEnded, FaultReader, FaultBody, FaultRevisit, FaultTruncated}

// cures says for each code which command may help.
var cures = map[string]string{
	FaultRevisit:   "cundang archive import FILE",
	FaultBody:      "cundang archive verify",
	FaultTruncated: "cundang show --html URL",
	FaultReader:    "cundang index rebuild",
	FaultEnded:     "cundang index rebuild",
}

// Names under which the frontier keeps findings, revisits by the SURT of what they wait for, and
// the version of the reader that made the findings.
const (
	findingPrefix = "finding/"
	awaitPrefix   = "await/"
	findingReader = "findings-reader"
)

func (n *Node) readerVersion() string { return extract.Version + " " + n.Version }

func awaitName(origin, ref string) string { return awaitPrefix + urlkey.SURT(origin) + " " + ref }

// Findings yields what could not be read, in order of the archive's files.
func (n *Node) Findings() iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		for name, text := range n.Frontier.Values(findingPrefix) {
			var f Finding
			if err := json.Unmarshal(text, &f); err != nil {
				yield(f, fmt.Errorf("read %s: %w", name, err))
				return
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// AllFindings gathers all findings.
func (n *Node) AllFindings() ([]Finding, error) {
	all := []Finding{}
	for f, err := range n.Findings() {
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// CountFindings counts the findings by code.
func (n *Node) CountFindings() (map[string]int, error) {
	counts := map[string]int{}
	for f, err := range n.Findings() {
		if err != nil {
			return nil, err
		}
		counts[f.Code]++
	}
	return counts, nil
}

// faults gathers what an ingest finds until it is committed.
type faults struct {
	node   *Node
	change map[string][]byte
	mark   mark
	kept   map[string]bool // refs whose finding stands although they were read
	seen   map[string]bool // of a rebuild: the refs found; nil otherwise
}

// keep says that a capture is read as far as it can be, and its finding stands.
func (fs *faults) keep(ref string) { fs.kept[ref] = true }

func newFaults(n *Node) faults {
	return faults{node: n, change: map[string][]byte{}, kept: map[string]bool{}, mark: openMark(n.Path("reading"))}
}

// guard reads a capture by do. What is wrong with the capture alone becomes a finding, and do
// has then not counted; the error of a disk or a context is returned.
func (fs *faults) guard(ctx context.Context, c archive.Capture, do func() error) (ok bool, err error) {
	ref := c.Ref.String()
	if fs.mark.endedTwice(ref) {
		return false, fs.add(c, FaultEnded, "")
	}
	if old, known, err := fs.known(ref); err != nil {
		return false, err
	} else if known && old.Code == FaultEnded && old.Reader == fs.node.readerVersion() {
		return false, fs.add(c, FaultEnded, "")
	}
	fs.mark.begin(ref)
	err = recovered(do)
	fs.mark.end()
	var gone *unresolvedError
	var body *bodyError
	switch {
	case err == nil:
		return true, fs.healed(ref)
	case ctx.Err() != nil || isDisk(err):
		return false, err
	case errors.As(err, &gone):
		return false, fs.add(c, FaultRevisit, err.Error())
	case errors.As(err, &body):
		return false, fs.add(c, FaultBody, err.Error())
	}
	return false, fs.add(c, FaultReader, err.Error())
}

// recovered turns a panic of a reader into its error.
func recovered(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the reader panicked: %v", p)
		}
	}()
	return do()
}

// isDisk says whether the disk itself, or the bucket where a WARC lies, fails or the process may take no more of it.
func isDisk(err error) bool {
	for _, no := range []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EMFILE, syscall.ENFILE,
		syscall.ENOMEM, syscall.ENODEV, syscall.ESTALE} {
		if errors.Is(err, no) {
			return true
		}
	}
	return errors.Is(err, archive.ErrNoSpace) || archive.Unreachable(err)
}

// unresolvedError says that the capture a revisit refers to is not there.
type unresolvedError struct{ origin string }

func (e *unresolvedError) Error() string { return "no capture of " + e.origin + " holds its payload" }

// bodyError says that the body of a capture cannot be read.
type bodyError struct{ err error }

func (e *bodyError) Error() string { return e.err.Error() }
func (e *bodyError) Unwrap() error { return e.err }

func (fs *faults) known(ref string) (f Finding, known bool, err error) {
	text, pending := fs.change[findingPrefix+ref]
	if !pending && fs.node.Frontier != nil {
		if text, err = fs.node.Frontier.Value(findingPrefix + ref); err != nil {
			return f, false, err
		}
	}
	if text == nil {
		return f, false, nil
	}
	return f, true, json.Unmarshal(text, &f)
}

func (fs *faults) add(c archive.Capture, code, detail string) error {
	f := Finding{Ref: c.Ref.String(), URL: c.URL, Site: c.Site, Time: c.Time, Code: code, Detail: detail, Origin: c.RefersTo(),
		Cure: cures[code], Reader: fs.node.readerVersion()}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	fs.change[findingPrefix+f.Ref] = text
	if code == FaultRevisit {
		fs.change[awaitName(f.Origin, f.Ref)] = []byte(f.Ref)
	}
	if fs.seen != nil {
		fs.seen[f.Ref] = true
	}
	fs.node.Log.Warn("capture not read", "url", c.URL, "ref", f.Ref, "code", code, "err", detail)
	return nil
}

// healed forgets what was found of a capture that has been read.
func (fs *faults) healed(ref string) error {
	f, known, err := fs.known(ref)
	if err != nil || !known || fs.kept[ref] {
		return err
	}
	fs.change[findingPrefix+ref] = nil
	if f.Origin != "" {
		fs.change[awaitName(f.Origin, ref)] = nil
	}
	return nil
}

// awaiting returns the revisits that wait for a capture of the URL.
func (fs *faults) awaiting(url string) (refs []string) {
	if fs.node.Frontier == nil {
		return nil
	}
	for _, ref := range fs.node.Frontier.Values(awaitName(url, "")) {
		refs = append(refs, string(ref))
	}
	return refs
}

// commit keeps what was found; it comes before the position moves on. A node opened for reading keeps nothing.
func (fs *faults) commit() error {
	clear(fs.kept)
	if len(fs.change) == 0 || fs.node.Frontier == nil {
		clear(fs.change)
		return nil
	}
	_, err := fs.node.Frontier.Commit(frontier.Change{Values: fs.change})
	fs.change = map[string][]byte{}
	if err != nil {
		return fmt.Errorf("keep findings: %w", err)
	}
	return nil
}

// dropUnseen forgets the findings that a rebuild has not made anew.
func (fs *faults) dropUnseen() error {
	for f, err := range fs.node.Findings() {
		if err != nil {
			return err
		}
		if !fs.seen[f.Ref] {
			fs.change[findingPrefix+f.Ref] = nil
			if f.Origin != "" {
				fs.change[awaitName(f.Origin, f.Ref)] = nil
			}
		}
	}
	return fs.commit()
}

// mark is a note on disk of the capture being read, so that one which ends the process is known
// by the next. It need not survive the machine, only the process, and is never synced.
type mark struct {
	file  *os.File // nil: it could not be opened, and nothing is noted
	ref   string   // left by a process that ended while reading
	times int
}

const markSize = 512

func openMark(path string) mark {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return mark{}
	}
	m := mark{file: f}
	buf := make([]byte, markSize)
	n, _ := f.ReadAt(buf, 0)
	if times, ref, ok := strings.Cut(strings.TrimRight(string(buf[:n]), " \n\x00"), " "); ok {
		m.ref = ref
		m.times, _ = strconv.Atoi(times)
	}
	return m
}

func (m *mark) endedTwice(ref string) bool { return m.file != nil && ref == m.ref && m.times >= 2 }

func (m *mark) begin(ref string) {
	times := 1
	if ref == m.ref {
		times += m.times
	}
	m.write(strconv.Itoa(times) + " " + ref)
}

// end takes the note away again. One left by an earlier process stays until its capture is read.
func (m *mark) end() { m.write("") }

func (m *mark) write(s string) {
	if m.file != nil && len(s) < markSize {
		_, _ = m.file.WriteAt([]byte(s+strings.Repeat(" ", markSize-len(s))), 0) // a full disk is told elsewhere
	}
}

func (m *mark) close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}
