package frontier_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cundang/crawler/frontier"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"
)

// disk opens frontiers on a real directory; a crash cannot be had there, so it closes.
type disk struct{ dir string }

func (d disk) Open(t *testing.T) *frontier.Frontier {
	t.Helper()
	f, err := frontier.Open(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (d disk) Reopen(t *testing.T, f *frontier.Frontier, _ bool) *frontier.Frontier {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return d.Open(t)
}

// memory opens frontiers on a file system that forgets what was not synced.
type memory struct{ fs *vfs.MemFS }

func (m *memory) Open(t *testing.T) *frontier.Frontier {
	t.Helper()
	f, err := frontier.OpenFS("state", m.fs)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (m *memory) Reopen(t *testing.T, f *frontier.Frontier, crash bool) *frontier.Frontier {
	t.Helper()
	if crash {
		m.fs = m.fs.CrashClone(vfs.CrashCloneCfg{})
	} else if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return m.Open(t)
}

func TestBehaviour(t *testing.T) {
	t.Run("disk", func(t *testing.T) {
		runSuite(t, func(t *testing.T) opener { return disk{t.TempDir()} })
	})
	t.Run("memory", func(t *testing.T) {
		runSuite(t, func(t *testing.T) opener { return &memory{vfs.NewCrashableMem()} })
	})
}

// model is what a frontier of one site should do, said in maps.
type model struct {
	known  map[string]frontier.Entry
	leased map[string]bool
	busy   map[string]bool
	hold   map[string]time.Time
}

func hostOf(url string) string { return url[len("http://") : len("http://")+2] }

// ready returns the entries that Next may give, by the contract.
func (m *model) ready(now time.Time) []string {
	best := map[string][]frontier.Entry{}
	for _, e := range m.known {
		h := hostOf(e.URL)
		if e.Due.IsZero() || e.Due.After(now) || m.leased[e.URL] || m.busy[h] || m.hold[h].After(now) {
			continue
		}
		b := best[h]
		switch {
		case len(b) == 0 || e.Priority < b[0].Priority || e.Priority == b[0].Priority && e.Due.Before(b[0].Due):
			best[h] = []frontier.Entry{e}
		case e.Priority == b[0].Priority && e.Due.Equal(b[0].Due):
			best[h] = append(b, e)
		}
	}
	var urls []string
	for _, es := range best {
		for _, e := range es {
			urls = append(urls, e.URL)
		}
	}
	return urls
}

// TestMachine walks a frontier and a model side by side, with crashes.
func TestMachine(t *testing.T) { rapid.Check(t, machine) }

// FuzzMachine lets the fuzzer choose the walk.
func FuzzMachine(f *testing.F) { f.Fuzz(rapid.MakeFuzz(machine)) }

func machine(t *rapid.T) {
	fs := vfs.NewCrashableMem()
	var f *frontier.Frontier
	var s *frontier.Session
	m := &model{known: map[string]frontier.Entry{}, leased: map[string]bool{}, busy: map[string]bool{},
		hold: map[string]time.Time{}}
	now := t0
	open := func() {
		var err error
		if f, err = frontier.OpenFS("state", fs); err != nil {
			t.Fatal(err)
		}
		if s, err = f.Begin([]string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	open()
	url := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("http://h%d/%d", rapid.IntRange(0, 2).Draw(t, "host"), rapid.IntRange(0, 30).Draw(t, "path"))
	})
	due := rapid.Custom(func(t *rapid.T) time.Time {
		return now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "due")) * time.Second)
	})
	t.Repeat(map[string]func(*rapid.T){
		"discover": func(t *rapid.T) {
			var c frontier.Change
			fresh := 0
			for _, u := range rapid.SliceOfN(url, 1, 8).Draw(t, "urls") {
				e := frontier.Entry{URL: u, Site: "a", Priority: uint8(rapid.IntRange(0, 3).Draw(t, "priority")),
					Due: due.Draw(t, "at"), Found: now}
				e.Retry = rapid.Bool().Draw(t, "retry")
				if rapid.Bool().Draw(t, "listed") {
					e.Listed = "2024-01-02"
				}
				c.Found = append(c.Found, e)
				old, known := m.known[u]
				if !known {
					fresh++
					e.Retry = false
					m.known[u] = e
					continue
				}
				m.learn(old, e)
			}
			n, err := f.Commit(c)
			if err != nil || n != fresh {
				t.Fatalf("%d new, %v; want %d", n, err, fresh)
			}
		},
		"next": func(t *rapid.T) {
			e, wait, ok, err := s.Next(now)
			if err != nil {
				t.Fatal(err)
			}
			ready := m.ready(now)
			if ok != (len(ready) > 0) || ok && !slices.Contains(ready, e.URL) {
				t.Fatalf("got %v %q (wait %v), may give %v", ok, e.URL, wait, ready)
			}
			if ok {
				m.leased[e.URL], m.busy[hostOf(e.URL)] = true, true
			}
		},
		"finish": func(t *rapid.T) {
			for u := range m.leased {
				e, ok, err := f.Lookup("a", u)
				if err != nil || !ok {
					t.Fatal(ok, err)
				}
				e.History.Visits++
				e.Due = time.Time{}
				if rapid.Bool().Draw(t, "again") {
					e.Due, e.Priority = due.Draw(t, "at"), frontier.Again
				}
				if _, err := f.Commit(frontier.Change{Done: []frontier.Entry{e}}); err != nil {
					t.Fatal(err)
				}
				m.known[u] = e
				delete(m.leased, u)
				m.free(t, s, u, now)
				return
			}
		},
		"release": func(t *rapid.T) {
			for u := range m.leased {
				if err := s.Release(m.known[u]); err != nil {
					t.Fatal(err)
				}
				delete(m.leased, u)
				m.free(t, s, u, now)
				return
			}
		},
		"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 3).Draw(t, "s")) * time.Second) },
		"crash": func(t *rapid.T) {
			s.End()
			fs = fs.CrashClone(vfs.CrashCloneCfg{})
			f.Close()
			open()
			clear(m.leased)
			clear(m.busy)
			clear(m.hold)
		},
		"": func(t *rapid.T) {
			n := 0
			for e, err := range f.All("a") {
				if err != nil {
					t.Fatal(err)
				}
				if want := m.known[e.URL]; !e.Due.Equal(want.Due) || e.Priority != want.Priority || e.Listed != want.Listed {
					t.Fatalf("%s is due %v with %d %q, want %v with %d %q", e.URL, e.Due, e.Priority, e.Listed, want.Due,
						want.Priority, want.Listed)
				}
				n++
			}
			if n != len(m.known) {
				t.Fatalf("%d URLs, want %d", n, len(m.known))
			}
		},
	})
	s.End()
	f.Close()
}

