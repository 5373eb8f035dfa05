package bleve

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"cundang/index"
)

// Every hit says which of how many versions it is. To look the versions up is a walk
// through the dictionary of keys in each segment, which is what a page of hits would spend
// most of its time and memory with. So the articles of a segment are listed in memory.

// articleIDs lists the documents of a segment by a hash of their article's ID, 16 bytes a document.
type articleIDs struct {
	mu    sync.Mutex
	asked int
	list  []hashed
}

type hashed struct {
	hash  uint64
	local uint32
}

// askedPerDocument is how many documents' keys can be listed in the time of one look-up in the
// dictionary: the list is made once as many look-ups have been as would have paid for it, hence
// never by a command that asks once.
const askedPerDocument = 80

var idSeed = maphash.MakeSeed()

// documentsIn adds the documents of an article in segment i to out.
func (r *view) documentsIn(i int, id string, out []index.Ref) ([]index.Ref, error) {
	s := r.segs[i]
	prefix := id + " " // keys have a space after the ID
	add := func(key string, local uint32) {
		if s.dead == nil || !s.dead.has(local) {
			out = append(out, index.Ref{Key: key, Place: index.Place(s.base + local)})
		}
	}
	list, err := r.articleIDs(i)
	if err != nil {
		return nil, err
	}
	if list != nil {
		hash := maphash.String(idSeed, id)
		at, _ := slices.BinarySearchFunc(list, hash, func(h hashed, hash uint64) int {
			if h.hash < hash {
				return -1
			}
			return 1
		})
		for ; at < len(list) && list[at].hash == hash; at++ {
			key, err := s.DocID(uint64(list[at].local))
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(string(key), prefix) {
				add(string(key), list[at].local)
			}
		}
		return out, nil
	}
	dict, err := r.dictionary(i, "_id")
	if err != nil {
		return nil, err
	}
	for it := dict.AutomatonIterator(nil, []byte(prefix), []byte(id+"!")); ; {
		e, err := it.Next()
		if e == nil || err != nil {
			return out, err
		}
		if err := r.eachHaving(dict, e.Term, func(local uint32) { add(e.Term, local) }); err != nil {
			return nil, err
		}
	}
}

// articleIDs returns the list of a segment, nil before it is worth making.
func (r *view) articleIDs(i int) ([]hashed, error) {
	s := r.segs[i]
	k := &s.warm.ids
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.asked++; k.list != nil || k.asked*askedPerDocument < int(s.size) {
		return k.list, nil
	}
	dict, err := r.dictionary(i, "_id")
	if err != nil {
		return nil, err
	}
	list := make([]hashed, 0, s.size)
	err = r.terms(i, "_id", func(key string) error {
		id, _, _ := strings.Cut(key, " ")
		return r.eachHaving(dict, key, func(local uint32) {
			list = append(list, hashed{maphash.String(idSeed, id), local})
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b hashed) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.local) - int(b.local)
	})
	k.list = list
	return list, nil
}
