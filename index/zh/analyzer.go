package zh

import (
	"fmt"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"
)

// Analyzer is the name of the bleve analyzer that folds and cuts. Its configuration may have AnalyzerWords, the
// operator's own words as Load takes them.
const (
	Analyzer      = "cundang_zh"
	AnalyzerWords = "words"
)

// The only init: bleve finds analyzers in its registry.
func init() {
	err := registry.RegisterAnalyzer(Analyzer, func(config map[string]any, _ *registry.Cache) (analysis.Analyzer, error) {
		words, err := analyzerWords(config)
		if err != nil {
			return nil, err
		}
		d, err := Load(words)
		if err != nil {
			return nil, err
		}
		return &TextAnalyzer{d: d}, nil
	})
	if err != nil {
		panic(err) // two analyzers of one name: a mistake in the program
	}
}

// analyzerWords reads a list of words, as it is or as JSON gave it back.
func analyzerWords(config map[string]any) ([]string, error) {
	switch list := config[AnalyzerWords].(type) {
	case nil:
		return nil, nil
	case []string:
		return list, nil
	case []any:
		words := make([]string, len(list))
		for i, v := range list {
			s, ok := v.(string)
			if !ok {
				return nil, fmt.Errorf("analyzer %s: word %d is a %T", Analyzer, i, v)
			}
			words[i] = s
		}
		return words, nil
	default:
		return nil, fmt.Errorf("analyzer %s: %s is a %T", Analyzer, AnalyzerWords, list)
	}
}

// TextAnalyzer is the registered analyzer.
type TextAnalyzer struct {
	d *Dict
	c *Cutter // of one goroutine, nil for one of its own for each text
}

var _ analysis.Analyzer = (*TextAnalyzer)(nil)

// For returns an analyzer for one goroutine that is ready for some texts (see Cutter.Learn), on a cutter of its own.
func (a *TextAnalyzer) For(texts ...string) *TextAnalyzer {
	c := a.c
	if c == nil {
		c = NewCutter(a.d)
	}
	c.Learn(texts...)
	return &TextAnalyzer{d: a.d, c: c}
}

// Cutter returns what an analyzer made by For cuts with.
func (a *TextAnalyzer) Cutter() *Cutter { return a.c }

// Analyze makes bleve's tokens: byte offsets into the text as it was before folding, words and
// the words inside them on the position of the word.
func (a *TextAnalyzer) Analyze(text []byte) analysis.TokenStream {
	s := string(text)
	at := make([]int, 0, len(s)+1)
	for i := range s {
		at = append(at, i)
	}
	at = append(at, len(s))
	c := a.c
	if c == nil {
		c = NewCutter(a.d)
	}
	slab := make([]analysis.Token, 0, len(at)/2+4) // tokens and their terms are made many at a time
	var terms []byte
	out := make(analysis.TokenStream, 0, cap(slab))
	position := 1
	c.Words(s, true, func(w Word) {
		if len(slab) == cap(slab) {
			slab = make([]analysis.Token, 0, cap(slab))
		}
		if len(terms)+len(w.Text) > cap(terms) {
			terms = make([]byte, 0, max(len(s), len(w.Text)))
		}
		from := len(terms)
		terms = append(terms, w.Text...)
		slab = append(slab, analysis.Token{
			Term: terms[from:len(terms):len(terms)], Start: at[w.Start], End: at[w.End],
			Position: position, Type: analysis.Ideographic,
		})
		out = append(out, &slab[len(slab)-1])
		if !w.Sub {
			position++
		}
	})
	return out
}
