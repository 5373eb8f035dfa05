package arch

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCommandIsSmall keeps package main to flags and exit statuses: what it decides no other package and no test can
// use.
func TestCommandIsSmall(t *testing.T) {
	const most = 3500
	n, err := Lines(top, "cmd/cundang")
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 || n > most {
		t.Errorf("cmd/cundang has %d lines, at most %d are right", n, most)
	}
}

// TestBinaryIsSmall builds the binary as `make build` does and holds it to the size of ADR 3.
func TestBinaryIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("building the binary takes a while")
	}
	const most = 90e6 // bytes
	bin := filepath.Join(t.TempDir(), "cundang")
	build := exec.CommandContext(t.Context(), "make", "-C", "../..", "build", "BINARY="+bin)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("make build: %v\n%s", err, out)
	}
	info, err := os.Stat(bin)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > most {
		t.Errorf("the binary has %.1f MB, at most %.0f are right", float64(info.Size())/1e6, most/1e6)
	}
}
