package zh

import "unicode/utf8"

// Word is a term for the index: a folded word and where it stands in the text.
type Word struct {
	Text       string
	Start, End int // in characters
	Sub        bool
	Pos        string
}

// Words folds and cuts a text and calls f for each word; with subs also for the words inside words (see Cut).
func (c *Cutter) Words(text string, subs bool, f func(Word)) {
	if text == "" {
		return
	}
	c.runes = FoldRunes(c.runes[:0], text)
	c.buf, c.at = c.buf[:0], c.at[:0]
	for _, r := range c.runes {
		c.at = append(c.at, int32(len(c.buf)))
		c.buf = utf8.AppendRune(c.buf, r)
	}
	c.at = append(c.at, int32(len(c.buf)))
	folded := string(c.buf) // the terms share one string
	for _, t := range c.Cut(c.runes, subs) {
		f(Word{folded[c.at[t.Start]:c.at[t.End]], t.Start, t.End, t.Sub, t.Pos})
	}
}

// gramBits is the number of bits of a bigram bucket.
const gramBits = 18

// bucketNames holds the terms of all buckets, three bytes each.
var bucketNames = func() string {
	b := make([]byte, 0, 3<<gramBits)
	for i := range 1 << gramBits {
		b = append(b, byte(i>>16), byte(i>>8), byte(i))
	}
	return string(b)
}()

// Bucket names the bucket of a pair of folded characters.
func Bucket(a, b rune) string {
	h := (uint64(a)<<32 | uint64(b)) * 0x9E3779B97F4A7C15
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	i := int(h >> (64 - gramBits))
	return bucketNames[3*i : 3*i+3]
}

// Grams calls f with the bucket of every pair of characters that follow each other in the
// folded text, punctuation and white space left out: 5，000 holds 50 and 00. Every text that holds a
// string as a substring has all the string's buckets.
func Grams(text string, f func(bucket string)) {
	t := foldTable()
	last := rune(-1)
	for _, r := range text {
		if uint32(r) < 1<<16 {
			r = rune(t[r])
		} else {
			r = FoldRune(r)
		}
		if classOf(r) == other {
			continue
		}
		if last >= 0 {
			f(Bucket(last, r))
		}
		last = r
	}
}
