package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cundang/index"
	"cundang/index/bleve"
)

// grown are the figures of an index of one size.
type grown struct {
	Docs   int     `json:"docs"`
	Text   int64   `json:"text_bytes"`
	Bytes  int64   `json:"bytes"`
	CPU    float64 `json:"index_cpu_s"`
	Wall   float64 `json:"index_s"`
	Built  int64   `json:"index_peak_kb"`
	Peak   int64   `json:"peak_kb"` // with the searches
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	Asking float64 `json:"cpu_ms_a_query"`
}

// curve prints how an index grows with the collection: each size in a process of its own.
func curve(ctx context.Context, w io.Writer, o options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	t := newTable(w, "documents", "text MB", "index/text", "index CPU s", "index s", "peak MB", "p50 ms", "p95 ms",
		"CPU ms a query", "peak MB with searches")
	for size := range strings.SplitSeq(o.curve, ",") {
		cmd := exec.CommandContext(ctx, self, "-grow", size, "-docs", o.docs, "-queries", o.queries, "-every",
			strconv.Itoa(o.every))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s documents: %w", size, err)
		}
		var g grown
		if err := json.Unmarshal(out, &g); err != nil {
			return fmt.Errorf("%s documents: %w", size, err)
		}
		t.row(strconv.Itoa(g.Docs), fmt.Sprintf("%.0f", float64(g.Text)/1e6),
			fmt.Sprintf("%.2f", float64(g.Bytes)/float64(g.Text)),
			fmt.Sprintf("%.0f", g.CPU), fmt.Sprintf("%.0f", g.Wall), fmt.Sprintf("%.0f", float64(g.Built)/1e3),
			fmt.Sprintf("%.1f", g.P50), fmt.Sprintf("%.1f", g.P95), fmt.Sprintf("%.1f", g.Asking),
			fmt.Sprintf("%.0f", float64(g.Peak)/1e3))
	}
	return nil
}

// grow makes an index of n documents in dir, asks the queries one at a time, and says what it took.
func grow(ctx context.Context, w io.Writer, o options, dir string, queries []query) (err error) {
	g := grown{Docs: o.grow}
	began := time.Now()
	if g.Text, err = fill(ctx, dir, varied(o.docs, o.grow)); err != nil {
		return err
	}
	g.Wall = time.Since(began).Seconds()
	built, err := usage()
	if err != nil {
		return err
	}
	g.CPU, g.Built = built.cpu, built.peak
	search, end, err := openOurs(ctx, dir)
	if err != nil {
		return err
	}
	a, err := askOne(queries, search)
	if err != nil {
		return err
	}
	asked, err := usage()
	if err != nil {
		return err
	}
	g.P50, g.P95 = a.percentile(50), a.percentile(95)
	g.Asking, g.Peak = (asked.cpu-built.cpu)*1e3/float64(len(queries)), asked.peak
	if err := end(); err != nil {
		return err
	}
	if g.Bytes, err = folderBytes(dir); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(g)
}

// varied is n documents: those of a collection, then the same with their sentences in another order and
// other digits, so that no two texts are equal.
func varied(docs string, n int) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		rng := rand.New(rand.NewPCG(1, uint64(n)))
		for pass := 0; n > 0; pass++ {
			before := n
			for d, err := range lines[document](docs) {
				if err == nil && pass > 0 {
					d = d.vary(rng, pass)
				}
				if !yield(d, err) || err != nil {
					return
				}
				if n--; n == 0 {
					return
				}
			}
			if n == before {
				yield(document{}, fmt.Errorf("%s has no documents", docs))
				return
			}
		}
	}
}

func (d document) vary(rng *rand.Rand, pass int) document {
	d.ID = fmt.Sprintf("%s~%d", d.ID, pass)
	sentences := strings.SplitAfter(d.Text, "。")
	rng.Shuffle(len(sentences), func(i, j int) { sentences[i], sentences[j] = sentences[j], sentences[i] })
	d.Text = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0' + rune(rng.IntN(10))
		}
		return r
	}, strings.Join(sentences, ""))
	return d
}

// cold runs `cundang search` in new processes, on a data directory that has the index and no archive to follow.
func cold(ctx context.Context, w io.Writer, binary, dir string, queries []query) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "cundang-eval-cold-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data) // a folder and a link
	if err := os.Mkdir(filepath.Join(data, "archive"), 0o755); err != nil {
		return err
	}
	if err := os.Symlink(dir, filepath.Join(data, "index.bleve")); err != nil {
		return err
	}
	var wall, cpu, peak []float64
	for _, q := range queries {
		cmd := exec.CommandContext(ctx, binary, "--data", data, "search", q.Text)
		began := time.Now()
		out, err := cmd.CombinedOutput()
		if s := cmd.ProcessState; s == nil || s.ExitCode() != 0 && s.ExitCode() != 4 { // 4: nothing found
			return fmt.Errorf("%v: %w: %s", cmd.Args, err, out)
		}
		wall = append(wall, time.Since(began).Seconds()*1e3)
		cpu = append(cpu, (cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()*1e3)
		peak = append(peak, float64(maxRSS(cmd.ProcessState))/1e3)
	}
	t := newTable(w, "cold search", "p50", "p95", "most")
	for _, r := range []struct {
		name   string
		values []float64
	}{{"start to exit, ms", wall}, {"CPU, ms", cpu}, {"peak memory, MB", peak}} {
		slices.Sort(r.values)
		n := len(r.values) - 1
		t.row(r.name, fmt.Sprintf("%.0f", r.values[n/2]), fmt.Sprintf("%.0f", r.values[n*95/100]),
			fmt.Sprintf("%.0f", r.values[n]))
	}
	return nil
}

// openOurs opens an index to search in.
func openOurs(ctx context.Context,
	dir string) (search func(query) ([]string, []float64, error), end func() error, err error) {
	x, err := bleve.Open(dir, index.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	return func(q query) (ids []string, scores []float64, err error) {
		r, err := x.Search(ctx, index.Query{Text: q.Text, Limit: 100, Bare: true})
		for _, h := range r.Hits {
			ids, scores = append(ids, h.Article.ID), append(scores, h.Score)
		}
		return ids, scores, err
	}, x.Close, nil
}
