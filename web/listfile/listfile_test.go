package listfile

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// What is changed at the same time is all kept; a change that fails, or a file that is no list, leaves it as it is.
func TestChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.json")
	if list, err := Read[int](path); list != nil || err != nil {
		t.Errorf("without a file: %v, %v", list, err)
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			if err := Change(path, func(list []int) ([]int, error) { return append(list, n), nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	refused := errors.New("refused")
	if err := Change(path, func([]int) ([]int, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
	if list, err := Read[int](path); len(list) != 8 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Change(path, func(list []int) ([]int, error) { return list, nil }); err == nil {
		t.Error("a damaged file is overwritten")
	}
}
