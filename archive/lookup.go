package archive

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/warc"
	"cundang/internal/urlkey"
)

// exactRows yields the committed rows of a URL: those whose URL is the same after
// cleaning, or, if there is none, those with the same SURT (http and https, with and
// without www. are one page to archivists).
func (s *Store) exactRows(ctx context.Context, url string) ([]cdx.Row, error) {
	key := cdx.Clean(urlkey.SURT(url))
	clean := cleanURL(url)
	var same, alike []cdx.Row
	for r, err := range s.index.rows(ctx, key+" ", key+"!") {
		if err != nil {
			return nil, err
		}
		if r.URL == url || cleanURL(r.URL) == clean {
			same = append(same, r)
		} else {
			alike = append(alike, r)
		}
	}
	if len(same) > 0 {
		return same, nil
	}
	return alike, nil
}

func cleanURL(u string) string {
	if c, err := urlkey.Clean(u); err == nil {
		return c
	}
	return u
}

// Versions returns all committed captures of a URL, oldest first, without bodies read.
func (s *Store) Versions(ctx context.Context, url string) iter.Seq2[Capture, error] {
	return func(yield func(Capture, error) bool) {
		rows, err := s.exactRows(ctx, url)
		if err != nil {
			yield(Capture{}, fmt.Errorf("versions of %s: %w", url, err))
			return
		}
		for len(rows) > 0 { // rows of one second are put in order by their full time
			n := 1
			for n < len(rows) && rows[n].Time == rows[0].Time {
				n++
			}
			group, err := s.captures(ctx, rows[:n])
			if err != nil {
				yield(Capture{}, fmt.Errorf("versions of %s: %w", url, err))
				return
			}
			for _, c := range group {
				if !yield(c, nil) {
					return
				}
			}
			rows = rows[n:]
		}
	}
}

func (s *Store) captures(ctx context.Context, rows []cdx.Row) ([]Capture, error) {
	var out []Capture
	for _, r := range rows {
		x, err := s.readAt(ctx, rowRef(r), false)
		if err != nil {
			return nil, err
		}
		out = append(out, s.capture(x))
	}
	slices.SortStableFunc(out, func(a, b Capture) int { return a.Time.Compare(b.Time) })
	return out, nil
}

func rowRef(r cdx.Row) Ref { return Ref{r.Filename, r.Offset, r.Length, r.Digest} }

// Closest returns the capture of url nearest to t (the zero time: the newest). ErrNotFound if none.
func (s *Store) Closest(ctx context.Context, url string, t time.Time) (Capture, error) {
	rows, err := s.exactRows(ctx, url)
	if err != nil {
		return Capture{}, fmt.Errorf("find %s: %w", url, err)
	}
	if len(rows) == 0 {
		return Capture{}, fmt.Errorf("find %s: %w", url, ErrNotFound)
	}
	group, err := s.captures(ctx, nearest(rows, t))
	if err != nil {
		return Capture{}, fmt.Errorf("find %s: %w", url, err)
	}
	best := group[len(group)-1]
	if !t.IsZero() {
		best = slices.MinFunc(group, func(a, b Capture) int {
			return int(t.Sub(a.Time).Abs() - t.Sub(b.Time).Abs())
		})
	}
	return s.Read(ctx, best.Ref)
}

// nearest returns the rows of the seconds around t: the last at or before and the first
// after it; with the zero time, those of the last second.
func nearest(rows []cdx.Row, t time.Time) []cdx.Row {
	ts := t.UTC().Format("20060102150405")
	if t.IsZero() {
		ts = rows[len(rows)-1].Time
	}
	i, _ := slices.BinarySearchFunc(rows, ts, func(r cdx.Row, ts string) int { return strings.Compare(r.Time, ts) })
	lo, hi := i, i
	if i > 0 {
		for lo = i - 1; lo > 0 && rows[lo-1].Time == rows[i-1].Time; lo-- {
		}
	}
	for hi < len(rows) && rows[hi].Time == ts {
		hi++
	}
	if hi < len(rows) && !t.IsZero() {
		next := rows[hi].Time
		for hi < len(rows) && rows[hi].Time == next {
			hi++
		}
	}
	return rows[lo:hi]
}

// Original returns the capture that holds the payload of a revisit, ErrNotFound if it is not in the
// archive; what is no revisit is its own original.
func (s *Store) Original(ctx context.Context, c Capture) (Capture, error) {
	if !c.Revisit {
		return c, nil
	}
	return s.resolve(ctx, c)
}

