package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CUNDANG_TEST_INDEXER"); dir != "" {
		if err := indexUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// killDocs is how many articles the killed process has to put; killBatch how many at once.
const (
	killDocs  = 400
	killBatch = 5
)

// indexUntilKilled goes on where the index remembers to have stopped and prints the position
// of each batch once Put has returned.
func indexUntilKilled(dir string) (err error) {
	x, err := Open(dir, index.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	position, err := x.Position(context.Background())
	if err != nil {
		return err
	}
	from, err := strconv.Atoi("0" + position)
	if err != nil {
		return err
	}
	docs := enginetest.MadeUp(killDocs)
	ctx, n := context.Background(), from
	for n < killDocs {
		end := min(n+killBatch, killDocs)
		if err := x.Put(ctx, strconv.Itoa(end), docs[n:end]...); err != nil {
			return err
		}
		n = end
		fmt.Println(n)
	}
	return nil
}

// TestKilledIndexerLosesNothing kills an indexing process at random moments; after each
// restart everything Put had acknowledged is there, once.
func TestKilledIndexerLosesNothing(t *testing.T) {
	kills := 10
	if s := os.Getenv("CUNDANG_TEST_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	if testing.Short() {
		kills = 3
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(11, 11))
	dir := filepath.Join(t.TempDir(), "index.bleve")
	for done, round := 0, 0; done < kills; round++ {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), "CUNDANG_TEST_INDEXER="+dir)
		cmd.Stderr = io.Discard
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after, acknowledged := rng.IntN(12), 0
		lines := bufio.NewScanner(out)
		for i := 0; lines.Scan(); i++ {
			if acknowledged, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
			if i == after { // somewhere inside the next batch
				time.AfterFunc(time.Duration(rng.IntN(8000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		if cmd.Wait() != nil {
			done++
		}
		x, err := Open(dir, index.Options{})
		if err != nil {
			t.Fatalf("after kill %d: %v", done, err)
		}
		position, err := x.Position(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		have, err := strconv.Atoi("0" + position)
		if err != nil || have < acknowledged {
			t.Fatalf("after kill %d: position %q, %d were acknowledged", done, position, acknowledged)
		}
		r := find(t, x, index.Query{Limit: killDocs + 1, Bare: true})
		seen := map[string]bool{}
		for _, h := range r.Hits {
			seen[h.Article.ID] = true
		}
		if r.Total != have || len(seen) != have {
			t.Fatalf("after kill %d: %d articles, %d different, position %d", done, r.Total, len(seen), have)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if have == killDocs { // all in: begin again
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}
