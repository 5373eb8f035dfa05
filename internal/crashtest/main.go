// Command crashtest kills a writer of the archive again and again and damages what it had
// not made durable, as a power failure may; after each blow it looks whether anything
// that was acknowledged is lost, anything is there twice, or any file is broken.
//
//	go run ./internal/crashtest -kills 170 -seeds 6
//	go run ./internal/crashtest -kills 50 -nosync       must fail: the fsync matters
//	go run ./internal/crashtest -kills 50 -notruncate   must fail: the recovery matters
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// childEnv holds the plan of a child process.
const childEnv = "CUNDANG_CRASHTEST"

func main() {
	if s := os.Getenv(childEnv); s != "" {
		os.Exit(runChild(s))
	}
	p := plan{}
	flag.IntVar(&p.Kills, "kills", 170, "kills for each seed")
	seeds := flag.Int("seeds", 6, "number of seeds")
	first := flag.Uint64("seed", 1, "the first seed")
	flag.IntVar(&p.Check, "check", 10, "look at everything after this many kills")
	flag.BoolVar(&p.NoSync, "nosync", false, "leave out the fsync of WARCs")
	flag.BoolVar(&p.NoTruncate, "notruncate", false, "leave out the truncation in recovery")
	keep := flag.Bool("keep", false, "keep the data directories")
	flag.Parse()
	start := time.Now()
	var all tally
	failed := false
	for seed := *first; seed < *first+uint64(*seeds); seed++ {
		p.Seed = seed
		t, err := p.run(os.TempDir(), *keep)
		fmt.Printf("seed %d: %s\n", seed, t)
		for _, f := range t.Faults {
			fmt.Println("  " + f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		all.add(t)
		failed = failed || len(t.Faults) > 0
	}
	fmt.Printf("all: %s in %.0f s\n", all, time.Since(start).Seconds())
	if failed {
		os.Exit(1)
	}
}

// plan is one run of the harness; children get it as JSON.
type plan struct {
	Dir                string
	Seed               uint64
	Life               int // number of the child
	Kills, Check       int
	NoSync, NoTruncate bool
}

func (p plan) env() (string, error) {
	b, err := json.Marshal(p)
	return childEnv + "=" + string(b), err
}

// tally counts what a run did and found.
type tally struct {
	Kills, Torn, Reverted int // blows, files damaged behind their synced end, directory entries taken back
	Checks                int
	Captures, Files       int
	Acks                  int // captures acknowledged, all of which must be there
	Faults                []string
}

func (t *tally) add(u tally) {
	t.Kills += u.Kills
	t.Torn += u.Torn
	t.Reverted += u.Reverted
	t.Checks += u.Checks
	t.Captures += u.Captures
	t.Files += u.Files
	t.Acks += u.Acks
	t.Faults = append(t.Faults, u.Faults...)
}

func (t tally) String() string {
	return fmt.Sprintf(
		"%d kills, %d torn files, %d entries reverted, %d checks; %d captures in %d files, %d acknowledged; %d faults",
		t.Kills, t.Torn, t.Reverted, t.Checks, t.Captures, t.Files, t.Acks, len(t.Faults))
}
