package bleve

import (
	"maps"
	"strings"
	"testing"

	"cundang/index"
	"cundang/index/zh"

	"github.com/google/go-cmp/cmp"
)

// TestPieces: a text cut into words piece by piece has the words and pairs that it has as a whole, and no piece is
// much longer than the size.
func TestPieces(t *testing.T) {
	m, err := newMapping(nil)
	if err != nil {
		t.Fatal(err)
	}
	registered, ok := m.AnalyzerNamed(analyzer).(*zh.TextAnalyzer)
	if !ok {
		t.Fatal("the mapping's analyzer is another")
	}
	for name, sentence := range map[string]string{
		"sentences": "全民科学素质行动计划纲要实施工作办公室印发通知，covid-19 疫苗 3.5 万剂。",
		"lines":     "各县科协要组织科技工作者到田间地头讲解节水灌溉技术\n",
		"words":     "research and development of irrigation ",
		"no end":    "科学技术协会农村专业技术协会",
	} {
		text := strings.Repeat(sentence, 3*pieceSize/len(sentence))
		words, pairs := map[string]int{}, map[zh.Pair]int{}
		wholeWords, wholePairs := map[string]int{}, map[zh.Pair]int{}
		a := registered.For(text)
		count := func(text string, words map[string]int, pairs map[zh.Pair]int) {
			for _, token := range a.Analyze([]byte(text)) {
				words[string(token.Term)]++
			}
			a.Cutter().Pairs(text, func(p zh.Pair) {
				if p.Word != "" {
					pairs[p]++
				}
			})
		}
		count(text, wholeWords, wholePairs)
		joined, longest := "", 0
		for piece := range pieces(text) {
			count(piece, words, pairs)
			joined += piece
			longest = max(longest, len(piece))
		}
		if joined != text {
			t.Errorf("%s: the pieces are not the text", name)
		}
		if diff := cmp.Diff(wholeWords, words); diff != "" {
			t.Errorf("%s: words: %s", name, diff)
		}
		if !maps.Equal(wholePairs, pairs) {
			t.Errorf("%s: pairs differ", name)
		}
		if name != "no end" && longest > pieceSize+len(sentence) {
			t.Errorf("%s: a piece of %d bytes", name, longest)
		}
	}
	var none index.Texts
	for piece := range pieces(none.Body) {
		if piece != "" {
			t.Errorf("an empty text has the piece %q", piece)
		}
	}
}
