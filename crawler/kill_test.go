package crawler_test

import (
	"bytes"
	"context"
	"flag"
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
	"cundang/internal/fakesite"
	"cundang/site"
)

var kills = flag.Int("kills", 12, "how often TestKill kills the crawl")

// TestMain runs the crawl of TestKill when it is asked to be the child.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CRAWL_CHILD"); dir != "" {
		os.Exit(child(dir))
	}
	if os.Getenv("CRAWL_SERVE") != "" {
		os.Exit(serveBench())
	}
	os.Exit(m.Run())
}

// child crawls the profiles in dir until nothing is due.
func child(dir string) int {
	fail := func(err error) int {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	profiles, err := site.LoadFS(os.DirFS(filepath.Join(dir, "profiles")))
	if err != nil {
		return fail(err)
	}
	front, err := frontier.Open(filepath.Join(dir, "state"))
	if err != nil {
		return fail(err)
	}
	store, err := archive.Open(filepath.Join(dir, "archive"), archive.Options{Committed: front.Committed(), MaxSize: 200 << 10})
	if err != nil {
		return fail(err)
	}
	if _, err := crawler.Run(context.Background(), crawler.Options{Profiles: profiles, Store: store, Frontier: front}); err != nil {
		return fail(err)
	}
	if err := store.Close(); err != nil {
		return fail(err)
	}
	if err := front.Close(); err != nil {
		return fail(err)
	}
	return 0
}

// TestKill kills a crawl at random moments and restarts it each time: nothing that was
// ever committed is lost, no page is archived twice, and in the end everything is there.
func TestKill(t *testing.T) {
	w := web(t, fakesite.Options{Sites: 9})
	want := map[string]bool{}
	calm := newRig(t)
	calm.crawl(w.Profiles(), nil)
	seeds := map[string]bool{}
	for _, c := range calm.captures() {
		want[c.URL] = true
		if k := c.Fields["kind"]; k == "seed" || k == "robots" {
			seeds[c.URL] = true // visited by every crawl
		}
	}

	r := &rig{t: t, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(r.dir, "profiles"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.Profiles() {
		b, err := site.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.dir, "profiles", site.FileName(p)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept := map[string]bool{} // refs seen committed
	check := func() {
		t.Helper()
		r.open()
		defer r.close()
		now := map[string]bool{}
		times := map[string]int{}
		for _, c := range r.captures() {
			now[c.Ref.String()] = true
			if times[c.URL]++; times[c.URL] > 1 && !seeds[c.URL] {
				t.Errorf("%s is archived %d times", c.URL, times[c.URL])
			}
			b, err := c.Body()
			if err != nil {
				t.Errorf("%s at %s: %v", c.URL, c.Ref, err)
				continue
			}
			b.Close()
		}
		for ref := range kept {
			if !now[ref] {
				t.Errorf("capture %s was committed and is lost", ref)
			}
		}
		kept = now
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	killed := 0
	for killed < *kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CRAWL_CHILD="+r.dir)
		var out bytes.Buffer
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(20+rnd.IntN(180))*time.Millisecond, func() { cmd.Process.Kill() })
		err := cmd.Wait()
		kill.Stop()
		check()
		if t.Failed() {
			t.Fatalf("after %d kills", killed)
		}
		if err == nil { // done before it was killed: begin anew
			for _, d := range []string{"state", "archive"} {
				if err := os.RemoveAll(filepath.Join(r.dir, d)); err != nil {
					t.Fatal(err)
				}
			}
			clear(kept)
			continue
		}
		if !strings.Contains(err.Error(), "killed") {
			t.Fatalf("child: %v: %s", err, out.String())
		}
		killed++
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CRAWL_CHILD="+r.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("last run: %v: %s", err, out)
	}
	check()
	r.open()
	defer r.close()
	got := map[string]bool{}
	for _, c := range r.captures() {
		got[c.URL] = true
	}
	for url := range want {
		if !got[url] {
			t.Errorf("%s is missing", url)
		}
	}
}

// TestStateLost deletes the frontier: the next crawl makes it again from the archive and
// fetches nothing twice but its seeds.
func TestStateLost(t *testing.T) {
	w := web(t, fakesite.Options{})
	r := newRig(t)
	r.crawl(w.Profiles(), nil)
	before := map[string]frontier.Entry{}
	for _, p := range w.Profiles() {
		for e, err := range r.front.All(p.ID) {
			if err != nil {
				t.Fatal(err)
			}
			before[e.URL] = e
		}
	}
	first := map[string]bool{} // pages that show new links every time may lead to new pages
	for _, c := range r.captures() {
		first[c.URL] = true
	}
	lost := time.Now()
	r.close()
	if err := os.RemoveAll(filepath.Join(r.dir, "state")); err != nil {
		t.Fatal(err)
	}
	r.open()
	r.crawl(w.Profiles(), nil)
	for _, c := range r.captures() {
		if k := c.Fields["kind"]; c.Time.After(lost) && first[c.URL] && k != "seed" && k != "robots" {
			t.Errorf("fetched again: %s %s via %s", k, c.URL, c.Fields["via"])
		}
	}
	for _, p := range w.Profiles() {
		for e, err := range r.front.All(p.ID) {
			if err != nil {
				t.Fatal(err)
			}
			b := before[e.URL]
			if e.Kind == frontier.Seed || e.Kind == frontier.Robots || b.History.Visits == 0 {
				continue
			}
			if e.History.State != b.History.State || e.History.Ref != b.History.Ref || e.History.Answer != b.History.Answer || e.History.Interval != b.History.Interval || !e.Due.Equal(b.Due) {
				t.Errorf("%s is now %+v, was %+v", e.URL, e, b)
			}
			delete(before, e.URL)
		}
	}
}
