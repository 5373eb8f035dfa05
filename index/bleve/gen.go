//go:build ignore

// Gen makes data/texts.dict, the dictionary that heads and texts are compressed with: the most frequent words of gse's
// dictionary, the project's own made-up texts and what heads have in common, which also tell how often each byte occurs.
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

// heads is how many made-up heads of articles tell how often bytes occur in one.
const heads = 20

// skeleton is what heads have in common; it stands last, where it is nearest.
const skeleton = `"provenance":{"author":{"rule":"byline","confidence":0.9,"raw":"作者："},"source":{"rule":"来源：","published":{"rule":"meta","title":{"rule":"h1","column":{"rule":"breadcrumb","body":{"rule":"density","confidence":0.95,"raw":""}},"rules":"1"},"k":["p","p","p","p","p"],"o":[{"t":1700000000000000000,"r":"cundang-20260101000000-1.warc.gz:0:","d":"sha256:","c":"0123456789abcdef"}],"w":100}{"a":{"id":"","url":"https://www.","site":"","kind":"article","title":null,"source":null,"author":null,"editor":null,"contributor":null,"published":"2026-01-01","published_text":"2026-01-01","column":["首页"],"body":null,"paragraphs":null,"images":[{"url":"https://","caption":null}],"attachments":[{"url":"https://","title":"附件","type":"application/pdf"}],"document":null,"people":[],"places":[],"organizations":[],"fetched":"2026-01-01T00:00:00+08:00","capture":{"ref":"cundang-.warc.gz:","digest":"sha256:"},"version":0,"versions":0,"state":"live","confidence":0.9,`

func madeUpHead(i int) []byte {
	return fmt.Appendf(nil, `{"a":{"id":"%032x","url":"https://www.kx.example/art/2026/%d/art_%d.html","site":"kx","kind":"article",`+
		`"source":"青山市科协","author":"学会部","published":"2026-01-%02d","people":["张三丰","李四光","欧阳修"],`+
		`"places":["青山市","白水县","云岭省"],"organizations":["青山市科学技术协会","白水县农业农村局"],`+
		`"fetched":"2026-02-0%dT10:11:12+08:00"},"o":[{"t":17%017d,"r":"cundang-2026.warc.gz:%d:%d","d":"sha256:%064x","c":"Zx%dqQ"}]}`,
		i*7919, i, i*31, 1+i, i%10, i*123457, i*991, i*77, i*7877, i)
}

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
	for i := range heads {
		contents = append(contents, madeUpHead(i))
	}
	history = append(history, skeleton...)
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
