package crawler

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"cundang/crawler/frontier"
	"cundang/crawler/robots"
	"cundang/crawler/wire"
	"cundang/internal/locale"
	"cundang/site"
)

// The breaker of a host.
const (
	breakAfter = 5 // failures in a row that open it
	breakFor   = 30 * time.Minute
)

// host is what a crawl knows of a host's manners.
type host struct {
	latency time.Duration // smoothed time to the first byte
	fails   int           // in a row
	hold    time.Time
	pause   time.Time // until when others at its address wait: no backoff of the host is in it
	why     string    // what hold waits for
	address string    // at which it was asked last
	stored  bool      // a hostRecord of it is in the frontier
	robots  map[string]robots.Rules
}

type hosts struct {
	mu sync.Mutex
	m  map[string]*host
}

func (hs *hosts) get(name string) *host {
	h := hs.m[name]
	if h == nil {
		h = &host{robots: map[string]robots.Rules{}}
		hs.m[name] = h
	}
	return h
}

// origin returns scheme://host of a cleaned URL.
func origin(url string) string {
	i := strings.Index(url, "://") + 3
	if j := strings.IndexAny(url[i:], "/?#"); j >= 0 {
		return url[:i+j]
	}
	return url
}

// polite returns when the host may be visited again after an exchange, and why then.
func (hs *hosts) polite(name, url string, p site.Politeness, x *wire.Exchange, err error, now time.Time) (time.Time, string) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.get(name)
	if x != nil {
		if h.latency == 0 {
			h.latency = x.FirstByte
		}
		h.latency += (x.FirstByte - h.latency) / 4
	}
	delay, why := min(max(time.Duration(p.Factor*float64(h.latency)), p.MinDelay), p.MaxDelay), locale.Reason("pace.delay")
	h.pause = now.Add(delay)
	if d := h.robots[origin(url)].Delay(); d > delay {
		delay, why = d, locale.Reason("pace.crawl-delay")
	}
	switch {
	case failed(x, err):
		h.fails++
		back := time.Second << min(h.fails, 10)
		if back > delay {
			delay, why = back, locale.Reason("pace.backoff", h.fails)
		}
		if h.fails >= breakAfter {
			delay, why = max(delay, breakFor), locale.Reason("pace.breaker", h.fails)
		}
	default:
		h.fails = 0
	}
	if x != nil && (x.Status == http.StatusTooManyRequests || x.Status == http.StatusServiceUnavailable) {
		asked := retryHeader(x.Header, now)
		if asked == 0 {
			asked = 30 * time.Second << min(h.fails, 7)
		}
		if asked > delay {
			delay, why = asked, locale.Reason("pace.retry-after", x.Status)
		}
	}
	h.hold, h.why = now.Add(delay), why
	return h.hold, why
}

// hostRecord is what is stored of a host that is left alone for longer than a delay.
type hostRecord struct {
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
	Fails int       `json:"fails,omitempty"`
}

const hostValues = "host/"

// worthKeeping is how long a hold must last to outlive the process.
const worthKeeping = time.Minute

// record returns the value to store of a host after an exchange, nil if nothing changed that matters.
func (hs *hosts) record(name string, now time.Time) (map[string][]byte, error) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.get(name)
	if h.hold.Sub(now) < worthKeeping {
		if !h.stored {
			return nil, nil
		}
		h.stored = false
		return map[string][]byte{hostValues + name: nil}, nil
	}
	h.stored = true
	v, err := json.Marshal(hostRecord{h.hold.UTC(), h.why, h.fails})
	return map[string][]byte{hostValues + name: v}, err
}

// remember takes over the holds of earlier crawls.
func (c *crawl) remember(now time.Time) error {
	for name, v := range c.opts.Frontier.Values(hostValues) {
		var r hostRecord
		if err := json.Unmarshal(v, &r); err != nil {
			return fmt.Errorf("read stored host %s: %w", name, err)
		}
		name = name[len(hostValues):]
		h := c.hosts.get(name)
		h.stored, h.fails = true, r.Fails
		if r.Until.After(now) {
			h.hold, h.why = r.Until, r.Why
			if err := c.session.Hold(name, r.Until); err != nil {
				return err
			}
		}
	}
	return nil
}

// ended names the stored time at which the last crawl of a site ended. It is missing while one
// runs, and after one that was killed.
const ended = "ended/"

// pause keeps the pause between two requests across crawls: the hosts of a site are left alone for as
// long as their delay after the last crawl's end, or from now on when that is not known. Fresh sites
// were never crawled.
func (c *crawl) pause(now time.Time, fresh map[string]bool) error {
	last := map[string]time.Time{}
	begun := frontier.Change{Values: map[string][]byte{}}
	for id := range c.sites {
		v, err := c.opts.Frontier.Value(ended + id)
		if err != nil {
			return err
		}
		if last[id], err = time.Parse(time.RFC3339Nano, string(v)); err != nil || last[id].After(now) {
			last[id] = now
		}
		begun.Values[ended+id] = nil
	}
	for _, name := range c.session.Hosts() {
		var until time.Time
		for _, id := range c.session.Sites(name) {
			if fresh[id] {
				continue
			}
			delay := c.sites[id].profile.Pace().MinDelay
			for _, scheme := range []string{"http://", "https://"} {
				r, err := c.storedRules(scheme + name)
				if err != nil {
					return err
				}
				delay = max(delay, r.Delay())
			}
			until = later(until, last[id].Add(delay))
		}
		if until.After(now) {
			if err := c.session.Hold(name, until); err != nil {
				return err
			}
		}
	}
	_, err := c.opts.Frontier.Commit(begun)
	return err
}

// end stores when the crawl ended.
func (c *crawl) end() error {
	ch := frontier.Change{Values: map[string][]byte{}}
	for id := range c.sites {
		ch.Values[ended+id] = []byte(c.now().UTC().Format(time.RFC3339Nano))
	}
	_, err := c.opts.Frontier.Commit(ch)
	return err
}

// holdOf returns until when a host is to be left alone.
func (hs *hosts) holdOf(name string) time.Time {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return hs.get(name).hold
}

// pauseOf returns until when others at a host's address are to wait.
func (hs *hosts) pauseOf(name string) time.Time {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return hs.get(name).pause
}

// failed says that an exchange shows a host in trouble, whatever the page is.
func failed(x *wire.Exchange, err error) bool {
	if errors.Is(err, wire.ErrPrivate) {
		return false
	}
	return err != nil || x == nil || x.Status == http.StatusTooManyRequests ||
		x.Status == http.StatusServiceUnavailable || x.Truncated == wire.TruncTime && x.Size() == 0
}

// retryHeader reads Retry-After, seconds or a date, at most a day; 0 when there is none.
func retryHeader(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return min(max(time.Duration(min(n, 86400))*time.Second, 0), day)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), day)
	}
	return 0
}
