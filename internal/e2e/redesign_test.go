package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cundang/internal/fakesite"
	"cundang/site"
)

// program builds cundang and returns a function that runs it on a data directory with
// the web's profiles; it returns stdout and the exit status.
func program(t *testing.T, w *fakesite.Web) func(args ...string) ([]byte, int) {
	t.Helper()
	dir := t.TempDir()
	exe := filepath.Join(dir, "cundang")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", exe, "cundang/cmd/cundang").
		CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "profiles"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.Profiles() {
		b, err := site.Marshal(p)
		if err == nil {
			err = os.WriteFile(filepath.Join(data, "profiles", site.FileName(p)), b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return func(args ...string) ([]byte, int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), exe, append([]string{"--data", data, "--lang", "en", "-q"}, args...)...)
		var out, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaints
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return out.Bytes(), exit.ExitCode()
		}
		if err != nil {
			t.Fatalf("%v: %s", err, complaints.String())
		}
		return out.Bytes(), 0
	}
}

type alarmed struct {
	Alarms []struct {
		Site, Kind, Text string
	}
}

// TestRedesign lets one site be rebuilt into pages that a script fills, without a word:
// the next crawl raises the alarm for it, and for no other.
func TestRedesign(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	w := serve(t, fakesite.Options{Seed: 61, Sites: 3, Articles: 12, PerPage: 2, Delay: time.Millisecond})
	run := program(t, w)
	crawl := func(when string, want int, args ...string) alarmed {
		t.Helper()
		out, status := run(append([]string{"crawl", "--json"}, args...)...)
		var a alarmed
		if err := json.Unmarshal(out, &a); err != nil {
			t.Fatalf("%s: %v: %s", when, err, out)
		}
		if status != want {
			t.Errorf("%s: exit status %d, want %d; alarms %v", when, status, want, a.Alarms)
		}
		return a
	}
	crawl("first", 0)
	w.Age()
	crawl("aged", 0)
	ill := w.Sites()[1]
	ill.SetFault(fakesite.Redesigned)
	w.Age()
	for _, args := range [][]string{nil, {"--force"}} {
		a := crawl("redesigned", 3, args...)
		if len(a.Alarms) == 0 {
			t.Errorf("no alarm after a redesign, crawl %q", args)
		}
		for _, x := range a.Alarms {
			if x.Site != ill.ID {
				t.Errorf("alarm for %s: %s", x.Site, x.Text)
			}
		}
	}
}
