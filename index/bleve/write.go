package bleve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"cundang/index"
	"cundang/index/zh"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
)

// Fields of a bleve document beside those of index.Document.
const (
	fWords  = "w" // words and sub-words of title (index.TitleWeight times) and body
	fAttach = "a" // words and sub-words of the attachments' texts
	fTitle  = "t" // words of the title, presence only
	fGrams  = "g" // buckets of pairs of characters that are not words of fWords, presence only
	fLength = "l" // step of the length of fWords, one character

	fHead  = "_h" // stored
	fTexts = "_x" // stored
)

// sortable writes a time so that text order is time order: 16 hexadecimal digits.
func sortable(nano int64) string { return fmt.Sprintf("%016x", uint64(nano)^1<<63) }

// Write implements index.Engine.
func (e *Engine) Write(ctx context.Context, b index.Batch) (err error) {
	if e.opts.ReadOnly {
		return index.ErrReadOnly
	}
	v, err := e.view()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	defer v.damage(&err)
	sums, err := v.totals()
	if err != nil {
		return err
	}
	batch := e.b.NewBatch()
	gone := map[string]bool{}
	remove := func(key string) error {
		if gone[key] {
			return nil
		}
		gone[key] = true
		doc, ok, err := v.lookup(key)
		if !ok || err != nil {
			return err
		}
		words, err := v.words(doc)
		sums.Docs--
		sums.Words -= int64(words)
		return err
	}
	for _, key := range b.Delete {
		if err := remove(key); err != nil {
			return err
		}
		batch.Delete(key)
	}
	docs, err := e.analyze(ctx, b.Put)
	if err != nil {
		return err
	}
	last := map[string]int{} // of several documents with one key the last counts
	for i, d := range b.Put {
		last[d.Key] = i
	}
	for i, d := range docs {
		key := b.Put[i].Key
		if last[key] != i {
			continue
		}
		if err := remove(key); err != nil {
			return err
		}
		if err := batch.IndexAdvanced(d.Document); err != nil {
			return err
		}
		sums.Docs++
		sums.Words += int64(d.words)
	}
	raw, err := json.Marshal(sums)
	if err != nil {
		return err
	}
	batch.SetInternal(keyTotals, raw)
	batch.SetInternal(keyPosition, []byte(b.Position))
	return e.b.Batch(batch)
}

// words is how long the word field of a document is.
func (r *view) words(doc uint32) (words int, err error) {
	err = r.visit(doc, fTexts, func(b []byte) (err error) { words, _, err = wordsOf(b); return err })
	return words, err
}

// analyzed is a document for bleve.
type analyzed struct {
	*document.Document
	words int // length of the word field
}

// analyze makes the documents, in order, on all processors, with the analyzer that the index's mapping names.
func (e *Engine) analyze(ctx context.Context, in []index.Document) ([]analyzed, error) {
	a := e.b.Mapping().AnalyzerNamed(analyzer)
	if a == nil {
		return nil, &index.DamagedError{Dir: e.dir, Err: fmt.Errorf("its mapping has no analyzer %s", analyzer)}
	}
	docs := make([]analyzed, len(in))
	workers := min(runtime.GOMAXPROCS(0), len(in))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[w] = fmt.Errorf("analyze: %v", p)
				}
			}()
			mine, c := a, zh.NewCutter(e.dict)
			for i := w; i < len(in) && errs[w] == nil; i += workers {
				if t, ok := mine.(*zh.TextAnalyzer); ok && (i-w)/workers%learnAtOnce == 0 {
					var texts []string
					for j := i; j < len(in) && j < i+learnAtOnce*workers; j += workers {
						texts = append(append(texts, in[j].Texts.Title, in[j].Texts.Body), in[j].Texts.Attachments...)
					}
					t = t.For(texts...)
					mine, c = t, t.Cutter()
				}
				if errs[w] = ctx.Err(); errs[w] == nil {
					docs[i], errs[w] = newDocument(mine, c, in[i])
				}
			}
		})
	}
	wg.Wait()
	return docs, errors.Join(errs...)
}

