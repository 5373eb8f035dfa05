package frontier_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"

	"github.com/google/go-cmp/cmp"
)

// t0 is the suite's beginning of time; frontiers keep milliseconds.
var t0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// opener opens the frontier of a test; again opens the same state after the first was
// closed (crash: without having been closed).
type opener interface {
	Open(t *testing.T) *frontier.Frontier
	Reopen(t *testing.T, f *frontier.Frontier, crash bool) *frontier.Frontier
}

// runSuite runs the suite; fresh makes an opener with empty state.
func runSuite(t *testing.T, fresh func(t *testing.T) opener) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, o opener)
	}{
		{"each URL once", onceEach},
		{"one request a host", oneAHost},
		{"priority before age", priorities},
		{"due times", dueTimes},
		{"hold", hold},
		{"released leases come back", release},
		{"a crash forgets leases", crash},
		{"records survive", records},
		{"known URLs learn from lists", learn},
		{"retry moves a URL forward", retry},
		{"sites are claimed", claims},
		{"two sites on one host", sharedHost},
		{"many URLs of one host in order", many},
		{"committed ends", ends},
		{"named values", values},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, fresh(t)) })
	}
}

func onceEach(t *testing.T, o opener) {
	f := o.Open(t)
	es := []frontier.Entry{entry("a", "http://h/1"), entry("a", "http://h/1"), entry("a", "http://h/2")}
	if n := commit(t, f, frontier.Change{Found: es}); n != 2 {
		t.Errorf("%d new, want 2", n)
	}
	if n := commit(t, f, frontier.Change{Found: es}); n != 0 {
		t.Errorf("%d new the second time, want 0", n)
	}
	s := begin(t, f, "a")
	if got := drain(t, f, s, t0); !slices.Equal(got, []string{"http://h/1", "http://h/2"}) {
		t.Errorf("got %v", got)
	}
	if n := commit(t, f, frontier.Change{Found: es}); n != 0 {
		t.Errorf("%d new after the visit, want 0", n)
	}
	if got := drain(t, f, s, t0); got != nil {
		t.Errorf("visited again: %v", got)
	}
}

func oneAHost(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Found: []frontier.Entry{
		entry("a", "http://h/1"), entry("a", "http://h/2"), entry("a", "http://i/1"),
	}})
	s := begin(t, f, "a")
	hosts := map[string]bool{}
	first := next(t, s, t0)
	hosts[host(first.URL)] = true
	hosts[host(next(t, s, t0).URL)] = true
	if len(hosts) != 2 {
		t.Errorf("one host was leased twice: %v", hosts)
	}
	none(t, s, t0)
	free(t, s, "h", t0)
	if e := next(t, s, t0); e.URL != "http://h/2" {
		t.Errorf("got %s", e.URL)
	}
}

func priorities(t *testing.T, o opener) {
	f := o.Open(t)
	at := func(p uint8, due time.Duration) func(*frontier.Entry) {
		return func(e *frontier.Entry) { e.Priority, e.Due = p, t0.Add(due) }
	}
	commit(t, f, frontier.Change{Found: []frontier.Entry{
		entry("a", "http://h/old", at(frontier.Again, -time.Hour)),
		entry("a", "http://h/late", at(frontier.First, time.Hour)),
		entry("a", "http://h/page", at(frontier.Ordinary, -2*time.Minute)),
		entry("a", "http://h/page0", at(frontier.Ordinary, -3*time.Minute)),
		entry("a", "http://h/list", at(frontier.First, 0)),
		entry("a", "http://h/fresh", at(frontier.Fresh, 0)),
	}})
	want := []string{"http://h/list", "http://h/fresh", "http://h/page0", "http://h/page", "http://h/old"}
	if diff := cmp.Diff(want, drain(t, f, begin(t, f, "a"), t0)); diff != "" {
		t.Error(diff)
	}
}

