package index_test

import (
	"context"
	"testing"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/internal/zone"

	"github.com/google/go-cmp/cmp"
)

func TestChanges(t *testing.T) {
	x, err := bleve.Open(t.TempDir(), index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}()
	day := func(n int) time.Time { return time.Date(2023, 5, n, 10, 0, 0, 0, zone.China) }
	page := func(id, site string, n int, body string) extract.Article {
		return extract.Article{ID: id, URL: "http://kx.example/" + id, Site: extract.Text(site), Kind: extract.KindArticle,
			Title: "标题", Body: extract.Text(body), Fetched: day(n), State: extract.StateLive}
	}
	state := func(id, site string, n int, s extract.State) extract.Article {
		return extract.Article{ID: id, URL: "http://kx.example/" + id, Site: extract.Text(site), Fetched: day(n), State: s}
	}
	err = x.Put(context.Background(), "1", page("aa", "a", 1, "甲"), page("bb", "b", 1, "乙"), page("cc", "a", 1, "丙"),
		page("aa", "a", 2, "甲"), page("aa", "a", 3, "甲改"), page("aa", "a", 4, "甲改"), page("aa", "a", 6, "甲再改"),
		state("bb", "b", 2, extract.StateMissing), state("bb", "b", 5, extract.StateGone), state("bb", "b", 7, extract.StateGone))
	if err != nil {
		t.Fatal(err)
	}
	modified2 := index.Change{ID: "aa", What: index.ChangeModified, At: day(3), Version: 2}
	modified3 := index.Change{ID: "aa", What: index.ChangeModified, At: day(6), Version: 3}
	gone := index.Change{ID: "bb", What: index.ChangeGone, At: day(5), Version: 1}
	tests := []struct {
		name  string
		q     index.Query
		want  []index.Change
		total int
	}{
		{"all, newest first", index.Query{}, []index.Change{modified3, gone, modified2}, 3},
		{"one site", index.Query{Sites: []string{"b"}}, []index.Change{gone}, 1},
		{"second page", index.Query{Limit: 1, Offset: 1}, []index.Change{gone}, 3},
		{"behind the end", index.Query{Offset: 9}, []index.Change{}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, total, err := x.Changes(context.Background(), tt.q)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" || total != tt.total {
				t.Errorf("total %d, want %d\n%s", total, tt.total, d)
			}
		})
	}
}
