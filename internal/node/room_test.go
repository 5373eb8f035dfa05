package node

import (
	"errors"
	"log/slog"
	"syscall"
	"testing"
)

// TestNoRoom opens a data directory on a disk with less free than is to be left: nothing is written, and reading goes on.
func TestNoRoom(t *testing.T) {
	o := Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Version: "test"}
	n, err := Open(t.Context(), o, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	full := o
	full.MinFree = 1 << 62
	var room *RoomError
	if _, err := Open(t.Context(), full, false); !errors.As(err, &room) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("opened for writing: %v", err)
	}
	n, err = OpenReader(t.Context(), full)
	if err != nil {
		t.Fatalf("opened for reading: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if n, err = Open(t.Context(), o, false); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}
