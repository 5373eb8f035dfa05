package index_test

import (
	"cundang/index"
	"cundang/index/enginetest"

	"testing"

	"github.com/google/go-cmp/cmp"
)

// An export equals the screen: the same articles, whole, in the same order.
func TestAllEqualsSearch(t *testing.T) {
	x := filled(t)
	for _, q := range []index.Query{
		{Text: "科协"}, {Text: "科普"}, {Sort: "published"}, {Sites: []string{"kx"}, Sort: "-fetched"},
		{Text: "科协", AsOf: enginetest.Day(1)}, {Text: "没有这个词组"},
	} {
		shown := q
		shown.Limit = 1000
		want := ids(search(t, x, shown))
		var got []string
		for a, err := range x.All(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Body == "" || len(a.Paragraphs) == 0 {
				t.Errorf("%s came without its text", a.ID)
			}
			got = append(got, a.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: %s", q, diff)
		}
	}
}

func TestAllCanBeStopped(t *testing.T) {
	x := filled(t)
	for _, err := range x.All(t.Context(), index.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}
