package archive

import (
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// kept is what the model knows of a capture.
type kept struct {
	URL, Body string
	Time      time.Time
	Revisit   bool
	Beside    string // content of its companion, "" if it has none

	site string
	ref  Ref
}

// machine holds a store against a model: what was appended, what the frontier acknowledged
// (synced) and what has been committed.
type machine struct {
	tb                          testing.TB
	dir                         string
	s                           *Store
	n                           int
	appended, synced, committed []kept
	ends                        map[string]int64 // of the last Sync, nil once committed
	front                       map[string]int64 // what the frontier remembers
	imported                    bool
}

func (m *machine) open(t *rapid.T) {
	var err error
	if m.s, err = Open(m.dir, Options{MaxSize: 4000, Committed: m.front}); err != nil {
		t.Fatal(err)
	}
}

// Append archives a page, a revisit of one, or one with a companion.
func (m *machine) Append(t *rapid.T) {
	site := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "site")
	url := "http://" + site + ".example/" + rapid.SampledFrom([]string{"", "1", "2?b=1&a=2"}).Draw(t, "url")
	k := kept{URL: url, Body: strings.Repeat(rapid.StringMatching(`[a-z通知]{1,9}`).Draw(t, "body"), rapid.IntRange(1, 200).Draw(t, "times")),
		Time: epoch.Add(time.Duration(m.n) * 400 * time.Millisecond).Truncate(time.Microsecond), site: site}
	m.n++
	x := exchange(site, url, 0, k.Body)
	if rapid.Bool().Draw(t, "companion") {
		k.Beside = rapid.StringMatching(`[a-z]{1,40}`).Draw(t, "content")
		x.Companions = []Companion{{CompanionDOM, "text/html", []byte(k.Beside)}}
	}
	before := slices.DeleteFunc(slices.Concat(m.committed, m.synced, m.appended), func(o kept) bool { return o.URL != url || o.Revisit })
	if len(before) > 0 && rapid.Bool().Draw(t, "revisit") {
		o := before[len(before)-1]
		k.Revisit, k.Body = true, o.Body
		x = exchange(site, url, 0, k.Body)
		x.RefersTo, x.Companions = &Capture{Ref: o.ref}, nil
		k.Beside = ""
	}
	x.Time = k.Time
	var err error
	if k.ref, err = m.s.Append(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	m.appended = append(m.appended, k)
}

// Sync makes everything durable, and the frontier acknowledges it.
func (m *machine) Sync(t *rapid.T) {
	var err error
	if m.ends, err = m.s.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	if m.front == nil {
		m.front = map[string]int64{}
	}
	maps.Copy(m.front, m.ends)
	m.synced, m.appended = append(m.synced, m.appended...), nil
}

// Commit makes visible what was synced.
func (m *machine) Commit(t *rapid.T) {
	if m.ends == nil {
		t.Skip("nothing synced")
	}
	if err := m.s.Commit(m.ends); err != nil {
		t.Fatal(err)
	}
	m.ends = nil
	m.committed, m.synced = append(m.committed, m.synced...), nil
}

// Crash ends the process, damages what was not synced and opens the archive anew.
func (m *machine) Crash(t *rapid.T) {
	abandon(m.tb, m.s)
	left, err := filepath.Glob(filepath.Join(m.dir, "*", "*"+openSuffix))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		rel, err := filepath.Rel(m.dir, strings.TrimSuffix(path, openSuffix))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		end := m.front[filepath.ToSlash(rel)]
		switch loose := len(b) - int(end); rapid.SampledFrom([]string{"none", "cut", "zeros", "garbage"}).Draw(t, "damage") {
		case "cut":
			b = b[:int(end)+rapid.IntRange(0, loose).Draw(t, "left")]
		case "zeros":
			clear(b[end:])
		case "garbage":
			b = append(b[:end], []byte("\x1f\x8b\x08garbage")...)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if rapid.Bool().Draw(t, "derived") { // the CDX can always be made again
		for _, name := range []string{indexName, stateName} {
			if err := os.RemoveAll(filepath.Join(m.dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.committed, m.synced, m.appended, m.ends = append(m.committed, m.synced...), nil, nil, nil
	m.open(t)
	m.verify(t)
}

// Reopen closes the archive in order; what was appended and not synced is cut off.
func (m *machine) Reopen(t *rapid.T) {
	if m.ends != nil {
		m.Commit(t)
	}
	if err := m.s.Close(); err != nil {
		t.Fatal(err)
	}
	m.appended = nil
	m.open(t)
	m.verify(t)
}

// Import takes in a foreign WARC, which changes nothing the second time.
func (m *machine) Import(t *rapid.T) {
	path := filepath.Join(m.dir, "old.warc.txt")
	if err := os.WriteFile(path, perRecord(foreign()), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := m.s.Import(context.Background(), path, ImportOptions{Site: "a"})
	if err != nil || (got[0].Known != "") != m.imported {
		t.Fatalf("import: %+v, %v", got, err)
	}
	if !m.imported {
		at := time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)
		m.committed = append(m.committed, kept{URL: "http://old.example.org/a", Body: "hello", Time: at, site: "a"},
			kept{URL: "http://old.example.org/file.pdf", Body: "%PDF", Time: at, site: "a"})
	}
	m.imported = true
}

func (m *machine) verify(t *rapid.T) {
	ro, err := Open(m.dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	r, err := ro.Verify(context.Background(), VerifyOptions{Workers: 1})
	if err != nil || r.Damaged() || int(r.Captures) != len(m.committed) {
		t.Fatalf("verify: %+v, %v; %d captures are committed", r, err, len(m.committed))
	}
}

// Check compares what the store shows with what is committed.
func (m *machine) Check(t *rapid.T) {
	see := func(c Capture) kept {
		r, err := c.Body()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		k := kept{URL: c.URL, Body: string(b), Time: c.Time, Revisit: c.Revisit}
		beside, err := m.s.Companions(context.Background(), c.Ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range beside {
			k.Beside += string(x.Content)
		}
		return k
	}
	followed := map[string][]kept{}
	for f, err := range m.s.Since(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		followed[f.Capture.Site] = append(followed[f.Capture.Site], see(f.Capture))
	}
	want, urls := map[string][]kept{}, map[string][]kept{}
	for _, k := range m.committed {
		site := k.site
		k.site, k.ref = "", Ref{}
		want[site] = append(want[site], k)
		urls[k.URL] = append(urls[k.URL], k)
	}
	for _, list := range []map[string][]kept{want, followed} { // imports are a stream beside the crawl's
		for site := range list {
			slices.SortStableFunc(list[site], func(a, b kept) int { return a.Time.Compare(b.Time) })
		}
	}
	if d := cmp.Diff(want, followed, cmp.AllowUnexported(kept{})); d != "" {
		t.Fatalf("followers: %s", d)
	}
	for url, versions := range urls {
		var got []kept
		for c, err := range m.s.Versions(context.Background(), url) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, see(c))
		}
		if d := cmp.Diff(versions, got, cmp.AllowUnexported(kept{})); d != "" {
			t.Fatalf("versions of %s: %s", url, d)
		}
		last := versions[len(versions)-1]
		if c, err := m.s.Closest(context.Background(), url, last.Time); err != nil || !c.Time.Equal(last.Time) {
			t.Fatalf("closest to %v: %v, %v", last.Time, c.Time, err)
		}
	}
}

// TestStoreAsAMachine appends, syncs, commits, crashes, reopens and imports in any order.
func TestStoreAsAMachine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		m := &machine{tb: t, dir: dir}
		m.open(rt)
		defer func() {
			if err := m.s.Close(); err != nil {
				rt.Error(err)
			}
		}()
		rt.Repeat(map[string]func(*rapid.T){
			"append": m.Append, "append again": m.Append, "sync": m.Sync, "commit": m.Commit, "crash": m.Crash, "reopen": m.Reopen, "import": m.Import,
			"": m.Check,
		})
	})
}
