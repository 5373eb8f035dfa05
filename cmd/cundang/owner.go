package main

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

// owner is what DATA/owner.json holds.
type owner struct {
	PID   int    `json:"pid"`
	Addr  string `json:"addr"`  // loopback address of the local API
	Token string `json:"token"` // proves that the asker may read DATA
}

func ownerFile(data string) string { return filepath.Join(data, "owner.json") }

// request is a command line to be executed by the owner.
type request struct {
	Args  []string          `json:"args"`
	Env   map[string]string `json:"env"`
	Color bool              `json:"color"`
}

// frame is a piece of the answer; the last one carries the exit status.
type frame struct {
	Out    []byte `json:"out,omitempty"`
	Err    []byte `json:"err,omitempty"`
	Status *int   `json:"status,omitempty"`
}

// answerOthers starts the local API of the process that owns lib. The returned function
// stops it, waits for the requests on the wire and removes owner.json.
func (a *app) answerOthers(ctx context.Context, lib *library) (stop func() error, err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for other commands: %w", err)
	}
	me := owner{PID: os.Getpid(), Addr: ln.Addr().String(), Token: rand.Text()}
	text, err := json.Marshal(me)
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	if err := os.WriteFile(ownerFile(a.data), text, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("tell other commands where to ask: %w", err), ln.Close())
	}
	srv := &http.Server{Handler: a.localAPI(lib, me.Token), ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	return func() error {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := errors.Join(os.Remove(ownerFile(a.data)), srv.Shutdown(grace))
		if e := <-served; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}, nil
}

func (a *app) localAPI(lib *library, token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /run", func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
			http.Error(w, "wrong token", http.StatusForbidden)
			return
		}
		var req request
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&req); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		frames := &frameWriter{w: w}
		status := a.runFor(r.Context(), lib, req, frames)
		frames.send(frame{Status: &status})
	})
	return mux
}

// runFor executes a command line of another process on this one's library.
func (a *app) runFor(ctx context.Context, lib *library, req request, to *frameWriter) int {
	std := stdio{in: bytes.NewReader(nil), out: to.stream(false), err: to.stream(true)}
	guest := &app{stdio: std, env: func(k string) string { return req.Env[k] }, lib: lib, color: req.Color}
	root := guest.rootCommand(req.Args)
	root.SetArgs(req.Args)
	return guest.finish(ctx, root.ExecuteContext(ctx))
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

// errNoOwner says that nobody owns DATA.
var errNoOwner = errors.New("no process owns the data directory")

// findOwner returns the process that owns data, errNoOwner if none answers there.
func findOwner(data string) (owner, error) {
	text, err := os.ReadFile(ownerFile(data))
	if err != nil {
		return owner{}, errNoOwner
	}
	var o owner
	if err := json.Unmarshal(text, &o); err != nil {
		return owner{}, errNoOwner
	}
	conn, err := net.DialTimeout("tcp", o.Addr, time.Second)
	if err != nil {
		return owner{}, errNoOwner // left behind by a process that was killed
	}
	return o, conn.Close()
}

// askOwner has the owner execute this command line and copies what it prints.
func (a *app) askOwner(ctx context.Context, o owner, args []string) error {
	env := map[string]string{"CUNDANG_LANG": a.cfg.Lang}
	body, err := json.Marshal(request{Args: args, Env: env, Color: a.colors(a.out)})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+o.Addr+"/run", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+o.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the process that owns %s: %w", a.data, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errNoOwner // another program took the port of an owner that was killed
	}
	dec := json.NewDecoder(bufio.NewReader(resp.Body))
	for {
		var fr frame
		if err := dec.Decode(&fr); err != nil {
			return fmt.Errorf("the process that owns %s ended in mid-answer: %w", a.data, err)
		}
		if _, err := a.out.Write(fr.Out); err != nil {
			return err
		}
		if _, err := a.err.Write(fr.Err); err != nil {
			return err
		}
		if fr.Status != nil {
			if *fr.Status == statusDone {
				return nil
			}
			return silent(*fr.Status)
		}
	}
}
