package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"cundang/index/zh"
)

// Counts of words are made on the stored texts, titles and bodies, cut into words that do not overlap, folded. One
// article is in memory at a time, beside the list of words.

// WordList is how often words occur in the articles that match.
type WordList struct {
	Articles int    `json:"articles"` // that were read
	Total    int    `json:"total"`    // that match
	Tokens   int    `json:"tokens"`   // words in them, each time they occur
	Types    int    `json:"types"`    // different words
	Words    []Word `json:"words"`    // the most frequent first
	Notice   string `json:"notice,omitempty"`
}

// Word is a word of a WordList.
type Word struct {
	Word       string  `json:"word"`
	Count      int     `json:"count"`
	PerMillion float64 `json:"per_million"` // of all words
	Articles   int     `json:"articles"`    // that have it
}

// Collocations is which words stand near a word more often than elsewhere.
type Collocations struct {
	Word     string        `json:"word"`
	Window   int           `json:"window"` // words on each side
	Articles int           `json:"articles"`
	Total    int           `json:"total"`
	Tokens   int           `json:"tokens"`
	Count    int           `json:"count"` // of the word
	Words    []Collocation `json:"words"` // with the highest log-likelihood first
	Notice   string        `json:"notice,omitempty"`
}

// Collocation is a word near another.
type Collocation struct {
	Word     string  `json:"word"`
	Near     int     `json:"near"`     // times within the window
	Count    int     `json:"count"`    // times in all
	Expected float64 `json:"expected"` // within the window, if it stood anywhere
	// LogLikelihood is Dunning's G² of near and elsewhere, negative where the word stands there less often than
	// expected.
	LogLikelihood float64 `json:"log_likelihood"`
	MI            float64 `json:"mi"` // mutual information, log2 of near / expected
}

// Keyness is which words tell the articles that match from the rest of the archive.
type Keyness struct {
	Articles        int       `json:"articles"`
	Total           int       `json:"total"`
	Tokens          int       `json:"tokens"`
	ReferenceTotal  int       `json:"reference_articles"` // the articles that do not match
	ReferenceTokens int       `json:"reference_tokens"`
	Words           []KeyWord `json:"words"` // with the highest log-likelihood first
	Notice          string    `json:"notice,omitempty"`
}

// KeyWord is a word of a Keyness.
type KeyWord struct {
	Word                string  `json:"word"`
	Count               int     `json:"count"`
	Reference           int     `json:"reference"` // times in the rest
	PerMillion          float64 `json:"per_million"`
	ReferencePerMillion float64 `json:"reference_per_million"`
	// LogLikelihood is Dunning's G² of both, negative for a word that is rarer than in the rest.
	LogLikelihood float64 `json:"log_likelihood"`
	// LogRatio is log2 of the shares of the words; a word that the rest lacks counts half a time there.
	LogRatio float64 `json:"log_ratio"`
}

// Counting says what of a count is wanted.
type Counting struct {
	Limit  int // words; 0: 100
	Read   int // articles to read at most, the first of the answer; 0: all
	Window int // words on each side of a collocation; 0: 5
	Least  int // times that a word occurs at least, for collocations and keyness; 0: 3
}

func (c Counting) filled() Counting {
	c.Limit, c.Window, c.Least = cmp.Or(c.Limit, 100), cmp.Or(c.Window, 5), cmp.Or(c.Least, 3)
	return c
}

// noteRead says that not all was read.
var noteRead = message{"counted in the first %d of %d articles", "只统计了 %d 篇（共 %d 篇）"}

// Words counts the words of the articles that match.
func (x *Index) Words(ctx context.Context, q Query, c Counting) (out WordList, err error) {
	c = c.filled()
	words := map[string]*Word{}
	out.Articles, out.Total, out.Notice, err = x.eachText(ctx, q, c.Read, func(_ bool, lines [][]string) {
		seen := map[string]bool{}
		for _, line := range lines {
			out.Tokens += len(line)
			for _, w := range line {
				e := words[w]
				if e == nil {
					e = &Word{Word: w}
					words[w] = e
				}
				e.Count++
				if !seen[w] {
					seen[w] = true
					e.Articles++
				}
			}
		}
	})
	if err != nil {
		return out, fmt.Errorf("count words: %w", err)
	}
	out.Types = len(words)
	out.Words = make([]Word, 0, len(words))
	for _, w := range words {
		w.PerMillion = perMillion(w.Count, out.Tokens)
		out.Words = append(out.Words, *w)
	}
	slices.SortFunc(out.Words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Word, b.Word))
	})
	out.Words = out.Words[:min(c.Limit, len(out.Words))]
	return out, nil
}

