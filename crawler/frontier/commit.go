package frontier

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// seen remembers the URLs looked up last, so that the navigation that stands on every page
// costs no lookup. It is a cache: a slot holds the newest hash that fell on it, with the
// priority it was looked up for in the low bits.
type seen struct {
	seed  maphash.Seed
	slots []atomic.Uint64
}

const seenSlots = 1 << 18

func newSeen() seen { return seen{maphash.MakeSeed(), make([]atomic.Uint64, seenSlots)} }

func (s *seen) slot(site, url string, priority uint8) (slot *atomic.Uint64, sum uint64, hit bool) {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(site)
	h.WriteByte(0)
	h.WriteString(url)
	sum = h.Sum64()&^7 | 4 | uint64(priority&3) // never 0, an empty slot
	slot = &s.slots[sum>>46]
	old := slot.Load()
	return slot, sum, old&^3 == sum&^3 && old&3 <= sum&3
}

// Seen says that a plain discovery of a URL would change nothing, as far as that is known
// without looking: callers may leave it out of a Change. It may be said of a URL whose commit
// is still under way, so what is left out must be committed after it.
func (f *Frontier) Seen(site, url string, priority uint8) bool {
	_, _, hit := f.seen.slot(site, url, priority)
	return hit
}

// effect is what a commit changes in memory once it is durable.
type effect struct {
	site, host string
	key        string // of the URL
	entry      Entry  // as it is now
	done       string // URL key that is no longer leased
	drop       string // queue key that is gone
	insert     []byte // queue key that is there now
}

// Commit writes a change in one synced batch and returns how many discoveries were new.
// When it fails nothing was written.
func (f *Frontier) Commit(c Change) (added int, err error) {
	f.write.Lock()
	defer f.write.Unlock()
	b := f.db.NewBatch()
	defer b.Close()
	effects := make([]effect, 0, len(c.Done)+len(c.Found))
	pending := map[string]Entry{} // by URL key, what this batch holds
	for _, e := range c.Done {
		fx, err := f.done(b, e, pending)
		if err != nil {
			return 0, err
		}
		effects = append(effects, fx)
	}
	for _, e := range c.Found {
		fx, fresh, err := f.found(b, e, pending)
		if err != nil {
			return 0, err
		}
		if fresh {
			added++
		}
		if fx.insert != nil {
			effects = append(effects, fx)
		}
	}
	for file, end := range c.Ends {
		if err := b.Set([]byte("e"+file), binary.AppendUvarint(nil, uint64(end)), nil); err != nil {
			return 0, err
		}
	}
	for name, v := range c.Values {
		if v == nil {
			err = b.Delete([]byte("v"+name), nil)
		} else {
			err = b.Set([]byte("v"+name), v, nil)
		}
		if err != nil {
			return 0, err
		}
	}
	if err := b.Commit(pebble.Sync); err != nil {
		return 0, fmt.Errorf("commit frontier: %w", err)
	}
	f.apply(effects)
	return added, nil
}

// done writes a finished entry: its record, its place in the queue or none.
func (f *Frontier) done(b *pebble.Batch, e Entry, pending map[string]Entry) (effect, error) {
	host, rest, err := apart(e.URL)
	if err != nil {
		return effect{}, err
	}
	key := urlKey(e.Site, host, rest)
	fx := effect{site: e.Site, host: host, key: string(key), entry: e, done: string(key)}
	old, known, err := f.current(key, e, host, rest, pending)
	if err != nil {
		return fx, err
	}
	if known && !old.Due.IsZero() {
		q := queueKey(e.Site, host, rest, old.Priority, old.Due)
		fx.drop = string(q)
		if err := b.Delete(q, nil); err != nil {
			return fx, err
		}
	}
	if !e.Due.IsZero() {
		fx.insert = queueKey(e.Site, host, rest, e.Priority, e.Due)
		if err := b.Set(fx.insert, nil, nil); err != nil {
			return fx, err
		}
	}
	pending[string(key)] = e
	return fx, b.Set(key, encode(e), nil)
}

// current returns the record as this batch or the database has it.
func (f *Frontier) current(key []byte, e Entry, host, rest string, pending map[string]Entry) (Entry, bool, error) {
	if p, ok := pending[string(key)]; ok {
		return p, true, nil
	}
	return f.get(e.Site, host, rest)
}

// found writes a discovery. A known URL keeps its record, but one not fetched yet learns
// what a list says about it and moves up, and Retry makes it due again.
func (f *Frontier) found(b *pebble.Batch, e Entry, pending map[string]Entry) (fx effect, fresh bool, err error) {
	slot, sum, hit := f.seen.slot(e.Site, e.URL, e.Priority)
	plain := !e.Retry && e.Listed == "" && e.Column == "" && e.Title == ""
	if plain && hit {
		return fx, false, nil
	}
	host, rest, err := apart(e.URL)
	if err != nil {
		return fx, false, err
	}
	key := urlKey(e.Site, host, rest)
	old, known, err := f.current(key, e, host, rest, pending)
	if err != nil {
		return fx, false, err
	}
	slot.Store(sum)
	next := e
	if known {
		var change bool
		if next, change = merge(old, e); !change {
			return fx, false, nil
		}
	}
	next.Retry = false
	fx = effect{site: e.Site, host: host, key: string(key), entry: next}
	if known && !old.Due.IsZero() {
		q := queueKey(e.Site, host, rest, old.Priority, old.Due)
		if f.leased(e.Site, string(key)) { // being fetched this moment: its end decides
			return effect{}, false, nil
		}
		if old.Priority == next.Priority && old.Due.Equal(next.Due) {
			pending[string(key)] = next
			return effect{}, false, b.Set(key, encode(next), nil)
		}
		fx.drop = string(q)
		if err := b.Delete(q, nil); err != nil {
			return fx, false, err
		}
	}
	if !next.Due.IsZero() {
		fx.insert = queueKey(e.Site, host, rest, next.Priority, next.Due)
		if err := b.Set(fx.insert, nil, nil); err != nil {
			return fx, false, err
		}
	}
	pending[string(key)] = next
	return fx, !known, b.Set(key, encode(next), nil)
}

// merge returns what a known URL becomes when it is discovered again, and whether that differs.
func merge(old, e Entry) (Entry, bool) {
	next, change := old, false
	if old.History.Visits == 0 {
		for _, p := range []struct{ to, from *string }{
			{&next.Listed, &e.Listed}, {&next.Column, &e.Column}, {&next.Title, &e.Title},
		} {
			if *p.to == "" && *p.from != "" {
				*p.to, change = *p.from, true
			}
		}
		if e.Priority < old.Priority && !old.Due.IsZero() {
			next.Priority, next.Kind, change = e.Priority, e.Kind, true
		}
	}
	if e.Retry && (old.Due.IsZero() || e.Due.Before(old.Due)) {
		next.Due, change = e.Due, true
		next.Priority = min(old.Priority, e.Priority)
	}
	return next, change
}
