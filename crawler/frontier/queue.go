package frontier

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// queue is the queue of one site on one host, with the first keys of each priority in memory.
type queue struct {
	site   string
	levels [levels]level
}

// level is one priority's keys: heads are the first of them, more are in the database unless eof.
type level struct {
	heads []head
	from  []byte // nothing is queued before this key
	eof   bool
}

type head struct {
	key string
	due uint64
}

// headsAtOnce is how many keys of a level are read at a time.
const headsAtOnce = 64

// The parts of a queue key, whose site and host are known.
func (h head) rest(site, host string) string    { return h.key[len(site)+len(host)+3+9:] }
func (h head) priority(site, host string) uint8 { return h.key[len(site)+len(host)+3] }
func (h head) url(site, host string) string {
	return string(urlKey(site, host, h.rest(site, host)))
}

// fill reads the next keys of a level when none are in memory.
func (s *Session) fill(site, host string, p int, lv *level) error {
	if len(lv.heads) > 0 || lv.eof {
		return nil
	}
	upper := append(queuePrefix(site, host), byte(p)+1)
	it, err := s.f.db.NewIter(&pebble.IterOptions{LowerBound: lv.from, UpperBound: upper})
	if err != nil {
		return fmt.Errorf("read frontier: %w", err)
	}
	lv.heads = make([]head, 0, headsAtOnce)
	ok := it.First()
	for ; ok && len(lv.heads) < headsAtOnce; ok = it.Next() {
		h, err := parseHead(it.Key())
		if err != nil {
			return errors.Join(err, it.Close())
		}
		if !s.lease[h.url(site, host)] {
			lv.heads = append(lv.heads, h)
		}
	}
	lv.eof = !ok
	return it.Close()
}

// parseHead reads a queue key.
func parseHead(key []byte) (head, error) {
	i := bytes.IndexByte(key, 0)
	j := -1
	if i >= 0 {
		j = bytes.IndexByte(key[i+1:], 0)
	}
	at := i + 1 + j + 1 + 1
	if i < 0 || j < 0 || len(key) < at+8 {
		return head{}, fmt.Errorf("broken queue key %q", key)
	}
	return head{string(key), binary.BigEndian.Uint64(key[at:])}, nil
}

// insert puts a key among the heads if it belongs there.
func insert(q *queue, p int, key []byte) {
	lv := &q.levels[p]
	if bytes.Compare(key, lv.from) < 0 {
		lv.from = bytes.Clone(key)
	}
	h, err := parseHead(key)
	if err != nil {
		return
	}
	n := len(lv.heads)
	if !lv.eof && (n == 0 || h.key > lv.heads[n-1].key) {
		return // read from the database when its turn comes
	}
	i, found := slices.BinarySearchFunc(lv.heads, h,
		func(a, b head) int { return bytes.Compare([]byte(a.key), []byte(b.key)) })
	if found {
		return
	}
	lv.heads = slices.Insert(lv.heads, i, h)
	if len(lv.heads) > 4*headsAtOnce {
		lv.heads = lv.heads[:2*headsAtOnce]
		lv.eof = false
	}
}

// drop removes a key from the heads.
func (q *queue) drop(key string) {
	for p := range q.levels {
		lv := &q.levels[p]
		lv.heads = slices.DeleteFunc(lv.heads, func(h head) bool { return h.key == key })
	}
}
