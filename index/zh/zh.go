// Package zh cuts Chinese text for the index: folding, gse with a dictionary compiled into an
// image, words and sub-words, bigrams, and the bleve analyzer on top of them.
//
// gse (github.com/go-ego/gse) makes every cut: the most probable path through the graph of dictionary
// words, without the hidden Markov model. The words are gse's own (simplified and traditional, both folded) together
// with domain.txt and the operator's. Its loader would take seconds and hundreds of megabytes, so `go generate`
// lets it read its dictionary once and writes data/dict.img, which is used in place; a Segmenter is given
// the words that occur in the texts it is to cut. A test holds it to one that knows them all.
package zh

//go:generate go run gen.go
