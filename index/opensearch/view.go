package opensearch

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
	"sync"
	"time"

	"cundang/index"
)

// keepAlive is how long the cluster keeps a view that is not asked anything; freshFor is how long what a view
// shows is taken for what there is, when it is other processes that write.
const (
	keepAlive = "10m"
	freshFor  = time.Second
)

// snapshots are the points in time that views share: searches of one second need not open one each.
type snapshots struct {
	mu      sync.Mutex
	current *snapshot
	checked time.Time
	old     bool // something was written since
}

// snapshot is the index as it was at a moment.
type snapshot struct {
	index     string // the one the alias stood for
	number    int
	documents int
	length    float32 // of a text, in words, on average
	position  string

	mu     sync.Mutex
	pit    string
	users  int // views, and one while it is the current one
	counts map[string]int
}

// mostCounts bounds how many counts of words a snapshot remembers.
const mostCounts = 200_000

// view is a snapshot in use.
type view struct {
	e     *Engine
	snap  *snapshot
	docs  []document // by place
	at    map[string]index.Place
	held  int           // bytes of texts in docs
	queue []index.Place // with texts, oldest first
	done  sync.Once
}

var _ index.View = (*view)(nil)

// View implements index.Engine.
func (e *Engine) View(ctx context.Context) (index.View, error) {
	v, err := e.view(ctx)
	if err != nil {
		return nil, err // not a nil *view
	}
	return v, nil
}

func (e *Engine) view(ctx context.Context) (v *view, err error) {
	e.mu.RLock()
	defer func() {
		if v == nil {
			e.mu.RUnlock()
		}
	}()
	if e.closed {
		return nil, index.ErrClosed
	}
	s, err := e.snapshot.take(ctx, e)
	if err != nil {
		return nil, err
	}
	return &view{e: e, snap: s, at: map[string]index.Place{}}, nil
}

// Close implements index.View.
func (v *view) Close() error {
	v.done.Do(func() {
		v.snap.leave(v.e.c)
		v.e.mu.RUnlock()
	})
	return nil
}

// take returns the snapshot of now.
func (p *snapshots) take(ctx context.Context, e *Engine) (*snapshot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil && !p.old && time.Since(p.checked) > freshFor {
		number, err := e.visible(ctx)
		if err != nil {
			return nil, err
		}
		p.old, p.checked = number != p.current.number, time.Now()
	}
	if p.current == nil || p.old {
		s, err := e.newSnapshot(ctx)
		if err != nil {
			return nil, err
		}
		if p.current != nil {
			p.current.leave(e.c)
		}
		p.current, p.old, p.checked = s, false, time.Now()
	}
	p.current.mu.Lock()
	defer p.current.mu.Unlock()
	p.current.users++
	return p.current, nil
}

// outdate makes the next view a new snapshot.
func (p *snapshots) outdate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.old = true
}

// drop lets the current snapshot go.
func (p *snapshots) drop(c *client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		p.current.leave(c)
		p.current = nil
	}
}

// leave is for a user that needs a snapshot no more; after the last the cluster may forget it.
func (s *snapshot) leave(c *client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// When this fails the cluster forgets it by itself after keepAlive.
	_ = c.call(ctx, "DELETE", "/_search/point_in_time", object{"pit_id": []string{s.pit}}, nil)
}

// visible is the number of the index as searches see it.
func (e *Engine) visible(ctx context.Context) (int, error) {
	var s stateDoc
	err := e.c.get(ctx, "/"+e.name+"/_doc/"+stateID+"?realtime=false", &s)
	if status(err) == 404 && !s.Found {
		var of map[string]struct{}
		err = e.c.get(ctx, "/_alias/"+e.name, &of)
		for s.Index = range of {
		}
	}
	return number(s.Index, s.Src.State), err
}

// number tells states of indices apart.
func number(name string, s state) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", name, s.Writes)
	return int(h.Sum64()>>1) | 1
}

// newSnapshot opens a point in time and reads what is true of it as a whole.
func (e *Engine) newSnapshot(ctx context.Context) (*snapshot, error) {
	s := &snapshot{users: 1, counts: map[string]int{}}
	var err error
	if s.pit, err = e.openPIT(ctx); err != nil {
		return nil, err
	}
	if err := s.read(ctx, e); err != nil {
		s.leave(e.c)
		return nil, err
	}
	return s, nil
}

