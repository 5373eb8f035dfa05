package index

import (
	"math"
	"time"
)

// Ranking is the constants of the first pass and how many documents the second one reads. Their
// values come from sweeps (internal/eval/search -sweep) on a collection of 84,652 news texts; see
// docs/adr/0062 and 0068.
type Ranking struct {
	K1, B  float32 // BM25 of words
	Pairs  float32 // weight of pairs of characters beside the words
	Sub    float32 // weight of a word inside a longer one
	Common float32 // a word or pair that more than this share of the documents have tells nothing
	Read   int     // how many of the best are read in the second pass
	Long   int     // and so many for a question of more than longQuestion words
}

// DefaultRanking is what Search ranks with unless a Query says otherwise.
func DefaultRanking() Ranking {
	return Ranking{K1: 1.5, B: 0.4, Pairs: 0.5, Sub: 0.2, Common: 0.25, Read: 200, Long: 300}
}

// longQuestion is where the words that an answer has are so many, and each says so little, that it may stand far
// down after the first pass.
const longQuestion = 4

// read is how many of the best are read for a question.
func (q *Rank) read() int {
	if q.main() > longQuestion {
		return q.Long
	}
	return q.Read
}

// blend weighs what the second pass found against the words of the first, which count 1.
var blend = [features]float32{
	xPairs: 0.134, xLead1: 0.166, xLead2: 0.211, xLead3: 0.220, xWin1: 0.184, xWin2: 0.214, xWin3: 0.163,
	xLength: -0.6, xCover: 0.041,
}

// blendPairs is the weight of the pairs of the first pass.
const blendPairs = 0.076

// What is new gains as much as the words of the question weigh: the gain is in proportion to what
// there is to be found, so that one half-life means the same for rare words and for common ones. A question about
// a moment in the past counts the age to it.

// freshness is 1 for what is published now, 1/2 after one half-life, and 0 for what has no date.
func freshness(published int64, now time.Time, halfLife time.Duration) float32 {
	if published == NoTime {
		return 0
	}
	age := max(0, now.Sub(time.Unix(0, published)))
	return float32(math.Exp2(-float64(age) / float64(halfLife)))
}
