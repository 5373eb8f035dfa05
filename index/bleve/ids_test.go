package bleve

import (
	"cundang/index/enginetest"

	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Documents are found by the lists as they are in the dictionaries of keys: with one version and with several, in one
// segment and in several.
func TestDocumentsOfAnArticle(t *testing.T) {
	e, x := engineOf(t, filepath.Join(t.TempDir(), "x"))
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for round := range 3 {
		for i := range 40 {
			if round > 0 && i%(3*round) != 0 {
				continue
			}
			a := enginetest.Article(fmt.Sprintf("%020x", i), "通知", fmt.Sprintf("第%d版的正文，编号%d。", round, i), 1)
			a.Fetched = day.AddDate(0, round, 0)
			if err := x.Put(t.Context(), "", a); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := viewOf(t, e)
	listed := 0
	for range 3 { // the lists are made after some look-ups
		for i := range 40 {
			id := fmt.Sprintf("%020x", i)
			versions, err := x.Versions(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			all, err := r.Documents(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != len(versions) {
				t.Errorf("article %s has %d documents, %d versions", id, len(all), len(versions))
			}
			for n, d := range all {
				key, err := r.key(uint32(d.Place))
				if err != nil || key != d.Key || !strings.HasPrefix(key, id+" ") || n > 0 && key <= all[n-1].Key {
					t.Errorf("%s: document %d is %q, its key %q (%v)", id, n, d.Key, key, err)
				}
			}
		}
	}
	for i := range r.segs {
		if r.segs[i].warm.ids.list != nil {
			listed++
		}
	}
	if listed == 0 {
		t.Error("no segment was ever listed")
	}
	if all, err := r.Documents(t.Context(), "nobody"); err != nil || len(all) != 0 {
		t.Errorf("nobody: %v, %v", all, err)
	}
}