func (e *Engine) openPIT(ctx context.Context) (string, error) {
	var r struct {
		ID string `json:"pit_id"`
	}
	path := "/" + e.name + "/_search/point_in_time?allow_partial_pit_creation=false&keep_alive=" + keepAlive
	err := e.c.call(ctx, "POST", path, nil, &r)
	for try := 0; status(err) >= 500 && try < lostTries && ctx.Err() == nil; try++ { // shards that move to other nodes
		if err := wait(ctx, backoff(try)); err != nil {
			return "", err
		}
		err = e.c.call(ctx, "POST", path, nil, &r)
	}
	return r.ID, err
}

// read reads the state and the sums over all documents.
func (s *snapshot) read(ctx context.Context, e *Engine) error {
	var r answer
	err := e.c.call(ctx, "POST", searchPath, object{
		"pit": s.point(), "query": object{"match_all": object{}}, "size": 1, "track_total_hits": false,
		"post_filter": object{"ids": object{"values": []string{stateID}}}, "_source": []string{"state"},
		"aggs": object{
			"documents": object{"value_count": object{"field": fLength}},
			"words":     object{"sum": object{"field": fLength}},
			"index":     object{"terms": object{"field": "_index", "size": 1}},
		},
	}, &r)
	if err != nil {
		return err
	}
	var st state
	for _, h := range r.Hits.Hits {
		st, s.index = h.Source.State, h.Index
	}
	if s.index == "" { // nothing was written yet
		of, err := e.visible(ctx)
		if err != nil {
			return err
		}
		s.number = of
	} else {
		s.number = number(s.index, st)
	}
	s.position = st.Position
	s.documents = int(r.Aggs["documents"].Value)
	s.length = max(float32(r.Aggs["words"].Value/max(r.Aggs["documents"].Value, 1)), 1)
	return nil
}

func (s *snapshot) point() object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return object{"id": s.pit, "keep_alive": keepAlive}
}

// lostTries is how often what a lost node held is asked of others.
const lostTries = 6

// errChanged says that a view was lost with a node and the index has changed since.
var errChanged = errors.New("opensearch: the view was lost with a node and the index has changed since: ask again")

// ask sends a request about a snapshot. When shards of it were lost with a node, it is opened again on the others,
// if the index is still the same.
func (v *view) ask(ctx context.Context, send func(point object) error) error {
	for try := 0; ; try++ {
		err := send(v.snap.point())
		code := status(err)
		if err == nil || code != 404 && code < 500 || try == lostTries || ctx.Err() != nil {
			return err
		}
		v.e.log.Warn("view lost", "index", v.e.name, "err", err)
		if err := wait(ctx, backoff(try)); err != nil {
			return err
		}
		if err := v.reopen(ctx); err != nil && (errors.Is(err, errChanged) || try+1 == lostTries) {
			return err
		}
	}
}

func (v *view) reopen(ctx context.Context) error {
	pit, err := v.e.openPIT(ctx)
	if err != nil {
		return err
	}
	fresh := &snapshot{pit: pit, users: 1}
	if err := fresh.read(ctx, v.e); err != nil {
		return err
	}
	if fresh.number != v.snap.number {
		fresh.leave(v.e.c)
		return errChanged
	}
	v.snap.mu.Lock()
	defer v.snap.mu.Unlock()
	v.snap.pit = pit
	return nil
}

// Number implements index.View.
func (v *view) Number() int { return v.snap.number }

// Position implements index.View.
func (v *view) Position(context.Context) (string, error) { return v.snap.position, nil }

// document is what a view has read of one.
type document struct {
	key  string
	head []byte
	text *source
	size int
}

// place returns where a document with a key is kept.
func (v *view) place(key string) index.Place {
	p, ok := v.at[key]
	if !ok {
		p = index.Place(len(v.docs))
		v.at[key] = p
		v.docs = append(v.docs, document{key: key})
	}
	return p
}

// Bounds of what is read ahead: documents that were found one after the other are likely to be read so.
const (
	aheadDocuments = 128
	heldBytes      = 64 << 20
)

var (
	headFields = []string{fKey, "head"}
	textFields = []string{fKey, fTitle, fBody, fAttach, "stored"}
)

// Head implements index.View.
func (v *view) Head(ctx context.Context, at index.Place) ([]byte, error) {
	if int(at) >= len(v.docs) {
		return nil, fmt.Errorf("stored document: no number %d", at)
	}
	if v.docs[at].head == nil {
		if err := v.fetch(ctx, v.ahead(at, func(d document) bool { return d.head == nil }), headFields); err != nil {
			return nil, err
		}
	}
	if v.docs[at].head == nil {
		return nil, v.missing(at)
	}
	return v.docs[at].head, nil
}