// Collocations counts the words within a window around a word, in the same line of a text. The window is of words; one
// that is in the windows of two occurrences counts once.
func (x *Index) Collocations(ctx context.Context, q Query, word string, c Counting) (out Collocations, err error) {
	c = c.filled()
	out.Window = c.Window
	if out.Word = zh.Fold(strings.TrimSpace(word)); out.Word == "" {
		return out, errors.New("collocations: a word is needed")
	}
	all, near := map[string]int{}, map[string]int{}
	windows := 0 // words in windows
	out.Articles, out.Total, out.Notice, err = x.eachText(ctx, q, c.Read, func(_ bool, lines [][]string) {
		for _, line := range lines {
			out.Tokens += len(line)
			next := 0 // words before are counted
			for i, w := range line {
				all[w]++
				if w != out.Word {
					continue
				}
				out.Count++
				for j := max(next, i-c.Window); j < min(len(line), i+c.Window+1); j++ {
					if line[j] != out.Word {
						near[line[j]]++
						windows++
					}
				}
				next = max(next, min(len(line), i+c.Window+1))
			}
		}
	})
	if err != nil {
		return out, fmt.Errorf("collocations of %q: %w", word, err)
	}
	others := out.Tokens - out.Count
	out.Words = []Collocation{}
	for w, n := range near {
		if n < c.Least {
			continue
		}
		e := Collocation{Word: w, Near: n, Count: all[w], Expected: float64(windows) * float64(all[w]) / float64(others)}
		e.LogLikelihood = logLikelihood(n, windows, all[w]-n, others-windows)
		e.MI = math.Log2(float64(n) / e.Expected)
		out.Words = append(out.Words, e)
	}
	slices.SortFunc(out.Words, func(a, b Collocation) int {
		return cmp.Or(cmp.Compare(b.LogLikelihood, a.LogLikelihood), strings.Compare(a.Word, b.Word))
	})
	out.Words = out.Words[:min(c.Limit, len(out.Words))]
	return out, nil
}

// Keyness compares the words of the articles that match with those of all other articles of the archive, whatever
// their site or date.
func (x *Index) Keyness(ctx context.Context, q Query, c Counting) (out Keyness, err error) {
	c = c.filled()
	counts := map[string]*[2]int{}
	tokens, articles := [2]int{}, [2]int{}
	_, total, notice, err := x.eachOf(ctx, q, &Query{AsOf: q.AsOf, Kinds: q.Kinds, Except: q.Except}, c.Read,
		func(in bool, lines [][]string) {
			side := 1
			if in {
				side = 0
			}
			articles[side]++
			for _, line := range lines {
				tokens[side] += len(line)
				for _, w := range line {
					e := counts[w]
					if e == nil {
						e = new([2]int)
						counts[w] = e
					}
					e[side]++
				}
			}
		})
	if err != nil {
		return out, fmt.Errorf("keyness: %w", err)
	}
	out = Keyness{Articles: articles[0], Total: total, Tokens: tokens[0], ReferenceTotal: articles[1],
		ReferenceTokens: tokens[1],
		Words:           []KeyWord{}, Notice: notice}
	if tokens[0] == 0 || tokens[1] == 0 {
		return out, nil
	}
	for w, n := range counts {
		if n[0]+n[1] < c.Least {
			continue
		}
		share := func(n, of int) float64 { return max(float64(n), 0.5) / float64(of) }
		out.Words = append(out.Words, KeyWord{Word: w, Count: n[0], Reference: n[1], PerMillion: perMillion(n[0], tokens[0]),
			ReferencePerMillion: perMillion(n[1], tokens[1]), LogLikelihood: logLikelihood(n[0], tokens[0], n[1], tokens[1]),
			LogRatio: math.Log2(share(n[0], tokens[0]) / share(n[1], tokens[1]))})
	}
	slices.SortFunc(out.Words, func(a, b KeyWord) int {
		return cmp.Or(cmp.Compare(b.LogLikelihood, a.LogLikelihood), strings.Compare(a.Word, b.Word))
	})
	out.Words = out.Words[:min(c.Limit, len(out.Words))]
	return out, nil
}

func perMillion(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) * 1e6 / float64(of)
}

// logLikelihood is Dunning's G² for a word that occurs n times among of words here and m times among ofM there
// (Computational Linguistics 19(1), 1993), with a minus for a word that is rarer here.
func logLikelihood(n, of, m, ofM int) float64 {
	all, words := float64(n+m), float64(of+ofM)
	g := 0.0
	for _, cell := range [][2]float64{
		{float64(n), all * float64(of) / words}, {float64(m), all * float64(ofM) / words},
		{float64(of - n), (words - all) * float64(of) / words}, {float64(ofM - m), (words - all) * float64(ofM) / words},
	} {
		if cell[0] > 0 {
			g += 2 * cell[0] * math.Log(cell[0]/cell[1])
		}
	}
	if float64(n) < all*float64(of)/words {
		return -g
	}
	return g
}

