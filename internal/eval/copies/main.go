// Copies measures how well articles with the same text are found.
//
//	go run ./internal/eval/copies
//	go run ./internal/eval/copies -docs docs.jsonl.gz
//
// It makes copies of texts, other sources, titles, leads, shortened and edited ones, puts all of them into an index,
// and compares the groups with what was copied from what. Without -docs the texts are those of the made-up web, and it
// fails when precision or recall are below the floors in testdata/eval/copies.json. With -docs they are those of a
// collection, JSON lines {"id", "text"}, gzip by its name; its own reprints are told from errors by whole sentences
// that stand in both texts.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/index/bleve"
	"cundang/internal/fakesite"
)

func main() {
	docs := flag.String("docs", "", "documents, JSON lines, gzip by its name; default: the made-up web")
	floors := flag.String("floors", "testdata/eval/copies.json", "file of the floors")
	verbose := flag.Bool("v", false, "print what was missed and what was wrong")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *docs, *floors, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "eval copies:", err)
		os.Exit(1)
	}
}

// figures are what is measured.
type figures struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

func run(ctx context.Context, w io.Writer, docs, floors string, verbose bool) error {
	texts, err := originals(docs)
	if err != nil {
		return err
	}
	c := copied(texts)
	got, err := measure(ctx, w, c, verbose)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d texts, %d copies: precision %.2f %%, recall %.2f %%\n", len(texts), len(c.all)-len(texts),
		100*got.Precision, 100*got.Recall)
	if docs != "" {
		return nil
	}
	var floor figures
	raw, err := os.ReadFile(floors)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &floor); err != nil {
		return fmt.Errorf("%s: %w", floors, err)
	}
	if got.Precision < floor.Precision || got.Recall < floor.Recall {
		return fmt.Errorf("the floors are %.2f %% and %.2f %%", 100*floor.Precision, 100*floor.Recall)
	}
	return nil
}

// originals reads the texts to make copies of.
func originals(docs string) ([]string, error) {
	var texts []string
	if docs == "" {
		for seed := range uint64(4) {
			for _, s := range fakesite.New(fakesite.Options{Seed: seed + 1}).Truth().Sites {
				for _, a := range s.Articles {
					texts = append(texts, strings.Join(a.Body, "\n"))
				}
			}
		}
		return texts, nil
	}
	f, err := os.Open(docs)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	var in io.Reader = bufio.NewReader(f)
	if strings.HasSuffix(docs, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, fmt.Errorf("%s: %w", docs, err)
		}
	}
	for d := json.NewDecoder(in); ; {
		var doc struct{ Text string }
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			return texts, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", docs, err)
		}
		texts = append(texts, doc.Text)
	}
}

// copies are articles and what they were copied from.
type copies struct {
	all    []extract.Article
	origin []int    // number of the original
	how    []string // "" for an original
}

// copyable is how many characters a text has at least of which copies are made, most how many texts are copied.
const (
	copyable   = 150
	mostCopied = 3000
)

// copied makes copies of some of the texts.
func copied(texts []string) copies {
	var c copies
	add := func(origin int, how, title, source, body string) {
		id := fmt.Sprintf("%07d", len(c.all))
		c.all = append(c.all, extract.Article{ID: id, URL: "https://copies.example/" + id, Site: "copies",
			Kind: extract.KindArticle, State: extract.StateLive, Title: extract.Text(title), Source: extract.Text(source),
			Body: extract.Text(body), Fetched: time.Unix(int64(len(c.all)), 0)})
		c.origin, c.how = append(c.origin, origin), append(c.how, how)
	}
	for i, t := range texts {
		add(i, "", fmt.Sprint("题", i), "首发", t)
	}
	every := max(1, len(texts)/mostCopied)
	for i := 0; i < len(texts); i += every {
		t := texts[i]
		if len([]rune(t)) < copyable {
			continue
		}
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		add(i, "whole", "转："+fmt.Sprint(i), "转载日报", t)
		add(i, "lead", fmt.Sprint("题", i), "晚报",
			"本报讯（记者王小明 通讯员李大红）"+t+"（来源：首发）")
		add(i, "shortened", fmt.Sprint("短", i), "快讯", shortened(rng, t))
		add(i, "edited", fmt.Sprint("改", i), "网", edited(rng, t))
	}
	return c
}

// sentences cuts a text behind its full stops.
func sentences(t string) []string { return strings.SplitAfter(t, "。") }

