package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/extract"
	"cundang/internal/fakesite"
	"cundang/site"
)

var (
	kills = flag.Int("kills", 10, "how often TestKilled kills the crawl")
	pause = flag.Duration("pause", 20*time.Millisecond, "between two requests of TestKilled to a host")
)

// TestMain is the crawl that TestKilled kills, when it is asked to be.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CUNDANG_E2E_CRAWL"); dir != "" {
		if err := crawlIn(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crawlIn crawls the profiles in dir with eight workers.
func crawlIn(dir string) error {
	profiles, err := site.LoadFS(os.DirFS(filepath.Join(dir, "profiles")))
	if err != nil {
		return err
	}
	front, err := frontier.Open(filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	store,
		err := archive.Open(filepath.Join(dir, "archive"), archive.Options{Committed: front.Committed(), MaxSize: 1 << 20})
	if err != nil {
		return errors.Join(err, front.Close())
	}
	_, err = crawler.Run(context.Background(), crawler.Options{Profiles: profiles, Store: store, Frontier: front,
		Workers: 8,
		Digest:  extract.ContentDigest, Limits: wire.Limits{FirstByte: 3 * time.Second}, Wait: 2 * time.Second})
	return errors.Join(err, store.Close(), front.Close())
}

// TestKilled kills a crawl of thirty sites of every CMS, one of them frozen and two slow, with
// SIGKILL at random moments and starts it again each time. What was committed is never lost; in
// the end every article is archived exactly once and read as it is, every file is whole,
// nothing forbidden was asked for, and the sites saw the pauses kept, across the kills too.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("crawls 30 sites")
	}
	w := serve(t, fakesite.Options{Seed: 51, Sites: 30, Articles: 16, PerPage: 2, Delay: *pause})
	w.Sites()[29].SetFault(fakesite.Frozen)
	w.Sites()[3].SetFault(fakesite.Slow)
	w.Sites()[17].SetFault(fakesite.Slow)
	l := newLab(t)
	dir := filepath.Join(l.dir, "profiles")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.Profiles() {
		p.Politeness.MaxDelay = *pause
		b, err := site.Marshal(p)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, site.FileName(p)), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(5, 1))
	killed := 0
	kept := map[string]bool{} // captures seen committed
	for range *kills {
		after := time.Duration(150+rng.IntN(900))*time.Millisecond + time.Duration(rng.Int64N(int64(10**pause)))
		if runChild(t, l.dir, after) {
			killed++
		}
		now := map[string]bool{}
		l.captures(func(_ *archive.Store, c archive.Capture) { now[c.Ref.String()] = true })
		for ref := range kept {
			if !now[ref] {
				t.Fatalf("after %d kills: capture %s was committed and is lost", killed, ref)
			}
		}
		kept = now
	}
	if killed < *kills/2 {
		t.Errorf("only %d of %d crawls were killed, the others were done before", killed, *kills)
	}
	if len(kept) == 0 {
		t.Error("every crawl was killed before it had committed anything")
	}
	if runChild(t, l.dir, 5*time.Minute) {
		t.Fatal("the last crawl did not end")
	}
	t.Logf("%d kills, %d captures committed before the last run", killed, len(kept))

	tr := w.Truth()
	tr.Sites = tr.Sites[:29]
	if d := tr.Check(l.articles(), fakesite.All...); len(d) > 0 {
		t.Errorf("%d differences:\n%s", len(d), strings.Join(d, "\n"))
	}
	captures := map[string]int{}
	l.captures(func(_ *archive.Store, c archive.Capture) {
		captures[c.URL]++
		if b, err := c.Body(); err != nil {
			t.Errorf("%s at %s: %v", c.URL, c.Ref, err)
		} else {
			b.Close()
		}
	})
	for _, s := range tr.Sites {
		for _, a := range s.Articles {
			if n := captures[clean(t, a.URL)]; n != 1 {
				t.Errorf("%s: %d captures of %s", s.CMS, n, a.URL)
			}
		}
		polite(t, s, w.Site(s.Site).Requests())
	}
	err := l.with(func(_ *frontier.Frontier, store *archive.Store) error {
		r, err := store.Verify(t.Context(), archive.VerifyOptions{})
		if err == nil && (r.Damaged() || !r.Complete) {
			t.Errorf("the archive does not verify: %+v", r)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// polite checks what a site saw: nothing forbidden was asked for, and no two requests came
// closer to each other than the pause. A request that came late on a busy machine makes the
// next look early: a fifth is allowed for that.
func polite(t *testing.T, s fakesite.TruthSite, requests []fakesite.Request) {
	t.Helper()
	var last time.Time
	for _, r := range requests {
		for _, d := range s.Disallowed {
			if strings.HasPrefix(r.Path, d) {
				t.Errorf("%s: forbidden by robots.txt, yet requested: %s", s.Site, r.Path)
			}
		}
		if d := r.Start.Sub(last); !last.IsZero() && d < *pause*4/5 {
			t.Errorf("%s: %s after the request before: %s", s.Site, d, r.Path)
		}
		last = r.Start
	}
}

// runChild crawls in a process of its own and says whether it had to be killed.
func runChild(t *testing.T, dir string, after time.Duration) (killed bool) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe) // SIGKILL when ctx ends
	cmd.Env = append(os.Environ(), "CUNDANG_E2E_CRAWL="+dir)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Run(); err == nil {
		return false
	}
	if ctx.Err() == nil {
		t.Fatalf("the crawl ended by itself: %s", out.String())
	}
	return true
}
