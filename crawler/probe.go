package crawler

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cundang/archive"
	"cundang/crawler/frontier"
	"cundang/crawler/judgement"
	"cundang/internal/charset"
	"cundang/internal/locale"
	"cundang/internal/urlkey"

	"golang.org/x/net/html"
)

// Once a site has shown an article, a crawl asks it for an address beside that article which cannot exist, and again
// every month. The answer is archived like any other. What the site answers there with status 200, or redirects to,
// is how it answers for pages that are gone.

// probeEvery is how often a site is asked for what cannot exist.
const probeEvery = 30 * day

// probeValues names the stored answers to probes, by site.
const probeValues = "probe/"

// probed is what a site answered to an address that cannot exist.
type probed struct {
	URL      string    `json:"url"`
	Time     time.Time `json:"time,omitzero"` // zero: queued and not answered yet
	Status   int       `json:"status,omitempty"`
	Text     string    `json:"text,omitempty"`     // sum of its text outside of links, "" when that says nothing
	Location string    `json:"location,omitempty"` // where it redirects to
}

// loadProbe takes over what a site answered to an earlier crawl.
func (c *crawl) loadProbe(site string) error {
	v, err := c.opts.Frontier.Value(probeValues + site)
	if err != nil || v == nil {
		return err
	}
	var p probed
	if err := json.Unmarshal(v, &p); err != nil {
		return fmt.Errorf("read the probe of %s: %w", site, err)
	}
	c.dead.probes[site] = p
	return nil
}

// probe returns the entry of the address beside an article that cannot exist, with what to store; ok is false when
// the site has one already.
func (c *crawl) probe(e frontier.Entry, now time.Time) (n frontier.Entry, values map[string][]byte, ok bool) {
	c.dead.mu.Lock()
	defer c.dead.mu.Unlock()
	if c.dead.probes[e.Site].URL != "" || e.Target != "" {
		return n, nil, false
	}
	base, _, _ := strings.Cut(e.URL, "?")
	i := strings.LastIndexByte(base, '/')
	if i < len("https://x") {
		return n, nil, false
	}
	name := "no-such-page-" + strings.ToLower(rand.Text()[:10])
	n = frontier.Entry{URL: base[:i+1] + name + path.Ext(base[i+1:]), Site: e.Site, Via: e.URL, Hops: hops(e.Hops, 'X'),
		Kind: frontier.Probe, Priority: frontier.Again, Found: now, Due: now}
	p := probed{URL: n.URL}
	text, err := json.Marshal(p)
	if err != nil {
		return n, nil, false // cannot be: strings and a time
	}
	c.dead.probes[e.Site] = p
	return n, map[string][]byte{probeValues + e.Site: text}, true
}

// answeredProbe keeps what a site answered to its probe. A page that an article looks like too, such as the shell
// that scripts fill, says nothing.
func (c *crawl) answeredProbe(ctx context.Context, p *page, s judgement.Observation) map[string][]byte {
	a := probed{URL: p.entry.URL, Time: s.Time, Status: s.Status, Location: s.Location}
	if s.Status == http.StatusOK && p.readable() && s.Blocked == "" {
		a.Text = saidOutsideLinks(p.text.Text, p.entry.URL)
		via, ok, err := c.opts.Frontier.Lookup(p.entry.Site, p.entry.Via)
		if err != nil {
			c.commit.fail(err)
		}
		if !ok || via.History.Ref == (archive.Ref{}) || c.saidThen(ctx, via) == a.Text {
			a.Text = ""
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		return nil // cannot be
	}
	c.dead.mu.Lock()
	c.dead.probes[p.entry.Site] = a
	c.dead.mu.Unlock()
	return map[string][]byte{probeValues + p.entry.Site: text}
}

// saidThen sums up the last capture of a page, "" if it cannot be read.
func (c *crawl) saidThen(ctx context.Context, e frontier.Entry) string {
	old, err := c.opts.Store.Read(ctx, e.History.Ref)
	if err != nil {
		return ""
	}
	body, _, err := old.ReadBody(maxEarlier)
	if err != nil {
		return ""
	}
	return saidOutsideLinks(charset.Decode(body, old.Header.Get("Content-Type")).Text, e.URL)
}

// likeProbe says why a page counts as not there going by the site's answer to its probe, "" if it does not.
func (c *crawl) likeProbe(p *page, location string) string {
	e := p.entry
	switch e.Kind {
	case frontier.Requisite, frontier.Robots, frontier.Probe:
		return ""
	}
	if isList(e.Kind) || isHome(e.URL) {
		return ""
	}
	c.dead.mu.Lock()
	a := c.dead.probes[e.Site]
	c.dead.mu.Unlock()
	switch {
	case location != "":
		if a.Location != "" && a.Location == location {
			return locale.Reason("soft.probe", a.URL)
		}
	case a.Text != "" && p.readable() && a.Text == saidOutsideLinks(p.text.Text, e.URL):
		return locale.Reason("soft.probe", a.URL)
	}
	return ""
}

// clock matches what the head of a page says of the day in words; the rest of it is numbers.
var clock = regexp.MustCompile(`(?:星期|周|礼拜)[日天一二三四五六]|` +
	`农历[正一二三四五六七八九十冬腊闰月初廿卅]+|` +
	`[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]|[上下]午`)

// leastSaid is how many characters an error page must say to be told from an empty one.
const leastSaid = 6

// saidOutsideLinks sums up the text of a page outside of its links, without numbers, the day of the week and its own
// address, which error pages repeat; "" for one that says next to nothing.
func saidOutsideLinks(text []byte, url string) string {
	doc, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return ""
	}
	u := unlinked{}
	u.walk(doc, 0)
	said := u.all.String()
	rest := url[strings.Index(url, "://")+3+len(urlkey.Host(url)):]
	base := rest[strings.LastIndexByte(rest, '/')+1:]
	for _, own := range []string{url, rest, base} {
		if len(own) > 3 {
			said = strings.ReplaceAll(said, own, "")
		}
	}
	said = strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, clock.ReplaceAllString(said, ""))
	if utf8.RuneCountInString(said) < leastSaid {
		return ""
	}
	sum := sha256.Sum256([]byte(said))
	return hex.EncodeToString(sum[:16])
}
