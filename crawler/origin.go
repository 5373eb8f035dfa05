package crawler

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strconv"
	"strings"

	"cundang/crawler/robots"
)

// vouched says who vouches for a server's certificate and for whom, so that a renewal says the same; "" without a
// certificate that can be read. A lenient connection is one that nobody vouches for.
func vouched(certificates [][]byte, tls string) string {
	if len(certificates) == 0 {
		return ""
	}
	leaf, err := x509.ParseCertificate(certificates[0])
	if err != nil {
		return ""
	}
	who := func(organisations []string, name string) string { return or(strings.Join(organisations, "/"), name) }
	text := "issuer " + who(leaf.Issuer.Organization, leaf.Issuer.CommonName)
	if o := leaf.Subject.Organization; len(o) > 0 {
		text += ", subject " + strings.Join(o, "/")
	}
	if strings.Contains(tls, "lenient") {
		text += ", not verified"
	}
	return text
}

// rulesShown sums up what a robots.txt says: the same for the same lines, comments and blanks aside. "" when it
// could not be had, which says nothing.
func rulesShown(r robots.Rules) string {
	if r.Status >= 400 && r.Status < 500 && r.Status != 429 {
		return "none"
	}
	if r.Status < 200 || r.Status >= 300 {
		return ""
	}
	lines := 0
	sum := sha256.New()
	for line := range strings.Lines(r.Text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.ToLower(strings.Join(strings.Fields(line), "")); line == "" {
			continue
		}
		lines++
		sum.Write([]byte(line + "\n"))
	}
	return strconv.Itoa(lines) + " lines " + hex.EncodeToString(sum.Sum(nil)[:4])
}

// shows notes what a server showed of itself.
func (r *reporter) shows(site, origin string, o Origin) {
	if o == (Origin{}) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.r.Sites[site]
	if s.Origins == nil {
		s.Origins = map[string]Origin{}
	}
	was, known := s.Origins[origin]
	if !known && len(s.Origins) >= maxOrigins {
		return
	}
	s.Origins[origin] = Origin{or(o.Certificate, was.Certificate), or(o.Robots, was.Robots)}
}

// maxOrigins is how many servers of a site are noted.
const maxOrigins = 100
