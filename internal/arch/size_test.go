package arch

import "testing"

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
