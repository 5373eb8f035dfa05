// Package zh cuts Chinese text for the index: folding, gse's dictionary compiled into an
// image, words and sub-words, bigrams, and the bleve analyzer on top of them.
//
// The dictionary is gse's (github.com/go-ego/gse, simplified and traditional, both folded)
// together with domain.txt. gse's own loader takes seconds and hundreds of megabytes, so
// `go generate` lets gse read its dictionary once and writes data/dict.img, which is used
// in place, without loading. The cut is gse's: the most probable path through the graph of
// dictionary words, without the hidden Markov model. A test holds both to the same answer.
package zh

//go:generate go run gen.go
