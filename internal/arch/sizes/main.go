// Command sizes prints how much of a Linux binary each module takes, from the sizes of its
// symbols. Build it with its symbol table: `make build` does.
//
//	go run ./internal/arch/sizes bin/cundang
package main

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"cundang/internal/arch"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sizes:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: go run ./internal/arch/sizes BINARY")
	}
	info, err := os.Stat(args[0])
	if err != nil {
		return err
	}
	modules, err := packages()
	if err != nil {
		return err
	}
	sizes, err := symbols(args[0], modules)
	if err != nil {
		return err
	}
	print(sizes, info.Size())
	return nil
}

// print writes a Markdown table of the modules that take at least a hundredth.
func print(sizes map[string]int64, total int64) {
	names := make([]string, 0, len(sizes))
	for m := range sizes {
		names = append(names, m)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(sizes[b], sizes[a]) })
	fmt.Printf("| module | MB | share |\n|---|---|---|\n")
	rest := total
	for _, m := range names {
		if sizes[m]*100 < total {
			continue
		}
		rest -= sizes[m]
		fmt.Printf("| %s | %.1f | %.0f %% |\n", m, float64(sizes[m])/1e6, 100*float64(sizes[m])/float64(total))
	}
	fmt.Printf("| smaller modules, files in an embed.FS | %.1f | %.0f %% |\n", float64(rest)/1e6,
		100*float64(rest)/float64(total))
	fmt.Printf("| **the binary** | **%.1f** | 100 %% |\n", float64(total)/1e6)
}

// packages maps each linked package to its module.
func packages() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}\t{{with .Module}}{{.Path}}{{end}}",
		"./cmd/cundang").Output()
	if err != nil {
		return nil, fmt.Errorf("go list -deps: %w", err)
	}
	modules := map[string]string{}
	for line := range strings.Lines(string(out)) {
		pkg, module, _ := strings.Cut(strings.TrimSpace(line), "\t")
		modules[pkg] = cmp.Or(module, "Go's runtime and standard library")
	}
	return modules, nil
}

// symbols sums the sizes of the symbols that take room in the file by the module of their
// package, and names the tables that belong to no package.
func symbols(binary string, modules map[string]string) (map[string]int64, error) {
	f, err := elf.Open(binary)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sizes := map[string]int64{}
	for _, s := range f.Sections {
		switch {
		case s.Name == ".gopclntab":
			sizes["line tables for stack traces"] += int64(s.FileSize)
		case strings.HasPrefix(s.Name, ".debug_"), strings.HasPrefix(s.Name, ".zdebug_"):
			sizes["debugging information"] += int64(s.FileSize)
		case s.Type == elf.SHT_SYMTAB, s.Name == ".strtab":
			sizes["symbol table"] += int64(s.FileSize)
		}
	}
	all, err := f.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w (build it without -ldflags=-s)", binary, err)
	}
	for _, s := range all {
		i := int(s.Section)
		if i <= 0 || i >= len(f.Sections) || f.Sections[i].Type == elf.SHT_NOBITS || f.Sections[i].Name == ".gopclntab" {
			continue
		}
		sizes[moduleOf(s.Name, modules)] += int64(s.Size)
	}
	return sizes, nil
}

// moduleOf finds the module of a symbol such as "github.com/a/b/c.(*T).M" or "type:*…".
func moduleOf(symbol string, modules map[string]string) string {
	symbol = strings.TrimLeft(strings.TrimPrefix(symbol, "type:"), "*[]")
	for _, prefix := range []string{".eq.", ".hash.", "go:itab.", "go:"} {
		symbol = strings.TrimPrefix(symbol, prefix)
	}
	slash := strings.LastIndexByte(symbol, '/')
	dot := strings.IndexByte(symbol[slash+1:], '.')
	if dot < 0 {
		return "types and tables of no package"
	}
	pkg := strings.ReplaceAll(symbol[:slash+1+dot], "%2e", ".")
	if pkg == "main" {
		return arch.Module
	}
	if m, ok := modules[pkg]; ok {
		return m
	}
	return "types and tables of no package"
}
