// Command licences prints each module that is linked into the binary with its licence, as
// read from the module's own licence file. It fails when a licence is not permissive.
//
//	go run ./internal/arch/licences >internal/arch/licences.txt
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"cundang/internal/arch"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run() error {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}",
		"./cmd/cundang").Output()
	if err != nil {
		return fmt.Errorf("go list -deps: %w", err)
	}
	var rows []string
	for line := range strings.Lines(string(out)) {
		module, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if module == "" || module == arch.Module {
			continue
		}
		licence, err := read(dir)
		if err != nil {
			return fmt.Errorf("%s: %w", module, err)
		}
		if !arch.Permissive(licence) {
			return fmt.Errorf("%s: licence %q is not one that may go into the binary", module, licence)
		}
		rows = append(rows, module+" "+licence)
	}
	slices.Sort(rows)
	for _, r := range slices.Compact(rows) {
		fmt.Println(r)
	}
	return nil
}

// read finds the licence file of a module and tells which licence it is.
func read(dir string) (string, error) {
	for _, pattern := range []string{"LICEN[SC]E*", "license*", "COPYING*", "Licen[sc]e*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return "", err
			}
			if l := arch.Licence(string(bytes.Join(bytes.Fields(text), []byte(" ")))); l != "" {
				return l, nil
			}
		}
	}
	return "", fmt.Errorf("no licence file that is understood in %s", dir)
}
