// Extract scores the reading of articles on labelled pages and fails when it has fallen.
//
//	go run ./internal/eval/extract [-v] [-update] [-calibrate]
//
// Two sets are scored: our own pages (testdata/eval/extract: made-up texts in the manner of
// the templates of the usual CMSes), always; and a set of real pages beside the project
// (../shared/eval/extract), when it is there. The floors and a digest of the own set stand in
// testdata/eval/baseline.json: a figure below its floor, or other data, is an error.
// -update writes the floors (raising only is a matter of course, lowering needs a reason in
// the commit); -calibrate prints how often pages of each confidence are right.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"cundang/extract"
)

func main() {
	verbose := flag.Bool("v", false, "list every field that is wrong")
	update := flag.Bool("update", false, "write the floors")
	calibrate := flag.Bool("calibrate", false, "print the calibration of the confidences")
	root := flag.String("root", ".", "the project's folder")
	flag.Parse()
	if err := run(*root, *verbose, *update, *calibrate); err != nil {
		fmt.Fprintln(os.Stderr, "eval extract:", err)
		os.Exit(1)
	}
}

// set is a folder of labelled pages.
type set struct{ name, dir string }

func run(root string, verbose, update, calibrate bool) error {
	base := filepath.Join(root, "testdata", "eval", "baseline.json")
	floors, err := readBaseline(base)
	if err != nil {
		return err
	}
	var fallen error
	for _, s := range []set{{"own", filepath.Join(root, "testdata", "eval", "extract")},
		{"shared", filepath.Join(root, "..", "shared", "eval", "extract")}} {
		gs, err := readGold(filepath.Join(s.dir, "gold.jsonl"))
		if errors.Is(err, fs.ErrNotExist) && s.name == "shared" {
			fmt.Println("the shared set is not here: skipped")
			continue
		}
		if err != nil {
			return err
		}
		digest, err := dataDigest(s.dir, gs)
		if err != nil {
			return err
		}
		as, ms, err := readPages(s.dir, gs)
		if err != nil {
			return err
		}
		for _, group := range groups(gs) {
			t, wrong := score(group.gold, as)
			print(s.name+" "+group.name, t)
			if verbose && group.name == "all" {
				for _, w := range wrong {
					fmt.Println("   ", w)
				}
			}
			key := s.name + "/" + group.name
			if group.name != "all" && group.name != "gov" && group.name != "kinds" {
				continue
			}
			if update {
				floors[key] = baseline{Data: digest, Floor: t}
				continue
			}
			fallen = errors.Join(fallen, floors[key].check(key, digest, t))
		}
		fmt.Printf("%s: %.1f ms a page\n\n", s.name, ms)
		if calibrate {
			printCalibration(s.name, gs, as)
		}
	}
	if update {
		return writeBaseline(base, floors)
	}
	return fallen
}

// baseline is what a set must not fall below.
type baseline struct {
	Data  string `json:"data"` // sha256 of labels and pages
	Floor table  `json:"floor"`
}

func (b baseline) check(key, digest string, t table) error {
	if b.Data == "" {
		return fmt.Errorf("%s has no floor: run with -update", key)
	}
	if b.Data != digest {
		return fmt.Errorf("%s: the data have changed (%s, floor measured on %s): run with -update and say why", key,
			digest[:14], b.Data[:14])
	}
	var err error
	for _, c := range []struct {
		name      string
		got, want float64
		less      bool
	}{
		{"title", t.Title, b.Floor.Title, false}, {"source", t.Source, b.Floor.Source, false},
		{"author", t.Author, b.Floor.Author, false},
		{"invented authors", t.Invented, b.Floor.Invented, true}, {"date", t.Date, b.Floor.Date, false},
		{"time", t.Clock, b.Floor.Clock, false},
		{"body F1", t.BodyF1, b.Floor.BodyF1, false}, {"pages ≥ .95", t.Body95, b.Floor.Body95, false},
		{"leaked", t.Leaked, b.Floor.Leaked, true},
		{"kind", t.Kind, b.Floor.Kind, false}, {"editor", t.Editor, b.Floor.Editor, false},
		{"contributor", t.Contrib, b.Floor.Contrib, false},
		{"column", t.Column, b.Floor.Column, false}, {"attachments", t.Attached, b.Floor.Attached, false},
		{"document", t.Document, b.Floor.Document, false},
	} {
		const slack = .005 // of rounding in the file
		if !c.less && c.got < c.want-slack || c.less && c.got > c.want+slack {
			err = errors.Join(err, fmt.Errorf("%s: %s fell from %.2f to %.2f", key, c.name, c.want, c.got))
		}
	}
	return err
}

