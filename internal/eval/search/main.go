// Search measures the search through the index package with its default settings.
//
//	go run ./internal/eval/search
//	go run ./internal/eval/search -docs docs.jsonl.gz -queries queries.jsonl -run out.trec
//	go run ./internal/eval/search -docs … -queries … -qrels qrels.tsv [-sweep | -peers]
//
// Without -docs it asks our own queries (testdata/queries) and fails when the answers are worse than
// the floor there. With a collection it writes a TREC run (qid Q0 docid rank score tag, at most 100 lines a query) or
// prints, with judgements, nDCG@10 and recall@100 by set of queries. -sweep does so for
// many values of each constant of the ranking, in two halves of the queries; -peers puts bleve as it comes, SQLite's
// FTS5 and Xapian beside it, where python3 has them (Debian: python3-xapian).
//
// -opensearch ADDRESS -index NAME measures the same on an index in a cluster, which is made and kept there. With
// -compare NAME both engines answer the same queries, facets, trends and dates, and what differs is counted.
//
// -curve prints time, size, memory and latency of indexes of several sizes; -cold BINARY those of `cundang search` in
// new processes.
//
// docs.jsonl.gz has a line {"id", "text", "source", "date", "title"} a document, title and date
// may be missing; queries.jsonl has {"qid", "set", "text"}; qrels.tsv has lines of query, 0, document, grade.
// The index is made in a temporary folder, or in -index DIR, where it is kept and used again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"cundang/index"
	"cundang/index/bleve"
)

// options are the flags.
type options struct {
	docs, queries, qrels, run, dir, root string
	depth, every                         int
	sweep, peers, verbose, update        bool
	peer, curve, cold                    string
	grow                                 int
	cluster, compare                     string
}

// literal leaves the synonyms out of all searches.
var literal bool

func main() {
	var o options
	flag.StringVar(&o.docs, "docs", "", "documents, JSON lines, gzip by its name")
	flag.StringVar(&o.queries, "queries", "", "queries, JSON lines")
	flag.StringVar(&o.qrels, "qrels", "", "judgements, TREC qrels")
	flag.StringVar(&o.run, "run", "", "TREC run to write")
	flag.StringVar(&o.dir, "index", "", "folder of the index, kept; default is a temporary one")
	flag.IntVar(&o.depth, "depth", 100, "hits a query")
	flag.IntVar(&o.every, "every", 1, "ask each so-many-th query only")
	flag.BoolVar(&o.sweep, "sweep", false, "try other constants of the ranking")
	flag.BoolVar(&o.peers, "peers", false, "measure other search engines on the same queries")
	flag.StringVar(&o.peer, "peer", "", "be one of them (used by -peers)")
	flag.StringVar(&o.curve, "curve", "",
		"measure indexes of these sizes, e.g. 10000,100000: the collection, varied where it is too small")
	flag.IntVar(&o.grow, "grow", 0, "make and measure an index of one size (used by -curve)")
	flag.StringVar(&o.cold, "cold", "", "run this cundang binary in a new process for each query")
	flag.StringVar(&o.cluster, "opensearch", "", "address of OpenSearch; the index -index stands there")
	flag.StringVar(&o.compare, "compare", "", "compare the index of this name at -opensearch with -index")
	flag.BoolVar(&o.verbose, "v", false, "list our own queries that are not answered best")
	flag.BoolVar(&literal, "literal", false, "search without synonyms")
	flag.BoolVar(&o.update, "update", false, "write the floors of our own queries")
	flag.StringVar(&o.root, "root", ".", "the project's folder")
	flag.Parse()
	if o.peer != "" {
		if err := peer(context.Background(), os.Stdout, o.peer, flag.Args()); err != nil {
			fmt.Fprintln(os.Stderr, "eval search:", err)
			os.Exit(1)
		}
		return
	}
	if flag.NArg() > 0 || (o.docs == "") != (o.queries == "") || (o.sweep || o.peers) && o.qrels == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := o.do(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "eval search:", err)
		os.Exit(1)
	}
}

func (o options) do(ctx context.Context, w io.Writer) (err error) {
	if o.docs == "" {
		return gate(ctx, w, o.root, o.verbose, o.update)
	}
	queries, err := readQueries(o.queries, o.qrels)
	if err != nil {
		return err
	}
	queries = sample(queries, o.every)
	switch {
	case o.peers:
		return peers(ctx, w, o, queries)
	case o.curve != "":
		return curve(ctx, w, o)
	}
	if o.dir == "" && o.cluster != "" {
		return errors.New("-opensearch needs a name, -index")
	}
	if o.compare != "" {
		return o.compareEngines(ctx, w, queries)
	}
	if o.dir == "" {
		tmp, err := os.MkdirTemp("", "cundang-eval-search-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
		o.dir = filepath.Join(tmp, "index.bleve")
	}
	if o.grow > 0 {
		return grow(ctx, w, o, o.dir, queries)
	}
	x, err := o.openIndex(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if o.cold != "" {
		return cold(ctx, w, o.cold, o.dir, queries)
	}
	if o.sweep {
		return sweep(ctx, w, x, queries, o.depth)
	}
	a, err := ask(ctx, x, queries, o.depth, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d queries, p50 %.1f ms, p95 %.1f ms (%d at a time, %d hits each)\n", len(queries),
		a.percentile(50), a.percentile(95), runtime.GOMAXPROCS(0), o.depth)
	if o.qrels != "" {
		t := newTable(w, append([]string{""}, append(sets(queries), "mean")...)...)
		t.row(line("cundang", queries, a.ids, all)...)
	}
	if o.run == "" {
		return nil
	}
	return os.WriteFile(o.run, []byte(a.trec(queries)), 0o644)
}

// sample is each n-th query.
func sample(queries []query, n int) []query {
	if n <= 1 {
		return queries
	}
	var out []query
	for i := 0; i < len(queries); i += n {
		out = append(out, queries[i])
	}
	return out
}

// line is a row of a table: nDCG@10 (recall@100) by set.
func line(name string, queries []query, run [][]string, use func(int) bool) []string {
	row := []string{name}
	by := bySet(queries, run, use)
	for _, s := range append(sets(queries), "mean") {
		row = append(row, fmt.Sprintf("%.3f (%.3f)", by[s].ndcg, by[s].recall))
	}
	return row
}

// openIndex opens the index that the flags name.
func (o options) openIndex(ctx context.Context) (*index.Index, error) {
	if o.cluster != "" {
		return openCluster(ctx, o.cluster, o.dir, o.docs)
	}
	return openFilled(ctx, o.dir, o.docs)
}

// openFilled opens the index at dir for reading; where there is none it is made from docs.
func openFilled(ctx context.Context, dir, docs string) (*index.Index, error) {
	x, err := bleve.Open(dir, index.Options{ReadOnly: true})
	if !errors.Is(err, index.ErrMissing) {
		return x, err
	}
	if _, err := fill(ctx, dir, lines[document](docs)); err != nil {
		return nil, err
	}
	return bleve.Open(dir, index.Options{ReadOnly: true})
}
