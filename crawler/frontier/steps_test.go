package frontier_test

import (
	"testing"
	"time"

	"cundang/crawler/frontier"
)

func entry(site, url string, opt ...func(*frontier.Entry)) frontier.Entry {
	e := frontier.Entry{Site: site, URL: url, Priority: frontier.Ordinary, Found: t0, Due: t0}
	for _, o := range opt {
		o(&e)
	}
	return e
}

func commit(t *testing.T, f *frontier.Frontier, c frontier.Change) int {
	t.Helper()
	n, err := f.Commit(c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func begin(t *testing.T, f *frontier.Frontier, sites ...string) *frontier.Session {
	t.Helper()
	s, err := f.Begin(sites)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.End)
	return s
}

// next wants an entry now.
func next(t *testing.T, s *frontier.Session, now time.Time) frontier.Entry {
	t.Helper()
	e, wait, ok, err := s.Next(now)
	if err != nil || !ok {
		t.Fatalf("Next: ok %v, wait %v, err %v", ok, wait, err)
	}
	return e
}

// none wants no entry now, and returns when to ask again.
func none(t *testing.T, s *frontier.Session, now time.Time) time.Time {
	t.Helper()
	e, wait, ok, err := s.Next(now)
	if err != nil || ok {
		t.Fatalf("Next gave %q, err %v; want nothing", e.URL, err)
	}
	return wait
}

func free(t *testing.T, s *frontier.Session, host string, hold time.Time) {
	t.Helper()
	if err := s.Free(host, hold, hold); err != nil {
		t.Fatal(err)
	}
}

// drain leases, frees and finishes everything that is due, and returns the URLs in order.
func drain(t *testing.T, f *frontier.Frontier, s *frontier.Session, now time.Time) []string {
	t.Helper()
	var urls []string
	for {
		e, _, ok, err := s.Next(now)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return urls
		}
		urls = append(urls, e.URL)
		e.Due = time.Time{}
		e.History.Visits++
		commit(t, f, frontier.Change{Done: []frontier.Entry{e}})
		free(t, s, host(e.URL), t0)
	}
}

func host(url string) string {
	for i := len("http://"); i < len(url); i++ {
		if url[i] == '/' {
			return url[len("http://"):i]
		}
	}
	return url[len("http://"):]
}
