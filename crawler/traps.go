package crawler

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"time"
	"unicode"

	"cundang/crawler/frontier"
	"cundang/crawler/outline"
	"cundang/internal/locale"
)

// Bounds of a sound address. What is beyond them is quarantined unless a scope rule of the
// profile allows it by name.
const (
	maxURL      = 2000 // bytes
	maxSegments = 20   // of the path
	maxArgs     = 16   // of the query
)

// trapped says what makes an address look like a trap, "" if nothing does.
func trapped(url string) string {
	if len(url) > maxURL {
		return locale.Reason("trap.length", len(url))
	}
	if strings.Contains(url, "%2525") {
		return locale.Reason("trap.encoded")
	}
	rest := url[strings.Index(url, "://")+3:]
	rest, query, _ := strings.Cut(rest, "?")
	segments := strings.Split(rest, "/")[1:]
	if len(segments) > maxSegments {
		return locale.Reason("trap.depth", len(segments))
	}
	if s := repeated(segments); s != "" {
		return locale.Reason("trap.path", s)
	}
	args := strings.Split(query, "&")
	if len(args) > maxArgs {
		return locale.Reason("trap.query", len(args))
	}
	times := map[string]int{}
	for _, a := range args {
		name, _, _ := strings.Cut(a, "=")
		if times[name]++; name != "" && times[name] > 3 {
			return locale.Reason("trap.argument", name)
		}
	}
	return ""
}

// repeated returns a run of segments that stands three times in a row, or a segment that
// stands four times at all: relative links that lead ever deeper.
func repeated(segments []string) string {
	times := map[string]int{}
	for _, s := range segments {
		if times[s]++; s != "" && times[s] >= 4 && !digits(s) {
			return s
		}
	}
	for n := 1; n <= len(segments)/3; n++ {
		for i := 0; i+3*n <= len(segments); i++ {
			a := strings.Join(segments[i:i+n], "/")
			if a != "" && !digits(a) && a == strings.Join(segments[i+n:i+2*n], "/") && a == strings.Join(segments[i+2*n:i+3*n], "/") {
				return a
			}
		}
	}
	return ""
}

func digits(s string) bool { return strings.Trim(s, "0123456789/") == "" }

// shape is the pattern of an address: its digits and long hexadecimal words are all one.
// Calendars and session ids have thousands of addresses of one shape.
func shape(url string) string {
	var b strings.Builder
	word := 0 // where the current word starts in b
	hexed := true
	end := func() {
		if b.Len()-word >= 12 && hexed {
			s := b.String()[:word]
			b.Reset()
			b.WriteString(s + "#")
		}
		word, hexed = b.Len(), true
	}
	for _, r := range url {
		switch {
		case r >= '0' && r <= '9':
			if s := b.String(); !strings.HasSuffix(s, "#") {
				b.WriteByte('#')
			}
		case unicode.IsLetter(r):
			hexed = hexed && strings.ContainsRune("abcdefABCDEF", r)
			b.WriteRune(r)
		default:
			end()
			b.WriteRune(r)
			word = b.Len()
		}
	}
	end()
	return b.String()
}

// A shape is suspended when of at least trialPages visited pages fewer than one in
// noveltyOneIn held a text that no other page of the shape had, numbers aside.
const (
	trialPages   = 60
	noveltyOneIn = 10
	suspendFor   = 30 * day
	maxShapes    = 10000 // watched at a time
)

// novelty watches what the pages of each shape bring.
type novelty struct {
	mu     sync.Mutex
	seed   maphash.Seed
	shapes map[string]*shapeStat
}

type shapeStat struct {
	visits int
	novel  int
	texts  map[uint64]bool
	until  time.Time // suspended until then
	why    string
}

func newNovelty() *novelty {
	return &novelty{seed: maphash.MakeSeed(), shapes: map[string]*shapeStat{}}
}

// sum is the hash of a page's words without blanks and numbers.
func (n *novelty) sum(page []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(n.seed)
	outline.Words(page, func(s []byte) {
		from := 0
		for i, c := range s {
			if c <= ' ' || c >= '0' && c <= '9' {
				h.Write(s[from:i])
				from = i + 1
			}
		}
		h.Write(s[from:])
	})
	return h.Sum64()
}

// suspension is the stored form of a suspended shape.
type suspension struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

// suspended names the stored values.
const suspended = "suspended/"

// load takes over what earlier crawls of a site suspended.
func (n *novelty) load(f *frontier.Frontier, site string, now time.Time) error {
	for name, v := range f.Values(suspended + site + "/") {
		var s suspension
		if err := json.Unmarshal(v, &s); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if s.Until.After(now) {
			n.shapes[name[len(suspended):]] = &shapeStat{until: s.Until, why: s.Why}
		}
	}
	return nil
}

// held says why the shape of an address is suspended, "" if it is not.
func (n *novelty) held(site, url string, now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.shapes[site+"/"+shape(url)]; s != nil && s.until.After(now) {
		return s.why
	}
	return ""
}

// visited notes the text of a page; page is nil for one that is not there. When that suspends its shape, values is
// what to store.
func (n *novelty) visited(site, url string, page []byte, now time.Time) (values map[string][]byte) {
	sum := uint64(0)
	if page != nil {
		sum = n.sum(page)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	key := site + "/" + shape(url)
	s := n.shapes[key]
	if s == nil {
		if len(n.shapes) >= maxShapes {
			return nil
		}
		s = &shapeStat{texts: map[uint64]bool{}}
		n.shapes[key] = s
	}
	if s.texts == nil || s.until.After(now) {
		return nil
	}
	s.visits++
	if page != nil && !s.texts[sum] {
		s.novel++
		if s.novel <= 1000 {
			s.texts[sum] = true
		}
	}
	if s.visits < trialPages || s.novel*noveltyOneIn >= s.visits {
		return nil
	}
	return s.suspend(key, locale.Reason("trap.barren", s.novel, s.visits, shape(url)), now)
}

// suspend suspends the shape of an address and returns what to store.
func (n *novelty) suspend(site, url, why string, now time.Time) map[string][]byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := site + "/" + shape(url)
	if n.shapes[key] == nil {
		n.shapes[key] = &shapeStat{}
	}
	return n.shapes[key].suspend(key, why, now)
}

func (s *shapeStat) suspend(key, why string, now time.Time) map[string][]byte {
	s.until, s.why = now.Add(suspendFor), why
	v, err := json.Marshal(suspension{s.until, s.why})
	if err != nil {
		return nil // cannot be: a time and a string
	}
	return map[string][]byte{suspended + key: v}
}