func readBaseline(file string) (map[string]baseline, error) {
	out := map[string]baseline{}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return out, nil
}

func writeBaseline(file string, floors map[string]baseline) error {
	for k, b := range floors {
		for _, p := range []*float64{&b.Floor.Title, &b.Floor.Source, &b.Floor.Author, &b.Floor.Invented, &b.Floor.Date,
			&b.Floor.Clock, &b.Floor.BodyF1, &b.Floor.Body95, &b.Floor.Leaked, &b.Floor.Kind, &b.Floor.Editor, &b.Floor.Contrib,
			&b.Floor.Column, &b.Floor.Attached, &b.Floor.Document} {
			*p = float64(int(*p*100+.5)) / 100
		}
		floors[k] = b
	}
	b, err := json.MarshalIndent(floors, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}

func readGold(file string) (gs []gold, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 4<<20)
	for s.Scan() {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		var g gold
		if err := json.Unmarshal(s.Bytes(), &g); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		gs = append(gs, g)
	}
	return gs, s.Err()
}

// dataDigest names the labels and pages, so that a floor is never held against other data.
func dataDigest(dir string, gs []gold) (string, error) {
	h := sha256.New()
	b, err := os.ReadFile(filepath.Join(dir, "gold.jsonl"))
	if err != nil {
		return "", err
	}
	h.Write(b)
	for _, g := range gs {
		b, err := os.ReadFile(filepath.Join(dir, "pages", g.File))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "\n%s %d\n", g.File, len(b))
		h.Write(b)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// readPages reads every labelled page and returns the mean time a page took, in ms.
func readPages(dir string, gs []gold) (map[string]extract.Article, float64, error) {
	as := map[string]extract.Article{}
	var r extract.Reader
	var total time.Duration
	for _, g := range gs {
		body, err := os.ReadFile(filepath.Join(dir, "pages", g.File))
		if err != nil {
			return nil, 0, err
		}
		start := time.Now()
		a, err := r.Read(context.Background(), extract.Page{URL: g.URL, Body: body})
		total += time.Since(start)
		if err != nil {
			return nil, 0, fmt.Errorf("read %s: %w", g.File, err)
		}
		as[g.File] = a
	}
	return as, float64(total.Microseconds()) / 1000 / float64(max(1, len(gs))), nil
}

type group struct {
	name string
	gold []gold
}

// groups returns all pages, then those of each group.
func groups(gs []gold) []group {
	by := map[string][]gold{}
	var names []string
	for _, g := range gs {
		if by[g.Group] == nil {
			names = append(names, g.Group)
		}
		by[g.Group] = append(by[g.Group], g)
	}
	sort.Strings(names)
	out := []group{{"all", gs}}
	for _, n := range names {
		out = append(out, group{n, by[n]})
	}
	return out
}

func print(name string, t table) {
	fmt.Printf("%-14s %3d pages  title %5.1f  source %5.1f  author %5.1f (invented %.1f)  date %5.1f  time %5.1f  body "+
		"F1 %5.1f  ≥.95 %5.1f  leaked %.1f",
		name, t.Pages, t.Title, t.Source, t.Author, t.Invented, t.Date, t.Clock, t.BodyF1, t.Body95, t.Leaked)
	if t.Kind > 0 {
		fmt.Printf("  kind %.1f  editor %.1f  contributor %.1f  column %.1f  attachments %.1f  document %.1f", t.Kind,
			t.Editor, t.Contrib, t.Column, t.Attached, t.Document)
	}
	fmt.Println()
}
