package fakesite

import (
	"math/rand/v2"
	"time"
)

// Age lets a day pass on every site: an edit, a deletion, a move and two new articles
// for each 30 articles or part of 30, and what was deleted before the last step comes
// back once. Change in the truth tells what the step did.
func (w *Web) Age() {
	w.mu.Lock()
	w.step++
	step := w.step
	w.mu.Unlock()
	for _, s := range w.sites {
		s.age(step)
	}
}

func (s *Site) age(step int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rng := rand.New(rand.NewPCG(s.seed, uint64(step)<<32|1))
	s.now = s.now.Add(24 * time.Hour)
	var live, gone []*article
	for _, a := range s.articles {
		a.change = Unchanged
		switch {
		case a.state == Gone:
			gone = append(gone, a)
		case a.state == Live && len(a.parts) == 0 && !a.reprint:
			live = append(live, a)
		}
	}
	rng.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	n := (len(s.articles) + 29) / 30
	take := func() *article {
		if len(live) == 0 {
			return nil
		}
		a := live[0]
		live = live[1:]
		return a
	}
	if step > 1 && len(gone) > 0 {
		gone[0].state, gone[0].change = Live, Reappeared
	}
	for range n {
		if a := take(); a != nil {
			s.edit(a, rng, s.now)
		}
		if a := take(); a != nil {
			a.state, a.change, a.goneAs = Gone, Deleted, 404
			if a.n%2 == 0 {
				a.goneAs = 410
			}
			if s.style.soft {
				a.goneAs = 200
			}
		}
		if a := take(); a != nil {
			s.move(a)
		}
		for range 2 {
			s.add(workingTime(s.now.Add(-4*time.Hour), rng), rng).change = Added
		}
	}
	s.sortArticles()
	s.paths = nil
}

// move gives the article a new address under the next column. The api system redirects
// from the old one, the others answer 404.
func (s *Site) move(a *article) {
	for i, c := range s.columns {
		if c == a.column {
			a.column = s.columns[(i+1)%len(s.columns)]
			break
		}
	}
	a.old = append(a.old, a.path)
	if a.path = s.system.article(s, a); a.path == a.old[len(a.old)-1] { // the column is no part of it
		a.n = s.next
		s.next++
		a.path = s.system.article(s, a)
	}
	a.change = MovedAway
}
