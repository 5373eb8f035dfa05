package arch

import (
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// Every module of go.mod that is linked into the binary stands in licences.txt with a
// licence that may go there; `go run ./internal/arch/licences` writes the file.
func TestLicencesArePermissive(t *testing.T) {
	known := map[string]string{}
	text, err := fs.ReadFile(top, "internal/arch/licences.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		module, licence, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || !Permissive(licence) {
			t.Errorf("licences.txt: %q is not a permissive licence", strings.TrimSpace(line))
		}
		known[module] = licence
	}
	text, err = fs.ReadFile(top, "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	unlinked := map[string]bool{ // needed by tests and tools only
		"github.com/google/go-cmp": true, "pgregory.net/rapid": true, "github.com/rogpeppe/go-internal": true,
		"github.com/johannesboyne/gofakes3": true, "github.com/nats-io/nats-server/v2": true,
		"github.com/nats-io/nats.go": true, // of internal/cluster, which no command links yet
		"golang.org/x/mod":           true, "github.com/chromedp/chromedp": true, "github.com/chromedp/cdproto": true,
	}
	for _, r := range mod.Require {
		if !r.Indirect && !unlinked[r.Mod.Path] && known[r.Mod.Path] == "" {
			t.Errorf("%s is not in licences.txt: go run ./internal/arch/licences >internal/arch/licences.txt", r.Mod.Path)
		}
	}
}

func TestLicence(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Mozilla Public License Version 2.0 … Secondary License means either the GNU General Public License, Version 2.0",
			"MPL-2.0"},
		{"GNU GENERAL PUBLIC LICENSE Version 3", "GPL"},
		{"The MIT License Permission is hereby granted, free of charge, to any person", "MIT"},
		{"Redistributions in binary form must reproduce … Neither the name of Google", "BSD-3-Clause"},
		{"all rights reserved, do not copy", ""},
	}
	for _, tt := range tests {
		if got := Licence(tt.text); got != tt.want {
			t.Errorf("Licence(%.40q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}
