package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/tlog"
)

// VerifyOptions say what to verify; the zero value is everything.
type VerifyOptions struct {
	Since    time.Time // only WARCs closed at or after this time
	Sample   float64   // only this share of the WARCs (0 < Sample < 1), drawn with Seed
	Seed     uint64
	Workers  int                  // files read at the same time; 0 is one a CPU
	State    string               // path of a file that remembers what is done, so that an interrupted run goes on; "": none
	Progress func(VerifyProgress) // called after each file, nil: never
	// Against are heads of the transparency log that somebody kept: signed checkpoints. The log has to continue them.
	Against [][]byte
}

// VerifyProgress is how far a verification is.
type VerifyProgress struct {
	Files, OfFiles int
	Bytes, OfBytes int64
	Findings       int
}

type verifier struct {
	s      *Store
	opts   VerifyOptions
	mu     sync.Mutex
	report VerifyReport
	done   map[string]fileResult
	state  *os.File
	want   *cdx.Sorter     // rows that the WARCs call for
	files  map[string]bool // that are verified in this run
	lines  map[string]bool // hashes of the journal's lines
	rows   []revisitRow
	infos  []infoHead
	found  bool // the journal has lines about files found later
	// captures counts those of each file that was read.
	captures map[string]int64
	// leaves are, for each file that was read, a leafSum of its captures, to hold the log to; nil: there is no log.
	leaves map[string]string
}

// revisitRow is a revisit to be resolved once all files are read.
type revisitRow struct {
	file, url, target, date, digest string
	offset                          int64
}

// infoHead is a journal head as a warcinfo record notes it.
type infoHead struct{ file, head string }

// Verify reads the archive and reports everything that is wrong with it: framing, digests,
// CDX against records, revisits that do not resolve, and the journal's proof that no file
// was removed or replaced. It changes nothing. An error means that the verification itself
// could not go on; findings are in the report. With a State file an interrupted run
// (ctx ends) goes on where it was; the report returned then covers all of it.
//
// Open the archive ReadOnly to verify it: a writer repairs what it can when it opens.
func (s *Store) Verify(ctx context.Context, opts VerifyOptions) (VerifyReport, error) {
	v := &verifier{s: s, opts: opts, done: map[string]fileResult{}, files: map[string]bool{}, lines: map[string]bool{},
		captures: map[string]int64{}}
	if tlog.Exists(s.LogDir()) {
		v.leaves = map[string]string{}
	}
	v.report.Started = time.Now().UTC()
	v.want = cdx.NewSorter(os.TempDir())
	err := v.run(ctx)
	err = errors.Join(err, v.want.Close())
	if v.state != nil {
		err = errors.Join(err, v.state.Close())
		if v.report.Complete {
			err = errors.Join(err, os.Remove(opts.State))
		}
	}
	v.report.Finished = time.Now().UTC()
	slices.SortStableFunc(v.report.Findings, func(a, b Finding) int {
		if c := compareFiles(a.File, b.File); c != 0 {
			return c
		}
		return int(a.Offset - b.Offset)
	})
	if v.report.Findings == nil {
		v.report.Findings = []Finding{}
	}
	return v.report, err
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.loadState(); err != nil {
		return err
	}
	entries, err := v.readJournal()
	if err != nil {
		return err
	}
	files, err := v.s.Files()
	if err != nil {
		return err
	}
	v.compareListing(entries, files)
	chosen := v.choose(entries, files)
	if err := v.readFiles(ctx, chosen, entries); err != nil {
		return err
	}
	v.checkHeads()
	if err := v.checkCDX(ctx); err != nil {
		return err
	}
	if err := v.checkRevisits(ctx); err != nil {
		return err
	}
	if err := v.checkLog(ctx); err != nil {
		return err
	}
	v.report.Complete = true
	return nil
}

func (v *verifier) add(f Finding) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.report.Findings) >= MaxFindings {
		v.report.Truncated = true
		return
	}
	v.report.Findings = append(v.report.Findings, f)
}

func (v *verifier) damage(code, file string, offset int64, format string, args ...any) {
	v.add(Finding{Code: code, Severity: Damage, File: file, Offset: offset, Message: fmt.Sprintf(format, args...)})
}

// readJournal checks the chain and returns the entries by file.
func (v *verifier) readJournal() (map[string]Entry, error) {
	entries, err := v.s.Journal()
	var broken *JournalError
	if errors.As(err, &broken) {
		v.damage("journal-chain", journalName, 0, "%s", broken.Error())
	} else if err != nil {
		return nil, err
	}
	out := map[string]Entry{}
	for i, e := range entries {
		if i+1 < len(entries) {
			v.lines[entries[i+1].Prev] = true
		}
		if e.Found {
			v.found = true
			v.add(Finding{Code: "file-found", Severity: Warning, File: e.File,
				Message: "entered in the journal after the fact: nothing is proven about the time before " + e.Closed.Format(time.RFC3339)})
		}
		out[e.File] = e
	}
	if n := len(entries); n > 0 {
		f, err := os.Open(filepath.Join(v.s.dir, journalName))
		if err != nil {
			return nil, err
		}
		_, _, last, jerr := readJournal(f)
		if err := f.Close(); err != nil {
			return nil, err
		}
		if jerr == nil {
			v.report.Journal = fmt.Sprintf("%d sha256:%s", entries[n-1].Seq, last)
		}
		v.lines[last] = true
	}
	return out, nil
}

