package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cundang/archive/blob"
	"cundang/archive/blob/blobtest"
)

// faults stands before a server and spoils answers.
type faults struct {
	next  http.Handler
	spoil atomic.Pointer[func(w http.ResponseWriter, r *http.Request, next http.Handler)]
	asked atomic.Int32
}

// ServeHTTP implements http.Handler.
func (f *faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked.Add(1)
	if spoil := f.spoil.Load(); spoil != nil {
		(*spoil)(w, r, f.next)
		return
	}
	f.next.ServeHTTP(w, r)
}

func (f *faults) with(spoil func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	f.asked.Store(0)
	f.spoil.Store(&spoil)
}

func server(t *testing.T) (*faults, string) {
	t.Helper()
	next, err := blobtest.S3("archive")
	if err != nil {
		t.Fatal(err)
	}
	f := &faults{next: next}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return f, srv.URL
}

func open(t *testing.T, o Options) *Store {
	t.Helper()
	o.AccessKey, o.SecretKey = "key", "secret"
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	for name, path := range map[string]string{"bucket": "/archive", "prefix": "/archive/of/one"} {
		t.Run(name, func(t *testing.T) {
			blobtest.Run(t, func(t *testing.T) blob.Store {
				_, url := server(t)
				return open(t, Options{URL: url + path})
			})
		})
	}
}

func TestAddress(t *testing.T) {
	for _, bad := range []string{"", "s3://bucket", "https://host", "https://host/", "ftp://host/bucket",
		"https://u:p@host/bucket",
		"https://host/bucket/a//b", "https://host/bucket?x=1", "host/bucket", "https://host/bucket/../x"} {
		if _, err := New(Options{URL: bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	s, err := New(Options{URL: "https://s3.example.org:9000/bucket/a/b/"})
	if err != nil || s.String() != "https://s3.example.org:9000/bucket/a/b" {
		t.Errorf("%v %v", s, err)
	}
}

// TestBusyServer checks that answers of 503 and broken connections are passed over.
func TestBusyServer(t *testing.T) {
	f, url := server(t)
	s := open(t, Options{URL: url + "/archive"})
	want := blobtest.Content(100_000)
	busy := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		switch n := f.asked.Load(); {
		case n%3 == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case n%3 == 2:
			panic(http.ErrAbortHandler)
		default:
			next.ServeHTTP(w, r)
		}
	}
	f.with(busy)
	if err := s.PutNew(t.Context(), "f", bytes.NewReader(want), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	f.with(busy)
	r, err := s.ReadRange(t.Context(), "f", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	f.with(busy)
	if _, err := s.Stat(t.Context(), "f"); err != nil {
		t.Error(err)
	}
	f.with(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	s = open(t, Options{URL: url + "/archive", Retries: 2})
	err = s.PutNew(t.Context(), "g", bytes.NewReader(want), int64(len(want)))
	if err == nil || errors.Is(err, blob.ErrExists) {
		t.Errorf("a server that is always busy: %v", err)
	}
	if f.asked.Load() != 2 {
		t.Errorf("asked %d times", f.asked.Load())
	}
}

// TestLostAnswer checks that a put whose answer was lost is found to have taken place.
func TestLostAnswer(t *testing.T) {
	f, url := server(t)
	s := open(t, Options{URL: url + "/archive"})
	f.with(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if f.asked.Load() == 1 {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
	if err := s.PutNew(t.Context(), "f", strings.NewReader("foo"), 3); !errors.Is(err, blob.ErrExists) {
		t.Errorf("put again: %v", err)
	}
	const sum = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" // of "foo"
	if err := blob.Put(t.Context(), s, "f", strings.NewReader("foo"), 3, sum); err != nil {
		t.Error(err)
	}
}

// TestConflict checks that a put is repeated while another one of its name is under way.
func TestConflict(t *testing.T) {
	f, url := server(t)
	s := open(t, Options{URL: url + "/archive"})
	f.with(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if f.asked.Load() < 3 {
			w.WriteHeader(http.StatusConflict)
			return
		}
		next.ServeHTTP(w, r)
	})
	if err := s.PutNew(t.Context(), "f", strings.NewReader("foo"), 3); err != nil {
		t.Error(err)
	}
}

// TestTruncated checks that what breaks off, or is shorter than it says it is, is an error and never a short file.
func TestTruncated(t *testing.T) {
	f, url := server(t)
	s := open(t, Options{URL: url + "/archive"})
	want := blobtest.Content(200_000)
	if err := s.PutNew(t.Context(), "f", bytes.NewReader(want), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	cut := func(lie bool) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			for k, v := range rec.Header() {
				w.Header()[k] = v
			}
			half := rec.Body.Bytes()[:rec.Body.Len()/2]
			if lie { // a proxy that stores half answers
				w.Header().Set("Content-Length", "50000")
				half = half[:50_000]
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(half) // the client sees what is missing
		}
	}
	for name, lie := range map[string]bool{"broken off": false, "content length": true} {
		f.with(cut(lie))
		r, err := s.ReadRange(t.Context(), "f", 10, 150_000)
		if err == nil {
			var n int64
			n, err = io.Copy(io.Discard, r)
			if err = errors.Join(err, r.Close()); err == nil {
				t.Errorf("%s: %d bytes of 150,000 and no error", name, n)
			}
		}
	}
}

// TestWholeForPart checks that a server that does not know ranges is found out.
func TestWholeForPart(t *testing.T) {
	f, url := server(t)
	s := open(t, Options{URL: url + "/archive"})
	if err := s.PutNew(t.Context(), "f", bytes.NewReader(blobtest.Content(1000)), 1000); err != nil {
		t.Fatal(err)
	}
	f.with(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Del("Range")
		next.ServeHTTP(w, r)
	})
	if _, err := s.ReadRange(t.Context(), "f", 10, 20); err == nil {
		t.Error("a whole object was taken for a part of it")
	}
}

// TestStalled checks that a server that falls silent does not hold its caller, nor does a context that ends meanwhile.
func TestStalled(t *testing.T) {
	f, url := server(t)
	s := open(t, Options{URL: url + "/archive", Stall: 50 * time.Millisecond, Retries: 1})
	want := blobtest.Content(1 << 20)
	put := open(t, Options{URL: url + "/archive"})
	if err := put.PutNew(t.Context(), "f", bytes.NewReader(want), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	silent := func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.Header().Set("Content-Length", "1048576")
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(want[:1000]) // the rest never comes
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	f.with(silent)
	r, err := s.ReadRange(t.Context(), "f", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(io.Discard, r); !errors.Is(err, errStalled) {
		t.Errorf("a silent server: %v", err)
	}
	if err := r.Close(); err != nil && !errors.Is(err, errStalled) {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	if r, err = put.ReadRange(ctx, "f", 0, -1); err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err = io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read: %v", err)
	}
	_ = r.Close() // of a cancelled request
}

func TestNoBucket(t *testing.T) {
	_, url := server(t)
	s := open(t, Options{URL: url + "/elsewhere"})
	if _, err := s.ReadRange(t.Context(), "f", 0, 5); err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a bucket that is not there looks like a missing file: %v", err)
	}
	if err := s.PutNew(t.Context(), "f", strings.NewReader("x"), 1); err == nil {
		t.Error("put into no bucket")
	}
	if err := s.PutNew(t.Context(), "f", strings.NewReader("x"), MaxSize+1); err == nil {
		t.Error("too large a file was taken")
	}
}
