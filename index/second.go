package index

// The second pass reads the texts of the best candidates of the first.

// secondPass is how many candidates are read.
const secondPass = 100

// second scores candidates anew, best first as the first pass left them. Their scores end above those of
// documents that were not read.
func (r *reader) second(candidates []ranked, q question, s *scores) error {
	if len(candidates) == 0 {
		return nil
	}
	p := newProbe(q, s.weight, s.pairWeight)
	for i := range candidates {
		c := &candidates[i]
		_, t, err := r.stored(c.doc, false, true)
		if err != nil {
			return err
		}
		x := p.read(t.searchable(), 1.7*s.average)
		c.score = second(s, c.doc, x)
	}
	return nil
}

func second(s *scores, doc uint32, x [features]float32) float32 {
	return s.words[doc] + 0.3*s.pairs[doc]
}
