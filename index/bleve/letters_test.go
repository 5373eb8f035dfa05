package bleve

import (
	"cundang/index"
	"cundang/index/enginetest"

	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cundang/extract"
	"cundang/index/zh"
)

// lettersIndex is an index of several segments with attachments, deleted documents and odd characters.
func lettersIndex(t *testing.T) (*Engine, *index.Index, []extract.Article) {
	e, x := engineOf(t, filepath.Join(t.TempDir(), "index.bleve"))
	docs := enginetest.MadeUp(200)
	for i := range docs {
		if i%7 == 0 {
			docs[i].Attachments = append(docs[i].Attachments, extract.Attachment{Text: "附件：𠮷野家、冷、热，3.5％，臺灣ＣＯＶＩＤ-19"})
		}
	}
	for i := 0; i < len(docs); i += 40 {
		if err := x.Put(t.Context(), "", docs[i:i+40]...); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < 30; i += 3 { // older versions
		docs[i].Body += "更正，前、后。"
		docs[i].Paragraphs = nil
	}
	if err := x.Put(t.Context(), "", docs[:30]...); err != nil {
		t.Fatal(err)
	}
	return e, x, docs
}

// Every character of a text that can be part of a word is found, and where it is not it is not found.
func TestLetter(t *testing.T) {
	e, _, docs := lettersIndex(t)
	r := viewOf(t, e)
	want := map[rune]map[string]bool{}
	for _, d := range docs {
		parts := []string{string(d.Title), string(d.Body)}
		for _, a := range d.Attachments {
			parts = append(parts, string(a.Text))
		}
		for _, part := range parts {
			zh.NewCutter(e.dict).Lone(strings.Join(strings.Split(part, ""), " "), func(char rune) {
				if want[char] == nil {
					want[char] = map[string]bool{}
				}
				want[char][d.ID] = true
			})
		}
	}
	all := r.newSet()
	all.addRange(0, uint32(r.total))
	r.dropDeleted(all)
	newest, err := r.withTerms(index.FieldFlag, []string{index.FlagNewest}, all)
	if err != nil {
		t.Fatal(err)
	}
	for _, char := range append(slices.Collect(maps.Keys(want)), '龘', '！') {
		for range 2 { // the second time from what is kept
			l, err := r.letter(char)
			if err != nil {
				t.Fatal(err)
			}
			set := r.newSet()
			r.addTo(set, l)
			set.and(newest)
			got := map[string]bool{}
			set.each(func(doc uint32) {
				key, err := r.key(doc)
				if err != nil {
					t.Fatal(err)
				}
				id, _, _ := strings.Cut(key, " ")
				got[id] = true
			})
			for id := range want[char] {
				if !got[id] {
					t.Errorf("%c: %s has it", char, id)
				}
			}
			if rare := len(want[char]) < 10; rare && len(got) != len(want[char]) {
				t.Errorf("%c: %d articles, %d have it", char, len(got), len(want[char]))
			}
		}
	}
}

// Phrases that are narrowed by their characters find what a reading of all texts finds.
func TestPhrasesOfLoneCharacters(t *testing.T) {
	few := fewToRead
	defer func() { fewToRead = few }()
	_, x, docs := lettersIndex(t)
	phrases := []string{"、冷、热", "前、后", "冷", "𠮷", "５", "3.5", "，3", "台", "、", "龘", "正，前"}
	for i, d := range docs { // around each punctuation mark of some
		text := []rune(string(d.Body))
		for at := 1; at+1 < len(text); at++ {
			if i%10 == 0 && strings.ContainsRune("，。、；：（）", text[at]) {
				phrases = append(phrases, string(text[at-1:at+2]))
			}
		}
	}
	slices.Sort(phrases)
	found := 0
	for _, p := range slices.Compact(phrases) {
		for _, q := range []index.Query{{Text: `"` + p + `"`}, {Text: `~"` + p + `"`}} {
			fewToRead = 1 << 30
			want := matching(t, x, q)
			fewToRead = 0
			got := matching(t, x, q)
			slices.Sort(want) // bleve may merge between the two
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d articles, a reading of all finds %d", q.Text, len(got), len(want))
			}
			found += len(want)
		}
	}
	if found < 500 {
		t.Errorf("%d articles found in all: too few to tell", found)
	}
}
