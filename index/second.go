package index

import (
	"fmt"
	"strings"
)

// The second pass reads the texts of the best candidates of the first.

// secondPass is how many candidates are read.
const secondPass = 200

// second scores candidates anew, best first as the first pass left them. Their scores end above those of
// documents that were not read.
func (r *reader) second(candidates []ranked, q question, s *scores) error {
	if len(candidates) == 0 || len(q.words) == 0 {
		return nil
	}
	unread := candidates[len(candidates)-1].score
	p := newProbe(q, s.weight, s.pairWeight)
	for i := range candidates {
		c := &candidates[i]
		_, t, err := r.stored(c.doc, false, true)
		if err != nil {
			return err
		}
		x := p.read(t.searchable(), 1.7*s.average)
		c.read = &x
		c.score = unread + aboveUnread + second(s, c.doc, x)
	}
	return nil
}

// aboveUnread lifts what was read above what was not; no second score is as far below 0.
const aboveUnread = 100

// explain lists the parts of a score.
func (u *understood) explain(d ranked) string {
	var b strings.Builder
	s := u.scores
	fmt.Fprintf(&b, "words %.2f, pairs of characters %.2f", s.words[d.doc], s.pairs[d.doc])
	if d.read == nil {
		fmt.Fprintf(&b, " × %g\n", gramWeight)
		return b.String()
	}
	fmt.Fprintf(&b, " × %g", blendPairs)
	names := [features]string{xPairs: "pairs by frequency", xLead1: "words in the first 60 characters", xLead2: "in 120", xLead3: "in 250",
		xWin1: "pairs within 30 characters", xWin2: "within 80", xWin3: "within 200", xLength: "length", xCover: "words found"}
	for i, v := range d.read {
		if blend[i] != 0 {
			fmt.Fprintf(&b, ", %s %.2f × %g", names[i], v, blend[i])
		}
	}
	fmt.Fprintf(&b, "\nread, hence + %.2f\n", d.score-second(s, d.doc, *d.read))
	return b.String()
}

// blend weighs what the second pass found against the words of the first, which count 1.
var blend = [features]float32{
	xPairs: 0.134, xLead1: 0.166, xLead2: 0.211, xLead3: 0.220, xWin1: 0.184, xWin2: 0.214, xWin3: 0.163,
	xLength: -0.6, xCover: 0.041,
}

// blendPairs is the weight of the pairs of the first pass.
const blendPairs = 0.076

// second is the score of a candidate that was read.
func second(s *scores, doc uint32, x [features]float32) float32 {
	sum := s.words[doc] + blendPairs*s.pairs[doc]
	for i, v := range x {
		sum += blend[i] * v
	}
	return sum
}
