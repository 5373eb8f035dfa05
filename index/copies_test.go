package index_test

import (
	"cundang/index"
	"cundang/index/enginetest"

	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/extract"
	"cundang/internal/zone"

	"github.com/google/go-cmp/cmp"
)

// copied makes articles and copies of every third: whole ones, retitled, shortened, edited. want is the original of
// each.
func copied(n int) (all []extract.Article, want map[string]string) {
	rng := rand.New(rand.NewPCG(3, 4))
	want = map[string]string{}
	for i, a := range enginetest.MadeUp(n) {
		a.Body = extract.Text(fmt.Sprintf("本地简讯第%d号。", i) + string(a.Body))
		all = append(all, a)
		want[a.ID] = a.ID
		if i%3 != 0 {
			continue
		}
		for c := range 1 + rng.IntN(3) {
			b := a
			b.ID = fmt.Sprintf("%s-%d", a.ID, c)
			b.URL = "https://other.example/" + b.ID
			b.Source = extract.Text(fmt.Sprintf("转载%d", c))
			b.Published.Time = a.Published.Time.AddDate(0, 0, 1+c)
			sentences := strings.SplitAfter(string(a.Body), "。")
			switch rng.IntN(4) {
			case 0:
				b.Title = "转载：" + a.Title
			case 1:
				b.Site = "mirror"
			case 2:
				b.Body = extract.Text(strings.Join(sentences[:len(sentences)-len(sentences)/5], ""))
			case 3:
				b.Body = extract.Text("本网讯 （通讯员王小明）" + string(a.Body) + "欢迎关注。")
			}
			all = append(all, b)
			want[b.ID] = a.ID
		}
	}
	return all, want
}

// groupsOf lists, for every article, the first of those with its text.
func groupsOf(t *testing.T, x *index.Index, all []extract.Article) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, a := range all {
		r, err := x.Reprints(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Copies {
			out[a.ID] = append(out[a.ID], c.Article.ID)
		}
		slices.Sort(out[a.ID])
	}
	return out
}

