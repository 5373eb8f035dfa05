package opensearch

import (
	"encoding/json"
	"strings"
	"testing"

	"cundang/index"
	"cundang/index/zh"

	"github.com/google/go-cmp/cmp"
)

// TestClauses translates clauses of each kind.
func TestClauses(t *testing.T) {
	for name, c := range map[string]struct {
		clause index.Clause
		want   string
	}{
		"everything": {index.Clause{}, `{"exists":{"field":"key"}}`},
		"phrase in the title": {index.Clause{Op: index.OpPhrase, Field: "title", Text: "，科普"},
			`{"match_phrase":{"title":"，科普"}}`},
		"one character": {index.Clause{Op: index.OpPhrase, Field: "body", Text: "冷"},
			`{"term":{"body.one":{"value":"冷"}}}`},
		"folded": {index.Clause{Op: index.OpPhrase, Field: "title", Text: "Ａ座", Fold: true},
			`{"span_or":{"clauses":[{"span_term":{"title":"a座"}},{"span_term":{"title":"A座"}},` +
				`{"span_term":{"title":"Ａ座"}},{"span_term":{"title":"ａ座"}}]}}`},
		"words of the title": {index.Clause{Op: index.OpWords, Field: "title", Terms: []string{"科普"}},
			`{"bool":{"filter":[{"exists":{"field":"key"}},{"term":{"title_words":{"value":"科普"}}}]}}`},
		"words like": {index.Clause{Op: index.OpWordLike, Field: "title", Terms: []string{"科?", ""}},
			`{"wildcard":{"title_words":{"value":"科\\?*"}}}`},
		"values": {index.Clause{Op: index.OpValues, Field: "site", Terms: []string{"a", "b"}},
			`{"terms":{"values.site":["a","b"]}}`},
		"two of the values": {index.Clause{Op: index.OpValues, Field: "print", Terms: []string{"a", "b"}, N: 2},
			`{"bool":{"minimum_should_match":2,"should":[{"term":{"values.print":{"value":"a"}}},` +
				`{"term":{"values.print":{"value":"b"}}}]}}`},
		"more than there are": {index.Clause{Op: index.OpValues, Field: "print", Terms: []string{"a"}, N: 2},
			`{"match_none":{}}`},
		"like a value": {index.Clause{Op: index.OpLike, Field: "source", Terms: []string{"", "科协", ""}},
			`{"wildcard":{"folded.source":{"value":"*科协*"}}}`},
		"days": {index.Clause{Op: index.OpDays, Lo: "2022", Hi: "2022-10-99"},
			`{"range":{"values.day":{"gte":"2022","lte":"2022-10-99"}}}`},
		"times": {index.Clause{Op: index.OpTimes, Field: "from", From: index.NoTime + 1, To: 7},
			`{"range":{"times.from":{"gte":-9223372036854775807,"lt":7}}}`},
		"not": {index.Clause{Op: index.OpNot,
			Kids: []index.Clause{{Op: index.OpValues, Field: "site", Terms: []string{"a"}}}},
			`{"bool":{"filter":{"exists":{"field":"key"}},"must_not":[{"terms":{"values.site":["a"]}}]}}`},
		"any of none": {index.Clause{Op: index.OpAny}, `{"match_none":{}}`},
	} {
		q, err := (&view{}).clause(t.Context(), c.clause, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, encoded(t, q)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if q, err := (&view{}).clause(t.Context(), index.Clause{Op: 99}, nil); err == nil {
		t.Errorf("an unknown clause is %v", q)
	}
}

func encoded(t *testing.T, q object) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(q); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// TestNearIsExact tells which NEAR the cluster answers alone: that of strings that cannot stand on the same place.
func TestNearIsExact(t *testing.T) {
	for text, want := range map[string]bool{
		"院士 年会": true, "科技 技术": false, "科技 科技馆": false,
		"科 年会": false, "院士 年会 学会": false,
	} {
		c := index.Clause{Op: index.OpNear, Terms: strings.Fields(text), N: 3}
		q, exact := near(c)
		if exact != want {
			t.Errorf("%s: %v", text, exact)
		}
		if strings.Contains(encoded(t, q), `"slop":4`) == strings.Contains(text, "科 ") {
			t.Errorf("%s: %s", text, encoded(t, q))
		}
	}
}

// TestSpellings bounds the clauses of a folded phrase: a long one becomes parts that are read to be sure.
func TestSpellings(t *testing.T) {
	long := strings.Repeat("abcdefgh", 12)
	q, exact := folded(fBody, []rune(long))
	if n := strings.Count(encoded(t, q), "span_term"); exact || n == 0 {
		t.Errorf("exact %v, %d clauses", exact, n)
	}
	if q, exact = folded(fBody, []rune("abcdefgh")); !exact {
		t.Errorf("a short one is not exact: %v", q)
	}
}

// TestSource takes a document apart and puts it together again, byte by byte.
func TestSource(t *testing.T) {
	d, err := zh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, texts := range map[string]index.Texts{
		"lines": {Title: "标题", Body: "第一段\n第二段", Paragraphs: []string{"第一段", "第二段"},
			Attachments: []string{"附件", ""}},
		"no lines":   {Body: "正文", Paragraphs: []string{"正\n文", "别的"}},
		"not UTF-8":  {Title: "a\xff", Body: "b\xfe", Paragraphs: []string{"b\xfe"}},
		"empty":      {},
		"only title": {Title: "科普日"},
	} {
		s, err := newSource(zh.NewCutter(d), index.Document{Key: "id v", Head: []byte(`{"a":1}`), Texts: texts})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back source
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		var text index.Text
		back.text(&text)
		if diff := cmp.Diff(texts, text.Strings()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if back.sum() != s.Stored.Sum {
			t.Errorf("%s: the checksum is another", name)
		}
		if back.Head += " "; back.sum() == s.Stored.Sum {
			t.Errorf("%s: the checksum does not notice", name)
		}
	}
}

// TestAtLeast asks for words that weigh enough alone as they are, and adds up only the others.
func TestAtLeast(t *testing.T) {
	q := atLeast(fWords, []weighted{{term: "a", idf: 3}, {term: "b", idf: 1}, {term: "c", idf: 1}}, 2)
	got := encoded(t, q)
	if !strings.Contains(got, `{"terms":{"words":["a"]}}`) || !strings.Contains(got, `"min_score":2`) ||
		strings.Count(got, "constant_score") != 2 {
		t.Error(got)
	}
	if got := encoded(t, atLeast(fWords, []weighted{{term: "a", idf: 3}}, 2)); got != `{"terms":{"words":["a"]}}` {
		t.Error(got)
	}
}
