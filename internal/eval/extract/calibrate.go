package main

import (
	"fmt"
	"slices"

	"cundang/extract"
)

// printCalibration prints, for bands of confidence, how many pages are right: body F1 ≥ .95
// and title, source, author and date as labelled. Pages below extract.ReviewBelow go to a
// person; of the others at least 97 in 100 must be right.
func printCalibration(name string, gs []gold, as map[string]extract.Article) {
	bands := []float64{0, .5, .7, .8, .85, .9, .95, 1.01}
	fmt.Printf("calibration of %s: a page is right when body (F1 ≥ .95) and fields are\n"+
		"  confidence   pages  right   body  fields\n", name)
	for k := 0; k+1 < len(bands); k++ {
		printBand(fmt.Sprintf("%.2f – %.2f", bands[k], min(1, bands[k+1])), gs, as, bands[k], bands[k+1])
	}
	printBand(fmt.Sprintf("≥ %.2f", extract.ReviewBelow), gs, as, extract.ReviewBelow, 1.01)
	fmt.Println()
}

func printBand(label string, gs []gold, as map[string]extract.Article, lo, hi float64) {
	var n, right, body, fields int
	for _, g := range gs {
		a := as[g.File]
		if a.Confidence < lo || a.Confidence >= hi || g.Kind != "" && g.Kind != "article" {
			continue
		}
		n++
		b, f := bodyRight(g, a), fieldsRight(g, a)
		if b {
			body++
		}
		if f {
			fields++
		}
		if b && f {
			right++
		}
	}
	if n == 0 {
		return
	}
	pc := func(k int) float64 { return 100 * float64(k) / float64(n) }
	fmt.Printf("  %-12s %5d  %5.1f  %5.1f   %5.1f\n", label, n, pc(right), pc(body), pc(fields))
}

func bodyRight(g gold, a extract.Article) bool {
	return slices.Contains(g.Skip, "body") || gramF1(squeeze(g.Body), squeeze(string(a.Body))) >= .95
}

func fieldsRight(g gold, a extract.Article) bool {
	skip := func(f string) bool { return slices.Contains(g.Skip, f) }
	return (skip("title") || letters(g.Title) == letters(string(a.Title))) &&
		(skip("source") || g.Source == "" || plainSource(g.Source) == plainSource(string(a.Source))) &&
		(skip("author") || slices.Equal(nameSet(g.Author), nameSet(string(a.Author)))) &&
		(skip("date") || day(g.Date) == day(a.Published.String()))
}
