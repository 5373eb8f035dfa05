package index

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cundang/extract"
	"cundang/index/zh"
)

// Line is one line of a concordance: a find in its context.
type Line struct {
	ID        string       `json:"id"`
	Title     extract.Text `json:"title"`
	Source    extract.Text `json:"source"`
	Published extract.Date `json:"published"`
	URL       string       `json:"url"`
	Left      string       `json:"left"`
	Match     string       `json:"match"` // as it stands in the text
	Right     string       `json:"right"`
	At        int          `json:"at"`   // characters of the body (of the title, of attachments) before the find
	Part      string       `json:"part"` // title, body or attachment
}

// Concordance is keywords in context.
type Concordance struct {
	Query    string `json:"query"`
	Articles int    `json:"articles"` // that have the term
	Lines    []Line `json:"lines"`
	Notice   string `json:"notice,omitempty"`
}

// KWIC lists where a term stands, with width characters of context on either side (0 is 20),
// in the order of q.Sort (default the newest article first), at most q.Limit lines (0 is 100)
// after q.Offset. The term is matched as a string after folding; with exact as it is written. q
// narrows which articles are read.
func (x *Index) KWIC(ctx context.Context, q Query, term string, exact bool, width int) (c Concordance, err error) {
	if strings.TrimSpace(term) == "" {
		return c, errors.New("concordance: a term is needed")
	}
	r, done, err := x.read(ctx)
	if err != nil {
		return c, err
	}
	defer done(&err)
	if width <= 0 {
		width = 20
	}
	if q.Sort == "" {
		q.Sort = "-published"
	}
	n := node{kind: kFolded, text: term}
	if exact {
		n.kind = kExact
	}
	u, err := r.understand(ctx, q)
	if err != nil {
		return c, fmt.Errorf("concordance of %q: %w", term, err)
	}
	within := u.query
	if within.Free != nil { // for its notice
		if _, _, err := r.find(ctx, q.Sort, u, 0); err != nil {
			return c, fmt.Errorf("concordance of %q: %w", term, err)
		}
	}
	u.query = Compiled{All: wordCompiler{cut: zh.NewCutter(x.dict)}.compile(n), Within: &within, Rank: within.Rank}
	found, order, err := r.find(ctx, q.Sort, u, -1)
	if err != nil {
		return c, fmt.Errorf("concordance of %q: %w", term, err)
	}
	c = Concordance{Query: n.String(), Articles: found.Total, Lines: []Line{}, Notice: u.notice()}
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	skip := q.Offset
	for _, d := range order {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		h, t, err := r.stored(ctx, d.Place)
		if err != nil {
			return c, fmt.Errorf("concordance of %q: %w", term, err)
		}
		for _, l := range concord(h.Article, t, n, width) {
			if skip > 0 {
				skip--
				continue
			}
			if len(c.Lines) == limit {
				return c, nil
			}
			c.Lines = append(c.Lines, l)
		}
	}
	return c, nil
}

// concord makes the lines of one article.
func concord(a extract.Article, t Texts, n node, width int) (lines []Line) {
	for i, part := range t.parts("") {
		name := [...]string{"title", "body", "attachment"}[min(i, 2)]
		runes := []rune(part)
		text, needle := runes, []rune(n.text)
		if n.kind == kFolded {
			text, needle = zh.FoldRunes(nil, part), zh.FoldRunes(nil, n.text)
		}
		end := 0
		for _, at := range positions(text, needle) {
			if at < end {
				continue // overlaps the one before: 哈哈哈 has 哈哈 once
			}
			end = at + len(needle)
			lines = append(lines, Line{
				ID: a.ID, Title: extract.Text(t.Title), Source: a.Source, Published: a.Published, URL: a.URL,
				Left: oneLine(runes[max(0, at-width):at]), Match: string(runes[at:end]),
				Right: oneLine(runes[end:min(len(runes), end+width)]), At: at, Part: name,
			})
		}
	}
	return lines
}

// oneLine shows line ends as spaces.
func oneLine(runes []rune) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		return r
	}, string(runes))
}
