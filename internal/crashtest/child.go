package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cundang/archive"
	"cundang/crawler/frontier"
)

// The made-up web: sites, each with some hosts and so many pages.
const (
	sites = 3
	hosts = 40
)

func pageURL(site, n int) string {
	return fmt.Sprintf("http://h%d.site%d.example/page/%d", n%hosts, site, n)
}

func siteName(n int) string { return fmt.Sprintf("site%d", n) }

// pageText is what a page says: it follows from its URL, so that the check needs no memory.
func pageText(url string) string {
	h := fnv.New64a()
	h.Write([]byte(url)) // never fails
	rnd := rand.New(rand.NewPCG(h.Sum64(), 1))
	size := 200 + rnd.IntN(6000)
	if rnd.IntN(300) == 0 {
		size = 3 << 20 // larger than what is written at once
	}
	words := []string{"学会", "科协", "通知", "培训班", "党的二十大", "会议", "举办", "关于"}
	var b strings.Builder
	b.WriteString(url + "\n")
	for b.Len() < size {
		fmt.Fprintf(&b, "%s%x", words[rnd.IntN(len(words))], rnd.Uint32())
	}
	return b.String()
}

func exchange(url, site string) archive.Exchange {
	text := pageText(url)
	x := archive.Exchange{
		URL: url, Site: site, Time: time.Now(), IP: "127.0.0.1",
		Request: strings.NewReader("GET / HTTP/1.1\r\nHost: example\r\n\r\n"),
		Response: strings.NewReader(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s",
			len(text), text)),
		Fields: archive.Fields{archive.FieldVia: "http://example/"},
	}
	if isRendered(text) {
		x.Companions = []archive.Companion{{Name: archive.CompanionDOM, MediaType: "text/html",
			Content: []byte("rendered " + text)}}
	}
	return x
}

// isRendered says whether a page is kept with a companion record; about every fifth is.
func isRendered(text string) bool { return len(text)%5 == 0 }

// runChild writes captures until it is killed, or until nothing is left to fetch.
func runChild(env string) int {
	var p plan
	err := json.Unmarshal([]byte(env), &p)
	if err == nil {
		err = p.child()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// world is the archive with its frontier, opened as a crawl opens them.
type world struct {
	front *frontier.Frontier
	store *archive.Store
	log   *os.File
}

func (p plan) open() (*world, error) {
	w := &world{}
	var err error
	if w.log, err = os.OpenFile(filepath.Join(p.Dir, "durable.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY,
		0o644); err != nil {
		return nil, err
	}
	if w.front, err = frontier.Open(filepath.Join(p.Dir, "state")); err != nil {
		return nil, err
	}
	w.store, err = archive.Open(filepath.Join(p.Dir, "archive"), archive.Options{
		MaxSize: 700 << 10, Committed: w.front.Committed(),
		FS: &disk{log: w.log, noSync: p.NoSync, noTruncate: p.NoTruncate},
	})
	return w, err
}

func (w *world) close() error {
	return errors.Join(w.store.Close(), w.front.Close(), w.log.Close())
}

func (p plan) child() error {
	rnd := rand.New(rand.NewPCG(p.Seed, uint64(p.Life)))
	w, err := p.open()
	if err != nil {
		return err
	}
	acks, err := os.OpenFile(filepath.Join(p.Dir, "acks"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	// The line that a kill cut off was never said; what follows begins on a line of its own.
	if _, err := acks.WriteString("\n"); err != nil {
		return err
	}
	if err := p.seed(w.front, rnd); err != nil {
		return err
	}
	var names []string
	for s := range sites {
		names = append(names, siteName(s))
	}
	session, err := w.front.Begin(names)
	if err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString("."); err != nil { // ready to be killed
		return err
	}
	for {
		n, err := p.group(w, session, acks, 1+rnd.IntN(64))
		if err != nil {
			return err
		}
		if n == 0 {
			if err := p.seed(w.front, rnd); err != nil { // more pages: the harness ends the run
				return err
			}
		}
	}
}

// seed queues pages that come after those known.
func (p plan) seed(front *frontier.Frontier, rnd *rand.Rand) error {
	for s := range sites {
		_, queued, err := front.Queued(siteName(s), time.Now())
		if err != nil {
			return err
		}
		if queued > 100 {
			continue
		}
		known := 0
		for range front.All(siteName(s)) {
			known++
		}
		var ch frontier.Change
		for n := known; n < known+200+rnd.IntN(200); n++ {
			ch.Found = append(ch.Found, frontier.Entry{URL: pageURL(s, n), Site: siteName(s), Due: time.Unix(1, 0)})
		}
		if _, err := front.Commit(ch); err != nil {
			return err
		}
	}
	return nil
}

// endOfAck ends a whole line of acknowledgement.
const endOfAck = "."

// group archives up to n pages and commits them as the crawler does: WARC fsync, one
// frontier batch, archive commit. Only then are they acknowledged.
func (p plan) group(w *world, session *frontier.Session, acks *os.File, n int) (int, error) {
	var ch frontier.Change
	var told strings.Builder
	for len(ch.Done) < n {
		e, _, ok, err := session.Next(time.Now())
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		ref, err := w.store.Append(context.Background(), exchange(e.URL, e.Site))
		if err != nil {
			return 0, err
		}
		e.Due = time.Time{}
		e.History.Ref = ref
		ch.Done = append(ch.Done, e)
		fmt.Fprintf(&told, "%s\t%s\t%s\t%s\n", e.URL, ref, ref.Digest, endOfAck)
		host, _, _ := strings.Cut(strings.TrimPrefix(e.URL, "http://"), "/")
		if err := session.Free(host, time.Time{}, time.Time{}); err != nil {
			return 0, err
		}
	}
	var err error
	if ch.Ends, err = w.store.Sync(context.Background()); err != nil {
		return 0, err
	}
	if _, err := w.front.Commit(ch); err != nil {
		return 0, err
	}
	if err := w.store.Commit(ch.Ends); err != nil {
		return 0, err
	}
	_, err = acks.WriteString(told.String())
	return len(ch.Done), err
}
