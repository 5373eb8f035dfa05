package zh

import "sync"

// Word is a term for the index: a folded word and where it stands in the text.
type Word struct {
	Text       string
	Start, End int // in characters
	Sub        bool
	Pos        string
}

// Words folds and cuts a text and calls f for each word; with subs also for the words inside words (see cut).
func (c *Cutter) Words(text string, subs bool, f func(Word)) {
	if text == "" {
		return
	}
	t := c.fold(text)
	c.cut(t)
	for _, w := range t.tokens {
		if subs || !w.Sub {
			f(Word{t.folded[t.at[w.Start]:t.at[w.End]], w.Start, w.End, w.Sub, w.Pos})
		}
	}
}

// Pair is two characters that follow each other in a folded text when punctuation and white
// space are left out.
type Pair struct {
	A, B rune
	Word string // both as a string when nothing stands between them, else ""
}

// Pairs calls f for every pair of a text. Every text that holds a string as a substring has all the
// string's pairs.
func (c *Cutter) Pairs(text string, f func(Pair)) {
	t := c.fold(text)
	last := -1
	for i, r := range t.runes {
		if classOf(r) == other {
			continue
		}
		if last >= 0 {
			p := Pair{A: t.runes[last], B: r}
			if last == i-1 {
				p.Word = t.folded[t.at[last]:t.at[i+1]]
			}
			f(p)
		}
		last = i
	}
}

// gramBits is the number of bits of a bucket of pairs.
const gramBits = 16

// bucketNames holds the terms of all buckets, two bytes each.
var bucketNames = sync.OnceValue(func() string {
	b := make([]byte, 0, 2<<gramBits)
	for i := range 1 << gramBits {
		b = append(b, byte(i>>8), byte(i))
	}
	return string(b)
})

// Buckets is how many buckets there are; Pair.Bucket is below it.
const Buckets = 1 << gramBits

// Bucket numbers the bucket of a pair.
func (p Pair) Bucket() int {
	h := (uint64(p.A)<<32 | uint64(p.B)) * 0x9E3779B97F4A7C15
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return int(h >> (64 - gramBits))
}

// BucketTerm is the term of a bucket.
func BucketTerm(bucket int) string { return bucketNames()[2*bucket : 2*bucket+2] }

// Lone calls f for every folded character of text that is part of a word, always, and has no other such
// character at its side. Some come twice.
func (c *Cutter) Lone(text string, f func(rune)) {
	runes := c.fold(text).runes
	part := func(i int) bool { return i >= 0 && i < len(runes) && classOf(runes[i]) != other }
	for i, r := range runes {
		if part(i) && !part(i-1) && !part(i+1) {
			f(r)
		}
	}
}