// eachText calls f with the words of every article that matches, line by line.
func (x *Index) eachText(ctx context.Context, q Query, most int, f func(in bool, lines [][]string)) (read, total int,
	notice string, err error) {
	return x.eachOf(ctx, q, nil, most, f)
}

// eachOf calls f with the words of every article that matches and, unless it is nil, of those that match the reference
// only, line by line; in tells which.
func (x *Index) eachOf(ctx context.Context, q Query, reference *Query, most int,
	f func(in bool, lines [][]string)) (read, total int,
	notice string, err error) {
	r, done, err := x.read(ctx)
	if err != nil {
		return 0, 0, "", err
	}
	defer done(&err)
	size := most
	if size <= 0 {
		size = -1
	}
	u, err := r.understand(ctx, q)
	if err != nil {
		return 0, 0, "", err
	}
	found, order, err := r.find(ctx, cmp.Or(q.Sort, "-published"), u, size)
	if err != nil {
		return 0, 0, "", err
	}
	if read = len(order); read < found.Distinct {
		u.say(noteRead, read, found.Distinct)
	}
	cut := zh.NewCutter(x.dict)
	mine := make(map[Place]bool, len(order))
	for _, d := range order {
		mine[d.Place] = true
		if err := r.cutText(ctx, cut, d.Place, func(lines [][]string) { f(true, lines) }); err != nil {
			return 0, 0, "", err
		}
	}
	if reference == nil {
		return read, found.Total, u.notice(), nil
	}
	matching, err := r.Search(ctx, Request{Query: u.query, Size: -1}) // with those that were not read
	if err != nil {
		return 0, 0, "", err
	}
	for _, d := range matching.Hits {
		mine[d.Place] = true
	}
	rest, err := r.Search(ctx, Request{Query: Compiled{All: reference.filter()}, Sort: orders["-published"], Size: -1})
	if err != nil {
		return 0, 0, "", err
	}
	n := 0
	for _, d := range rest.Hits {
		if mine[d.Place] {
			continue
		}
		if n++; most > 0 && n > most {
			u.say(noteRead, most, rest.Total-len(matching.Hits))
			break
		}
		if err := r.cutText(ctx, cut, d.Place, func(lines [][]string) { f(false, lines) }); err != nil {
			return 0, 0, "", err
		}
	}
	return read, found.Total, u.notice(), nil
}

// cutText cuts the title and the lines of the body of a document into words.
func (r *reader) cutText(ctx context.Context, cut *zh.Cutter, at Place, f func(lines [][]string)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.Text(ctx, at, &r.text); err != nil {
		return err
	}
	title, body := string(r.text.Title), string(r.text.Body)
	cut.Learn(title, body)
	var lines [][]string
	for _, line := range append([]string{title}, strings.Split(body, "\n")...) {
		var words []string
		cut.Words(line, false, func(w zh.Word) { words = append(words, w.Text) })
		lines = append(lines, words)
	}
	f(lines)
	return nil
}

// Head and Rows are the tables of what is counted.

// Head names the columns of Rows.
func (WordList) Head() []string { return []string{"word", "count", "per_million", "articles"} }

// Rows returns the words as a table.
func (l WordList) Rows() (out [][]string) {
	for _, w := range l.Words {
		out = append(out, []string{w.Word, strconv.Itoa(w.Count), decimal(w.PerMillion), strconv.Itoa(w.Articles)})
	}
	return out
}

// Head names the columns of Rows.
func (Collocations) Head() []string {
	return []string{"word", "near", "count", "expected", "log_likelihood", "mi"}
}

// Rows returns the words as a table.
func (l Collocations) Rows() (out [][]string) {
	for _, w := range l.Words {
		out = append(out, []string{w.Word, strconv.Itoa(w.Near), strconv.Itoa(w.Count), decimal(w.Expected),
			decimal(w.LogLikelihood), decimal(w.MI)})
	}
	return out
}

// Head names the columns of Rows.
func (Keyness) Head() []string {
	return []string{"word", "count", "reference", "per_million", "reference_per_million", "log_likelihood", "log_ratio"}
}

// Rows returns the words as a table.
func (l Keyness) Rows() (out [][]string) {
	for _, w := range l.Words {
		out = append(out, []string{w.Word, strconv.Itoa(w.Count), strconv.Itoa(w.Reference), decimal(w.PerMillion),
			decimal(w.ReferencePerMillion), decimal(w.LogLikelihood), decimal(w.LogRatio)})
	}
	return out
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
