package index_test

import (
	"slices"
	"testing"

	"cundang/index"
)

// What is excepted is in no answer and in no count; what is not in every selection of Only is not either.
func TestSelections(t *testing.T) {
	x, docs := collection(t, 400)
	var except index.Selection
	for i := 0; i < len(docs); i += 3 {
		except.Articles = append(except.Articles, docs[i].ID)
	}
	q := index.Query{Except: except, Limit: len(docs), Bare: true, Facets: []string{"source"}}
	r := search(t, x, q)
	if want := len(docs) - len(except.Articles); r.Total != want || len(r.Hits) != want ||
		r.Facets["source"].Total != want {
		t.Errorf("%d found, %d listed, %d counted, want %d", r.Total, len(r.Hits), r.Facets["source"].Total, want)
	}
	for _, id := range ids(r) {
		if slices.Contains(except.Articles, id) {
			t.Errorf("%s is excepted and found", id)
		}
	}
	q.Only = []index.Selection{{Articles: []string{docs[0].ID, docs[1].ID, docs[2].ID}},
		{Articles: []string{docs[1].ID, docs[0].ID}}}
	if r := search(t, x, q); len(r.Hits) != 1 || r.Hits[0].Article.ID != docs[1].ID {
		t.Errorf("%v, want %s alone", ids(r), docs[1].ID)
	}
	trend, err := x.Trend(t.Context(), index.Query{Except: except}, "year", "科普")
	if err != nil {
		t.Fatal(err)
	}
	if has := search(t, x, index.Query{Text: "科普", Except: except}).Total; trend.Series[0].Total != has {
		t.Errorf("the trend counts %d, a search %d", trend.Series[0].Total, has)
	}
	sites := map[string]bool{}
	for _, d := range docs {
		sites[string(d.Site)] = true
	}
	for s := range sites {
		if r := search(t, x, index.Query{Except: index.Selection{Sites: []string{s}},
			Facets: []string{"site"}}); slices.ContainsFunc(r.Facets["site"].Values, func(
			v index.FacetTerm) bool {
			return v.Value == s
		}) {
			t.Errorf("the excepted site %s is counted", s)
		}
	}
	if _, err := x.Search(t.Context(), index.Query{Lists: []string{"tag:x"}}); err == nil {
		t.Error("an unresolved list is passed over")
	}
}

// A name that stands in an excepted article alone is not suggested.
func TestSuggestionsOfExceptedArticles(t *testing.T) {
	x, docs := collection(t, 60)
	var all index.Selection
	for _, d := range docs {
		all.Articles = append(all.Articles, d.ID)
	}
	some, err := x.Suggest(t.Context(), "科", index.Query{})
	if err != nil || len(some) == 0 {
		t.Fatal(some, err)
	}
	none, err := x.Suggest(t.Context(), "科", index.Query{Except: all})
	if err != nil || len(none) != 0 {
		t.Errorf("%v is suggested of nothing, %v", none, err)
	}
	fewer, err := x.Suggest(t.Context(), "科", index.Query{Except: index.Selection{Articles: all.Articles[:30]}})
	if err != nil || len(fewer) == 0 || fewer[0].Count >= some[0].Count {
		t.Errorf("%v of half, %v of all, %v", fewer, some, err)
	}
}
