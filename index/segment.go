package index

import "cundang/index/zh"

// Token is a word as the index sees it.
type Token struct {
	Text  string `json:"text"`  // as it stands in the text
	Term  string `json:"term"`  // as it is indexed: folded
	Start int    `json:"start"` // in characters
	End   int    `json:"end"`
	Pos   string `json:"pos,omitempty"` // part of speech, of words the dictionary has
	Sub   bool   `json:"sub,omitempty"` // a word inside the word that follows
}

// Segment cuts a text as an index opened with opts would.
func Segment(opts Options, text string) ([]Token, error) {
	d, err := zh.Load(opts.Dictionary)
	if err != nil {
		return nil, err
	}
	runes := []rune(text)
	out := []Token{}
	zh.NewCutter(d).Words(text, true, func(w zh.Word) {
		out = append(out, Token{string(runes[w.Start:w.End]), w.Text, w.Start, w.End, w.Pos, w.Sub})
	})
	return out, nil
}
