package index

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"

	"cundang/index/zh"
)

// Two articles have the same text when nearly all that the shorter one says stands in the longer one, and with the
// same numbers. Counted are strings of shingle characters; punctuation, white space, width, case and traditional forms
// make no difference. Titles do not count: a reprint often has one of its own.

const (
	shingle = 5  // characters
	bins    = 12 // of a fingerprint
	// prints of two texts that agree make them candidates. Of texts with half of their shingles in common, 997 of 1,000
	// have so many.
	agreeing = 2
	// fewShingles are too few to tell a text by.
	fewShingles = 40
)

// fingerprint is the least hash among the shingles of a text in each of some bins, which the hashes themselves choose
// (one permutation hashing): two texts agree in about as many of them as they have shingles in common. 0 is none.
type fingerprint [bins]uint32

// terms returns a fingerprint as values of FieldPrint.
func (f fingerprint) terms() []string {
	var out []string
	for i, h := range f {
		if h != 0 {
			out = append(out, string(binTerm[i])+base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, h)))
		}
	}
	return out
}

const binTerm = "abcdefghijkl"

// set reads one of the terms into a fingerprint. Others leave it as it is.
func (f *fingerprint) set(term string) {
	if len(term) != 7 || term[0] < 'a' || term[0] >= 'a'+bins {
		return
	}
	if raw, err := base64.RawURLEncoding.DecodeString(term[1:]); err == nil {
		f[term[0]-'a'] = binary.BigEndian.Uint32(raw)
	}
}

// agree counts the bins in which two fingerprints are the same.
func (f *fingerprint) agree(g *fingerprint) (n int) {
	for i, h := range f {
		if h != 0 && h == g[i] {
			n++
		}
	}
	return n
}

// content appends the characters of a text that count, folded.
func content(dst []rune, text string) []rune {
	for _, r := range text {
		if r = zh.FoldRune(r); zh.Content(r) {
			dst = append(dst, r)
		}
	}
	return dst
}

// eachShingle calls f with a hash of every string of shingle characters.
func eachShingle(runes []rune, f func(hash uint64)) {
	const factor = 0x9E3779B97F4A7C15
	oldest := uint64(1)
	for range shingle {
		oldest *= factor
	}
	sum := uint64(0)
	for i, r := range runes {
		sum = sum*factor + uint64(r)
		if i >= shingle {
			sum -= oldest * uint64(runes[i-shingle])
		}
		if i >= shingle-1 {
			f(mix(sum))
		}
	}
}

// mix spreads the bits of a number over all of it (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// fingerprintOf makes the fingerprint of a text, an empty one if that is too short.
func fingerprintOf(text string) (f fingerprint) {
	runes := content(make([]rune, 0, len(text)/3), text)
	if len(runes) < fewShingles+shingle-1 {
		return f
	}
	eachShingle(runes, func(h uint64) {
		bin := h >> 32 * bins >> 32
		if v := uint32(h); v != 0 && (f[bin] == 0 || v < f[bin]) {
			f[bin] = v
		}
	})
	return f
}

// signature is what two texts are compared by.
type signature struct {
	text     uint64   // hash of all characters that count
	shingles []uint64 // hashes, sorted
	numbers  []uint64 // hashes of its numbers, each with the character that follows, sorted
}

func signatureOf(text string) signature {
	runes := content(make([]rune, 0, len(text)/3), text)
	s := signature{shingles: make([]uint64, 0, len(runes))}
	eachShingle(runes, func(h uint64) { s.shingles = append(s.shingles, h) })
	for _, r := range runes {
		s.text = mix(s.text + uint64(r) + 1)
	}
	eachNumber(runes, func(number []rune) {
		h := uint64(0)
		for _, r := range number {
			h = mix(h + uint64(r))
		}
		s.numbers = append(s.numbers, h)
	})
	for _, list := range []*[]uint64{&s.shingles, &s.numbers} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return s
}

// eachNumber calls f with every number, in figures or in characters, and the character after it, which says of what.
func eachNumber(runes []rune, f func(number []rune)) {
	for i := 0; i < len(runes); i++ {
		from := i
		for i < len(runes) && numeral(runes[i]) {
			i++
		}
		if i > from && (i > from+1 || runes[from] <= '9') { // 一、 and 二、 of headings are in every text
			f(runes[from:min(i+1, len(runes))])
		}
	}
}

func numeral(r rune) bool {
	switch r {
	case '一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百', '千', '万', '零', '〇', '两':
		return true
	}
	return '0' <= r && r <= '9'
}

// inCommon counts what two sorted lists share.
func inCommon(a, b []uint64) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			n, i, j = n+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return n
}

// overlap returns how much of the shorter of two texts stands in the longer one, and how much both have in common of
// all they have.
func (s signature) overlap(o signature) (shared, overlap float64) {
	n := inCommon(s.shingles, o.shingles)
	return float64(n) / float64(max(1, min(len(s.shingles), len(o.shingles)))),
		float64(n) / float64(max(1, len(s.shingles)+len(o.shingles)-n))
}

// How much of the shorter text has to stand in the longer one: of a long text a reprint may leave out or change a good
// part, while two notices of a few lines that differ in a name are two.
const (
	sharedLong, longText   = 0.65, 600 // from so many shingles on
	sharedShort, shortText = 0.92, 60  // up to so many
	// least is how long the shorter text is at least, as a share of the longer one: a digest of ten reports is not the
	// text of any of them.
	least = 0.2
	// A text that is shorter than this share of the longer one is a part of it: it has to stand there nearly as it is,
	// with all its numbers. The beginning of a notice in a set form resembles those of all others.
	shorter, sharedPart = 0.75, 0.92
	// numbersShared is how many of the shorter text's numbers stand in the longer one. It tells the bulletins of two days
	// apart, which have all but the numbers in common.
	numbersShared = 0.8
)

// sameText says whether two texts are the same or nearly so.
func (s signature) sameText(o signature) bool {
	if len(s.shingles) > len(o.shingles) {
		s, o = o, s
	}
	n := len(s.shingles)
	if n < fewShingles || float64(n) < least*float64(len(o.shingles)) {
		return false
	}
	if s.text == o.text {
		return true
	}
	where := math.Log(float64(n)/shortText) / math.Log(float64(longText)/shortText)
	wanted := sharedShort - (sharedShort-sharedLong)*min(1, max(0, where))
	missing := len(s.numbers) - inCommon(s.numbers, o.numbers)
	if float64(n) < shorter*float64(len(o.shingles)) {
		if wanted = max(wanted, sharedPart); missing > 0 {
			return false
		}
	}
	if shared, _ := s.overlap(o); shared < wanted {
		return false
	}
	return missing <= int((1-numbersShared)*float64(len(s.numbers)))
}
