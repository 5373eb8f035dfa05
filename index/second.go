package index

// The second pass reads the texts of the best candidates of the first.

// second scores candidates of the first pass anew. Their scores end above those of documents that were not
// read.
func (r *reader) second(candidates []ranked, q question, s *scores) error {
	if len(candidates) == 0 || len(q.words) == 0 {
		return nil
	}
	unread := candidates[0].score
	for _, c := range candidates[1:] {
		unread = min(unread, c.score)
	}
	p := newProbe(q, s.weight, s.pairWeight)
	defer p.release()
	var text page
	for i := range candidates {
		c := &candidates[i]
		if err := r.visit(c.doc, fTexts, func(b []byte) error { return p.read(b, &text) }); err != nil {
			return &DamagedError{r.x.dir, err}
		}
		x := p.end(1.7 * s.average)
		c.read = &x
		c.score = unread + aboveUnread + second(s, c.doc, x) + c.fresh
	}
	return nil
}

// aboveUnread lifts what was read above what was not; no second score is as far below 0.
const aboveUnread = 100

// second is the score of a candidate that was read.
func second(s *scores, doc uint32, x [features]float32) float32 {
	sum := s.of[doc].words + blendPairs*s.of[doc].pairs
	for i, v := range x {
		sum += blend[i] * v
	}
	return sum
}
