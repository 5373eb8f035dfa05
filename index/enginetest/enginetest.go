// Package enginetest is the contract of the engines of package index, and made-up articles to try them with.
package enginetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/index"
	"cundang/index/zh"

	"github.com/google/go-cmp/cmp"
)

// Run holds an engine to the contract. open opens the one at dir, anew or again.
func Run(t *testing.T, open func(t *testing.T, dir string) index.Engine) {
	for _, c := range []struct {
		name string
		test func(*testing.T, func(*testing.T, string) index.Engine)
	}{
		{"what is put comes back", testStored}, {"a batch again", testAgain}, {"deleted and replaced", testDeleted},
		{"clauses", testClauses}, {"scores", testScores}, {"free words", testFree}, {"orders", testOrders},
		{"counts", testCounts}, {"values", testValues}, {"collapse", testCollapse}, {"views stay", testViews}, {"as of",
			testAsOf}, {"beside and replace", testReplace},
		{"compact and check", testCompact}, {"closed", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// documents are small ones with every field.
func documents(n int) []index.Document {
	rng := rand.New(rand.NewPCG(1, 9))
	bodies := []string{"科技馆举办全国科普日活动。", "学会召开学术年会，院士作报告。", "青少年科技创新大赛获奖名单公布：C919模型。", "農技協開展培訓，前、科。"}
	out := make([]index.Document, n)
	for i := range out {
		body := bodies[rng.IntN(len(bodies))] + strings.Repeat("会议指出。", rng.IntN(5))
		id := fmt.Sprintf("d%04d", i)
		d := index.Document{
			Key: id + " v", Head: []byte(fmt.Sprintf(`{"n":%d}`, i)),
			Texts: index.Texts{Title: fmt.Sprintf("标题%d", i), Body: body + "\n" + "第二段。", Paragraphs: []string{body, "第二段。"}},
			Values: map[string][]string{
				index.FieldKind: {"article"}, index.FieldFlag: {index.FlagNewest, index.FlagArticle},
				index.FieldSource: {fmt.Sprintf("来源%d", i%7)}, index.FieldColumn: {"首页", fmt.Sprintf("栏目%d", i%3)},
			},
			Times: map[string]int64{index.TimeFetched: int64(i)},
		}
		if i%5 != 0 {
			at := time.Date(2020, 1, 1+rng.IntN(300), 0, 0, 0, 0, China)
			d.Values[index.FieldDay] = []string{at.Format(time.DateOnly)}
			d.Times[index.TimePub] = at.UnixNano()
		}
		if i%4 == 0 {
			d.Texts.Attachments = []string{"附件：冷、热，3.5％", ""}
		}
		out[i] = d
	}
	return out
}

func filled(t *testing.T, open func(*testing.T, string) index.Engine, docs []index.Document) index.Engine {
	t.Helper()
	e := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := e.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
			t.Error(err)
		}
	})
	for some := range slices.Chunk(docs, 40) {
		write(t, e, index.Batch{Put: some, Position: some[0].Key})
	}
	return e
}