// TestGroupsWhateverTheOrder puts the same articles at once, one by one in other orders, with versions and corrections
// in between, and makes the index anew: there are the same groups.
func TestGroupsWhateverTheOrder(t *testing.T) {
	all, want := copied(60)
	x := open(t, filepath.Join(t.TempDir(), "one"))
	if err := x.Put(t.Context(), "p", all...); err != nil {
		t.Fatal(err)
	}
	if err := x.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := groupsOf(t, x, all)
	right, wrong := 0, 0
	for id, members := range first {
		for _, m := range members {
			if want[m] == want[id] {
				right++
			} else {
				wrong++
			}
		}
	}
	if wrong > 0 || right < len(all)*3/2 {
		t.Errorf("%d pairs right, %d wrong", right, wrong)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for round := range 3 {
		y := open(t, filepath.Join(t.TempDir(), "other"))
		shuffled := slices.Clone(all)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for some := range slices.Chunk(shuffled, 1+round*9) {
			wrongly := slices.Clone(some) // read wrongly at first: with the text of another article
			for i := range wrongly {
				wrongly[i].Body, wrongly[i].Paragraphs = all[rng.IntN(len(all))].Body, nil
			}
			if err := y.Put(t.Context(), "w", wrongly...); err != nil {
				t.Fatal(err)
			}
			if rng.IntN(2) == 0 {
				if err := y.Group(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if err := y.Put(t.Context(), "p", some...); err != nil {
				t.Fatal(err)
			}
			if rng.IntN(3) > 0 {
				if err := y.Group(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := y.Group(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, groupsOf(t, y, all)); diff != "" {
			t.Errorf("round %d: %s", round, diff)
		}
		if p, err := y.Position(t.Context()); err != nil || p != "p" {
			t.Errorf("position %q, %v", p, err)
		}
	}
	err := x.Rebuild(t.Context(), func(_ context.Context, put func(string, ...extract.Article) error) error {
		return put("p", all...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, groupsOf(t, x, all)); diff != "" {
		t.Error(diff)
	}
}

// TestGroupsAfterACrash leaves the groups of some articles unfound, as a killed process does.
func TestGroupsAfterACrash(t *testing.T) {
	all, _ := copied(30)
	dir := filepath.Join(t.TempDir(), "x")
	x := open(t, dir)
	half := len(all) / 2
	if err := x.Put(t.Context(), "p", all[:half]...); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir)
	if r, err := x.Reprints(t.Context(), all[0].ID); err != nil || len(r.Copies) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if err := x.Put(t.Context(), "p", all[half:]...); err != nil { // it goes on with what it had not indexed
		t.Fatal(err)
	}
	if err := x.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	y := open(t, filepath.Join(t.TempDir(), "y"))
	if err := y.Put(t.Context(), "p", all...); err != nil {
		t.Fatal(err)
	}
	if err := y.Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(groupsOf(t, y, all), groupsOf(t, x, all)); diff != "" {
		t.Error(diff)
	}
}

func TestCollapse(t *testing.T) {
	all, want := copied(60)
	x := open(t, filepath.Join(t.TempDir(), "x"))
	if err := x.Put(t.Context(), "p", all...); err != nil {
		t.Fatal(err)
	}
	if err := x.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	groups := groupsOf(t, x, all)
	texts := func(keep func(extract.Article) bool, of func(extract.Article) string) int {
		set := map[string]bool{}
		for _, a := range all {
			if keep(a) {
				set[of(a)] = true
			}
		}
		return len(set)
	}
	group := func(a extract.Article) string { return groups[a.ID][0] }
	everything := func(extract.Article) bool { return true }
	for _, c := range []struct {
		collapse string
		listed   int
	}{
		{"", len(all)},
		{index.CollapseAll, texts(everything, group)},
		{index.CollapseSite, texts(everything, func(a extract.Article) string { return group(a) + string(a.Site) })},
	} {
		for _, q := range []index.Query{{}, {Text: "本地简讯"}, {Sort: "published"}} {
			q.Collapse, q.Limit, q.Facets = c.collapse, 1000, []string{"year", "month", "source"}
			r := search(t, x, q)
			copies := 0
			for _, h := range r.Hits {
				copies += h.Copies
			}
			if r.Total != len(all) || r.Listed != c.listed || len(r.Hits) != c.listed || copies != r.Total-r.Listed {
				t.Errorf("%q %+v: %d articles, %d listed, %d hits, %d copies; want %d listed", c.collapse, q.Text, r.Total,
					r.Listed, len(r.Hits), copies, c.listed)
			}
			for _, v := range r.Facets["source"].Values {
				n := texts(func(a extract.Article) bool { return string(a.Source) == v.Value }, group)
				if c.collapse != index.CollapseAll {
					n = 0
				}
				if v.Texts != n {
					t.Errorf("%s: %d texts, want %d", v.Value, v.Texts, n)
				}
			}
			if v := r.Facets["month"].Values[0]; c.collapse == index.CollapseAll {
				n := texts(func(a extract.Article) bool { return a.Published.Time.In(zone.China).Format("2006-01") == v.Value },
					group)
				if v.Texts != n {
					t.Errorf("%s: %d texts, want %d", v.Value, v.Texts, n)
				}
			}
		}
	}
	tr, err := x.Trend(t.Context(), index.Query{Collapse: index.CollapseAll}, "month", "本地简讯")
	october := texts(func(a extract.Article) bool { return a.Published.Time.Month() == time.October }, group)
	if err != nil || tr.Texts[0] != october || tr.Series[0].Texts[0] != october {
		t.Errorf("%+v, %v", tr, err)
	}
	if _, err := x.Search(t.Context(), index.Query{Collapse: "hosts"}); err == nil {
		t.Error("collapse by hosts")
	}
	n, err := x.Network(t.Context(), index.Query{}, index.BySource)
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[[2]string]map[string]bool{}
	byID := map[string]extract.Article{}
	for _, a := range all {
		byID[a.ID] = a
	}
	for id, members := range groups {
		if want[id] == id && len(members) > 1 {
			for _, m := range members {
				if m != id {
					pair := [2]string{string(byID[id].Source), string(byID[m].Source)}
					if pairs[pair] == nil {
						pairs[pair] = map[string]bool{}
					}
					pairs[pair][id] = true
				}
			}
		}
	}
	got := map[[2]string]int{}
	for _, e := range n.Edges {
		got[[2]string{e.From, e.To}] = e.Texts
	}
	wanted := map[[2]string]int{}
	for pair, set := range pairs {
		wanted[pair] = len(set)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}
