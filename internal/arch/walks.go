package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"strings"
)

var step = regexp.MustCompile("`([a-z0-9_/]+\\.go):([A-Za-z]+)`")

// Step is a function that a walk through the program names.
type Step struct{ File, Func string }

// Walks returns the walks of a document: the functions that each of its paragraphs names as FILE:FUNC.
func Walks(text string) (walks [][]Step) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		var steps []Step
		for _, m := range step.FindAllStringSubmatch(paragraph, -1) {
			steps = append(steps, Step{m[1], m[2]})
		}
		if len(steps) > 0 {
			walks = append(walks, steps)
		}
	}
	return walks
}

// Declares reports whether the file declares the function or method.
func Declares(fsys fs.FS, s Step) (bool, error) {
	src, err := fs.ReadFile(fsys, s.File)
	if err != nil {
		return false, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), s.File, src, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == s.Func {
			return true, nil
		}
	}
	return false, nil
}
