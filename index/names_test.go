package index_test

import (
	"cundang/index"
	"cundang/index/enginetest"

	"testing"
)

// The reader leaves people, places and organisations empty, not nil: they are found all the same.
func TestNamesOfReadArticle(t *testing.T) {
	x := open(t, t.TempDir())
	a := enginetest.Article("a1", "宁夏科协举办科普培训", "宁夏科协主席张晓明在银川市出席了全国科普日活动。", 1)
	a.People, a.Places, a.Organizations = []string{}, []string{}, []string{}
	if err := x.Put(t.Context(), "", a); err != nil {
		t.Fatal(err)
	}
	res, err := x.Search(t.Context(), index.Query{Facets: []string{"people", "places", "orgs"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"people", "places", "orgs"} {
		if res.Facets[name].Total == 0 {
			t.Errorf("no %s in %+v", name, res.Hits[0].Article)
		}
	}
}
