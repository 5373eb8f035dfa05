package arch

import (
	"io/fs"
	"slices"
	"strings"
)

// Users returns the non-test Go files below dir that import the module or a package of it.
func Users(fsys fs.FS, dir, module string) ([]string, error) {
	var users []string
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		imports, err := importsOf(fsys, name)
		if slices.ContainsFunc(imports, func(imp string) bool { return within(imp, module) }) {
			users = append(users, name)
		}
		return err
	})
	return users, err
}