func write(t *testing.T, e index.Engine, b index.Batch) {
	t.Helper()
	if err := e.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func viewOf(t *testing.T, e index.Engine) index.View {
	t.Helper()
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func find(t *testing.T, v index.View, r index.Request) index.Found {
	t.Helper()
	f, err := v.Search(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func keysOf(f index.Found) []string {
	keys := []string{}
	for _, h := range f.Hits {
		keys = append(keys, h.Key)
	}
	return keys
}

func sorted(keys []string) []string { return append([]string{}, slices.Sorted(slices.Values(keys))...) }

func testStored(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(50)
	own := docs[7]
	own.Key, own.Texts.Body = "own v", "正文不是段落\xff之和"
	empty := index.Document{Key: "empty v", Head: []byte("{}")}
	named := docs[8]
	named.Key = "named v"
	named.Name = func(d *index.Document, c *zh.Cutter) error {
		n := 0
		c.Words(d.Texts.Body, false, func(zh.Word) { n++ })
		d.Head = []byte(fmt.Sprint(n > 3))
		d.Values = maps.Clone(d.Values)
		d.Values[index.FieldPeople] = []string{"张三"}
		return nil
	}
	e := filled(t, open, append(slices.Clone(docs), own, empty, named))
	v := viewOf(t, e)
	named.Head = []byte("true")
	for _, d := range append(docs, own, empty, named) {
		id, _, _ := strings.Cut(d.Key, " ")
		refs, err := v.Documents(t.Context(), id)
		if err != nil || len(refs) != 1 || refs[0].Key != d.Key {
			t.Fatalf("%s: %v, %v", d.Key, refs, err)
		}
		head, err := v.Head(t.Context(), refs[0].Place)
		if err != nil || string(head) != string(d.Head) {
			t.Errorf("%s: head %s, %v, want %s", d.Key, head, err, d.Head)
		}
		var text index.Text
		if err := v.Text(t.Context(), refs[0].Place, &text); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d.Texts, text.Strings()); diff != "" {
			t.Errorf("%s: %s", d.Key, diff)
		}
	}
	f := find(t, v, index.Request{Query: index.Compiled{All: index.Clause{Op: index.OpValues, Field: index.FieldPeople, Terms: []string{"张三"}}}, Size: 3})
	if f.Total != 1 || f.Hits[0].Key != "named v" {
		t.Errorf("named: %+v", f)
	}
	if p, err := v.Position(t.Context()); err != nil || p == "" {
		t.Errorf("position %q, %v", p, err)
	}
	if refs, err := v.Documents(t.Context(), "nobody"); err != nil || len(refs) != 0 {
		t.Errorf("nobody: %v, %v", refs, err)
	}
	if info, err := e.Info(t.Context()); err != nil || info.Documents != 53 || info.Bytes == 0 {
		t.Errorf("%+v, %v", info, err)
	}
}

// testAgain writes batches again, as after a crash that came before the caller remembered them.
func testAgain(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(90)
	e := filled(t, open, docs)
	req := index.Request{Query: index.Compiled{Rank: rank("科普日 科技馆")}, Size: 100, Facets: []string{index.FieldSource}}
	before := find(t, viewOf(t, e), req)
	write(t, e, index.Batch{Put: docs[10:60], Delete: []string{"nobody v"}, Position: "again"})
	write(t, e, index.Batch{Put: []index.Document{docs[3], docs[3]}, Position: "again"})
	v := viewOf(t, e)
	after := find(t, v, req)
	if before.Total != after.Total || before.Stats.Documents != after.Stats.Documents || before.Stats.Length != after.Stats.Length {
		t.Errorf("%d of %+v, then %d of %+v", before.Total, before.Stats, after.Total, after.Stats)
	}
	for i, h := range after.Hits {
		if w := before.Hits[i]; h.Key != w.Key || h.Words != w.Words || h.Pairs != w.Pairs {
			t.Fatalf("hit %d: %+v, then %+v", i, w, h)
		}
	}
	if diff := cmp.Diff(nonzero(before.Counts[index.FieldSource]), nonzero(after.Counts[index.FieldSource])); diff != "" {
		t.Error(diff)
	}
	if p, err := v.Position(t.Context()); err != nil || p != "again" {
		t.Errorf("position %q, %v", p, err)
	}
}

func testDeleted(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(60)
	e := filled(t, open, docs)
	changed := docs[5]
	changed.Texts.Body, changed.Texts.Paragraphs = "只有一句了。", nil
	write(t, e, index.Batch{Delete: []string{docs[1].Key, docs[2].Key, changed.Key}, Put: []index.Document{changed}, Position: "p"})
	v := viewOf(t, e)
	f := find(t, v, index.Request{Size: -1})
	want := []string{}
	for i, d := range docs {
		if i != 1 && i != 2 {
			want = append(want, d.Key)
		}
	}
	if diff := cmp.Diff(want, sorted(keysOf(f))); diff != "" || f.Total != len(want) {
		t.Errorf("%d: %s", f.Total, diff)
	}
	f = find(t, v, index.Request{Query: index.Compiled{All: index.Clause{Op: index.OpPhrase, Text: "一句了"}}, Size: -1})
	if !slices.Equal(keysOf(f), []string{changed.Key}) {
		t.Errorf("changed: %v", keysOf(f))
	}
	n, having, err := v.Frequencies(t.Context(), []string{"科技馆", "没有"})
	if err != nil || n != len(want) || having[1] != 0 {
		t.Errorf("%d documents, %v, %v", n, having, err)
	}
}

// testClauses compares every kind of clause with a reading of all documents.
func testClauses(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(160)
	v := viewOf(t, filled(t, open, docs))
	all := func(d index.Document) string {
		return d.Texts.Title + "\x00" + d.Texts.Body + "\x00" + strings.Join(d.Texts.Attachments, "\x00")
	}
	has := func(s string) func(index.Document) bool {
		return func(d index.Document) bool { return strings.Contains(all(d), s) }
	}
	value := func(field string, values ...string) func(index.Document) bool {
		return func(d index.Document) bool {
			return slices.ContainsFunc(d.Values[field], func(s string) bool { return slices.Contains(values, s) })
		}
	}
	phrase := func(s string) index.Clause { return index.Clause{Op: index.OpPhrase, Text: s} }
	values := func(field string, v ...string) index.Clause {
		return index.Clause{Op: index.OpValues, Field: field, Terms: v}
	}
	mid := time.Date(2020, 6, 1, 0, 0, 0, 0, China)
	for name, c := range map[string]struct {
		clause index.Clause
		want   func(index.Document) bool
	}{
		"everything":     {index.Clause{}, func(index.Document) bool { return true }},
		"a phrase":       {phrase("学术年会，院士"), has("学术年会，院士")},
		"one character":  {phrase("冷"), has("冷")},
		"punctuation":    {phrase("：C"), has("：C")},
		"of attachments": {phrase("3.5％"), has("3.5％")},
		"over a line":    {phrase("。\n第二"), has("。\n第二")},
		"not over parts": {phrase("标题1科技馆"), func(index.Document) bool { return false }},
		"folded":         {index.Clause{Op: index.OpPhrase, Text: "农技协开展", Fold: true}, has("農技協開展")},
		"not folded":     {phrase("农技协开展"), func(index.Document) bool { return false }},
		"in the title":   {index.Clause{Op: index.OpPhrase, Text: "12", Field: "title"}, func(d index.Document) bool { return strings.Contains(d.Texts.Title, "12") }},
		"in the body":    {index.Clause{Op: index.OpPhrase, Text: "附件", Field: "body"}, func(index.Document) bool { return false }},
		"words":          {index.Clause{Op: index.OpWords, Terms: []string{"学术", "院士"}}, has("院士")},
		"near":           {index.Clause{Op: index.OpNear, Terms: []string{"院士", "年会"}, N: 1}, has("年会，院士")},
		"not so near":    {index.Clause{Op: index.OpNear, Terms: []string{"院士", "学会"}, N: 2}, func(index.Document) bool { return false }},
		"a value":        {values(index.FieldSource, "来源3"), value(index.FieldSource, "来源3")},
		"several values": {values(index.FieldColumn, "栏目1", "栏目2", "栏目9"), value(index.FieldColumn, "栏目1", "栏目2")},
		"two of several": {index.Clause{Op: index.OpValues, Field: index.FieldColumn,
			Terms: []string{"栏目1", "栏目2", "首页"}, N: 2}, value(index.FieldColumn, "栏目1", "栏目2")},
		"like": {index.Clause{Op: index.OpLike, Field: index.FieldSource, Terms: []string{"", "源4", ""}},
			value(index.FieldSource, "来源4")},
		"days": {index.Clause{Op: index.OpDays, Lo: "2020-03", Hi: "2020-06-15"}, func(d index.Document) bool {
			v := d.Values[index.FieldDay]
			return len(v) > 0 && v[0] >= "2020-03" && v[0] <= "2020-06-15"
		}},
		"articles": {index.Clause{Op: index.OpArticles, Terms: []string{"d0007", "d0003", "d01", "none"}},
			func(d index.Document) bool {
				return strings.HasPrefix(d.Key, "d0007 ") || strings.HasPrefix(d.Key, "d0003 ")
			}},
		"times":           {index.Clause{Op: index.OpTimes, Field: index.TimePub, From: index.NoTime + 1, To: mid.UnixNano()}, func(d index.Document) bool { at, ok := d.Times[index.TimePub]; return ok && at < mid.UnixNano() }},
		"not":             {index.Clause{Op: index.OpNot, Kids: []index.Clause{phrase("科普日"), values(index.FieldSource, "来源1")}}, func(d index.Document) bool { return !has("科普日")(d) && !value(index.FieldSource, "来源1")(d) }},
		"any":             {index.Clause{Op: index.OpAny, Kids: []index.Clause{phrase("C919"), phrase("科普日")}}, func(d index.Document) bool { return has("C919")(d) || has("科普日")(d) }},
		"all":             {index.Clause{Op: index.OpAll, Kids: []index.Clause{phrase("会议指出"), values(index.FieldColumn, "栏目0")}}, func(d index.Document) bool { return has("会议指出")(d) && value(index.FieldColumn, "栏目0")(d) }},
		"a missing field": {values(index.FieldOrgs, "科协"), func(index.Document) bool { return false }},
	} {
		want := []string{}
		for _, d := range docs {
			if c.want(d) {
				want = append(want, d.Key)
			}
		}
		f := find(t, v, index.Request{Query: index.Compiled{All: c.clause}, Size: -1})
		if diff := cmp.Diff(want, sorted(keysOf(f))); diff != "" || f.Total != len(want) {
			t.Errorf("%s: %d of %d: %s", name, f.Total, len(want), diff)
		}
		within := index.Compiled{All: values(index.FieldSource, "来源0", "来源5")}
		f = find(t, v, index.Request{Query: index.Compiled{All: c.clause, Within: &within}, Size: 0})
		inside := 0
		for _, d := range docs {
			if c.want(d) && value(index.FieldSource, "来源0", "来源5")(d) {
				inside++
			}
		}
		if f.Total != inside || len(f.Hits) != 0 {
			t.Errorf("%s, within: %d, want %d", name, f.Total, inside)
		}
	}
}

// rank makes what ranks out of words that stand in the dictionary.
func rank(words string) *index.Rank {
	r := &index.Rank{Ranking: index.DefaultRanking()}
	for _, w := range strings.Fields(words) {
		r.Words, r.Sub = append(r.Words, w), append(r.Sub, false)
		runes := []rune(w)
		for i := 1; i < len(runes); i++ {
			r.Pairs = append(r.Pairs, zh.Pair{A: runes[i-1], B: runes[i], Word: string(runes[i-1 : i+1])})
		}
	}
	return r
}

func testScores(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(120)
	v := viewOf(t, filled(t, open, docs))
	q := rank("院士 C919")
	q.Words[1] = "c919"
	q.Pairs = q.Pairs[:1]
	f := find(t, v, index.Request{Query: index.Compiled{Rank: q, Ranked: true}, Size: -1})
	having := map[string]int{}
	for _, d := range docs {
		for _, s := range []string{"院士", "C919"} {
			if strings.Contains(d.Texts.Body, s) {
				having[s]++
			}
		}
	}
	if f.Stats.Documents != len(docs) || f.Stats.Words[0] != having["院士"] || f.Stats.Words[1] != having["C919"] || f.Stats.Length < 2 {
		t.Errorf("%+v, want %v of %d", f.Stats, having, len(docs))
	}
	if f.Total != having["院士"]+having["C919"] {
		t.Errorf("%d have something, want %v", f.Total, having)
	}
	last := float32(1e9)
	for i, h := range f.Hits {
		score := h.Words + q.Ranking.Pairs*h.Pairs
		if score <= 0 || score > last || i > 0 && score == last && h.Key < f.Hits[i-1].Key {
			t.Fatalf("hit %d of score %v after %v: %+v", i, score, last, h)
		}
		last = score
	}
	best := find(t, v, index.Request{Query: index.Compiled{Rank: q, Ranked: true}, Size: 5})
	if diff := cmp.Diff(keysOf(f)[:5], keysOf(best)); diff != "" {
		t.Error(diff)
	}
	q.HalfLife, q.Now = 365*24*time.Hour, time.Date(2020, 12, 31, 0, 0, 0, 0, China)
	for _, h := range find(t, v, index.Request{Query: index.Compiled{Rank: q, Ranked: true}, Size: -1}).Hits {
		i := slices.IndexFunc(docs, func(d index.Document) bool { return d.Key == h.Key })
		if _, dated := docs[i].Times[index.TimePub]; dated != (h.Fresh > 0) {
			t.Errorf("%s: gained %v, dated %v", h.Key, h.Fresh, dated)
		}
	}
}

func testFree(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(120)
	v := viewOf(t, filled(t, open, docs))
	free := func(few, many int, terms ...string) index.Request {
		return index.Request{Size: -1, Query: index.Compiled{Rank: rank(strings.Join(terms, " ")), Free: &index.Free{
			All: index.Clause{Op: index.OpWords, Terms: terms}, Words: len(terms), Few: few, Many: many, Share: 0.1,
		}}}
	}
	count := func(all bool, parts ...string) (n int) {
		for _, d := range docs {
			found := 0
			for _, s := range parts {
				if strings.Contains(d.Texts.Body, s) {
					found++
				}
			}
			if found == len(parts) || !all && found > 0 {
				n++
			}
		}
		return n
	}
	every, some := count(true, "院士", "会议"), count(false, "院士", "会议")
	if every == 0 || every == some {
		t.Fatalf("%d have all, %d some: nothing to tell", every, some)
	}
	for name, c := range map[string]struct {
		req    index.Request
		total  int
		partly bool
	}{
		"few words, all of them":       {free(2, 1000, "院士", "会议"), every, false},
		"many words":                   {free(1, 1000, "院士", "会议"), some, true},
		"enough articles have all":     {free(1, every, "院士", "会议"), every, false},
		"few words, but none has both": {free(2, 1000, "院士", "科普日"), count(false, "院士", "科普日"), true},
	} {
		f := find(t, v, c.req)
		if f.Total != c.total || f.Partly != c.partly || c.partly && name == "many words" && f.Complete != every {
			t.Errorf("%s: %d (%d complete, partly %v), want %d", name, f.Total, f.Complete, f.Partly, c.total)
		}
	}
}

func testOrders(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(90)
	v := viewOf(t, filled(t, open, docs))
	for _, newest := range []bool{true, false} {
		want := slices.Clone(docs)
		slices.SortStableFunc(want, func(a, b index.Document) int {
			ta, oka := a.Times[index.TimePub]
			tb, okb := b.Times[index.TimePub]
			switch {
			case oka != okb && oka:
				return -1
			case oka != okb:
				return 1
			case newest:
				ta, tb = tb, ta
			}
			return int(max(-1, min(1, ta-tb)))
		})
		keys := []string{}
		for _, d := range want {
			keys = append(keys, d.Key)
		}
		order := index.Order{Time: index.TimePub, Newest: newest}
		if diff := cmp.Diff(keys, keysOf(find(t, v, index.Request{Sort: order, Size: -1}))); diff != "" {
			t.Errorf("newest first %v: %s", newest, diff)
		}
		if diff := cmp.Diff(keys[:7], keysOf(find(t, v, index.Request{Sort: order, Size: 7}))); diff != "" {
			t.Errorf("newest first %v: %s", newest, diff)
		}
	}
}

func nonzero(c index.Counts) map[string]int {
	out := map[string]int{}
	for i, n := range c.Of {
		if n > 0 {
			out[c.Values[i]] += int(n)
		}
	}
	return out
}

// testCounts counts facets and a histogram of days by hand.
func testCounts(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(140)
	v := viewOf(t, filled(t, open, docs))
	fields := []string{index.FieldSource, index.FieldColumn, index.FieldDay}
	f := find(t, v, index.Request{Query: index.Compiled{All: index.Clause{Op: index.OpPhrase, Text: "会议指出"}}, Facets: fields})
	for _, field := range fields {
		want, total := map[string]int{}, 0
		for _, d := range docs {
			if strings.Contains(d.Texts.Body, "会议指出") {
				for _, value := range d.Values[field] {
					want[value]++
					total++
				}
			}
		}
		if diff := cmp.Diff(want, nonzero(f.Counts[field])); diff != "" || f.Counts[field].Total != total {
			t.Errorf("%s: %d of %d: %s", field, f.Counts[field].Total, total, diff)
		}
	}
	have := map[string]int{}
	err := v.Terms(t.Context(), index.FieldSource, func(term string, n int) { have[term] = n })
	if err != nil || have["来源1"] != 20 {
		t.Errorf("terms: %v, %v", have, err)
	}
	words := 0
	if err := v.Terms(t.Context(), index.FieldWords, func(string, int) { words++ }); err != nil || words < 20 {
		t.Errorf("%d words, %v", words, err)
	}
}

// testValues lists the values of a field by document.
func testValues(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(90)
	e := filled(t, open, docs)
	write(t, e, index.Batch{Delete: []string{docs[1].Key}, Position: "p"})
	v := viewOf(t, e)
	got := map[string][]string{}
	err := v.Values(t.Context(), index.FieldColumn, func(at index.Place, value string) {
		key, err := v.Key(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		got[key] = append(got[key], value)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if d.Key != docs[1].Key && !slices.Equal(sorted(got[d.Key]), sorted(d.Values[index.FieldColumn])) ||
			d.Key == docs[1].Key && got[d.Key] != nil {
			t.Errorf("%s: %v, want %v", d.Key, got[d.Key], d.Values[index.FieldColumn])
		}
	}
}

// testCollapse lists only the first of those with one value, in each order.
func testCollapse(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(140)
	for i := range docs {
		if i%4 == 0 {
			docs[i].Values[index.FieldCopies] = []string{fmt.Sprint("text", i%11)}
		}
	}
	v := viewOf(t, filled(t, open, docs))
	of := map[string]string{}
	for _, d := range docs {
		if c := d.Values[index.FieldCopies]; c != nil {
			of[d.Key] = c[0]
		}
	}
	for _, r := range []index.Request{
		{Query: index.Compiled{Rank: rank("科普日 会议"), Ranked: true}}, {Sort: index.Order{Time: index.TimePub,
			Newest: true}},
		{Sort: index.Order{Time: index.TimeFetched}}, {Query: index.Compiled{All: index.Clause{Op: index.OpPhrase,
			Text: "会议指出"}}},
	} {
		r.Size, r.Facets = -1, []string{index.FieldSource}
		all := find(t, v, r)
		want, copies := []string{}, map[string]int{}
		for _, h := range all.Hits {
			c := of[h.Key]
			if copies[c]++; c == "" || copies[c] == 1 {
				want = append(want, h.Key)
			}
		}
		r.Collapse = index.FieldCopies
		got := find(t, v, r)
		if diff := cmp.Diff(want, keysOf(got)); diff != "" || got.Total != all.Total || got.Distinct != len(want) ||
			len(want) == all.Total {
			t.Errorf("%d of %d, want %d of %d: %s", got.Distinct, got.Total, len(want), all.Total, diff)
		}
		for _, h := range got.Hits {
			n := 0
			if c := of[h.Key]; c != "" {
				n = copies[c] - 1
			}
			if h.Alike != n {
				t.Errorf("%s: %d more, want %d", h.Key, h.Alike, n)
			}
		}
		if diff := cmp.Diff(nonzero(all.Counts[index.FieldSource]), nonzero(got.Counts[index.FieldSource])); diff != "" {
			t.Error(diff)
		}
		r.Size = 7
		if diff := cmp.Diff(want[:7], keysOf(find(t, v, r))); diff != "" {
			t.Error(diff)
		}
		r.Size = 0
		if f := find(t, v, r); f.Distinct != len(want) {
			t.Errorf("%d, want %d", f.Distinct, len(want))
		}
	}
}

// testViews keeps a view open while others write.
func testViews(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(80)
	e := filled(t, open, docs[:40])
	old := viewOf(t, e)
	req := index.Request{Query: index.Compiled{Rank: rank("科普日")}, Size: -1}
	before := find(t, old, req)
	write(t, e, index.Batch{Put: docs[40:], Delete: []string{docs[0].Key}, Position: "later"})
	after := find(t, old, req)
	if diff := cmp.Diff(keysOf(before), keysOf(after)); diff != "" {
		t.Error(diff)
	}
	for _, h := range after.Hits {
		if _, err := old.Head(t.Context(), h.Place); err != nil {
			t.Fatal(err)
		}
	}
	fresh := viewOf(t, e)
	if f := find(t, fresh, req); f.Total != 79 {
		t.Errorf("%d documents afterwards", f.Total)
	}
	if old.Number() == fresh.Number() || fresh.Number() == 0 {
		t.Errorf("numbers %d and %d", old.Number(), fresh.Number())
	}
}

// testAsOf asks for what stood at a moment: the version that began before and had not ended.
func testAsOf(t *testing.T, open func(*testing.T, string) index.Engine) {
	var docs []index.Document
	for i := range 3 {
		d := index.Document{Key: fmt.Sprintf("a v%d", i), Head: []byte("{}"), Texts: index.Texts{Body: "版本"}, Times: map[string]int64{index.TimeFrom: int64(100 * i)}}
		if i < 2 {
			d.Times[index.TimeUntil] = int64(100 * (i + 1))
		}
		docs = append(docs, d)
	}
	v := viewOf(t, filled(t, open, docs))
	for at, want := range map[int64][]string{-1: {}, 0: {"a v0"}, 99: {"a v0"}, 100: {"a v1"}, 5000: {"a v2"}} {
		f := find(t, v, index.Request{Size: -1, Query: index.Compiled{All: index.Clause{Kids: []index.Clause{
			{Op: index.OpTimes, Field: index.TimeFrom, From: index.NoTime + 1, To: at + 1},
			{Op: index.OpNot, Kids: []index.Clause{{Op: index.OpTimes, Field: index.TimeUntil, From: index.NoTime + 1, To: at + 1}}},
		}}}})
		if diff := cmp.Diff(want, keysOf(f)); diff != "" {
			t.Errorf("at %d: %s", at, diff)
		}
	}
}

func testReplace(t *testing.T, open func(*testing.T, string) index.Engine) {
	docs := documents(60)
	e := filled(t, open, docs[:40])
	dropped, err := e.Beside(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dropped, index.Batch{Put: docs[50:], Position: "dropped"})
	if err := dropped.Drop(); err != nil {
		t.Fatal(err)
	}
	fresh, err := e.Beside(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, fresh, index.Batch{Put: docs[40:], Position: "fresh"})
	if err := e.Replace(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	v := viewOf(t, e)
	if f := find(t, v, index.Request{Size: -1}); f.Total != 20 {
		t.Errorf("%d documents", f.Total)
	}
	if p, err := v.Position(t.Context()); err != nil || p != "fresh" {
		t.Errorf("position %q, %v", p, err)
	}
}

func testCompact(t *testing.T, open func(*testing.T, string) index.Engine) {
	dir := t.TempDir()
	e := open(t, dir)
	docs := documents(120)
	for some := range slices.Chunk(docs, 10) {
		write(t, e, index.Batch{Put: some, Position: "p"})
	}
	write(t, e, index.Batch{Delete: []string{docs[4].Key}, Position: "q"})
	req := index.Request{Query: index.Compiled{Rank: rank("科普日 院士")}, Size: -1}
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := find(t, v, req)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	for _, whole := range []bool{false, true} {
		if err := e.Compact(t.Context(), whole); err != nil {
			t.Fatal(err)
		}
		if err := e.Check(t.Context()); err != nil {
			t.Errorf("check: %v", err)
		}
	}
	if err := e.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir)
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := e.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	v = viewOf(t, e)
	defer v.Close()
	got := find(t, v, req)
	if diff := cmp.Diff(keysOf(want), keysOf(got)); diff != "" {
		t.Error(diff)
	}
	if p, err := v.Position(t.Context()); err != nil || p != "q" {
		t.Errorf("position %q, %v", p, err)
	}
}

func testClosed(t *testing.T, open func(*testing.T, string) index.Engine) {
	e := open(t, t.TempDir())
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.View(t.Context()); !errors.Is(err, index.ErrClosed) {
		t.Errorf("view: %v", err)
	}
	if err := e.Write(t.Context(), index.Batch{}); !errors.Is(err, index.ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if err := e.Close(); !errors.Is(err, index.ErrClosed) {
		t.Errorf("close: %v", err)
	}
}