// shortened leaves 55 to 85 % of a text, from its beginning.
func shortened(rng *rand.Rand, t string) string {
	keep := (55 + rng.IntN(31)) * len([]rune(t)) / 100
	var out string
	for _, s := range sentences(t) {
		if out != "" && len([]rune(out+s)) > keep {
			break
		}
		out += s
	}
	if n := len([]rune(out)); n < keep/2 || n > keep*3/2 { // one sentence is most of it
		out = string([]rune(t)[:keep])
	}
	return out
}

// edited changes words in a fifth of the sentences, leaves one in twelve out and moves one.
func edited(rng *rand.Rand, t string) string {
	list := sentences(t)
	var out []string
	for i, s := range list {
		r := []rune(s)
		switch n := rng.IntN(60); {
		case n < 5 && i > 0 && len(list) > 3:
			continue
		case n < 17 && len(r) > 12:
			at := 2 + rng.IntN(len(r)-8)
			s = string(r[:at]) + "有关方面" + string(r[at+2:])
		}
		out = append(out, s)
	}
	if n := len(out); n > 4 {
		i := rng.IntN(n - 2)
		out[i], out[i+1] = out[i+1], out[i]
	}
	return strings.Join(out, "")
}

// measure groups the articles and compares pairs.
func measure(ctx context.Context, w io.Writer, c copies, verbose bool) (f figures, err error) {
	dir, err := os.MkdirTemp("", "cundang-eval-copies-")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	x, err := bleve.Open(filepath.Join(dir, "index"), index.Options{})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	for i := 0; i < len(c.all); i += 500 {
		if err := x.Put(ctx, fmt.Sprint(i), c.all[i:min(len(c.all), i+500)]...); err != nil {
			return f, err
		}
	}
	began := time.Now()
	if err := x.Group(ctx); err != nil {
		return f, err
	}
	fmt.Fprintf(w, "%d articles grouped in %.1f s\n", len(c.all), time.Since(began).Seconds())
	groups, err := groupsOf(ctx, x, c)
	if err != nil {
		return f, err
	}
	found, made := map[string]int{}, map[string]int{}
	right, wrong := 0, 0
	judged := map[[2]int]bool{}
	for i, how := range c.how {
		if how != "" {
			made[how]++
			if groups[i] == groups[c.origin[i]] {
				found[how]++
				right++
			} else if verbose {
				fmt.Fprintf(w, "missed (%s): %s\n   %s\n", how, c.all[c.origin[i]].Body, c.all[i].Body)
			}
		}
	}
	members := map[int][]int{}
	for i, g := range groups {
		members[g] = append(members[g], c.origin[i])
	}
	for _, origins := range members {
		for i, a := range origins {
			for _, b := range origins[:i] {
				pair := [2]int{min(a, b), max(a, b)}
				if a == b || judged[pair] {
					continue
				}
				judged[pair] = true
				if sameSentences(string(c.all[a].Body), string(c.all[b].Body)) {
					right++
				} else if wrong++; verbose {
					fmt.Fprintf(w, "wrong: %s\n   %s\n", c.all[a].Body, c.all[b].Body)
				}
			}
		}
	}
	total, all := 0, 0
	for _, how := range []string{"whole", "lead", "shortened", "edited"} {
		fmt.Fprintf(w, "%-10s %6d of %6d found, %.2f %%\n", how, found[how], made[how],
			100*float64(found[how])/float64(max(1, made[how])))
		total, all = total+found[how], all+made[how]
	}
	fmt.Fprintf(w, "%d pairs of different texts are in one group, %d of them wrongly\n", len(judged), wrong)
	return figures{float64(right) / float64(max(1, right+wrong)), float64(total) / float64(max(1, all))}, nil
}

// groupsOf numbers the group of each article by its first member.
func groupsOf(ctx context.Context, x *index.Index, c copies) ([]int, error) {
	at := map[string]int{}
	for i, a := range c.all {
		at[a.ID] = i
	}
	groups := make([]int, len(c.all))
	for i := range groups {
		groups[i] = -1
	}
	for i, a := range c.all {
		if groups[i] >= 0 {
			continue
		}
		r, err := x.Reprints(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range r.Copies {
			groups[at[m.Article.ID]] = i
		}
	}
	return groups, nil
}

// sameSentences says whether at least half of the shorter text's sentences stand in the longer one as they are.
func sameSentences(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	clean := strings.NewReplacer(" ", "", "\n", "", "\u3000", "", "\r", "")
	b = clean.Replace(b)
	same, all := 0, 0
	for _, s := range strings.FieldsFunc(clean.Replace(a),
		func(r rune) bool { return strings.ContainsRune("。，；！？", r) }) {
		if n := len([]rune(s)); n >= 8 {
			all += n
			if strings.Contains(b, s) {
				same += n
			}
		}
	}
	return 2*same >= all
}