// compareListing holds the files that are there against those that should be.
func (v *verifier) compareListing(entries map[string]Entry, files []FileInfo) {
	there := map[string]FileInfo{}
	for _, f := range files {
		there[f.File] = f
		if _, ok := entries[f.File]; !ok && !f.Open {
			v.damage("file-unlisted", f.File, 0, "a closed WARC that the journal does not know")
		}
	}
	for _, e := range entries {
		f, ok := there[e.File]
		switch {
		case !ok:
			v.damage("file-missing", e.File, 0, "the journal has %d bytes with %d captures under this name", e.Bytes, e.Captures)
		case !f.Open && f.Size != e.Bytes:
			v.damage("file-size", e.File, 0, "%d bytes, the journal says %d", f.Size, e.Bytes)
		}
	}
}

func (v *verifier) choose(entries map[string]Entry, files []FileInfo) []FileInfo {
	rng := rand.New(rand.NewPCG(v.opts.Seed, 0x63756e64616e67))
	var out []FileInfo
	for _, f := range files {
		draw := rng.Float64()
		e, listed := entries[f.File]
		if !v.opts.Since.IsZero() && listed && e.Closed.Before(v.opts.Since) ||
			v.opts.Sample > 0 && v.opts.Sample < 1 && draw >= v.opts.Sample {
			v.report.Partial = true
			continue
		}
		out = append(out, f)
		v.files[f.File] = true
	}
	return out
}

// readFiles reads the files, several at a time.
func (v *verifier) readFiles(ctx context.Context, files []FileInfo, entries map[string]Entry) error {
	var total, bytes int64
	for _, f := range files {
		total += f.Size
	}
	workers := v.opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs := make(chan FileInfo)
	errs := make(chan error, workers)
	for range workers {
		go func() {
			errs <- func() error {
				for f := range jobs {
					e, listed := entries[f.File]
					if err := v.verifyFile(ctx, f, e, listed); err != nil {
						stop()
						return err
					}
					v.mu.Lock()
					v.report.Files++
					bytes += f.Size
					v.report.Bytes = bytes
					if v.opts.Progress != nil {
						v.opts.Progress(VerifyProgress{v.report.Files, len(files), bytes, total, len(v.report.Findings)})
					}
					v.mu.Unlock()
				}
				return nil
			}()
		}()
	}
feed:
	for _, f := range files {
		select {
		case jobs <- f:
		case <-ctx.Done():
			break feed
		}
	}
	close(jobs)
	var all []error
	for range workers {
		if err := <-errs; err != nil && !(errors.Is(err, context.Canceled) && len(all) > 0) {
			all = append(all, err)
		}
	}
	if err := errors.Join(all...); err != nil {
		return err
	}
	return ctx.Err()
}

// checkHeads looks for the journal heads that warcinfo records note.
func (v *verifier) checkHeads() {
	for _, h := range v.infos {
		_, sum, ok := cutLast(h.head, "sha256:")
		switch {
		case !ok || v.lines[sum]:
		case v.found:
			v.add(Finding{Code: "journal-head", Severity: Warning, File: h.file,
				Message: "was begun under another journal (head " + h.head + "), which has been lost"})
		default:
			v.damage("journal-head", h.file, 0, "was begun when the journal's head was %s, which is not in the journal: lines were removed or replaced", h.head)
		}
	}
}

// verifyState is a line of a State file: what one file gave.
type verifyState struct {
	File   string     `json:"file"`
	Result fileResult `json:"result"`
}

func (v *verifier) loadState() error {
	if v.opts.State == "" {
		return nil
	}
	f, err := os.OpenFile(v.opts.State, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("resume verification: %w", err)
	}
	v.state = f
	d := json.NewDecoder(f)
	var end int64
	for {
		var st verifyState
		err := d.Decode(&st)
		if err != nil { // io.EOF, or a line torn by an interruption: that file is read again
			break
		}
		v.done[st.File] = st.Result
		end = d.InputOffset()
	}
	if err := f.Truncate(end); err != nil {
		return fmt.Errorf("resume verification from %s: %w", v.opts.State, err)
	}
	_, err = f.Seek(end, io.SeekStart)
	return err
}

// saveState notes that a file is done.
func (v *verifier) saveState(file string, res fileResult) error {
	b, err := json.Marshal(verifyState{file, res})
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, err := v.state.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("note what is verified: %w", err)
	}
	return nil
}
