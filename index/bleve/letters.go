package bleve

import segment "github.com/blevesearch/scorch_segment_api/v2"

// A phrase such as “前，科”, or of one character, has no pair of characters side by side to look up, and
// to read all texts for it takes a fifth of a second of both processors for 100,000. But a text has a
// character only in one of its words, so the words with the character tell.

// fewToRead is how many texts are read in about the time of finding the words with a character.
var fewToRead = 4096 // a test sets it

// letters is what the postings of characters are kept under; no field of the index has this name.
const letters = "letters"

// letter is the documents that have a character, after folding, in a word; or all of a segment where
// that would be many of them.
func (r *view) letter(char rune) (list, error) {
	return r.gather(func(i int) (*postings, error) { return r.letterIn(i, string(char)) })
}

func (r *view) letterIn(i int, char string) (*postings, error) {
	key := termKey{r.segs[i].Id(), letters, char}
	if p, ok := r.e.warm.postings.get(key); ok {
		return p, nil
	}
	having, err := r.havingLetter(i, char)
	if err != nil {
		return nil, err
	}
	p := &postings{docs: make([]uint32, 0, having.count())}
	having.each(func(doc uint32) { p.docs = append(p.docs, doc) })
	r.e.warm.postings.put(key, p, p.size()+len(char))
	return p, nil
}

func (r *view) havingLetter(i int, char string) (docSet, error) {
	size := int(r.segs[i].size)
	having := newDocSet(size)
	added, look := 0, size // look is when to count: after as many postings as there are documents, then twice as many
	for _, field := range []string{fWords, fAttach} {
		dict, err := r.dictionary(i, field)
		if err != nil {
			return nil, err
		}
		it := dict.AutomatonIterator(containing(char), nil, nil)
		e, err := it.Next()
		for ; err == nil && e != nil; e, err = it.Next() {
			if err := r.eachHaving(dict, e.Term, func(doc uint32) { having.add(doc); added++ }); err != nil {
				return nil, err
			}
			if added < look {
				continue
			}
			if having.count() > size/3 {
				having.addRange(0, uint32(size))
				return having, nil
			}
			look = 2 * added
		}
		if err != nil {
			return nil, err
		}
	}
	return having, nil
}

// containing is an automaton of terms with a character in them: its states are how many of the bytes are
// there. Bytes that begin a character never occur inside one, so after a byte that does not fit the search begins anew with it.
type containing string

var _ segment.Automaton = containing("")

func (c containing) Start() int                 { return 0 }
func (c containing) IsMatch(have int) bool      { return have == len(c) }
func (c containing) CanMatch(int) bool          { return true }
func (c containing) WillAlwaysMatch(h int) bool { return h == len(c) }
func (c containing) Accept(have int, b byte) int {
	switch {
	case have == len(c):
		return have
	case b == c[have]:
		return have + 1
	case b == c[0]:
		return 1
	}
	return 0
}