// Text implements index.View.
func (v *view) Text(ctx context.Context, at index.Place, t *index.Text) error {
	if int(at) >= len(v.docs) {
		return fmt.Errorf("stored document: no number %d", at)
	}
	if v.docs[at].text == nil {
		if err := v.fetch(ctx, v.ahead(at, func(d document) bool { return d.text == nil }), textFields); err != nil {
			return err
		}
	}
	if v.docs[at].text == nil {
		return v.missing(at)
	}
	v.docs[at].text.text(t)
	return nil
}

func (v *view) missing(at index.Place) error {
	return &index.DamagedError{Dir: v.e.where(), Err: fmt.Errorf("document %q cannot be read", v.docs[at].key)}
}

// ahead lists the keys of a document and of those after it that lack something.
func (v *view) ahead(at index.Place, lacks func(document) bool) (keys []string) {
	for _, d := range v.docs[at:min(int(at)+aheadDocuments, len(v.docs))] {
		if lacks(d) {
			keys = append(keys, d.key)
		}
	}
	return keys
}

// fetchBytes bounds an answer with texts; a smaller number of documents is asked for when it is longer.
const fetchBytes = 32 << 20

// fetch reads fields of documents. Those that make the answer too long are left for later, but not the first.
func (v *view) fetch(ctx context.Context, keys []string, fields []string) error {
	most := int64(fetchBytes)
	if len(keys) == 1 {
		most = maxAnswer
	}
	var r answer
	err := v.ask(ctx, func(point object) error {
		return v.e.c.bounded(ctx, "POST", searchPath, object{
			"pit": point, "size": len(keys), "track_total_hits": false, "_source": fields, "sort": []string{"_doc"},
			"query": object{"bool": object{"filter": object{"terms": object{fKey: keys}}}},
		}, &r, most)
	})
	if errors.Is(err, errTooLong) && len(keys) > 1 {
		return v.fetch(ctx, keys[:(len(keys)+1)/2], fields)
	}
	if err != nil {
		return err
	}
	for i := range r.Hits.Hits {
		v.keep(&r.Hits.Hits[i])
	}
	return nil
}

// keep remembers what was read of a document.
func (v *view) keep(h *hit) index.Place {
	p := v.place(h.ID)
	s := &h.Source.source
	if s.Head != "" {
		v.docs[p].head = []byte(s.Head)
	}
	if s.Stored.Sum != "" && v.docs[p].text == nil {
		s.Head = ""
		size := len(s.Title) + len(s.Body) + 512
		for _, a := range s.Attachments {
			size += len(a)
		}
		v.docs[p].text, v.docs[p].size = s, size
		v.queue = append(v.queue, p)
		for v.held += size; v.held > heldBytes && len(v.queue) > aheadDocuments; v.queue = v.queue[1:] {
			old := &v.docs[v.queue[0]]
			v.held -= old.size
			old.text, old.head = nil, nil
		}
	}
	return p
}

// Documents implements index.View.
func (v *view) Documents(ctx context.Context, ids ...string) (out []index.Ref, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	body := object{
		"size": pageSize, "track_total_hits": false, "_source": headFields, "sort": []object{{fKey: "asc"}},
		"query": object{"bool": object{"filter": object{"terms": object{fArticle: ids}}}},
	}
	err = v.pages(ctx, body, func(h *hit) error {
		out = append(out, index.Ref{Key: h.ID, Place: v.keep(h)})
		return nil
	})
	return out, err
}

// pages sends a search again and again, each time for what comes after what was found, until there is no more.
func (v *view) pages(ctx context.Context, body object, each func(h *hit) error) error {
	for {
		var r answer
		if err := v.search(ctx, body, &r); err != nil {
			return err
		}
		for i := range r.Hits.Hits {
			if err := each(&r.Hits.Hits[i]); err != nil {
				return err
			}
		}
		n := len(r.Hits.Hits)
		if n < body["size"].(int) {
			return nil
		}
		body["search_after"] = r.Hits.Hits[n-1].Sort
	}
}

// search sends a search about the view.
func (v *view) search(ctx context.Context, body object, into *answer) error {
	return v.ask(ctx, func(point object) error {
		body["pit"] = point
		*into = answer{}
		return v.e.c.call(ctx, "POST", searchPath, body, into)
	})
}

// searchPath is where searches go: the point in time says of which index.
const searchPath = "/_search?allow_partial_search_results=false&include_named_queries_score=true&filter_path=" +
	"timed_out,hits.total,hits.hits._id,hits.hits._index,hits.hits._source,hits.hits.sort,hits.hits.fields," +
	"hits.hits.matched_queries,aggregations"

// escaped writes a name into a path.
func escaped(s string) string { return strings.ReplaceAll(url.PathEscape(s), "+", "%2B") }
