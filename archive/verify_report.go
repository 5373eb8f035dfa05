package archive

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Severity tells damage from blemishes.
type Severity string

// Severities of a Finding.
const (
	Damage  Severity = "damage"  // something is lost, changed or contradictory
	Warning Severity = "warning" // readable, but not as the standard or the archive wants it
)

// Finding is one thing that is wrong. Codes are stable; docs/formats.md lists them.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"`
	Offset   int64    `json:"offset,omitempty"`
	URL      string   `json:"url,omitempty"`
	Message  string   `json:"message"`
}

func (f Finding) String() string {
	s := fmt.Sprintf("%s: %s", f.Severity, f.Code)
	if f.File != "" {
		s += fmt.Sprintf(": %s", f.File)
		if f.Offset > 0 {
			s += fmt.Sprintf(" at %d", f.Offset)
		}
	}
	if f.URL != "" {
		s += " <" + f.URL + ">"
	}
	return s + ": " + f.Message
}

// VerifyReport is the outcome of a verification.
type VerifyReport struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Complete bool      `json:"complete"` // false: interrupted
	Partial  bool      `json:"partial"`  // Since or Sample left files out
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"` // of the WARCs as stored
	Resumed  int       `json:"resumed,omitempty"`
	Records  int64     `json:"records"`
	Captures int64     `json:"captures"`
	Revisits int64     `json:"revisits"`
	// Companions counts the resource records kept with captures.
	Companions int64  `json:"companions"`
	Rows       int64  `json:"cdx_rows"`
	Journal    string `json:"journal,omitempty"` // head of the chain: note it down elsewhere
	// Log is the head of the transparency log, a signed checkpoint, at LogSize entries: note it down elsewhere too.
	Log     string `json:"log,omitempty"`
	LogSize int64  `json:"log_entries,omitempty"`
	// RawDigests counts payload digests that hold only over the body as sent, chunks
	// included: an older reading of the standard.
	RawDigests int64     `json:"raw_payload_digests,omitempty"`
	Findings   []Finding `json:"findings"`
	Truncated  bool      `json:"findings_truncated,omitempty"` // more than MaxFindings
}

// MaxFindings is how many findings a report lists.
const MaxFindings = 10000

// Damaged says whether anything is lost, changed or contradictory.
func (r VerifyReport) Damaged() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == Damage })
}

// Group is findings that have one cause.
type Group struct {
	Finding                // the cause, or the first of its kind
	Alike   int            `json:"alike"`   // how many more of its code there are
	Follows map[string]int `json:"follows"` // how many of other codes follow from it
}

// causes are codes that others follow from, in one file: what is gone or cannot be read is missed in other places, too.
var causes = map[string][]string{
	"file-missing":   {"cdx-dangling", "journal-head", "log-missing"},
	"file-unlisted":  {"log-missing"},
	"file-size":      {"file-hash", "record-damaged", "cdx-dangling", "log-missing"},
	"record-damaged": {"file-hash", "cdx-dangling", "log-missing"},
}

// Groups returns the findings by their cause, in the order of the first of each: in one file those of one code, with
// what follows from it.
func (r VerifyReport) Groups() []Group {
	type kind struct{ file, code string }
	present := map[kind]bool{}
	for _, f := range r.Findings {
		present[kind{f.File, f.Code}] = true
	}
	leader := func(f Finding) kind {
		for _, code := range [...]string{"file-missing", "file-size", "record-damaged", "file-unlisted"} {
			if present[kind{f.File, code}] && slices.Contains(causes[code], f.Code) {
				return kind{f.File, code}
			}
		}
		return kind{f.File, f.Code}
	}
	var out []Group
	at := map[kind]int{}
	for _, f := range r.Findings {
		k := leader(f)
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Group{Finding: f, Alike: -1, Follows: map[string]int{}})
		}
		g := &out[i]
		if f.Code != k.code {
			g.Follows[f.Code]++
			continue
		}
		if g.Alike++; g.Alike == 0 {
			g.Finding = f
		}
	}
	return out
}

func (g Group) write(w io.Writer) error {
	if _, err := fmt.Fprintln(w, g.Finding); err != nil {
		return err
	}
	var more []string
	if g.Alike > 0 {
		more = append(more, fmt.Sprintf("%d more of them in this file", g.Alike))
	}
	for _, code := range slices.Sorted(maps.Keys(g.Follows)) {
		more = append(more, fmt.Sprintf("%d × %s follow from it", g.Follows[code], code))
	}
	if len(more) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "  %s\n", strings.Join(more, ", "))
	return err
}

// WriteText writes the report for people, findings grouped by their cause.
func (r VerifyReport) WriteText(w io.Writer) error {
	for _, g := range r.Groups() {
		if err := g.write(w); err != nil {
			return err
		}
	}
	dur := r.Finished.Sub(r.Started)
	rate := float64(r.Bytes) / 1e6 / max(dur.Seconds(), 1e-6)
	_, err := fmt.Fprintf(w, "%d files, %.1f MB, %d records, %d captures (%d revisits), %d companion records, %d CDX rows, %d findings; %.1f s, %.0f MB/s\n",
		r.Files, float64(r.Bytes)/1e6, r.Records, r.Captures, r.Revisits, r.Companions, r.Rows, len(r.Findings), dur.Seconds(), rate)
	if err == nil && !r.Complete {
		_, err = fmt.Fprintln(w, "interrupted: run again to go on")
	}
	if err == nil && r.Journal != "" {
		_, err = fmt.Fprintf(w, "journal head: %s\n", r.Journal)
	}
	if err == nil && r.Log != "" {
		_, err = fmt.Fprintf(w, "log head (%d entries):\n%s", r.LogSize, r.Log)
	}
	return err
}
