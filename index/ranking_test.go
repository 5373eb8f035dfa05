package index_test

import (
	"cundang/index"
	"cundang/index/enginetest"

	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cundang/extract"
)

// TestFreshness asks articles of one text and different dates: newer ones come first the more, the shorter the
// half-life, and not at all without one.
func TestFreshness(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index.bleve"))
	now := time.Now()
	dated := func(id, body string, days int) extract.Article {
		a := enginetest.Article(id, "全国科普日", body, 1)
		a.Published = extract.Date{}
		if days >= 0 {
			a.Published.Time = now.AddDate(0, 0, -days)
		}
		return a
	}
	const better = "全国科普日活动启动，全国科普日主场在科技馆。"
	if err := x.Put(t.Context(), "", dated("old", better, 3650), dated("undated", better, -1),
		dated("new", "天气很好，来的人不少，全国科普日活动启动。", 1)); err != nil {
		t.Fatal(err)
	}
	if err := x.Put(t.Context(), "", enginetest.MadeUp(50)...); err != nil { // words have a weight only among other texts
		t.Fatal(err)
	}
	ask := func(halfLife time.Duration) string {
		return strings.Join(ids(search(t, x, index.Query{Text: `全国科普日活动 -推进会 "科普日活动"`, Freshness: halfLife, Limit: 3})), " ")
	}
	const year = 365 * 24 * time.Hour
	if got := ask(0); got != "old undated new" {
		t.Errorf("without freshness: %s", got)
	}
	if got := ask(year); got != "new old undated" {
		t.Errorf("half-life of a year: %s", got)
	}
	if got := ask(250 * year); got != "old new undated" {
		t.Errorf("half-life of 250 years: %s", got)
	}
	r := search(t, x, index.Query{Text: "全国科普日活动", Freshness: year, Explain: true})
	if !strings.Contains(r.Hits[0].Explain, ", date + 0.7") || strings.Contains(r.Hits[2].Explain, "date") {
		t.Errorf("explained as %q and %q", r.Hits[0].Explain, r.Hits[2].Explain)
	}
	if r := search(t, x, index.Query{Text: "全国科普日活动", Explain: true}); strings.Contains(r.Hits[0].Explain, "date") {
		t.Errorf("explained as %q without freshness", r.Hits[0].Explain)
	}
}

// TestRankingOfAQuery asks with other constants: they are those that rank.
func TestRankingOfAQuery(t *testing.T) {
	x := filled(t)
	scores := func(rk *index.Ranking) string {
		r := search(t, x, index.Query{Text: "科技工作者 报告", Ranking: rk})
		var out []string
		for _, h := range r.Hits {
			out = append(out, fmt.Sprintf("%s %.3f", h.Article.ID, h.Score))
		}
		return strings.Join(out, ", ")
	}
	same, other := index.DefaultRanking(), index.DefaultRanking()
	other.K1 = 3
	if scores(nil) != scores(&same) {
		t.Errorf("default %s, said explicitly %s", scores(nil), scores(&same))
	}
	if scores(nil) == scores(&other) {
		t.Errorf("k1 made no difference: %s", scores(nil))
	}
}
