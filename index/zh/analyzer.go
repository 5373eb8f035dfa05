package zh

import (
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"
)

// Analyzer is the name of the bleve analyzer that folds and cuts with the built-in dictionary.
const Analyzer = "cundang_zh"

// The house's only init: bleve finds analyzers in its registry.
func init() {
	err := registry.RegisterAnalyzer(Analyzer, func(map[string]any, *registry.Cache) (analysis.Analyzer, error) {
		d, err := Builtin()
		if err != nil {
			return nil, err
		}
		return analyzer{d}, nil
	})
	if err != nil {
		panic(err) // two analyzers of one name: a mistake in the program
	}
}

type analyzer struct{ d *Dict }

// Analyze makes bleve's tokens: byte offsets into the text as it was before folding, words and
// the words inside them on the position of the word.
func (a analyzer) Analyze(text []byte) analysis.TokenStream {
	at := make([]int, 0, len(text)+1)
	for i := range string(text) {
		at = append(at, i)
	}
	at = append(at, len(text))
	var out analysis.TokenStream
	position := 1
	NewCutter(a.d).Words(string(text), true, func(w Word) {
		out = append(out, &analysis.Token{
			Term: []byte(w.Text), Start: at[w.Start], End: at[w.End],
			Position: position, Type: analysis.Ideographic,
		})
		if !w.Sub {
			position++
		}
	})
	return out
}
