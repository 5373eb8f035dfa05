package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cundang/extract"
	"cundang/web/diff"
)

// comparison is two versions of an article side by side in one text; it is also the API's
// answer.
type comparison struct {
	ID        string       `json:"id"`
	URL       string       `json:"url"`
	From      int          `json:"from" doc:"older version, counted from 1"`
	To        int          `json:"to" doc:"newer version"`
	FromAt    time.Time    `json:"from_fetched" doc:"last capture of the older version"`
	ToAt      time.Time    `json:"to_fetched"`
	FromSince time.Time    `json:"from_since" doc:"first capture of the older version"`
	ToSince   time.Time    `json:"to_since"`
	By        string       `json:"by" enum:"word,sentence"`
	Added     int          `json:"added" doc:"characters that came"`
	Removed   int          `json:"removed" doc:"characters that went"`
	Fields    []diff.Field `json:"fields" doc:"changed fields beside the body"`
	Spans     []diff.Span  `json:"spans" doc:"the body: the old text is all spans that are not inserted, the new text all that are not deleted"`
}

// compareVersions compares all[from-1] with all[to-1].
func compareVersions(all []extract.Article, from, to int, by string) comparison {
	old, new := all[from-1], all[to-1]
	c := comparison{ID: new.ID, URL: new.URL, From: from, To: to, FromAt: old.Fetched, ToAt: new.Fetched,
		FromSince: old.StandsSince(), ToSince: new.StandsSince(), By: by}
	if by == "sentence" {
		c.Spans = diff.BySentence(string(old.Body), string(new.Body))
	} else {
		c.Spans = diff.ByWord(string(old.Body), string(new.Body), nil)
	}
	if c.Spans == nil {
		c.Spans = []diff.Span{}
	}
	c.Added, c.Removed = changed(c.Spans)
	c.Fields = diff.Fields(old, new)
	return c
}

// compareWith compares an article with the newest version of another one, as if that were the version after it.
func (s *server) compareWith(ctx context.Context, a extract.Article, id, by string) (comparison, extract.Article,
	error) {
	all, i, err := s.pick(ctx, id, "", "")
	if err != nil {
		return comparison{}, a, err
	}
	return compareVersions([]extract.Article{a, all[i]}, 1, 2, by), all[i], nil
}

// versionPair reads which two versions are compared; the default is the newest against the
// one before.
func versionPair(fromText, toText string, n int) (from, to int, err error) {
	from, to = max(1, n-1), n
	if fromText != "" {
		if from, err = strconv.Atoi(fromText); err != nil {
			return 0, 0, badRequest("error.number")
		}
	}
	if toText != "" {
		if to, err = strconv.Atoi(toText); err != nil {
			return 0, 0, badRequest("error.number")
		}
	}
	if from < 1 || from > n || to < 1 || to > n {
		return 0, 0, errNotFound
	}
	return from, to, nil
}

// diffData is what the comparison page shows.
type diffData struct {
	A        extract.Article
	Other    extract.Article // what it is compared with, when that is no version of it
	C        comparison
	Versions []versionRow
	ByWord   string
	BySent   string
	Lines    [][]diff.Span // the body cut at line ends
}

func (s *server) diffPage(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	all, _, err := s.pick(r.Context(), r.PathValue("id"), "", "")
	if err != nil {
		return err
	}
	by := v.Get("by")
	if by != "sentence" {
		by = "word"
	}
	if with := v.Get("with"); with != "" {
		d := diffData{Other: all[len(all)-1]}
		if d.C, d.A, err = s.compareWith(r.Context(), d.Other, with, by); err != nil {
			return err
		}
		base := "/a/" + url.PathEscape(d.Other.ID) + "/diff?with=" + url.QueryEscape(with)
		d.ByWord, d.BySent, d.Lines = base, base+"&by=sentence", lines(d.C.Spans)
		return s.show(w, r, "diff", view{Title: string(d.A.Title), Nav: "search", Data: d})
	}
	from, to, err := versionPair(v.Get("from"), v.Get("to"), len(all))
	if err != nil {
		return err
	}
	d := diffData{A: all[to-1], C: compareVersions(all, from, to, by), Versions: versionRows(all, to-1)}
	base := diffAddress(d.A.ID, from, to)
	d.ByWord, d.BySent = base, base+"&by=sentence"
	d.Lines = lines(d.C.Spans)
	return s.show(w, r, "diff", view{Title: string(d.A.Title), Nav: "search", Data: d})
}

// lines cuts spans at line ends, so that paragraphs stay paragraphs.
func lines(spans []diff.Span) [][]diff.Span {
	var out [][]diff.Span
	var line []diff.Span
	for _, s := range spans {
		parts := strings.Split(s.Text, "\n")
		for i, p := range parts {
			if i > 0 {
				out = append(out, line)
				line = nil
			}
			if p != "" {
				line = append(line, diff.Span{Op: s.Op, Text: p})
			}
		}
	}
	if len(line) > 0 {
		out = append(out, line)
	}
	return out
}
