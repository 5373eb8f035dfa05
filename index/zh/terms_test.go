package zh

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// wholeFloor is how many in a hundred of testdata/terms.txt must come back as one word; all of them must be found.
const wholeFloor = 80

// TestTermsAreWholeOrFound looks for each term of testdata/terms.txt in sentences: it is one word there, or the words
// it is cut into alone are words there, so that a question for it finds the sentence.
func TestTermsAreWholeOrFound(t *testing.T) {
	d := builtinDict(t)
	terms := fieldTerms(t)
	if len(terms) < 200 {
		t.Errorf("%d terms", len(terms))
	}
	whole := 0
	for _, term := range terms {
		one := 0
		frames := []string{"会议强调，要做好%s工作。", "关于印发%s的通知", "推进%s和其他事业发展"}
		for _, frame := range frames {
			isWhole, missing := findable(d, term, strings.Replace(frame, "%s", term, 1))
			if missing != "" {
				t.Errorf("%s in %q: %s is no word", term, frame, missing)
			}
			if isWhole {
				one++
			}
		}
		if one == len(frames) {
			whole++
		} else {
			t.Logf("%s is in parts", term)
		}
	}
	t.Logf("%d of %d terms whole", whole, len(terms))
	if whole*100 < wholeFloor*len(terms) {
		t.Errorf("%d of %d terms whole, the floor is %d %%", whole, len(terms), wholeFloor)
	}
}

// TestTermsOfAPage looks for the terms that stand in the article of testdata/sites/nxkx there.
func TestTermsOfAPage(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/sites/nxkx/article.json")
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Title      string
		Paragraphs []struct{ Text string }
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		t.Fatal(err)
	}
	texts := []string{page.Title}
	for _, p := range page.Paragraphs {
		texts = append(texts, p.Text)
	}
	d := builtinDict(t)
	seen := 0
	for _, text := range texts {
		for _, term := range fieldTerms(t) {
			if !strings.Contains(text, term) {
				continue
			}
			seen++
			if _, missing := findable(d, term, text); missing != "" {
				t.Errorf("%s in %q: %s is no word", term, text, missing)
			}
		}
	}
	if seen < 30 {
		t.Errorf("the page has %d of the terms", seen)
	}
}

// findable says whether a term is one word of a text, and which of the words it is cut into alone is not there.
func findable(d *Dict, term, text string) (whole bool, missing string) {
	words := map[string]bool{}
	for _, w := range cutWords(d, text, true) {
		words[w] = true
	}
	if words[Fold(term)] {
		return true, ""
	}
	for _, w := range cutWords(d, term, false) {
		if !words[w] {
			return false, w
		}
	}
	return false, ""
}

func fieldTerms(t *testing.T) (out []string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/terms.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, strings.Fields(line)...)
		}
	}
	return out
}