// resolve finds the capture with the payload that a revisit refers to: by URI and date, as
// every replay tool does it, else by the same payload of the same URL.
func (s *Store) resolve(ctx context.Context, c Capture) (Capture, error) {
	url, date := c.URL, ""
	if c.origin != nil && c.origin.url != "" {
		url = c.origin.url
		if t, err := warc.ParseDate(c.origin.date); err == nil {
			date = t.Format("20060102150405")
		}
	}
	key := cdx.Clean(urlkey.SURT(url))
	var byDate, byDigest *cdx.Row
	for r, err := range s.index.rows(ctx, key+" ", key+"!") {
		if err != nil {
			return Capture{}, err
		}
		if r.MIME == revisitMIME {
			continue
		}
		same := warc.SameDigest(r.Digest, c.Digest)
		if same && byDigest == nil {
			byDigest = &r
		}
		if r.Time == date && (byDate == nil || same) {
			byDate = &r
		}
	}
	best := byDate
	if best == nil || byDigest != nil && !warc.SameDigest(best.Digest, c.Digest) {
		if byDigest != nil {
			best = byDigest
		}
	}
	if best == nil {
		return Capture{}, fmt.Errorf("the capture it refers to (%s of %s): %w", url, date, ErrNotFound)
	}
	return s.Read(ctx, rowRef(*best))
}

// Lookup asks the CDX. Exactly one of URL, Prefix and Host is set.
type Lookup struct {
	URL      string    // captures of this URL (same SURT)
	Prefix   string    // captures of URLs that start with this one
	Host     string    // captures of this host
	Domain   string    // captures of this host and the hosts below it
	From, To time.Time // of the capture, From inclusive, To exclusive; zero: no bound
}

// Ways returns how many of URL, Prefix, Host and Domain are given.
func (q Lookup) Ways() (n int) {
	for _, s := range []string{q.URL, q.Prefix, q.Host, q.Domain} {
		if s != "" {
			n++
		}
	}
	return n
}

// Rows yields the CDX rows that match, in byte order.
func (s *Store) Rows(ctx context.Context, q Lookup) iter.Seq2[cdx.Row, error] {
	return func(yield func(cdx.Row, error) bool) {
		from, to, err := q.bounds()
		if err != nil {
			yield(cdx.Row{}, err)
			return
		}
		for r, err := range s.index.rows(ctx, from, to) {
			if err == nil && !(q.within(r.Time) && q.below(r)) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (q Lookup) bounds() (from, to string, err error) {
	set := 0
	for _, v := range []string{q.URL, q.Prefix, q.Host, q.Domain} {
		if v != "" {
			set++
		}
	}
	switch {
	case set == 0:
		return "", "", nil // everything
	case set > 1:
		return "", "", errors.New("look up by URL, prefix, host or domain, not by several of them")
	case q.URL != "":
		key := cdx.Clean(urlkey.SURT(q.URL))
		return key + " ", key + "!", nil
	case q.Prefix != "":
		key := cdx.Clean(urlkey.SURT(q.Prefix))
		if q.directory(key) {
			return key + " ", key + "@", nil // up to "?", which below sorts out
		}
		return key, after(key), nil
	case q.Host != "":
		key := cdx.Clean(urlkey.SURT("http://" + q.Host + "/"))
		key = strings.TrimSuffix(key, "/")
		return key, after(key), nil
	}
	key := strings.TrimSuffix(cdx.Clean(urlkey.SURT("http://"+q.Domain+"/")), ")/")
	// "cn,nxkx" is followed by ")" for the host and by "," for hosts below it.
	return key + ")", key + "-", nil
}

// directory says whether the prefix ends with a slash that its key has lost.
func (q Lookup) directory(key string) bool {
	return strings.HasSuffix(q.Prefix, "/") && !strings.HasSuffix(key, "/")
}

// below says whether a row of the bounds belongs to a prefix that ends with a slash: what is below it, and
// the page itself, whose key has no slash ("/a" and "/a/" are one page to archivists; with a query
// only "/a/?…" is meant).
func (q Lookup) below(r cdx.Row) bool {
	if q.Prefix == "" {
		return true
	}
	key := cdx.Clean(urlkey.SURT(q.Prefix))
	if !q.directory(key) {
		return true
	}
	rest := strings.TrimPrefix(r.Key, key)
	path, _, _ := strings.Cut(r.URL, "?")
	return rest == "" || rest[0] == '/' || rest[0] == '?' && strings.HasSuffix(path, "/")
}

// after returns the least string greater than every string that starts with key.
func after(key string) string {
	b := []byte(key)
	for len(b) > 0 && b[len(b)-1] == 0xff {
		b = b[:len(b)-1]
	}
	if len(b) > 0 {
		b[len(b)-1]++
	}
	return string(b)
}

func (q Lookup) within(ts string) bool {
	if !q.From.IsZero() && ts < q.From.UTC().Format("20060102150405") {
		return false
	}
	return q.To.IsZero() || ts < q.To.UTC().Format("20060102150405")
}
