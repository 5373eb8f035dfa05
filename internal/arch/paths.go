package arch

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// tops are the folders and files whose mention in a document is a path of the checkout.
var tops = []string{"cmd/", "site/", "archive/", "crawler/", "extract/", "index/", "export/", "web/", "internal/",
	"testdata/", "docs/", ".ci/", "Makefile", "go.mod", "CHANGELOG.md", "LICENSE", "README"}

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	mdLink   = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	plain    = regexp.MustCompile(`^[A-Za-z0-9_.\-/]+$`)
)

// Paths returns every path of the checkout that a Markdown text names in a code span or a
// link, as slash paths from the top; dir is the folder the text stands in.
func Paths(text, dir string) []string {
	var found []string
	for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
		p := strings.TrimPrefix(m[1], "./")
		if plain.MatchString(p) && slices.ContainsFunc(tops, func(t string) bool { return strings.HasPrefix(p, t) }) {
			found = append(found, strings.TrimSuffix(p, "/"))
		}
	}
	for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], ":") {
			found = append(found, path.Join(dir, m[1]))
		}
	}
	return found
}

// Documents returns the Markdown files of the top folder and of docs/.
func Documents(fsys fs.FS) ([]string, error) {
	names, err := fs.Glob(fsys, "*.md")
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(fsys, "docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	return names, err
}
