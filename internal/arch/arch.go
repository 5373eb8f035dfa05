// Package arch checks the import rules by reading the files: which package imports which, in which
// package each foreign module stands, how packages may be named and whether the paths that the
// documents name exist. docs/architecture.md tells why the rules are as they are.
package arch

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of the project's own module.
const Module = "cundang"

// Package is a package and what it may import.
type Package struct {
	Dir     string   // slash path from the top of the checkout
	Imports []string // packages it may import besides those below Dir
	Tests   []string // packages its tests may import besides
	Foreign []string // module path prefixes that stand here
}

// Breach is an import or a name that a rule forbids.
type Breach struct {
	File string
	What string
}

func (b Breach) String() string { return b.File + ": " + b.What }

// everywhere are foreign modules that tests of any package may use.
var everywhere = []string{
	"github.com/google/go-cmp",
	"pgregory.net/rapid",
	"github.com/rogpeppe/go-internal/testscript",
	"github.com/klauspost/compress/gzip",
	"github.com/chromedp",
}

// unnamed are words that say nothing of what a package is for.
var unnamed = []string{"util", "utils", "common", "helper", "helpers", "types", "model", "models", "manager", "service",
	"core", "misc", "lib", "base"}

// Check reads every Go file below fsys and returns each breach of the rules.
func Check(fsys fs.FS, packages []Package) ([]Breach, error) {
	var breaches []Breach
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			skip, b := checkFolder(fsys, name)
			breaches = append(breaches, b...)
			if skip {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		b, err := checkFile(fsys, name, packages)
		breaches = append(breaches, b...)
		return err
	})
	return breaches, err
}

// checkFolder says whether a folder is outside the project and whether its name is a bad one.
func checkFolder(fsys fs.FS, name string) (skip bool, breaches []Breach) {
	base := path.Base(name)
	if name == "." {
		return false, nil
	}
	if base == "testdata" || base == "bin" || strings.HasPrefix(base, ".") {
		return true, nil
	}
	if _, err := fs.Stat(fsys, path.Join(name, "go.mod")); err == nil {
		return true, nil // a module of its own, for tests against peers
	}
	if slices.Contains(unnamed, base) {
		breaches = append(breaches, Breach{name, "a package is named for what it does, not " + strconv.Quote(base)})
	}
	return false, breaches
}

func checkFile(fsys fs.FS, name string, packages []Package) ([]Breach, error) {
	pkg, ok := packageOf(packages, path.Dir(name))
	if !ok {
		return []Breach{{name, "stands in no package of internal/arch/packages.go"}}, nil
	}
	imports, err := importsOf(fsys, name)
	if err != nil {
		return nil, err
	}
	var breaches []Breach
	for _, imp := range imports {
		if what := pkg.forbids(imp, strings.HasSuffix(name, "_test.go")); what != "" {
			breaches = append(breaches, Breach{name, what})
		}
	}
	return breaches, nil
}

// packageOf returns the package whose folder is dir or the nearest above it.
func packageOf(packages []Package, dir string) (Package, bool) {
	best, ok := Package{}, false
	for _, r := range packages {
		if within(dir, r.Dir) && len(r.Dir) > len(best.Dir) {
			best, ok = r, true
		}
	}
	return best, ok
}

func importsOf(fsys fs.FS, name string) ([]string, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		imports = append(imports, p)
	}
	return imports, nil
}

// forbids says why a file of the package must not import imp, "" if it may.
func (r Package) forbids(imp string, test bool) string {
	first, _, _ := strings.Cut(imp, "/")
	if within(imp, Module) {
		target := strings.TrimPrefix(imp, Module+"/")
		if within(target, r.Dir) || slices.ContainsFunc(r.Imports, func(ok string) bool { return within(target, ok) }) {
			return ""
		}
		if test && (target == "internal/fakesite" || slices.Contains(r.Tests, target)) {
			return ""
		}
		return fmt.Sprintf("%s may not import %s", r.Dir, target)
	}
	if !strings.Contains(first, ".") {
		return "" // standard library
	}
	kept := r.Foreign
	if test {
		kept = slices.Concat(kept, everywhere)
	}
	if slices.ContainsFunc(kept, func(ok string) bool { return within(imp, ok) }) {
		return ""
	}
	return fmt.Sprintf("%s is not kept in %s", imp, r.Dir)
}

func within(p, prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }
