package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/blevesearch/bleve/v2"
	_ "github.com/blevesearch/bleve/v2/analysis/lang/cjk" // the analyzer by its name
)

//go:embed peers/fts5.py
var fts5 string

//go:embed peers/xapian_cjk.py
var xapian string

// measured is what a search engine says of itself after it has indexed a collection and answered queries. Each runs in
// a process of its own, one query at a time, 100 hits each.
type measured struct {
	Name   string    `json:"name"`
	Index  float64   `json:"index_cpu_s"`
	Asking float64   `json:"queries_cpu_s"` // all of them together
	Bytes  int64     `json:"bytes"`
	Memory int64     `json:"memory_kb"` // peak of the process
	Took   []float64 `json:"took_ms"`
}

// peers prints a table of this index beside other engines, on the same documents and queries.
func peers(ctx context.Context, w io.Writer, o options, queries []query) (err error) {
	tmp, err := os.MkdirTemp("", "cundang-eval-peers-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	asked := filepath.Join(tmp, "queries.jsonl")
	if err := writeQueries(asked, queries); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := textBytes(o.docs)
	if err != nil {
		return err
	}
	engines := []struct {
		name string
		cmd  []string
	}{
		{"cundang", []string{self, "-peer", "cundang"}},
		{"bleve", []string{self, "-peer", "bleve"}},
		{"SQLite", []string{"python3", "-c", fts5}},
		{"Xapian", []string{"/usr/bin/python3", "-c", xapian}}, // the module is the distribution's
	}
	columns := append([]string{"nDCG@10 (recall@100)"},
		append(sets(queries), "mean", "p50 ms", "p95 ms", "CPU ms", "index CPU s", "size/text", "peak MB")...)
	t := newTable(w, columns...)
	for _, e := range engines {
		dir, run := filepath.Join(tmp, e.name), filepath.Join(tmp, e.name+".trec")
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		var out, said bytes.Buffer
		cmd := exec.CommandContext(ctx, e.cmd[0], append(e.cmd[1:], o.docs, asked, dir, run)...)
		cmd.Stdout, cmd.Stderr = &out, &said
		if err := cmd.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "%s skipped: %v: %s\n", e.name, err, strings.TrimSpace(said.String()))
			continue
		}
		var m measured
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		ids, err := readRun(run, queries)
		if err != nil {
			return err
		}
		slices.Sort(m.Took)
		at := func(p int) string { return fmt.Sprintf("%.1f", m.Took[(len(m.Took)-1)*p/100]) }
		t.row(append(line(m.Name, queries, ids, all), at(50), at(95), fmt.Sprintf("%.1f", m.Asking*1e3/float64(len(queries))),
			fmt.Sprintf("%.0f", m.Index),
			fmt.Sprintf("%.2f", float64(m.Bytes)/float64(text)), fmt.Sprintf("%.0f", float64(m.Memory)/1e3))...)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// peer is one engine of the table, run in its own process: docs, queries, folder, run.
func peer(ctx context.Context, w io.Writer, name string, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("-peer wants documents, queries, folder and run, not %d arguments", len(args))
	}
	queries, err := readQueries(args[1], "")
	if err != nil {
		return err
	}
	m := measured{Name: name}
	var search func(query) ([]string, []float64, error)
	var end func() error
	switch name {
	case "cundang":
		dir := filepath.Join(args[2], "index.bleve")
		if _, err = fill(ctx, dir, lines[document](args[0])); err == nil {
			search, end, err = openOurs(ctx, dir)
		}
	case "bleve":
		m.Name = "bleve defaults, cjk"
		search, end, err = openBleve(ctx, filepath.Join(args[2], "bleve"), args[0])
	default:
		err = fmt.Errorf("no engine %q", name)
	}
	if err != nil {
		return err
	}
	used, err := usage()
	if err != nil {
		return err
	}
	m.Index = used.cpu
	a, err := askOne(queries, search)
	if err = errors.Join(err, end()); err != nil {
		return err
	}
	for _, t := range a.took {
		m.Took = append(m.Took, t.Seconds()*1e3)
	}
	if m.Bytes, err = folderBytes(args[2]); err != nil {
		return err
	}
	if used, err = usage(); err != nil {
		return err
	}
	m.Asking, m.Memory = used.cpu-m.Index, used.peak
	if err := os.WriteFile(args[3], []byte(a.trec(queries)), 0o644); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(m)
}

// used is what a process has used so far.
type used struct {
	cpu  float64 // seconds
	peak int64   // KB of memory
}

func usage() (used, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return used{time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds(), u.Maxrss}, err
}

// maxRSS is the peak memory of a process that has ended, in KB.
func maxRSS(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss
	}
	return 0
}

// openBleve indexes documents as bleve does by default, with its built-in analyzer for Chinese.
func openBleve(ctx context.Context, dir,
	docs string) (search func(query) ([]string, []float64, error), end func() error, err error) {
	b, err := fillBleve(dir, docs)
	if err != nil {
		return nil, nil, err
	}
	return func(q query) (ids []string, scores []float64, err error) {
		r, err := b.SearchInContext(ctx, bleve.NewSearchRequestOptions(bleve.NewMatchQuery(q.Text), 100, 0, false))
		if err != nil {
			return nil, nil, err
		}
		for _, h := range r.Hits {
			ids, scores = append(ids, h.ID), append(scores, h.Score)
		}
		return ids, scores, nil
	}, b.Close, nil
}

// askOne asks one query at a time.
func askOne(queries []query, search func(query) ([]string, []float64, error)) (a answers, err error) {
	a = answers{make([][]string, len(queries)), make([][]float64, len(queries)), make([]time.Duration, len(queries))}
	for i, q := range queries {
		began := time.Now()
		if a.ids[i], a.scores[i], err = search(q); err != nil {
			return a, fmt.Errorf("query %s: %w", q.QID, err)
		}
		a.took[i] = time.Since(began)
	}
	return a, nil
}

func fillBleve(dir, docs string) (bleve.Index, error) {
	mapping := bleve.NewIndexMapping()
	mapping.DefaultAnalyzer = "cjk"
	b, err := bleve.New(dir, mapping)
	if err != nil {
		return nil, err
	}
	batch := b.NewBatch()
	for d, err := range lines[document](docs) {
		if err != nil {
			return nil, err
		}
		if err := batch.Index(d.ID, map[string]any{"title": d.Title, "body": d.Text}); err != nil {
			return nil, err
		}
		if batch.Size() == 1000 {
			if err := b.Batch(batch); err != nil {
				return nil, err
			}
			batch = b.NewBatch()
		}
	}
	return b, b.Batch(batch)
}

func writeQueries(name string, queries []query) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, q := range queries {
		if err := enc.Encode(map[string]string{"qid": q.QID, "text": q.Text}); err != nil {
			return err
		}
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

// readRun reads a TREC run: documents by query, best first.
func readRun(name string, queries []query) ([][]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	at := map[string]int{}
	for i, q := range queries {
		at[q.QID] = i
	}
	out := make([][]string, len(queries))
	rows := bufio.NewScanner(f)
	for rows.Scan() {
		c := strings.Fields(rows.Text())
		if len(c) != 6 {
			return nil, fmt.Errorf("%s: %q is no line of a run", name, rows.Text())
		}
		i, ok := at[c[0]]
		if !ok {
			return nil, fmt.Errorf("%s: query %s was not asked", name, c[0])
		}
		out[i] = append(out[i], c[2])
	}
	return out, rows.Err()
}

// textBytes is how many bytes of UTF-8 the documents have.
func textBytes(docs string) (n int64, err error) {
	for d, err := range lines[document](docs) {
		if err != nil {
			return n, err
		}
		n += int64(len(d.Title) + len(d.Text))
	}
	return n, nil
}

func folderBytes(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}
