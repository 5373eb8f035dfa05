package crawler

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"cundang/crawler/frontier"
	"cundang/crawler/wire"
	"cundang/internal/urlkey"
)

// addresses knows where the hosts of a crawl are. Dozens of sites may be names of one server, which must not be asked
// by all of them at once; so a host is tied to one of its addresses, and whoever has the same waits for its turn.
type addresses struct {
	look func(ctx context.Context, host string) ([]net.IP, error)
	mu   sync.Mutex
	m    map[string]*located
}

// located is what was found of a host.
type located struct {
	ips   []net.IP // IPv4 first, then by number, so that all names of a server come to the same
	next  int      // of ips, which is asked: those before could not be reached
	err   error
	until time.Time // looked up again from then on
}

// The bounds of addresses: how long one is believed, or that there is none; how many are kept.
const (
	locatedFor   = 10 * time.Minute
	unlocatedFor = 5 * time.Second
	maxLocated   = 100000
)

func newAddresses(look func(context.Context, string) ([]net.IP, error)) *addresses {
	if look == nil {
		look = func(ctx context.Context, host string) ([]net.IP, error) {
			return net.DefaultResolver.LookupIP(ctx, "ip", host)
		}
	}
	return &addresses{look: look, m: map[string]*located{}}
}

// of returns the address at which a host is asked, looking it up if that is not known or old.
func (a *addresses) of(ctx context.Context, host string) (net.IP, error) {
	if ip := net.ParseIP(host); ip != nil {
		return ip, nil
	}
	a.mu.Lock()
	l := a.m[host]
	a.mu.Unlock()
	if l == nil || !time.Now().Before(l.until) {
		l = a.locate(ctx, host)
	}
	return a.chosen(l)
}

func (a *addresses) chosen(l *located) (net.IP, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l.err != nil {
		return nil, l.err
	}
	return l.ips[l.next], nil
}

// locate looks a host up.
func (a *addresses) locate(ctx context.Context, host string) *located {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	ips, err := a.look(ctx, host)
	l := &located{err: err, until: time.Now().Add(unlocatedFor)}
	if err == nil && len(ips) == 0 {
		l.err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	if l.err == nil {
		l.ips, l.until = slices.Clone(ips), time.Now().Add(locatedFor)
		slices.SortFunc(l.ips, func(x, y net.IP) int {
			if v4 := func(ip net.IP) bool { return ip.To4() != nil }; v4(x) != v4(y) {
				if v4(x) {
					return -1
				}
				return 1
			}
			return strings.Compare(string(x.To16()), string(y.To16()))
		})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.m) >= maxLocated {
		clear(a.m)
	}
	a.m[host] = l
	return l
}

const lookupTime = 20 * time.Second

// unreachable notes that no connection to a host's address came about, and reports whether there is another to try.
func (a *addresses) unreachable(host string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.m[host]
	if l == nil || len(l.ips) == 0 {
		return false
	}
	l.next = (l.next + 1) % len(l.ips)
	return l.next > 0
}

// resolve is the wire's resolver: it returns the address that the crawl has tied the host to, however old that is.
func (a *addresses) resolve(ctx context.Context, host string) ([]net.IP, error) {
	a.mu.Lock()
	l := a.m[host]
	a.mu.Unlock()
	if l == nil {
		l = a.locate(ctx, host)
	}
	ip, err := a.chosen(l)
	if err != nil {
		return nil, err
	}
	return []net.IP{ip}, nil
}

// oneServer reports whether an address is one server. This machine's own names for itself are not: made-up webs have
// all their sites there, and there is nobody to be polite to.
func oneServer(ip net.IP) bool {
	return !ip.Equal(net.IPv4(127, 0, 0, 1)) && !ip.Equal(net.IPv6loopback)
}

// hostAddress names the stored address at which a host was asked last.
const hostAddress = "address/"

// hostname returns a host without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// share ties the host of an entry to its address and to the group of its profile. It reports whether the host has the
// turn among those it shares them with.
func (c *crawl) share(ctx context.Context, pl *place, e frontier.Entry) bool {
	host, now := urlkey.Host(e.URL), c.now()
	var keys []string
	back := c.crew.request() // a slow name server must not hold up the other hosts
	ip, err := c.addresses.of(ctx, hostname(host))
	back()
	if err == nil && oneServer(ip) {
		keys = append(keys, "address "+ip.String())
		c.keepAddress(host, ip.String())
	}
	if g := pl.profile.Politeness.Group; g != "" {
		keys = append(keys, "group "+g)
	}
	return c.session.Share(host, c.opts.Frontier.Resumed().Add(pl.profile.Pace().MinDelay), now, keys...)
}

// keepAddress stores the address of a host when it is another than before.
func (c *crawl) keepAddress(host, ip string) {
	c.hosts.mu.Lock()
	h := c.hosts.get(host)
	known := h.address == ip
	h.address = ip
	c.hosts.mu.Unlock()
	if known {
		return
	}
	old, err := c.opts.Frontier.Value(hostAddress + host)
	if err != nil {
		c.commit.fail(err)
	} else if string(old) != ip {
		c.commit.put(result{values: map[string][]byte{hostAddress + host: []byte(ip)}})
	}
}

// elsewhere reports whether a request that found no connection may be made again at another address of the host.
func (c *crawl) elsewhere(url string, err error) bool {
	var we *wire.Error
	return errors.As(err, &we) && we.Op == "dial" && c.addresses.unreachable(hostname(urlkey.Host(url)))
}
