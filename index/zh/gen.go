//go:build ignore

// gen writes data/dict.img from gse's dictionary and data/domain.txt, and, with
// -opencc DIR (the dictionary folder of OpenCC, for example of the PyPI package
// opencc-python-reimplemented 0.1.7), data/fold.txt.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cundang/index/zh"

	"github.com/go-ego/gse"
)

func main() {
	opencc := flag.String("opencc", "", "OpenCC's dictionary folder: rewrite data/fold.txt, then run again without")
	flag.Parse()
	var err error
	if *opencc != "" {
		err = fold(*opencc)
	} else {
		err = dict()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func dict() error {
	var seg gse.Segmenter
	seg.SkipLog = true
	seg.NotLoadHMM = true
	if err := seg.LoadDictEmbed("zh"); err != nil {
		return fmt.Errorf("load gse's dictionary: %w", err)
	}
	domain, err := os.ReadFile("data/domain.txt")
	if err != nil {
		return err
	}
	entries, err := zh.ParseWords(strings.Split(string(domain), "\n"))
	if err != nil {
		return fmt.Errorf("data/domain.txt: %w", err)
	}
	for _, t := range seg.Dict.Tokens {
		entries = append(entries, zh.Entry{Word: t.Text(), Freq: int(t.Freq()), Pos: t.Pos()})
	}
	img, err := zh.Compile(entries)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d entries, %d bytes\n", len(entries), len(img))
	if err := os.WriteFile("data/dict.img", img, 0o644); err != nil {
		return err
	}
	return nil
}

// fold composes OpenCC's tables. A variant form counts only where it is not a character of
// gse's simplified dictionary: 着 is a Hong Kong form of 著, but also a word of its own.
func fold(dir string) error {
	ts, err := pairs(filepath.Join(dir, "TSCharacters.txt"))
	if err != nil {
		return err
	}
	var seg gse.Segmenter
	seg.SkipLog = true
	seg.NotLoadHMM = true
	if err := seg.LoadDictEmbed("zh_s"); err != nil {
		return err
	}
	simplified := map[string]bool{}
	for _, t := range seg.Dict.Tokens {
		for _, r := range t.Text() {
			simplified[string(r)] = true
		}
	}
	out := map[string]string{}
	for from, to := range ts {
		out[from] = to
	}
	for _, name := range []string{"TWVariants.txt", "HKVariants.txt", "JPVariants.txt"} {
		vs, err := pairs(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		for standard, variant := range vs {
			to := standard
			if s, ok := ts[standard]; ok {
				to = s
			}
			if _, known := out[variant]; !known && variant != to && !simplified[variant] {
				out[variant] = to
			}
		}
	}
	var lines []string
	for from, to := range out {
		if from != to {
			lines = append(lines, from+to)
		}
	}
	slices.Sort(lines)
	return os.WriteFile("data/fold.txt", []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

func pairs(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) >= 2 && len([]rune(f[0])) == 1 && len([]rune(f[1])) == 1 {
			out[f[0]] = f[1]
		}
	}
	return out, nil
}
