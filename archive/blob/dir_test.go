package blob_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"cundang/archive/blob"
	"cundang/archive/blob/blobtest"
)

func TestDir(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return blob.Dir(filepath.Join(t.TempDir(), "store")) })
}

func TestWithin(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return blob.Within(blob.Dir(t.TempDir()), "groups/kx") })
}

// brokenOff fails in the middle.
type brokenOff struct{ *strings.Reader }

// Read implements io.Reader.
func (b brokenOff) Read(p []byte) (int, error) {
	if b.Len() < 5 {
		return 0, iotest.ErrTimeout
	}
	return b.Reader.Read(p[:min(len(p), 5)])
}

// TestDirLeavesNothing checks that a put that fails leaves no file and no name.
func TestDirLeavesNothing(t *testing.T) {
	dir := blob.Dir(t.TempDir())
	if err := dir.PutNew(t.Context(), "a/f", brokenOff{strings.NewReader("0123456789abc")}, 13); err == nil {
		t.Fatal("half a file was put")
	}
	for _, size := range []int64{12, 14} {
		if err := dir.PutNew(t.Context(), "a/f", strings.NewReader("0123456789abc"), size); err == nil {
			t.Fatalf("a file of 13 bytes was put as %d", size)
		}
	}
	left, err := os.ReadDir(filepath.Join(string(dir), "a"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
