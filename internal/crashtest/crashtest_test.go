package main

import (
	"flag"
	"os"
	"testing"
)

var kills = flag.Int("kills", 12, "kills of each seed in TestKills")

// TestMain is the child when the harness starts the test binary as one.
func TestMain(m *testing.M) {
	if s := os.Getenv(childEnv); s != "" {
		os.Exit(runChild(s))
	}
	os.Exit(m.Run())
}

func run(t *testing.T, p plan) tally {
	t.Helper()
	got, err := p.run(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(got)
	return got
}

// The short form: no acknowledged capture lost, none twice, no file broken.
func TestKills(t *testing.T) {
	got := run(t, plan{Seed: 7, Kills: *kills, Check: 4})
	for _, f := range got.Faults {
		t.Error(f)
	}
	if got.Kills != *kills || got.Captures == 0 || got.Torn == 0 {
		t.Errorf("the harness did not do its work: %s", got)
	}
}

// The harness must notice when what it is about is missing.
func TestKillsWithoutFsync(t *testing.T) {
	if got := run(t, plan{Seed: 7, Kills: 60, Check: 3, NoSync: true}); len(got.Faults) == 0 {
		t.Error("nothing was lost without fsync")
	}
}

func TestKillsWithoutTruncation(t *testing.T) {
	if got := run(t, plan{Seed: 7, Kills: 60, Check: 3, NoTruncate: true}); len(got.Faults) == 0 {
		t.Error("nothing broke without truncation")
	}
}
