package fakesite

import "net/http"

// Fault is how a site misbehaves as a whole.
type Fault string

const (
	Sound  Fault = ""       // it does not
	Down   Fault = "down"   // every page is a 500
	Frozen Fault = "frozen" // connections are accepted and never answered
)

// SetFault changes how the site behaves from the next request on.
func (s *Site) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == Frozen && f != Frozen {
		close(s.frozen)
	}
	if f == Frozen && s.fault != Frozen {
		s.frozen = make(chan struct{})
	}
	s.fault = f
}

// thaw lets frozen requests end.
func (s *Site) thaw() {
	s.mu.Lock()
	frozen := s.fault == Frozen
	s.mu.Unlock()
	if frozen {
		s.SetFault(Sound)
	}
}

// misbehave answers for a faulty site; false: the site is sound.
func (s *Site) misbehave(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	fault, frozen := s.fault, s.frozen
	s.mu.Unlock()
	switch fault {
	case Down:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case Frozen:
		select {
		case <-frozen:
		case <-r.Context().Done():
		}
	default:
		return false
	}
	return true
}

// stylesheet fills the site's colour into its skin.
func (s *Site) stylesheet() []byte {
	return s.execute("css", &pageView{Accent: s.style.accent})
}
