package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/extract"
	"cundang/internal/demo"
	"cundang/internal/fakesite"
	"cundang/site"
)

// TestArticlesInJSON crawls a site whose pages are empty shells: the texts stand in the JSON
// lists. Each article is read, found, and read anew when the list says something else; an index
// rebuilt from the archive says the same.
func TestArticlesInJSON(t *testing.T) {
	web := fakesite.New(fakesite.Options{Sites: 16, Articles: 15, Delay: time.Millisecond})
	if err := web.Start(); err != nil {
		t.Fatal(err)
	}
	defer web.Close()
	spa := web.Sites()[15]
	if spa.CMS != "spa" {
		t.Fatalf("site 16 is a %s", spa.CMS)
	}
	dir := t.TempDir()
	for _, p := range web.Profiles() {
		if p.ID != spa.ID {
			continue
		}
		p.Gone = site.Gone{Misses: 1, After: time.Millisecond}
		text, err := site.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "profiles"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "profiles", site.FileName(p)), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cundang := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(args, "--data", dir), stdio{strings.NewReader(""), &out, &errs},
			func(string) string { return "" }); code != 0 && args[0] != "crawl" {
			t.Fatalf("%v: exit status %d: %s", args, code, errs.String())
		}
		return out.String()
	}
	exported := func() (all []extract.Article) {
		t.Helper()
		if err := json.Unmarshal([]byte(cundang("export", "-f", "json")), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	truth := func() fakesite.Truth {
		tr := web.Truth()
		tr.Sites = tr.Sites[15:]
		return tr
	}
	check := func(when string, all []extract.Article) {
		t.Helper()
		var found []fakesite.Found
		for _, a := range all {
			found = append(found, demo.Found(a))
			if a.State == extract.StateLive && (a.Provenance["body"].Rule != "json" || a.Capture == nil) {
				t.Errorf("%s: %s is read by %+v from %+v", when, a.URL, a.Provenance["body"], a.Capture)
			}
		}
		if d := truth().Check(found, fakesite.All...); len(d) > 0 {
			t.Errorf("%s: %d differences:\n%s", when, len(d), strings.Join(d, "\n"))
		}
	}
	cundang("crawl", spa.ID)
	check("first crawl", exported())
	web.Age()
	cundang("crawl", "--force", spa.ID)
	all := exported()
	check("after aging", all)
	for _, a := range truth().Sites[0].Articles {
		if a.Change != fakesite.Edited {
			continue
		}
		if out := cundang("versions", a.URL, "--json"); strings.Count(out, `"version"`) < 2 {
			t.Errorf("an edited article has these versions: %s", out)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "index.bleve")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "state")); err != nil {
		t.Fatal(err)
	}
	cundang("index", "rebuild")
	check("rebuilt", exported())
}
