package index

import "context"

// The second pass reads the texts of the best candidates of the first.

// probeBytes bounds how much of a text is read.
const probeBytes = 120000

// second scores candidates of the first pass anew. Their scores end above those of documents that were not
// read.
func (r *reader) second(ctx context.Context, candidates []ranked, q *Rank, s Stats) error {
	if len(candidates) == 0 || len(q.Words) == 0 {
		return nil
	}
	unread := candidates[0].score
	for _, c := range candidates[1:] {
		unread = min(unread, c.score)
	}
	p := newProbe(q, weights(s.Documents, s.Words), weights(s.Documents, s.Pairs))
	defer p.release()
	for i := range candidates {
		c := &candidates[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Text(ctx, c.Place, &r.text); err != nil {
			return err
		}
		p.begin()
		p.see(r.text.folded(probeBytes))
		x := p.end(1.7 * s.Length)
		c.read = &x
		c.first = unread + aboveUnread
		c.score = c.first + second(c.Match, x) + c.Fresh
	}
	return nil
}

// weights are those of terms that documents have.
func weights(documents int, having []int) []float32 {
	out := make([]float32, len(having))
	for i, n := range having {
		out[i] = IDF(documents, n)
	}
	return out
}

// aboveUnread lifts what was read above what was not; no second score is as far below 0.
const aboveUnread = 100

// second is the score of a candidate that was read.
func second(m Match, x [features]float32) float32 {
	sum := m.Words + blendPairs*m.Pairs
	for i, v := range x {
		sum += blend[i] * v
	}
	return sum
}
