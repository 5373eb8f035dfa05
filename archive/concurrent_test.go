package archive

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// Appends, group commits, followers, lookups and a reader with its own view run at the same time; in
// the end everything is there once.
func TestConcurrentUse(t *testing.T) {
	const writers, each = 8, 40
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxSize: 20000})
	ro := mustOpen(t, dir, Options{ReadOnly: true})
	ctx, stop := context.WithCancel(t.Context())
	var writing, watching sync.WaitGroup
	var gate sync.RWMutex // as the crawler has it: what is synced is what is committed
	for w := range writers {
		writing.Go(func() {
			site := fmt.Sprintf("s%d", w%3)
			for i := range each {
				gate.RLock()
				ref, err := s.Append(ctx, exchange(site, fmt.Sprintf("http://%s.example.org/%d/%d", site, w, i), i, fmt.Sprint(w, "/", i)))
				gate.RUnlock()
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Read(ctx, ref); err != nil {
					t.Error(err)
				}
			}
		})
	}
	commit := func() {
		gate.Lock()
		ends, err := s.Sync(context.Background())
		gate.Unlock()
		if err == nil {
			err = s.Commit(ends)
		}
		if err != nil {
			t.Error(err)
		}
	}
	watching.Go(func() {
		for ctx.Err() == nil {
			commit()
		}
	})
	for _, store := range []*Store{s, ro} {
		watching.Go(func() {
			var pos Position
			seen := map[string]bool{}
			for ctx.Err() == nil {
				for f, err := range store.Since(context.Background(), pos) {
					if err != nil {
						t.Error(err)
						return
					}
					if pos = f.Position; seen[f.Capture.Ref.String()] {
						t.Errorf("%s followed twice", f.Capture.Ref)
					}
					seen[f.Capture.Ref.String()] = true
					if c, err := store.Read(context.Background(), f.Capture.Ref); err != nil || c.URL != f.Capture.URL {
						t.Errorf("%s: %v", f.Capture.Ref, err)
					}
				}
				for _, err := range store.Versions(context.Background(), "http://s1.example.org/1/1") {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	writing.Wait()
	stop()
	watching.Wait()
	commit()
	if got, _ := follow(t, ro, ""); len(got) != writers*each {
		t.Errorf("%d captures, wrote %d", len(got), writers*each)
	}
	mustClose(t, ro)
	mustClose(t, s)
	if r := verify(t, dir, VerifyOptions{}); len(r.Findings) != 0 || r.Captures != writers*each {
		t.Errorf("verify: %+v", r)
	}
}
