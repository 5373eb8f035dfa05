package index

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// What is known without reading must be what the keys say: with one version and with several, in one segment
// and in several, and for articles of which only a state is known.
func TestAloneIsOneVersion(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "x"))
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for round := range 3 {
		for i := range 40 {
			if round > 0 && i%(3*round) != 0 {
				continue
			}
			a := article(fmt.Sprintf("%020x", i), "通知", fmt.Sprintf("第%d版的正文，编号%d。", round, i), 1)
			a.Fetched = day.AddDate(0, round, 0)
			if err := x.Put(t.Context(), "", a); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := view(t, x)
	known := 0
	for range 3 { // the lists are made after some look-ups
		for i := range 40 {
			id := fmt.Sprintf("%020x", i)
			all, err := r.versionsOf(id)
			if err != nil {
				t.Fatal(err)
			}
			alone := r.alone(id)
			if alone {
				known++
			}
			if alone && len(all) != 1 {
				t.Errorf("article %s is said to have one version, it has %d", id, len(all))
			}
			for n, d := range all {
				if version, versions, err := r.numbered(d.key); err != nil || version != n+1 || versions != len(all) {
					t.Errorf("%s is version %d of %d (%v), want %d of %d", d.key, version, versions, err, n+1, len(all))
				}
			}
		}
	}
	if known == 0 {
		t.Error("nothing was ever known without reading")
	}
}
