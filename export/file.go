package export

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"cundang/extract"
)

// WriteFile writes an export to path. The file appears under its name only when it is
// complete and on disk: until then it is a temporary file in the same directory, which is
// removed when the export fails. An existing file is replaced. It returns how many
// articles were written.
func WriteFile(path, format string, articles iter.Seq2[extract.Article, error], opts Options) (n int, err error) {
	if _, err := FormatByName(format); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".cundang-export-*")
	if err != nil {
		return 0, fmt.Errorf("create export: %w", err)
	}
	defer func() {
		if err != nil {
			if rerr := os.Remove(f.Name()); rerr != nil && !errors.Is(rerr, os.ErrNotExist) {
				err = errors.Join(err, rerr)
			}
		}
	}()
	n, err = Write(f, format, articles, opts)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return n, fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return n, fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return n, fmt.Errorf("write %s: %w", path, err)
	}
	return n, nil
}
