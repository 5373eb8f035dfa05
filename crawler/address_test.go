package crawler_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cundang/crawler"
	"cundang/site"
)

// sharedServer is one server with many names, on an address of its own. It notes when each request began and
// how many were under way.
type sharedServer struct {
	mu     sync.Mutex
	flying int
	most   int
	times  []time.Time
	names  map[string]int
}

func (s *sharedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.flying++
	s.most = max(s.most, s.flying)
	s.times = append(s.times, time.Now())
	s.names[r.Host]++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.flying--
		s.mu.Unlock()
	}()
	switch {
	case r.URL.Path == "/robots.txt":
		http.NotFound(w, r)
	case r.URL.Path == "/":
		var b strings.Builder
		for i := range 4 {
			fmt.Fprintf(&b, `<li><a href="/a/%d.html">关于召开第%d次理事会的通知</a> 2026-03-0%d</li>`, i, i, i+1)
		}
		page(w, "<ul>"+b.String()+"</ul>")
	default:
		page(w, "<p>各分会："+
			strings.Repeat("学会定于下月召开理事会会议，请准时出席。", 8)+r.URL.Path+"</p>")
	}
}

// shortest returns the shortest time from one request to the next.
func (s *sharedServer) shortest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	least := time.Hour
	for i := 1; i < len(s.times); i++ {
		least = min(least, s.times[i].Sub(s.times[i-1]))
	}
	return least
}

// serveShared serves on an address of this machine that is not its usual one.
func serveShared(t *testing.T, ip string) (*sharedServer, string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", ip+":0")
	if err != nil {
		t.Skipf("no address %s on this machine: %v", ip, err)
	}
	s := &sharedServer{names: map[string]int{}}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: s}}
	srv.Start()
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return s, port
}

// TestOneAddress: twelve sites are names of one server. Whether one crawl visits them, or one each at the
// same time as the schedule does, or one process after another, the server sees one request at a time and
// never a shorter pause.
func TestOneAddress(t *testing.T) {
	const sites, delay = 12, 30 * time.Millisecond
	srv, port := serveShared(t, "127.0.0.2")
	var profiles []*site.Profile
	for i := range sites {
		p := hostProfile(fmt.Sprintf("s%d", i), fmt.Sprintf("http://s%d.example:%s/", i, port))
		p.Politeness.MinDelay, p.Politeness.MaxDelay = delay, delay
		profiles = append(profiles, p)
	}
	options := func(o *crawler.Options) {
		o.Workers = 16
		o.Resolve = func(_ context.Context, host string) ([]net.IP, error) {
			if strings.HasSuffix(host, "1.example") { // behind two addresses, the first of which is closed
				return []net.IP{net.IPv4(127, 0, 0, 2), net.ParseIP("fe80::1")}, nil
			}
			return []net.IP{net.IPv4(127, 0, 0, 2)}, nil
		}
	}
	r := newRig(t)
	r.crawl(profiles, options)
	r.close()
	r.open()
	var wg sync.WaitGroup
	for _, p := range profiles {
		wg.Go(func() {
			_, err := r.tryCrawl(t.Context(), []*site.Profile{p}, func(o *crawler.Options) {
				options(o)
				o.Force = true
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if srv.most != 1 {
		t.Errorf("%d requests at once at one address", srv.most)
	}
	// A request is noted when its handler begins, which on a busy machine may be late.
	if d := srv.shortest(); d < delay-5*time.Millisecond {
		t.Errorf("a request %s after the one before, want %s", d, delay)
	}
	for name, n := range srv.names {
		if want := 2 * 6; n < want-1 { // robots.txt is believed for a day
			t.Errorf("%s: %d requests, want %d", name, n, want-1)
		}
	}
	if len(srv.names) != sites {
		t.Errorf("%d hosts were asked, want %d", len(srv.names), sites)
	}
	x, err := crawler.Why(r.front, profiles, profiles[3].Seeds[0].URL, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(x.Gates, func(g crawler.Gate) bool {
		return g.Name == "address" && strings.HasPrefix(g.Rule, "pace.address 127.0.0.2 11 ")
	}) {
		t.Errorf("why does not tell of the address: %+v", x.Gates)
	}
}

// TestGroup: two addresses that the operator knows to be one server are asked in turn.
func TestGroup(t *testing.T) {
	const delay = 20 * time.Millisecond
	srv, port := serveShared(t, "127.0.0.1")
	var profiles []*site.Profile
	for i := range 4 {
		p := hostProfile(fmt.Sprintf("s%d", i), fmt.Sprintf("http://s%d.example:%s/", i, port))
		p.Politeness.MinDelay, p.Politeness.MaxDelay, p.Politeness.Group = delay, delay, "one-cabinet"
		profiles = append(profiles, p)
	}
	r := newRig(t)
	r.crawl(profiles, func(o *crawler.Options) {
		o.Resolve = func(context.Context, string) ([]net.IP, error) { return []net.IP{net.IPv4(127, 0, 0, 1)}, nil }
	})
	if srv.most != 1 || srv.shortest() < delay-5*time.Millisecond {
		t.Errorf("%d requests at once, %s apart", srv.most, srv.shortest())
	}
}

// TestAnotherAddress: a host whose first address refuses connections is asked at its second.
func TestAnotherAddress(t *testing.T) {
	srv, port := serveShared(t, "127.0.0.3")
	p := hostProfile("a", "http://a.example:"+port+"/")
	p.Politeness.MinDelay, p.Politeness.MaxDelay = time.Millisecond, time.Millisecond
	r := newRig(t)
	rep := r.crawl([]*site.Profile{p}, func(o *crawler.Options) {
		o.Resolve = func(context.Context, string) ([]net.IP, error) {
			return []net.IP{net.IPv4(127, 0, 0, 3), net.IPv4(127, 0, 0, 2)}, nil
		}
	})
	if s := rep.Sites["a"]; len(s.New) != 4 || len(s.Failed) > 0 || srv.names["a.example:"+port] == 0 {
		t.Errorf("%d new, failed %v", len(s.New), s.Failed)
	}
}
