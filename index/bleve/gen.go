//go:build ignore

// Gen makes data/texts.dict, the dictionary that stored texts are compressed with: the most frequent words of gse's
// dictionary and the project's own made-up texts, which also tell how often each byte occurs.
package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// dictionaryID is in every compressed text; another dictionary needs another one, and another format of the index.
const dictionaryID = 4001

// size is of the dictionary, in bytes; more gains nothing.
const size = 112 << 10

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	words, err := frequentWords(size * 2 / 3)
	if err != nil {
		return err
	}
	texts, err := filepath.Glob("../../internal/fakesite/texts/*.txt")
	if err != nil {
		return err
	}
	var contents [][]byte
	history := []byte(words)
	for _, name := range texts {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for i, part := range strings.Split(string(b), "\n\n") {
			if len(part) < 100 {
				continue
			}
			if i%2 == 0 {
				history = append(history, part...)
			} else { // tells how often bytes occur that are not in the history
				contents = append(contents, []byte(part))
			}
		}
	}
	history = history[max(0, len(history)-size):]
	d, err := zstd.BuildDict(zstd.BuildDictOptions{
		ID: dictionaryID, Contents: contents, History: history, Offsets: [3]int{1, 4, 8}, Level: zstd.SpeedBetterCompression,
	})
	if err != nil {
		return err
	}
	return os.WriteFile("data/texts.dict", d, 0o644)
}

// frequentWords returns the words of gse's dictionary that save most, the best last, where they are nearest.
func frequentWords(size int) (string, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/go-ego/gse").Output()
	if err != nil {
		return "", fmt.Errorf("find gse: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "data", "dict", "zh", "s_1.txt"))
	if err != nil {
		return "", err
	}
	type word struct {
		text  string
		worth int
	}
	var all []word
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) < 2 || utf8.RuneCountInString(f[0]) < 2 {
			continue
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			return "", fmt.Errorf("word %s: %w", f[0], err)
		}
		all = append(all, word{f[0], n * (len(f[0]) - 3)})
	}
	slices.SortStableFunc(all, func(a, b word) int { return cmp.Compare(b.worth, a.worth) })
	out := ""
	for _, w := range all {
		if len(out)+len(w.text) > size {
			break
		}
		out = w.text + out
	}
	return out, nil
}