// learnAtOnce is how many documents the analyzer learns the words of at a time.
const learnAtOnce = 256

// pieceSize is how much of a text is cut into words at a time, in bytes: its tokens take some forty times as much.
const pieceSize = 64 << 10

// pieces parts a text where no word goes on, so that a long one takes no more memory than a short one. A
// text without white space or full stop stays in one piece.
func pieces(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(text) > pieceSize {
			end := pieceSize
			at := strings.IndexAny(text[end:], " \n。")
			if at < 0 {
				break
			}
			end += at
			_, size := utf8.DecodeRuneInString(text[end:])
			if !yield(text[:end+size]) {
				return
			}
			text = text[end+size:]
		}
		yield(text)
	}
}

// expected bounds for how many terms room is made at once: a long text repeats its words.
func expected(terms int) int { return min(terms, 4096) + 16 }

// newDocument makes bleve's document.
func newDocument(a analysis.Analyzer, c *zh.Cutter, in index.Document) (analyzed, error) {
	t := in.Texts
	words, title, attach := newTermSet(expected(len(t.Body)/12)), newTermSet(16), newTermSet(0)
	for _, token := range a.Analyze([]byte(t.Title)) {
		words.add(token.Term, index.TitleWeight)
		title.add(token.Term, 1)
	}
	for piece := range pieces(t.Body) {
		for _, token := range a.Analyze([]byte(piece)) {
			words.add(token.Term, 1)
		}
	}
	for _, s := range t.Attachments {
		for piece := range pieces(s) {
			for _, token := range a.Analyze([]byte(piece)) {
				attach.add(token.Term, 1)
			}
		}
	}
	if in.Name != nil {
		if err := in.Name(&in, c); err != nil {
			return analyzed{}, err
		}
	}
	head, err := packHead(in.Head)
	if err != nil {
		return analyzed{}, fmt.Errorf("document %s: %w", in.Key, err)
	}
	texts, err := packTexts(words.length, t)
	if err != nil {
		return analyzed{}, fmt.Errorf("document %s: %w", in.Key, err)
	}
	d := document.NewDocument(in.Key)
	add := func(f *field) {
		if len(f.terms) > 0 || f.value != nil {
			d.AddField(f)
		}
	}
	length := words.length
	add(gramField(c, t, words))
	add(words.field(fWords, optWords))
	add(attach.field(fAttach, optWords))
	add(title.field(fTitle, optPresent))
	add(keywords(fLength, lengthTerm(length)))
	for name, values := range in.Values {
		add(keywords(name, values...))
	}
	for name, at := range in.Times {
		add(keywords(name, sortable(at)))
	}
	add(stored(fHead, head))
	add(stored(fTexts, texts))
	return analyzed{d, length}, nil
}

// gramField makes the field of pairs. A pair that is a word of the document is found as that.
func gramField(c *zh.Cutter, t index.Texts, words *termSet) *field {
	set := newTermSet(expected(len(t.Body) / 6))
	add := func(p zh.Pair) {
		if p.Word == "" || words.terms[p.Word] != nil {
			return // a tenth of the pairs stand across punctuation, and find next to nothing
		}
		if term := zh.BucketTerm(p.Bucket()); set.terms[term] == nil {
			set.addString(term, 1)
		}
	}
	c.Pairs(t.Title, add)
	for _, s := range append([]string{t.Body}, t.Attachments...) {
		for piece := range pieces(s) {
			c.Pairs(piece, add)
		}
	}
	return set.field(fGrams, optPresent)
}

// Lengths are kept in steps of about 9 %: 8 steps a doubling.
func lengthStep(n int) int { return int(math.Round(8 * math.Log2(float64(n)+1))) }

func stepLength(step int) float32 { return float32(math.Exp2(float64(step)/8) - 1) }

func lengthTerm(n int) string { return string(rune('0' + lengthStep(n))) }