func dueTimes(t *testing.T, o opener) {
	f := o.Open(t)
	later := entry("a", "http://h/1")
	later.Due = t0.Add(time.Minute)
	commit(t, f, frontier.Change{Found: []frontier.Entry{later}})
	s := begin(t, f, "a")
	if w := none(t, s, t0); !w.Equal(t0.Add(time.Minute)) {
		t.Errorf("ask again at %v", w)
	}
	e := next(t, s, t0.Add(time.Minute))
	e.Due = t0.Add(time.Hour)
	commit(t, f, frontier.Change{Done: []frontier.Entry{e}})
	free(t, s, "h", t0)
	if w := none(t, s, t0.Add(2*time.Minute)); !w.Equal(t0.Add(time.Hour)) {
		t.Errorf("ask again at %v", w)
	}
	next(t, s, t0.Add(time.Hour))
	if w := none(t, s, t0.Add(time.Hour)); !w.IsZero() {
		t.Errorf("nothing is queued but a lease, yet ask again at %v", w)
	}
}

func hold(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Found: []frontier.Entry{entry("a", "http://h/1"), entry("a", "http://h/2")}})
	s := begin(t, f, "a")
	next(t, s, t0)
	free(t, s, "h", t0.Add(5*time.Second))
	if w := none(t, s, t0.Add(time.Second)); !w.Equal(t0.Add(5 * time.Second)) {
		t.Errorf("ask again at %v", w)
	}
	next(t, s, t0.Add(5*time.Second))
}

func release(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Found: []frontier.Entry{entry("a", "http://h/1"), entry("a", "http://h/2")}})
	s := begin(t, f, "a")
	e := next(t, s, t0)
	if err := s.Release(e); err != nil {
		t.Fatal(err)
	}
	free(t, s, "h", t0)
	if got := next(t, s, t0); got.URL != e.URL {
		t.Errorf("got %s, want %s again", got.URL, e.URL)
	}
	if err := s.Release(entry("a", "http://h/2")); err == nil {
		t.Error("what is not leased was released")
	}
}

func crash(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Found: []frontier.Entry{entry("a", "http://h/1"), entry("a", "http://h/2")}})
	s := begin(t, f, "a")
	e := next(t, s, t0)
	e.Due = time.Time{}
	commit(t, f, frontier.Change{Done: []frontier.Entry{e}})
	free(t, s, "h", t0)
	next(t, s, t0)
	s.End()
	f = o.Reopen(t, f, true)
	if got := drain(t, f, begin(t, f, "a"), t0); !slices.Equal(got, []string{"http://h/2"}) {
		t.Errorf("got %v, want what was leased and not committed", got)
	}
}

func records(t *testing.T, o opener) {
	f := o.Open(t)
	e := frontier.Entry{
		URL: "https://科协.example/党建?x=1&y=%D6%D0", Site: "a", Via: "http://h/v", Hops: "LLR", Column: "要闻",
		Listed: "2024-01-02",
		Title:  "标题", Base: "http://h/list", Post: "a=1", PostType: "application/x-www-form-urlencoded",
		Target: "http://h/p", Number: 3, Kind: frontier.Article, Priority: frontier.Fresh, Found: t0,
		Due: t0.Add(time.Second),
		History: frontier.History{
			State: "live", Status: 200, Reason: "r", Fetched: t0, RefTime: t0, RefURL: "http://h/other",
			Ref: archive.Ref{File: "a/x.warc.gz", Offset: 1 << 40, Length: 7,
				Digest: "sha256:" + fmt.Sprintf("%064x", 12345)},
			Answer: archive.Ref{File: "a/y.warc.gz", Offset: 8, Length: 9, Digest: "sha1:x"},
			ETag:   `"e"`, Modified: "m", Content: "c", Live: t0, Changed: t0, Misses: 2, Missed: t0, Fails: 3, Visits: 4,
			Interval: time.Hour,
		},
	}
	commit(t, f, frontier.Change{Done: []frontier.Entry{e}})
	f = o.Reopen(t, f, false)
	got, ok, err := f.Lookup("a", e.URL)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if diff := cmp.Diff(e, got); diff != "" {
		t.Error(diff)
	}
	if _, ok, _ := f.Lookup("b", e.URL); ok {
		t.Error("known to another site")
	}
	n := 0
	for e, err := range f.All("a") {
		if err != nil || cmp.Diff(e, got) != "" {
			t.Errorf("All gave %v, %v", e, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("All gave %d", n)
	}
}

func learn(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Found: []frontier.Entry{entry("a", "http://h/1"), entry("a", "http://h/2")}})
	listed := entry("a", "http://h/2", func(e *frontier.Entry) {
		e.Listed, e.Title, e.Column, e.Priority, e.Kind = "2024-01-02", "标题", "要闻", frontier.Fresh, frontier.Article
	})
	s := begin(t, f, "a")
	if n := commit(t, f, frontier.Change{Found: []frontier.Entry{listed}}); n != 0 {
		t.Errorf("%d new", n)
	}
	e := next(t, s, t0)
	if e.URL != "http://h/2" || e.Listed != "2024-01-02" || e.Title != "标题" || e.Column != "要闻" ||
		e.Kind != frontier.Article {
		t.Errorf("got %+v", e)
	}
}

