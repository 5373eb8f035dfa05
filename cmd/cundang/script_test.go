package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cundang/archive/blob/blobtest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cundang": main})
}

// TestScripts runs the stories of testdata/script: one command line after another, with
// what it prints and its exit status.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script",
		Setup: func(env *testscript.Env) error {
			top, err := os.Getwd()
			if err != nil {
				return err
			}
			env.Setenv("TOP", top+"/../..")
			env.Setenv("LANG", "en_US.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"site":   serveFolder,
			"status": expectStatus,
			"port":   occupyPort,
			"await":  awaitFile,
			"stop":   interrupt,
			"same":   sameAnswer,
			"asks":   asks,
			"free":   freePort,
			"bucket": serveBucket,
			"glob":   matchFiles,
		},
	})
}

// serveFolder serves a folder on loopback until the script ends: site DIR sets $SITE.
func serveFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: site DIR")
	}
	srv := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
	ts.Defer(srv.Close)
	ts.Setenv("SITE", srv.URL)
}

// expectStatus runs a command and compares its exit status: status N COMMAND ARG ….
func expectStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND ARG …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = exitStatus(err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// occupyPort listens on a loopback port for as long as the script runs: port sets $ADDR.
func occupyPort(ts *testscript.TestScript, neg bool, args []string) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ts.Check(ln.Close()) })
	ts.Setenv("ADDR", ln.Addr().String())
}

func exitStatus(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}

// sameAnswer compares two files of JSON search answers but for the time they took.
func sameAnswer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same ANSWER ANSWER")
	}
	took := regexp.MustCompile(`"took_ns": \d+`)
	a, b := took.ReplaceAllString(ts.ReadFile(args[0]), ""), took.ReplaceAllString(ts.ReadFile(args[1]), "")
	if diff := cmp.Diff(a, b); diff != "" {
		ts.Fatalf("answers differ: %s", diff)
	}
}

// awaitFile waits until a file exists: await FILE. How long that may take is the timeout of the test.
func awaitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for ; ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
}

// interrupt sends an interrupt to a background command and waits for it to end in order:
// stop NAME.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stop NAME")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
		_, err := cmd.Process.Wait()
		ts.Check(err)
	}
}

// serveBucket serves an S3 store with an empty bucket until the script ends: bucket NAME sets $BUCKET.
func serveBucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bucket NAME")
	}
	store, err := blobtest.S3(args[0])
	ts.Check(err)
	srv := httptest.NewServer(store)
	ts.Defer(srv.Close)
	ts.Setenv("BUCKET", srv.URL+"/"+args[0])
}

// matchFiles says whether files are there: [!] glob PATTERN.
func matchFiles(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] glob PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if (len(found) > 0) == neg {
		ts.Fatalf("%s: %v", args[0], found)
	}
}

// freePort finds a port on which nobody listens: free sets $FREE.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(ln.Addr().String())
	ts.Check(errors.Join(err, ln.Close()))
	ts.Setenv("FREE", port)
}

// asks makes a request of the server at $FREE and compares the status: asks HOST PATH STATUS [TOKENFILE].
func asks(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: asks HOST PATH STATUS [TOKENFILE]")
	}
	req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:"+ts.Getenv("FREE")+args[1], nil)
	ts.Check(err)
	req.Host = args[0]
	if len(args) == 4 {
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[3])))
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	ts.Check(res.Body.Close())
	if got := strconv.Itoa(res.StatusCode); got != args[2] {
		ts.Fatalf("%s at %s: %s, want %s", args[1], args[0], got, args[2])
	}
}
