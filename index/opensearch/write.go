package opensearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"cundang/index"
	"cundang/index/zh"
)

// state is what an index remembers beside its documents.
type state struct {
	Position string `json:"position"`
	Writes   int    `json:"writes"` // another one after each Write
}

// Write implements index.Engine. Documents are put before others are deleted and the position comes last, so that
// a batch that was broken off is made whole by writing it again: nothing that was seen of an article is missing in
// between. Nothing of it is visible before the end, unless a node fails meanwhile.
func (e *Engine) Write(ctx context.Context, b index.Batch) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	switch {
	case e.closed:
		return index.ErrClosed
	case e.opts.ReadOnly:
		return index.ErrReadOnly
	}
	before, err := e.state(ctx)
	if err != nil {
		return err
	}
	last := map[string]int{} // of several documents with one key the last counts
	for i, d := range b.Put {
		last[d.Key] = i
	}
	docs, err := e.analyze(ctx, b.Put)
	if err != nil {
		return err
	}
	var w bulk
	for i := range docs {
		if last[docs[i].Key] == i {
			if err := w.add(ctx, e, "index", docs[i].Key, &docs[i]); err != nil {
				return err
			}
			docs[i] = source{}
		}
	}
	if err := w.flush(ctx, e); err != nil {
		return err
	}
	for _, key := range b.Delete {
		if _, put := last[key]; !put {
			if err := w.add(ctx, e, "delete", key, nil); err != nil {
				return err
			}
		}
	}
	if err := w.flush(ctx, e); err != nil {
		return err
	}
	if err := e.remember(ctx, b.Position, before); err != nil {
		return err
	}
	defer e.snapshot.outdate()
	return e.refresh(ctx)
}

// refresh makes what was written visible.
func (e *Engine) refresh(ctx context.Context) error {
	var r struct {
		Shards struct{ Failed int } `json:"_shards"`
	}
	if err := e.c.call(ctx, "POST", "/"+e.name+"/_refresh", nil, &r); err != nil {
		return err
	}
	if r.Shards.Failed > 0 {
		return fmt.Errorf("opensearch: %d shards of %s were not refreshed", r.Shards.Failed, e.name)
	}
	return nil
}

// stored state, and what tells whether another process has changed it since.
type stateDoc struct {
	Index string `json:"_index"`
	Seq   int64  `json:"_seq_no"`
	Term  int64  `json:"_primary_term"`
	Found bool   `json:"found"`
	Src   struct {
		State state `json:"state"`
	} `json:"_source"`
}

func (e *Engine) state(ctx context.Context) (s stateDoc, err error) {
	if err = e.c.get(ctx, "/"+e.name+"/_doc/"+stateID, &s); status(err) == 404 && !s.Found {
		err = e.exists(ctx)
	}
	return s, err
}

// exists tells an index without the document of the state from no index.
func (e *Engine) exists(ctx context.Context) error {
	return e.c.get(ctx, "/"+e.name+"/_mapping", nil)
}

// remember writes the position, unless another process has written since before.
func (e *Engine) remember(ctx context.Context, position string, before stateDoc) error {
	next := state{position, before.Src.State.Writes + 1}
	path := "/" + e.name + "/_doc/" + stateID + "?require_alias=true"
	if before.Found {
		path += fmt.Sprintf("&if_seq_no=%d&if_primary_term=%d", before.Seq, before.Term)
	} else {
		path += "&op_type=create"
	}
	err := e.c.call(ctx, "PUT", path, object{"state": next}, nil)
	if status(err) != 409 {
		return err
	}
	// It may be this request that was tried again after its answer was lost.
	now, errNow := e.state(ctx)
	if errNow == nil && now.Src.State == next && now.Seq > before.Seq {
		return nil
	}
	return errors.Join(fmt.Errorf("%w: %s was written to meanwhile", index.ErrLocked, e.where()), errNow)
}

// Bounds of a bulk request, and how often single documents are tried again that a busy node refuses.
const (
	bulkBytes = 4 << 20
	bulkTries = 8
)

// bulk collects operations for the bulk API.
type bulk struct {
	buf   bytes.Buffer
	parts [][2]int // where each operation lies in buf
}

// add appends an operation, and sends what has been collected when that is much.
func (w *bulk) add(ctx context.Context, e *Engine, op, key string, s *source) error {
	from := w.buf.Len()
	enc := json.NewEncoder(&w.buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(object{op: object{"_id": key}}); err != nil {
		return err
	}
	if s != nil {
		if err := enc.Encode(s); err != nil {
			return fmt.Errorf("encode document %s: %w", key, err)
		}
	}
	w.parts = append(w.parts, [2]int{from, w.buf.Len()})
	if w.buf.Len() < bulkBytes {
		return nil
	}
	return w.flush(ctx, e)
}

// flush sends what was collected. Documents that a node has no room for at the moment are sent again.
func (w *bulk) flush(ctx context.Context, e *Engine) error {
	body, parts := bytes.Clone(w.buf.Bytes()), w.parts
	w.buf.Reset()
	w.parts = nil
	for try := 0; len(parts) > 0; try++ {
		var r struct {
			Items []map[string]struct {
				ID     string `json:"_id"`
				Status int
				Error  *failure
			}
		}
		if err := e.c.call(ctx, "POST", "/"+e.name+"/_bulk?require_alias=true", body, &r); err != nil {
			return err
		}
		if len(r.Items) != len(parts) {
			return fmt.Errorf("opensearch: %d answers to %d documents", len(r.Items), len(parts))
		}
		var again []byte
		var left [][2]int
		for i, item := range r.Items {
			for op, x := range item {
				switch {
				case x.Status < 300 || op == "delete" && x.Status == 404:
				case (x.Status == 429 || x.Status == 503) && try < bulkTries:
					left = append(left, [2]int{len(again), len(again) + parts[i][1] - parts[i][0]})
					again = append(again, body[parts[i][0]:parts[i][1]]...)
				default:
					return fmt.Errorf("opensearch: %s of document %q: status %d: %v", op, x.ID, x.Status, x.Error)
				}
			}
		}
		if body, parts = again, left; len(parts) > 0 {
			if err := wait(ctx, backoff(try)); err != nil {
				return err
			}
		}
	}
	return nil
}

// wait waits, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// learnAtOnce is how many documents a cutter learns the words of at a time.
const learnAtOnce = 256

// analyze cuts the documents, on all processors.
func (e *Engine) analyze(ctx context.Context, in []index.Document) ([]source, error) {
	docs := make([]source, len(in))
	workers := min(runtime.GOMAXPROCS(0), len(in))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[w] = fmt.Errorf("analyze: %v", p)
				}
			}()
			c := zh.NewCutter(e.dict)
			for i := w; i < len(in) && errs[w] == nil; i += workers {
				if (i-w)/workers%learnAtOnce == 0 {
					var texts []string
					for j := i; j < len(in) && j < i+learnAtOnce*workers; j += workers {
						texts = append(append(texts, in[j].Texts.Title, in[j].Texts.Body), in[j].Texts.Attachments...)
					}
					c.Learn(texts...)
				}
				if errs[w] = ctx.Err(); errs[w] == nil {
					docs[i], errs[w] = newSource(c, in[i])
				}
			}
		})
	}
	wg.Wait()
	return docs, errors.Join(errs...)
}
