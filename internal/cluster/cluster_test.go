package cluster

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cundang/archive"
	"cundang/archive/blob"
	"cundang/archive/blob/blobtest"
	"cundang/archive/blob/s3"
	"cundang/crawler"
	"cundang/internal/fakesite"
	"cundang/internal/urlkey"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	seeds = flag.Int("seeds", 1, "how many random courses TestKilledWorkers takes")
	kills = flag.Int("kills", 8, "workers killed in each of them")
)

const lease = 4 * time.Second

// natsCluster starts n servers in this process and returns their addresses.
func natsCluster(t *testing.T, n int) ([]*server.Server, string) {
	t.Helper()
	var routes, urls []string
	ports := make([]int, n)
	for i := range ports {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports[i] = l.Addr().(*net.TCPAddr).Port
		routes = append(routes, "nats://"+l.Addr().String())
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var all []*server.Server
	for i := range n {
		o := &server.Options{ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: -1, JetStream: true,
			StoreDir: t.TempDir(), NoSigs: true, NoLog: true}
		if n > 1 {
			o.Cluster = server.ClusterOpts{Name: "cundang", Host: "127.0.0.1", Port: ports[i]}
			o.Routes = server.RoutesFromStr(strings.Join(routes, ","))
		}
		s, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		all = append(all, s)
	}
	for _, s := range all {
		if !s.ReadyForConnections(time.Minute) {
			t.Fatal("a server of NATS does not start")
		}
		urls = append(urls, s.ClientURL())
	}
	return all, strings.Join(urls, ",")
}

func connect(t *testing.T, urls string) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	nc, err := nats.Connect(urls, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

// setUp repeats until the servers have chosen a leader.
func setUp(t *testing.T, js jetstream.JetStream, replicas int) {
	t.Helper()
	for {
		err := Setup(t.Context(), js, replicas, lease)
		if err == nil {
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(err)
		}
	}
}

func bucket(t *testing.T) blob.Store {
	t.Helper()
	h, err := blobtest.S3("archive")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	s, err := s3.New(s3.Options{URL: srv.URL + "/archive", AccessKey: "key", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// web serves sites, two to a group.
func web(t *testing.T, sites, articles int) (*fakesite.Web, []Group) {
	t.Helper()
	w := fakesite.New(fakesite.Options{Sites: sites, Articles: articles, Delay: time.Nanosecond})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	var groups []Group
	for i, p := range w.Profiles() {
		if i%2 == 0 {
			groups = append(groups, Group{ID: fmt.Sprint("g", i/2)})
		}
		g := &groups[len(groups)-1]
		g.Profiles = append(g.Profiles, p)
	}
	return w, groups
}

// mortal is the bucket and the life of one worker: after its last request it does nothing any more.
type mortal struct {
	blob.Store
	left atomic.Int64 // requests until death; below 0: it lives
	dead atomic.Bool
	kill func()
}

var errKilled = errors.New("killed")

func (m *mortal) live() error {
	if m.left.Load() > 0 && m.left.Add(-1) == 0 {
		m.dead.Store(true)
		m.kill()
	}
	if m.dead.Load() {
		return errKilled
	}
	return nil
}

// PutNew implements blob.Store. A worker may die before a put and after it.
func (m *mortal) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	if err := m.live(); err != nil {
		return err
	}
	if err := m.Store.PutNew(ctx, name, content, size); err != nil {
		return err
	}
	return m.live()
}

// ReadRange implements blob.Store.
func (m *mortal) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	if err := m.live(); err != nil {
		return nil, err
	}
	return m.Store.ReadRange(ctx, name, offset, length)
}

// List implements blob.Store.
func (m *mortal) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	if err := m.live(); err != nil {
		return func(yield func(blob.Info, error) bool) { yield(blob.Info{}, err) }
	}
	return m.Store.List(ctx, prefix)
}

// worker runs until ctx ends or it is killed at a random request.
func worker(ctx context.Context, t *testing.T, name, urls string, s blob.Store, groups []Group, dies int64) error {
	nc, err := nats.Connect(urls, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(5*time.Second))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	m := &mortal{Store: s, kill: func() { nc.Close(); stop() }}
	m.left.Store(dies)
	w := NewWorker(Options{Name: name, JS: js, Bucket: m, Groups: groups, Dir: t.TempDir(), Slice: time.Minute,
		Bytes: 60_000, Lease: lease, Crawl: crawler.Options{Workers: 2, Wait: time.Second},
		Log: slog.New(slog.NewTextHandler(testLog{t}, nil))})
	err = w.Run(ctx)
	if m.dead.Load() {
		return errKilled
	}
	return err
}

// testLog writes to the log of a test.
type testLog struct{ t *testing.T }

// Write implements io.Writer.
func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// finished says whether every group is acknowledged.
func finished(t *testing.T, js jetstream.JetStream) bool {
	s, err := js.Stream(t.Context(), workStream)
	return err == nil && s.CachedInfo().State.Msgs == 0
}

// check holds what the manifests list to the web's truth.
func check(t *testing.T, w *fakesite.Web, s blob.Store, groups []Group) {
	t.Helper()
	times := map[string]int{}
	for _, g := range groups {
		data := t.TempDir()
		if err := Export(t.Context(), s, g.ID, data); err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(filepath.Join(data, "archive"),
			archive.Options{ReadOnly: true, Remote: blob.Within(s, groupDir+g.ID)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Verify(t.Context(), archive.VerifyOptions{})
		if err != nil || len(r.Findings) > 0 || r.Captures == 0 {
			t.Errorf("group %s: %d captures, %v, %v", g.ID, r.Captures, r.Findings, err)
		}
		for f, err := range a.Since(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			if f.Capture.Fields[archive.FieldKind] != "robots" {
				times[f.Capture.URL]++
			}
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for url, n := range times {
		if n != 1 {
			t.Errorf("%d captures of %s", n, url)
		}
	}
	for _, site := range w.Truth().Sites {
		for _, a := range site.Articles {
			u, err := urlkey.Clean(a.URL)
			if err != nil {
				t.Fatal(err)
			}
			if times[u] == 0 {
				t.Errorf("%s was not archived", u)
			}
		}
		for _, q := range w.Site(site.Site).Requests() {
			if q.Flying > 1 {
				t.Errorf("%s: %d requests at once", site.Site, q.Flying)
			}
		}
	}
}

// TestPlan queues each group once, whoever plans how often.
func TestPlan(t *testing.T) {
	_, urls := natsCluster(t, 1)
	_, js := connect(t, urls)
	setUp(t, js, 1)
	groups := []Group{{ID: "a"}, {ID: "b"}}
	var queued atomic.Int64
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			n, err := Plan(t.Context(), js, groups)
			if err != nil {
				t.Error(err)
			}
			queued.Add(int64(n))
		})
	}
	wait.Wait()
	if queued.Load() != 2 {
		t.Errorf("%d groups queued", queued.Load())
	}
	if _, err := Plan(t.Context(), js, []Group{{ID: "a.b"}}); err == nil {
		t.Error("a name that is two parts of a subject was taken")
	}
}

// TestFence lets a worker that was silent for too long come back: what it archived is thrown away.
func TestFence(t *testing.T) {
	_, urls := natsCluster(t, 1)
	_, js := connect(t, urls)
	setUp(t, js, 1)
	s := bucket(t)
	w, groups := web(t, 2, 6)
	options := Options{JS: js, Bucket: s, Groups: groups, Dir: t.TempDir(), Slice: time.Minute, Bytes: 1 << 30,
		Lease: lease, Crawl: crawler.Options{Workers: 2, Wait: time.Second}}
	other := NewWorker(options)
	options.Dir = t.TempDir()
	late := &interrupted{Store: s, before: func() {
		if more, err := other.slice(t.Context(), t.Context(), groups[0], 1); err != nil || more {
			t.Errorf("the other worker: %v %v", more, err)
		}
	}}
	options.Bucket = late
	if _, err := NewWorker(options).slice(t.Context(), t.Context(), groups[0], 1); !errors.Is(err, ErrLost) {
		t.Errorf("the late worker: %v", err)
	}
	check(t, w, s, groups)
	// The same message again: its crawl has ended.
	if more, err := other.slice(t.Context(), t.Context(), groups[0], 1); err != nil || more {
		t.Errorf("again: %v %v", more, err)
	}
	check(t, w, s, groups)
}

// interrupted lets something happen before the first WARC is put.
type interrupted struct {
	blob.Store
	once   sync.Once
	before func()
}

// PutNew implements blob.Store.
func (i *interrupted) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	if strings.HasSuffix(name, ".warc.gz") {
		i.once.Do(i.before)
	}
	return i.Store.PutNew(ctx, name, content, size)
}

// TestHeads makes bucket and NATS agree when a worker died between the two, and when NATS has lost everything.
func TestHeads(t *testing.T) {
	_, urls := natsCluster(t, 1)
	_, js := connect(t, urls)
	setUp(t, js, 1)
	s := bucket(t)
	_, groups := web(t, 2, 6)
	options := Options{JS: js, Bucket: s, Groups: groups, Dir: t.TempDir(), Slice: time.Minute, Bytes: 20_000,
		Lease: lease, Crawl: crawler.Options{Workers: 2, Wait: time.Second}}
	store := blob.Within(s, groupDir+groups[0].ID)
	options.Bucket = failing{s, "manifests/00000002.json"}
	w := NewWorker(options)
	if _, err := w.slice(t.Context(), t.Context(), groups[0], 1); err != nil {
		t.Fatal(err)
	}
	if _, err := w.slice(t.Context(), t.Context(), groups[0], 1); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if n, _, err := archive.NewestManifest(t.Context(), store); err != nil || n != 1 {
		t.Fatalf("manifest %d, %v", n, err)
	}
	if h, err := settle(t.Context(), js, store, groups[0].ID); err != nil || h.number != 2 {
		t.Errorf("%+v %v", h, err)
	}
	if n, _, err := archive.NewestManifest(t.Context(), store); err != nil || n != 2 {
		t.Errorf("manifest %d, %v", n, err)
	}
	_, urls = natsCluster(t, 1)
	_, js = connect(t, urls)
	setUp(t, js, 1)
	if h, err := settle(t.Context(), js, store, groups[0].ID); err != nil || h.number != 2 || h.sequence == 0 {
		t.Errorf("after NATS was lost: %+v %v", h, err)
	}
}

// failing refuses one name.
type failing struct {
	blob.Store
	name string
}

// PutNew implements blob.Store.
func (f failing) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	if strings.HasSuffix(name, f.name) {
		return errKilled
	}
	return f.Store.PutNew(ctx, name, content, size)
}

// TestKilledWorkers crawls a web with three workers, each of which is killed again and again at a random request,
// and with three servers of NATS, one of which is shut down meanwhile: every article is archived once, and every
// chain holds.
func TestKilledWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole cluster")
	}
	for seed := range *seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { killedWorkers(t, uint64(seed)) })
	}
}

