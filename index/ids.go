package index

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
)

// Most articles have one version, and every hit says how many there are. To look that up is a walk
// through the dictionary of keys in each segment, which is what a page of hits would spend
// most of its time and memory with. So the articles of a segment are listed in memory.

// articleIDs lists the articles of a segment: a hash of the ID of each document, sorted, 8 bytes a document.
type articleIDs struct {
	mu     sync.Mutex
	asked  int
	hashes []uint64
}

// askedPerDocument is how many documents' keys can be listed in the time of one look-up in the
// dictionary: the list is made once as many look-ups have been as would have paid for it, hence
// never by a command that asks once.
const askedPerDocument = 80

var idSeed = maphash.MakeSeed()

// alone says that an article has a single document, and knows it without reading. False says nothing.
func (r *reader) alone(id string) bool {
	hash := maphash.String(idSeed, id)
	documents := 0
	for i := range r.segs {
		list, err := r.articleIDs(i)
		if list == nil || err != nil {
			return false // what reads them finds the error too
		}
		at, found := slices.BinarySearch(list, hash)
		for ; found && at < len(list) && list[at] == hash; at++ {
			documents++
		}
	}
	return documents == 1
}

// articleIDs returns the list of a segment, nil before it is worth making.
func (r *reader) articleIDs(i int) ([]uint64, error) {
	s := r.segs[i]
	k := &s.warm.ids
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.asked++; k.hashes != nil || k.asked*askedPerDocument < int(s.size) {
		return k.hashes, nil
	}
	hashes := make([]uint64, 0, s.size)
	err := r.terms(i, "_id", func(key string) error {
		id, _, _ := strings.Cut(key, " ")
		hashes = append(hashes, maphash.String(idSeed, id))
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(hashes)
	k.hashes = hashes
	return hashes, nil
}
