package archive

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSnapshot: a snapshot lists what was committed, with the digests of the journal; what is not as the journal says
// is named.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxSize: 1}) // a file for each capture
	mustAppend(t, s, exchange("a", "http://a.example.org/1", 1, "one"))
	mustCommit(t, s)
	mustAppend(t, s, exchange("a", "http://a.example.org/2", 2, "two"))
	mustCommit(t, s)
	mustAppend(t, s, exchange("a", "http://a.example.org/3", 3, "never committed"))
	entries, err := s.Journal()
	if err != nil || len(entries) < 2 {
		t.Fatal(entries, err)
	}
	// One WARC went to a bucket, and its stub stands for it.
	path := filepath.Join(dir, filepath.FromSlash(entries[0].File))
	if err := errors.Join(os.Rename(path, path+".gone"), os.WriteFile(path+".remote", []byte("{}"), 0o600)); err != nil {
		t.Fatal(err)
	}
	held, kept := false, t.TempDir()
	files, err := s.Snapshot(t.Context(), kept, func() error { held = true; return nil })
	if err != nil || !held {
		t.Fatal(err, held)
	}
	found := map[string]SnapshotFile{}
	for _, f := range files {
		found[f.Path] = f
		if f.Problem != "" {
			t.Errorf("%s: %s", f.Path, f.Problem)
		}
	}
	for _, name := range []string{
		entries[0].File + ".remote", entries[1].File, "journal.jsonl", "committed.json", "log/wal",
	} {
		if _, ok := found[name]; !ok {
			t.Errorf("%s is not in it", name)
		}
	}
	for name := range found {
		if name == "lock" || strings.HasPrefix(name, "index.") {
			t.Errorf("%s is in it", name)
		}
	}
	if f := found[entries[1].File]; f.SHA256 != entries[1].SHA256 || f.Bytes != entries[1].Bytes {
		t.Errorf("%+v, the journal says %+v", f, entries[1])
	}
	// A file that is neither here nor in a bucket is named.
	if err := os.Remove(path + ".remote"); err != nil {
		t.Fatal(err)
	}
	files, err = s.Snapshot(t.Context(), t.TempDir(), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for _, f := range files {
		if f.Problem != "" && f.Path == entries[0].File {
			missing++
		}
	}
	if missing != 1 {
		t.Errorf("the missing file is named %d times", missing)
	}
}
