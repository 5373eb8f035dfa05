package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"cundang/extract"
	"cundang/index"
	"cundang/web/diff"
)

// changeRow is a change with what it changed.
type changeRow struct {
	index.Change
	A    extract.Article
	C    *comparison // of a modification
	Diff string
	Bits [][]diff.Span // the changed lines
}

type changesData struct {
	Q     question
	Rows  []changeRow
	Pager pager
	Feed  string
}

// changeRows lists what happened to articles with the comparison behind each.
func (s *server) changeRows(ctx context.Context, q index.Query) ([]changeRow, int, error) {
	list, total, err := s.Index.Changes(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	var out []changeRow
	for _, c := range list {
		all, err := s.Index.Versions(ctx, c.ID)
		if errors.Is(err, index.ErrNotFound) {
			continue // rebuilt meanwhile
		}
		if err != nil {
			return nil, 0, err
		}
		if c.Version < 1 || c.Version > len(all) {
			continue
		}
		row := changeRow{Change: c, A: all[c.Version-1]}
		if c.What == index.ChangeModified && c.Version > 1 {
			cmp := compareVersions(all, c.Version-1, c.Version, "word")
			row.C, row.Diff = &cmp, diffAddress(c.ID, c.Version-1, c.Version)
			for _, l := range lines(cmp.Spans) {
				if touched(l) {
					row.Bits = append(row.Bits, shorten(l))
				}
			}
		}
		out = append(out, row)
	}
	return out, total, nil
}

func touched(line []diff.Span) bool {
	for _, s := range line {
		if s.Op != diff.Equal {
			return true
		}
	}
	return false
}

// shorten cuts long runs without a change.
func shorten(line []diff.Span) []diff.Span {
	const keep = 30
	var out []diff.Span
	for i, s := range line {
		rs := []rune(s.Text)
		if s.Op == diff.Equal && len(rs) > 2*keep+3 {
			switch i {
			case 0:
				s.Text = "…" + string(rs[len(rs)-keep:])
			case len(line) - 1:
				s.Text = string(rs[:keep]) + "…"
			default:
				s.Text = string(rs[:keep]) + " … " + string(rs[len(rs)-keep:])
			}
		}
		out = append(out, s)
	}
	return out
}

func (s *server) changesPage(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuestion(r.URL.Query())
	if err != nil {
		return err
	}
	iq := q.query()
	if iq.Limit == 0 {
		iq.Limit = 30
	}
	rows, total, err := s.changeRows(r.Context(), iq)
	if err != nil {
		return err
	}
	d := changesData{Q: q, Rows: rows, Pager: paging(q, iq.Limit, total, "/changes"),
		Feed: q.setOffset(0).At("/feeds/changes")}
	return s.show(w, r, "changes", view{Title: "changes.title", Nav: "changes", Data: d, Feed: d.Feed})
}

// changeList is the API's list of changes.
type changeList struct {
	Total   int          `json:"total"`
	Changes []changeItem `json:"changes"`
}

type changeItem struct {
	ID      string      `json:"id"`
	What    string      `json:"what" enum:"modified,gone"`
	At      time.Time   `json:"at"`
	Version int         `json:"version"`
	URL     string      `json:"url"`
	Title   string      `json:"title"`
	Diff    *comparison `json:"diff,omitempty"`
}