func retry(t *testing.T, o opener) {
	f := o.Open(t)
	e := entry("a", "http://h/1")
	e.Due, e.History.Visits, e.History.State = t0.Add(day), 1, "live"
	commit(t, f, frontier.Change{Done: []frontier.Entry{e}})
	s := begin(t, f, "a")
	none(t, s, t0)
	again := entry("a", "http://h/1", func(e *frontier.Entry) { e.Retry = true })
	commit(t, f, frontier.Change{Found: []frontier.Entry{again}})
	if e := next(t, s, t0); e.History.State != "live" {
		t.Errorf("lost its history: %+v", e)
	}
	commit(t, f, frontier.Change{Found: []frontier.Entry{again}}) // while it is leased: nothing happens
	free(t, s, "h", t0)
	none(t, s, t0)
}

const day = 24 * time.Hour

func claims(t *testing.T, o opener) {
	f := o.Open(t)
	s := begin(t, f, "a", "b")
	if _, err := f.Begin([]string{"b", "c"}); !errors.Is(err, frontier.ErrBusy) {
		t.Errorf("err %v", err)
	}
	begin(t, f, "c")
	s.End()
	begin(t, f, "b")
}

func sharedHost(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Found: []frontier.Entry{entry("a", "http://h/1"), entry("b", "http://h/1")}})
	a, b := begin(t, f, "a"), begin(t, f, "b")
	next(t, a, t0)
	if w := none(t, b, t0); w.IsZero() {
		t.Error("a busy host looks like an empty one")
	}
	free(t, a, "h", t0.Add(time.Second))
	none(t, b, t0.Add(500*time.Millisecond))
	if e := next(t, b, t0.Add(time.Second)); e.Site != "b" {
		t.Errorf("got %+v", e)
	}
}

func many(t *testing.T, o opener) {
	f := o.Open(t)
	var want []string
	var c frontier.Change
	for i := range 1000 {
		e := entry("a", fmt.Sprintf("http://h/%04d", i))
		e.Due = t0.Add(-time.Duration(1000-i) * time.Second)
		c.Found = append(c.Found, e)
		want = append(want, e.URL)
	}
	slices.Reverse(c.Found)
	s := begin(t, f, "a")
	commit(t, f, c)
	if diff := cmp.Diff(want, drain(t, f, s, t0)); diff != "" {
		t.Error(diff)
	}
}

func ends(t *testing.T, o opener) {
	f := o.Open(t)
	if f.Committed() != nil {
		t.Error("a new frontier has committed ends")
	}
	commit(t, f, frontier.Change{Ends: map[string]int64{"a/1": 10, "a/2": 20}})
	commit(t, f, frontier.Change{Ends: map[string]int64{"a/2": 30}})
	f = o.Reopen(t, f, true)
	if got := f.Committed(); !maps.Equal(got, map[string]int64{"a/1": 10, "a/2": 30}) {
		t.Errorf("got %v", got)
	}
}

func values(t *testing.T, o opener) {
	f := o.Open(t)
	commit(t, f, frontier.Change{Values: map[string][]byte{"x/1": []byte("1"), "x/2": []byte("2"), "y": []byte("3")}})
	commit(t, f, frontier.Change{Values: map[string][]byte{"x/1": nil}})
	f = o.Reopen(t, f, false)
	got := map[string]string{}
	for k, v := range f.Values("x/") {
		got[k] = string(v)
	}
	if diff := cmp.Diff(map[string]string{"x/2": "2"}, got); diff != "" {
		t.Error(diff)
	}
	if v, err := f.Value("y"); err != nil || string(v) != "3" {
		t.Errorf("y is %q, %v", v, err)
	}
}