func killedWorkers(t *testing.T, seed uint64) {
	servers, urls := natsCluster(t, 3)
	_, js := connect(t, urls)
	setUp(t, js, 3)
	s := bucket(t)
	w, groups := web(t, 8, 12)
	if n, err := Plan(t.Context(), js, groups); err != nil || n != len(groups) {
		t.Fatal(n, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var left, killed atomic.Int64
	left.Store(int64(*kills))
	var wait sync.WaitGroup
	for i := range 3 {
		wait.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			for n := 0; ctx.Err() == nil; n++ {
				dies := int64(-1)
				if left.Add(-1) >= 0 {
					dies = 1 + rng.Int64N(90)
				}
				err := worker(ctx, t, fmt.Sprintf("w%d.%d", i, n), urls, s, groups, dies)
				if errors.Is(err, errKilled) {
					killed.Add(1)
				} else if err != nil && ctx.Err() == nil {
					t.Log(err)
				}
			}
		})
	}
	down := false
	for !finished(t, js) {
		if !down && killed.Load() >= int64(*kills)/2 {
			down = true
			servers[2].Shutdown()
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the crawl does not end")
		}
	}
	stop()
	wait.Wait()
	t.Logf("seed %d: %d workers killed, NATS server shut down: %v", seed, killed.Load(), down)
	check(t, w, s, groups)
}
