package arch

import (
	"bytes"
	"io/fs"
	"strings"
)

// Lines counts the lines of the Go files in the folder dir that are no tests.
func Lines(fsys fs.FS, dir string) (int, error) {
	files, err := fs.Glob(fsys, dir+"/*.go")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return 0, err
		}
		n += bytes.Count(text, []byte("\n"))
	}
	return n, nil
}
