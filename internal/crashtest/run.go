package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cundang/archive"
)

// run starts and kills children, damages what they left, and looks at it now and then. The
// error is the harness's own; faults of the archive are in the tally.
func (p plan) run(tmp string, keep bool) (t tally, err error) {
	if p.Dir, err = os.MkdirTemp(tmp, "cundang-crash-*"); err != nil {
		return t, err
	}
	if keep {
		fmt.Println("data:", p.Dir)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(p.Dir)) }()
	}
	rnd := rand.New(rand.NewPCG(p.Seed, 0))
	for t.Kills < p.Kills && len(t.Faults) == 0 {
		p.Life++
		msg, err := p.live(rnd)
		if err != nil {
			return t, err
		}
		if msg != "" {
			t.Faults = append(t.Faults, fmt.Sprintf("life %d ended by itself: %s", p.Life, msg))
			return t, nil
		}
		t.Kills++
		d, err := readLog(filepath.Join(p.Dir, "durable.log"))
		if errors.Is(err, os.ErrNotExist) {
			continue // killed before it did anything
		}
		if err != nil {
			return t, err
		}
		if err := lose(filepath.Join(p.Dir, "archive"), d, rnd, &t); err != nil {
			return t, err
		}
		if t.Kills%p.Check == 0 || t.Kills == p.Kills {
			if err := p.check(&t); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}

// live runs one child and kills it at a random moment, which may be in the middle of its
// recovery. msg is what it said if it ended before.
func (p plan) live(rnd *rand.Rand) (msg string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	env, err := p.env()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), env)
	cmd.Stderr = &out
	said, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		if _, err := io.ReadFull(said, make([]byte, 1)); err == nil {
			close(ready)
		}
		ended <- cmd.Wait()
	}()
	delay := time.Duration(rnd.IntN(200)) * time.Millisecond
	if rnd.IntN(4) > 0 { // from when it has opened everything, else from its birth
		select {
		case <-ready:
		case err := <-ended:
			return fmt.Sprintf("%v: %s", err, out.String()), nil
		}
	}
	moment := time.NewTimer(delay)
	defer moment.Stop()
	select {
	case err := <-ended:
		return fmt.Sprintf("%v: %s", err, out.String()), nil
	case <-moment.C:
	}
	if err := cmd.Process.Kill(); err != nil {
		return "", err
	}
	<-ended
	return "", nil
}

// ack is an acknowledged capture.
type ack struct {
	url string
	ref archive.Ref
}

func (p plan) acks() ([]ack, error) {
	f, err := os.Open(filepath.Join(p.Dir, "acks"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []ack
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		f := strings.Split(sc.Text(), "\t")
		if len(f) != 4 || f[3] != endOfAck {
			continue // the kill came while it was being said
		}
		ref, err := archive.ParseRef(f[1])
		if err != nil {
			return nil, err
		}
		ref.Digest = f[2]
		out = append(out, ack{f[0], ref})
	}
	return out, sc.Err()
}

// check opens everything as the next crawl would and compares it with what was promised.
func (p plan) check(t *tally) error {
	t.Checks++
	fault := func(format string, args ...any) {
		if len(t.Faults) < 20 {
			t.Faults = append(t.Faults, fmt.Sprintf("after %d kills: ", t.Kills)+fmt.Sprintf(format, args...))
		}
	}
	w, err := p.open()
	if err != nil {
		fault("opening: %v", err)
		return nil
	}
	acks, err := p.acks()
	if err != nil {
		return errors.Join(err, w.close())
	}
	t.Acks = len(acks)
	for _, a := range acks {
		c, err := w.store.Read(context.Background(), a.ref)
		if err != nil {
			fault("acknowledged capture is lost: %v", err)
			continue
		}
		if text, err := text(c); err != nil || text != pageText(a.url) || c.URL != a.url {
			fault("acknowledged capture %s reads otherwise than written: %v", a.ref, err)
		}
		if err := checkCompanion(w.store, a); err != nil {
			fault("acknowledged capture %s: %v", a.ref, err)
		}
		if e, ok, err := w.front.Lookup(c.Site, a.url); err != nil || !ok || e.History.Ref != a.ref {
			fault("frontier forgot %s: %v", a.url, err)
		}
	}
	p.checkOnce(w, t, fault)
	if err := w.close(); err != nil {
		fault("closing: %v", err)
	}
	return p.verify(t, fault)
}

// checkCompanion looks whether the record kept with a capture is there and whole.
func checkCompanion(s *archive.Store, a ack) error {
	text := pageText(a.url)
	got, err := s.Companions(context.Background(), a.ref)
	switch {
	case err != nil:
		return err
	case !isRendered(text) && len(got) == 0:
	case !isRendered(text), len(got) != 1, string(got[0].Content) != "rendered "+text:
		return fmt.Errorf("%d companion records, or not as written", len(got))
	}
	return nil
}

func text(c archive.Capture) (string, error) {
	r, err := c.Body()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), errors.Join(err, r.Close())
}

// checkOnce looks for captures that are there twice, or that the frontier does not know of.
func (p plan) checkOnce(w *world, t *tally, fault func(string, ...any)) {
	seen := map[string]bool{}
	t.Captures = 0
	for f, err := range w.store.Since(context.Background(), "") {
		if err != nil {
			fault("following: %v", err)
			return
		}
		t.Captures++
		c := f.Capture
		if seen[c.URL] {
			fault("%s is archived twice", c.URL)
		}
		seen[c.URL] = true
		if e, ok, err := w.front.Lookup(c.Site, c.URL); err != nil || !ok || e.History.Ref != c.Ref {
			fault("%s is archived at %s, the frontier has %s: %v", c.URL, c.Ref, e.History.Ref, err)
		}
	}
	for s := range sites {
		for e, err := range w.front.All(siteName(s)) {
			if err != nil {
				fault("frontier: %v", err)
				return
			}
			if e.Due.IsZero() && !seen[e.URL] {
				fault("%s is done in the frontier and not in the archive", e.URL)
			}
		}
	}
}

// verify runs the archive's own verification: framing, digests, CDX rows, journal.
func (p plan) verify(t *tally, fault func(string, ...any)) error {
	store, err := archive.Open(filepath.Join(p.Dir, "archive"), archive.Options{ReadOnly: true})
	if err != nil {
		fault("opening for verification: %v", err)
		return nil
	}
	r, err := store.Verify(context.Background(), archive.VerifyOptions{})
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	t.Files = r.Files
	for _, f := range r.Findings {
		if f.Severity == archive.Damage {
			fault("verify: %s", f)
		}
	}
	if int(r.Captures) != t.Captures {
		fault("verify reads %s captures, followers %d", strconv.FormatInt(r.Captures, 10), t.Captures)
	}
	return nil
}
