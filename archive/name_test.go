package archive

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLinkedArchive keeps the archive, a site's folder and a single WARC behind symbolic links: they are read, listed and
// verified like all others, each once.
func TestLinkedArchive(t *testing.T) {
	home := t.TempDir()
	plain := filepath.Join(home, "plain")
	s := mustOpen(t, plain, Options{})
	for i, site := range []string{"a", "b", "c"} {
		mustAppend(t, s, exchange(site, "http://"+site+".example/", i, site))
	}
	mustCommit(t, s)
	mustClose(t, s)
	ro := mustOpen(t, plain, Options{ReadOnly: true})
	want, _ := follow(t, ro, "")
	files, err := ro.Files()
	if err := errors.Join(err, ro.Close()); err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	link := func(from, to string) {
		t.Helper()
		if err := errors.Join(os.Rename(filepath.Join(plain, from), filepath.Join(home, to)), os.Symlink(filepath.Join(home, to), filepath.Join(plain, from))); err != nil {
			t.Fatal(err)
		}
	}
	link("a", "elsewhere")
	link(files[1].File, "one.warc.gz")
	for from, to := range map[string]string{"twice": filepath.Join(home, "elsewhere"), "within": filepath.Join(plain, "c"), "up": plain, "a/loop": filepath.Join(home, "elsewhere"), "broken": home + "/nowhere"} {
		if err := os.Symlink(to, filepath.Join(plain, from)); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(home, "link")
	if err := os.Symlink(plain, dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(plain, indexName)); err != nil { // made again from what is found
		t.Fatal(err)
	}
	ro = mustOpen(t, dir, Options{ReadOnly: true})
	got, _ := follow(t, ro, "")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() || r.Files != 3 || len(cdxRows(t, ro)) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	mustClose(t, ro)
	s = mustOpen(t, dir, Options{}) // and written: names do not collide
	mustAppend(t, s, exchange("a", "http://a.example/2", 9, "a2"))
	mustCommit(t, s)
	mustClose(t, s)
	ro = mustOpen(t, dir, Options{ReadOnly: true})
	defer mustClose(t, ro)
	if got, _ = follow(t, ro, ""); len(got) != 4 {
		t.Errorf("%q", got)
	}
}
