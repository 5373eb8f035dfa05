package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"cundang/index"
	"cundang/index/opensearch"
)

// openCluster opens an index in a cluster; where there is none it is made from docs.
func openCluster(ctx context.Context, address, name, docs string) (*index.Index, error) {
	o := opensearch.Options{Options: index.Options{ReadOnly: true}, Addresses: strings.Split(address, ","), Name: name}
	x, err := opensearch.Open(ctx, o)
	if !errors.Is(err, index.ErrMissing) {
		return x, err
	}
	began := time.Now()
	n, text := 0, int64(0)
	if err := opensearch.Rebuild(ctx, o, feed(lines[document](docs), &n, &text)); err != nil {
		return nil, err
	}
	took := time.Since(began)
	if x, err = opensearch.Open(ctx, o); err != nil {
		return nil, err
	}
	s, err := x.Status(ctx)
	fmt.Fprintf(os.Stderr, "%d documents indexed in %.1f s, %.1f MB, %.2f of the text\n", n, took.Seconds(),
		float64(s.Bytes)/1e6, float64(s.Bytes)/float64(text))
	return x, err
}

// comparison is what two engines are asked, and how often their answers differ.
type comparison struct {
	name           string
	asked, differs int
	first          string
}

func (c *comparison) add(what string, a, b any) {
	c.asked++
	if !reflect.DeepEqual(a, b) {
		if c.differs++; c.first == "" {
			c.first = fmt.Sprintf("%s: %.200v / %.200v", what, a, b)
		}
	}
}

// comparedPhrases is how many random strings of the texts are asked for as phrases.
const comparedPhrases = 1000

// compareEngines asks an embedded index and one in a cluster of the same documents for the same.
func (o options) compareEngines(ctx context.Context, w io.Writer, queries []query) (err error) {
	x, err := openFilled(ctx, o.dir, o.docs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	y, err := openCluster(ctx, o.cluster, o.compare, o.docs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, y.Close()) }()
	phrases, texts, err := somePhrases(o.docs, comparedPhrases)
	if err != nil {
		return err
	}
	exact := &comparison{name: "phrases, articles found"}
	read := &comparison{name: "phrases, by plain reading"}
	facets := &comparison{name: "facets of phrases"}
	asOf := &comparison{name: "phrases as of a date"}
	trends := &comparison{name: "trends of phrases"}
	words := &comparison{name: "queries, totals"}
	wordFacets := &comparison{name: "facets of queries"}
	best := &comparison{name: "queries, best article"}
	names := []string{"source", "year", "month", "people", "places", "orgs"}
	for i, p := range phrases {
		q := index.Query{Text: "\"" + p + "\"", Facets: names, Limit: 1 << 20, Bare: true, Sort: "-published"}
		a, b, err := both(ctx, x, y, q)
		if err != nil {
			return err
		}
		exact.add(p, ids(a), ids(b))
		facets.add(p, a.Facets, b.Facets)
		read.add(p, texts[i], slices.Sorted(slices.Values(ids(b))))
		q.AsOf = time.Date(2010+i%20, 6, 1, 0, 0, 0, 0, time.UTC)
		if a, b, err = both(ctx, x, y, q); err != nil {
			return err
		}
		asOf.add(p, a.Total, b.Total)
		if i%10 == 0 {
			t, err := x.Trend(ctx, index.Query{}, "month", q.Text)
			if err != nil {
				return err
			}
			u, err := y.Trend(ctx, index.Query{}, "month", q.Text)
			if err != nil {
				return err
			}
			trends.add(p, t, u)
		}
	}
	for _, s := range queries {
		a, b, err := both(ctx, x, y, index.Query{Text: s.Text, Facets: names, Limit: 10, Bare: true})
		if err != nil {
			return err
		}
		words.add(s.Text, a.Total, b.Total)
		wordFacets.add(s.Text, a.Facets, b.Facets)
		best.add(s.Text, ids(a)[:min(1, a.Total)], ids(b)[:min(1, b.Total)])
	}
	t := newTable(w, "", "asked", "differ", "the first")
	for _, c := range []*comparison{exact, read, facets, asOf, trends, words, wordFacets, best} {
		t.row(c.name, fmt.Sprint(c.asked), fmt.Sprint(c.differs), c.first)
	}
	return nil
}

func both(ctx context.Context, x, y *index.Index, q index.Query) (a, b index.Result, err error) {
	if a, err = x.Search(ctx, q); err == nil {
		b, err = y.Search(ctx, q)
	}
	return a, b, err
}

func ids(r index.Result) []string {
	out := []string{}
	for _, h := range r.Hits {
		out = append(out, h.Article.ID)
	}
	return out
}

// somePhrases picks strings of 2 to 20 characters from anywhere in the texts, and lists the documents that have each.
func somePhrases(docs string, n int) (phrases []string, having [][]string, err error) {
	var all []document
	for d, err := range lines[document](docs) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, d)
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for len(phrases) < n {
		text := []rune(all[rng.IntN(len(all))].Text)
		size := 2 + rng.IntN(19)
		if len(text) < size {
			continue
		}
		from := rng.IntN(len(text) - size + 1)
		p := string(text[from : from+size])
		if strings.TrimSpace(p) != "" && !strings.ContainsAny(p, "\"“”\\") { // what ends a phrase in the query language
			phrases = append(phrases, p)
		}
	}
	having = make([][]string, n)
	for i, p := range phrases {
		for _, d := range all {
			if strings.Contains(d.Text, p) || strings.Contains(d.Title, p) {
				having[i] = append(having[i], d.ID)
			}
		}
		slices.Sort(having[i])
	}
	return phrases, having, nil
}
