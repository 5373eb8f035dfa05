package zh

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-ego/gse"
)

// alike is the share of runs that must be cut as gse cuts them. The rest are compounds at
// the edge (技术推广, 负责同志): folding traditional words into simplified ones makes the sum
// of all frequencies a little smaller, and with it the price of one more word.
const alike = 0.97

// The cut is gse's: same dictionary, same most probable path. gse itself, with our domain
// words added, and our cutter on the compiled image cut the labelled texts.
func TestCutsAsGSEDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("gse's own loader takes seconds and hundreds of megabytes")
	}
	ours, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	theirs := segmenter(t, ours)
	cutter := NewCutter(ours)
	runs, same := 0, 0
	for _, run := range hanRuns(t) {
		var a []string
		text := []rune(run)
		for _, tok := range cutter.Cut(text, false) {
			a = append(a, string(text[tok.Start:tok.End]))
		}
		b := theirs.Cut(run, false)
		runs++
		if slices.Equal(a, b) {
			same++
		} else if runs-same <= 5 {
			t.Logf("%s\n ours %v\n gse  %v", run, a, b)
		}
	}
	t.Logf("%d of %d runs of characters are cut the same", same, runs)
	if runs < 1000 || float64(same) < alike*float64(runs) {
		t.Errorf("%d of %d runs are cut as gse cuts them, want a share of %v", same, runs, alike)
	}
}

// segmenter is gse with the dictionary of d.
func segmenter(t *testing.T, d *Dict) *gse.Segmenter {
	t.Helper()
	seg := new(gse.Segmenter)
	seg.SkipLog, seg.NotLoadHMM = true, true
	if err := seg.LoadDictEmbed("zh"); err != nil {
		t.Fatal(err)
	}
	domain, err := os.ReadFile("data/domain.txt")
	if err != nil {
		t.Fatal(err)
	}
	words, err := ParseWords(strings.Split(string(domain), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		freq, pos, ok := d.Lookup(w.Word)
		if !ok {
			t.Fatalf("%s is not in the image", w.Word)
		}
		if err := seg.AddToken(w.Word, float64(freq), pos); err != nil {
			t.Fatal(err)
		}
	}
	seg.CalcToken()
	return seg
}

// hanRuns are the runs of Chinese characters of the labelled texts, folded.
func hanRuns(t *testing.T) []string {
	t.Helper()
	f, err := os.Open("../../testdata/eval/extract/gold.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var runs []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var page struct{ Title, Body string }
		if err := json.Unmarshal(lines.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, strings.FieldsFunc(Fold(page.Title+"\n"+page.Body), func(r rune) bool { return r < 0x4E00 || r > 0x9FFF })...)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return runs
}
