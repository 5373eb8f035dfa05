package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
)

// lowDisk is the free space in bytes below which a crawl should not be started.
const lowDisk = 1 << 30

// Check is what Examine says of one thing. What holds where a check found nothing wrong depends on
// the thing; Err is what went wrong.
type Check struct {
	Thing Thing
	OK    bool
	Err   error

	Free    uint64    // Disk: bytes
	Owner   *Owner    // OwnerProcess, Index: nil if nobody owns the directory
	Killed  bool      // OwnerProcess: an owner was killed
	Newest  time.Time // Clock: of the archive's files
	Count   int       // Profiles: of the operator's own; Archive: WARC files; Index: documents
	Bytes   int64     // Archive
	Format  string    // Index
	Words   string    // Index: its dictionary
	Program string    // Browser: "" if there is none; BucketStore: its address

	Findings map[string]int // Captures: by code
}

// Thing is what a check looks at.
type Thing int

// The things Examine looks at, in its order.
const (
	DataDirectory Thing = iota
	Disk
	OwnerProcess
	Clock
	Profiles
	Archive
	Index
	Captures // that could not be read
	Browser
	BucketStore // only if one is configured
)

// Examine looks at everything and changes nothing. It ends after the first check if there is no
// data directory that can be written.
func (o Options) Examine(ctx context.Context) []Check {
	checks := []Check{o.examineDir()}
	if !checks[0].OK {
		return checks
	}
	checks = append(checks, o.examineDisk(), o.examineOwner(), o.examineClock(), o.examineProfiles(), o.examineArchive(), o.examineIndex(ctx), o.examineCaptures(ctx))
	if o.Bucket.URL != "" {
		checks = append(checks, o.examineBucket(ctx))
	}
	return append(checks, examineBrowser())
}

func (o Options) examineDir() Check {
	c := Check{Thing: DataDirectory}
	if _, c.Err = os.Stat(o.Path("archive")); c.Err != nil {
		return c
	}
	probe, err := os.CreateTemp(o.Dir, ".doctor-*")
	if err == nil {
		err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	}
	c.OK, c.Err = err == nil, err
	return c
}

func (o Options) examineDisk() Check {
	c := Check{Thing: Disk}
	if c.Free, c.Err = freeBytes(o.Dir); c.Err == nil {
		c.OK = c.Free >= lowDisk
	}
	return c
}

func (o Options) examineOwner() Check {
	c := Check{Thing: OwnerProcess, OK: true}
	if owner, err := FindOwner(o.Dir); err == nil {
		c.Owner = &owner
	} else if _, err := os.Stat(OwnerFile(o.Dir)); err == nil {
		c.Killed = true
	}
	return c
}

// examineClock compares the clock with the newest capture: one from the future means that
// the clock was or is wrong, and capture times are evidence.
func (o Options) examineClock() Check {
	c := Check{Thing: Clock}
	c.Err = archive.WalkFiles(o.Path("archive"), func(_ string, info os.FileInfo) error {
		if info.ModTime().After(c.Newest) {
			c.Newest = info.ModTime()
		}
		return nil
	})
	c.OK = c.Err == nil && !c.Newest.After(time.Now().Add(time.Minute))
	return c
}

func (o Options) examineProfiles() Check {
	own, err := o.OwnProfiles()
	return Check{Thing: Profiles, OK: err == nil, Err: err, Count: len(own)}
}

func (o Options) examineArchive() Check {
	c := Check{Thing: Archive}
	store, err := o.OpenStore()
	if err != nil {
		c.Err = err
		return c
	}
	files, err := store.Files()
	c.Err = errors.Join(err, store.Close())
	c.OK, c.Count = c.Err == nil, len(files)
	for _, f := range files {
		c.Bytes += f.Size
	}
	return c
}

func (o Options) examineIndex(ctx context.Context) Check {
	c := Check{Thing: Index}
	if owner, err := FindOwner(o.Dir); err == nil {
		c.OK, c.Owner = true, &owner
		return c
	}
	n := &Node{Options: o}
	if c.Err = n.openIndex(ctx, true); c.Err != nil {
		return c
	}
	s, err := n.Index.Status(ctx)
	c.Err = errors.Join(err, n.Index.Close(), ctx.Err())
	c.OK, c.Count, c.Format, c.Words = c.Err == nil, s.Documents, s.Format, s.Dictionary
	return c
}

// examineCaptures counts the findings, asking the owner if there is one.
func (o Options) examineCaptures(ctx context.Context) Check {
	c := Check{Thing: Captures}
	if owner, err := FindOwner(o.Dir); err == nil {
		var out bytes.Buffer
		var st Status
		req := Request{Args: []string{"status", "--json", "--data", o.Dir}}
		if _, c.Err = owner.Ask(ctx, o.Dir, req, &out, io.Discard); c.Err == nil {
			c.Err = json.Unmarshal(out.Bytes(), &st)
		}
		c.OK, c.Findings = c.Err == nil && len(st.Findings) == 0, st.Findings
		return c
	}
	if _, err := os.Stat(o.Path("state")); errors.Is(err, fs.ErrNotExist) {
		c.OK = true
		return c
	}
	front, err := frontier.OpenReadOnly(o.Path("state"))
	if err != nil {
		c.Err = err
		return c
	}
	n := &Node{Options: o, Frontier: front}
	c.Findings, err = n.CountFindings()
	c.Err = errors.Join(err, front.Close())
	c.OK = c.Err == nil && len(c.Findings) == 0
	return c
}

// examineBrowser tells whether sites that need a browser can be crawled; it is no fault if not.
func examineBrowser() Check {
	c := Check{Thing: Browser, OK: true}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			c.Program = path
			break
		}
	}
	return c
}
