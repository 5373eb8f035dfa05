package node

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// One process owns DATA for writing. It tells the others where it listens in
// DATA/owner.json; a command that reads is then executed by the owner, with the index and
// the dictionary it already holds, and its output is streamed back. So search and export
// work the same while a crawl runs, and no second process opens the index.

// Owner is the process that owns a data directory, as DATA/owner.json tells it.
type Owner struct {
	PID   int    `json:"pid"`
	Addr  string `json:"addr"`  // loopback address of the local API
	Token string `json:"token"` // proves that the asker may read DATA
	// Directory is what identity says of the directory that it holds. owner.json travels with a copy of DATA, and the
	// process that it names does not hold the copy.
	Directory string `json:"directory"`
}

// OwnerFile returns the file in which an owner tells where it answers.
func OwnerFile(dir string) string { return filepath.Join(dir, "owner.json") }

// Request is a command line to be executed by the owner.
type Request struct {
	Args  []string          `json:"args"`
	Env   map[string]string `json:"env"`
	Color bool              `json:"color"`
}

// Runner executes a command line of another process and returns its exit status.
type Runner func(ctx context.Context, req Request, out, err io.Writer) int

// frame is a piece of the answer; the last one carries the exit status.
type frame struct {
	Out    []byte `json:"out,omitempty"`
	Err    []byte `json:"err,omitempty"`
	Status *int   `json:"status,omitempty"`
}

// AnswerOthers starts the local API of the process that owns n. The returned function
// stops it, waits for the requests on the wire and removes owner.json.
func (n *Node) AnswerOthers(ctx context.Context, run Runner) (stop func() error, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for other commands: %w", err)
	}
	me := Owner{PID: os.Getpid(), Addr: ln.Addr().String(), Token: rand.Text()}
	if me.Directory, err = identity(n.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("tell other commands where to ask: %w", err), ln.Close())
	}
	text, err := json.Marshal(me)
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	if err := os.WriteFile(OwnerFile(n.Dir), text, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("tell other commands where to ask: %w", err), ln.Close())
	}
	srv := &http.Server{Handler: n.localAPI(run, me.Token), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	return func() error {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := errors.Join(os.Remove(OwnerFile(n.Dir)), srv.Shutdown(grace))
		if e := <-served; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}

func (n *Node) localAPI(run Runner, token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /snapshot", func(w http.ResponseWriter, r *http.Request) {
		dir, err := n.snapshot(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, dir) // who asked is gone: the next snapshot sweeps this one
	})
	mux.HandleFunc("POST /run", func(w http.ResponseWriter, r *http.Request) {
		var req Request
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&req); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		frames := &frameWriter{w: w}
		status := run(r.Context(), req, frames.stream(false), frames.stream(true))
		frames.send(frame{Status: &status})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
			http.Error(w, "wrong token", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// frameWriter sends frames, one JSON value a line, flushing each.
type frameWriter struct {
	mu  sync.Mutex
	w   http.ResponseWriter
	err error
}

func (f *frameWriter) send(fr frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	if f.err = json.NewEncoder(f.w).Encode(fr); f.err == nil {
		if flusher, ok := f.w.(http.Flusher); ok && (fr.Status != nil || fr.Err != nil) { // progress is wanted now
			flusher.Flush()
		}
	}
	return f.err
}

func (f *frameWriter) stream(toErr bool) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		fr := frame{Out: p}
		if toErr {
			fr = frame{Err: p}
		}
		return len(p), f.send(fr)
	})
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// canonical returns the absolute path of a directory with all links followed.
func canonical(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// FindOwner returns the process that owns a data directory, ErrNoOwner if none answers there.
func FindOwner(dir string) (Owner, error) {
	text, err := os.ReadFile(OwnerFile(dir))
	if err != nil {
		return Owner{}, ErrNoOwner
	}
	var o Owner
	if err := json.Unmarshal(text, &o); err != nil {
		return Owner{}, ErrNoOwner
	}
	if held, err := identity(dir); err != nil || held != o.Directory {
		return Owner{}, ErrNoOwner // this is a copy
	}
	conn, err := net.DialTimeout("tcp", o.Addr, time.Second)
	if err != nil {
		return Owner{}, ErrNoOwner // left behind by a process that was killed
	}
	return o, conn.Close()
}

// Ask has the owner of dir execute a command line, copies what it prints and returns its exit
// status. ErrNoOwner: another program took the port of an owner that was killed.
func (o Owner) Ask(ctx context.Context, dir string, asked Request, out, errs io.Writer) (status int, err error) {
	body, err := json.Marshal(asked)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+o.Addr+"/run", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("ask the process that owns %s: %w", dir, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, ErrNoOwner
	}
	dec := json.NewDecoder(bufio.NewReader(resp.Body))
	for {
		var fr frame
		if err := dec.Decode(&fr); err != nil {
			return 0, fmt.Errorf("the process that owns %s ended in mid-answer: %w", dir, err)
		}
		if _, err := out.Write(fr.Out); err != nil {
			return 0, err
		}
		if _, err := errs.Write(fr.Err); err != nil {
			return 0, err
		}
		if fr.Status != nil {
			return *fr.Status, nil
		}
	}
}
