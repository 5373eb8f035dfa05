package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cundang/index"
	"cundang/index/enginetest"
	"cundang/index/opensearch"
)

// How long is searched before and after a node is killed, and by how many at once.
const (
	searchBefore = 10 * time.Second
	searchAfter  = 40 * time.Second
	searchers    = 2
)

// asked are queries of each kind.
var asked = []index.Query{
	{Text: "全民科学素质", Facets: []string{"source", "year"}},
	{Text: `"召开科技工作者之家建设工作推进会"`},
	{Text: "院士 NEAR/9 科普日"},
	{Text: "青山市科协部署学术年会工作"},
	{Text: "来源:*科技馆 学会"},
	{Sort: "-published"},
}

// tally is what became of the searches.
type tally struct {
	answered, wrong, failed int
	took                    []time.Duration
	first                   error
}

// lose searches while a node is killed: every search has to be answered, and rightly.
func (c *cluster) lose(ctx context.Context) (err error) {
	again := &counter{}
	o := opensearch.Options{Addresses: c.addresses(), Name: "lose", Shards: 3}
	o.Log = slog.New(again)
	x, err := opensearch.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	for some := range slices.Chunk(enginetest.MadeUp(3000), 500) {
		if err := x.Put(ctx, "p", some...); err != nil {
			return err
		}
	}
	if err := c.wait(ctx, c.options.nodes); err != nil {
		return err
	}
	want := make([]string, len(asked))
	for i, q := range asked {
		if want[i], err = answer(ctx, x, q); err != nil {
			return err
		}
	}
	tallies := make([]tally, searchers)
	end := time.Now().Add(searchBefore + searchAfter)
	var wg sync.WaitGroup
	for w := range searchers {
		wg.Go(func() { tallies[w].search(ctx, x, want, w, end) })
	}
	before := time.NewTimer(searchBefore)
	defer before.Stop()
	<-before.C
	victim := c.nodes[1]
	errKill := victim.Process.Kill()
	_ = victim.Wait() // killed
	wg.Wait()
	all := tallies[0]
	for _, t := range tallies[1:] {
		all.answered, all.wrong, all.failed = all.answered+t.answered, all.wrong+t.wrong, all.failed+t.failed
		all.took, all.first = append(all.took, t.took...), errors.Join(all.first, t.first)
	}
	slices.Sort(all.took)
	fmt.Printf("a node of %d was killed: %d searches answered, %d of them wrongly, %d failed, "+
		"%d asked again of other copies; p50 %s, longest %s\n",
		c.options.nodes, all.answered, all.wrong, all.failed, again.n.Load(),
		all.took[len(all.took)/2].Round(time.Millisecond), all.took[len(all.took)-1].Round(time.Millisecond))
	if all.wrong > 0 || all.failed > 0 {
		return fmt.Errorf("searches while a node was lost: %d wrong, %d failed: %w", all.wrong, all.failed, all.first)
	}
	return errors.Join(errKill, c.wait(ctx, c.options.nodes-1))
}

// search asks one query after the other.
func (t *tally) search(ctx context.Context, x *index.Index, want []string, from int, end time.Time) {
	for i := from; time.Now().Before(end) && ctx.Err() == nil; i++ {
		began := time.Now()
		got, err := answer(ctx, x, asked[i%len(asked)])
		t.took = append(t.took, time.Since(began))
		switch {
		case err != nil:
			t.failed++
			t.first = errors.Join(t.first, err)
		case got != want[i%len(asked)]:
			t.wrong++
			fallthrough
		default:
			t.answered++
		}
	}
}

// answer is what a search says, but for how long it took.
func answer(ctx context.Context, x *index.Index, q index.Query) (string, error) {
	r, err := x.Search(ctx, q)
	s := fmt.Sprint(r.Total, r.Facets)
	for _, h := range r.Hits {
		s += fmt.Sprintf(" %s %.3f", h.Article.ID, h.Score)
	}
	return s, err
}

// counter counts the warnings of a log.
type counter struct{ n atomic.Int64 }

func (c *counter) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (c *counter) Handle(context.Context, slog.Record) error    { c.n.Add(1); return nil }
func (c *counter) WithAttrs([]slog.Attr) slog.Handler           { return c }
func (c *counter) WithGroup(string) slog.Handler                { return c }