// learn is what a repeated discovery changes.
func (m *model) learn(old, e frontier.Entry) {
	if m.leased[old.URL] {
		return
	}
	next := old
	if old.History.Visits == 0 {
		if next.Listed == "" {
			next.Listed = e.Listed
		}
		if e.Priority < old.Priority && !old.Due.IsZero() {
			next.Priority = e.Priority
		}
	}
	if e.Retry && (old.Due.IsZero() || e.Due.Before(old.Due)) {
		next.Due, next.Priority = e.Due, min(old.Priority, e.Priority)
	}
	m.known[old.URL] = next
}

func (m *model) free(t *rapid.T, s *frontier.Session, url string, now time.Time) {
	h := hostOf(url)
	hold := now.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "hold")) * time.Second)
	if err := s.Free(h, hold, hold); err != nil {
		t.Fatal(err)
	}
	m.busy[h] = false
	if hold.After(m.hold[h]) {
		m.hold[h] = hold
	}
}

// TestDiscoveredAgain: what was discovered need not be committed again, unless the new discovery says
// more of it or is of a higher priority.
func TestDiscoveredAgain(t *testing.T) {
	m := &memory{vfs.NewCrashableMem()}
	f := m.Open(t)
	defer f.Close()
	const url = "http://h/a"
	at := time.UnixMilli(1767323045000).UTC()
	found := func(e frontier.Entry) frontier.Entry {
		t.Helper()
		e.Site, e.URL, e.Due, e.Found = "s", url, at, at
		if _, err := f.Commit(frontier.Change{Found: []frontier.Entry{e}}); err != nil {
			t.Fatal(err)
		}
		got, ok, err := f.Lookup("s", url)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return got
	}
	if f.Seen("s", url, frontier.Ordinary) {
		t.Error("seen before it was")
	}
	found(frontier.Entry{Priority: frontier.Ordinary})
	for p, want := range map[uint8]bool{
		frontier.First: false, frontier.Fresh: false, frontier.Ordinary: true, frontier.Again: true,
	} {
		if f.Seen("s", url, p) != want {
			t.Errorf("a discovery of priority %d: seen is %v", p, !want)
		}
	}
	if f.Seen("other", url, frontier.Ordinary) || f.Seen("s", url+"b", frontier.Ordinary) {
		t.Error("another site or URL is taken for it")
	}
	if e := found(frontier.Entry{Priority: frontier.Ordinary, Column: "通知"}); e.Column != "通知" {
		t.Errorf("the column is not learned: %+v", e)
	}
	if e := found(frontier.Entry{Priority: frontier.Ordinary, Title: "题"}); e.Title != "题" || e.Column != "通知" {
		t.Errorf("the title is not learned: %+v", e)
	}
	e := found(frontier.Entry{Priority: frontier.Ordinary, Listed: "2026-01-02"})
	if e.Listed != "2026-01-02" || e.Title != "题" {
		t.Errorf("the date is not learned: %+v", e)
	}
	if e := found(frontier.Entry{Priority: frontier.Fresh}); e.Priority != frontier.Fresh || e.Title != "题" {
		t.Errorf("it does not move up: %+v", e)
	}
	if e := found(frontier.Entry{Priority: frontier.Again}); e.Priority != frontier.Fresh {
		t.Errorf("it moves down: %+v", e)
	}
}
