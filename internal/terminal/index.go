package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cundang/index"
	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/text"
)

// IndexStatus prints what the index holds and how a rebuild of it stands, nil for none.
func (p *Printer) IndexStatus(s index.Status, under *node.RebuildStatus) error {
	if p.JSON {
		return p.PrintJSON(struct {
			index.Status
			Rebuild *node.RebuildStatus `json:"rebuild,omitempty"`
		}{s, under})
	}
	if under != nil {
		if _, err := fmt.Fprintln(p.Out, p.RebuildLine(*under)); err != nil {
			return err
		}
	}
	for _, r := range [][2]string{
		{p.Tr("documents", "文档数"), strconv.Itoa(s.Documents)},
		{p.Tr("bytes", "字节"), strconv.FormatInt(s.Bytes, 10)},
		{p.Tr("position", "位置"), s.Position},
		{p.Tr("format", "格式"), s.Format},
		{p.Tr("segmenter", "分词器"), s.Segmenter},
		{p.Tr("dictionary", "词典"), s.Dictionary},
	} {
		if _, err := fmt.Fprintf(p.Out, "%s %s\n", text.Pad(r[0], 12, ' '), r[1]); err != nil {
			return err
		}
	}
	return nil
}

// RebuildLine says how a rebuild stands on one line.
func (p *Printer) RebuildLine(s node.RebuildStatus) string {
	left := ""
	if s.Rate > 0 && s.Captures < s.Total {
		d := time.Duration(float64(s.Total-s.Captures) / s.Rate * float64(time.Second)).Round(time.Second)
		left = fmt.Sprintf(p.Tr(", %s left", "，还需 %s"), d)
	}
	return fmt.Sprintf(p.Tr("rebuilding the index: %d of %d captures, %.0f a second%s",
		"正在重建索引：%d / %d 条存档记录，每秒 %.0f 条%s"),
		s.Captures, s.Total, s.Rate, left)
}

// RebuildProgress shows how far a rebuild is: a line redrawn on a terminal, a line now and then elsewhere.
func (p *Printer) RebuildProgress() func(node.RebuildStatus) { return p.indexProgress(p.RebuildLine) }

// CheckProgress shows how far a check is.
func (p *Printer) CheckProgress() func(node.RebuildStatus) {
	return p.indexProgress(func(s node.RebuildStatus) string {
		return fmt.Sprintf(p.Tr("checking the index: %d of %d captures", "正在核对索引：%d / %d 条存档记录"),
			s.Captures, s.Total)
	})
}

func (p *Printer) indexProgress(line func(node.RebuildStatus) string) func(node.RebuildStatus) {
	shown := time.Now()
	return func(s node.RebuildStatus) {
		switch {
		case p.Quiet:
		case p.Redraw:
			fmt.Fprintf(p.Err, "\r\x1b[2K%s", line(s))
			if s.Captures >= s.Total {
				fmt.Fprintln(p.Err)
			}
		case s.Captures >= s.Total || time.Since(shown) >= logEvery:
			shown = time.Now()
			fmt.Fprintln(p.Err, line(s))
		}
	}
}

// missingShown is how many missing articles are listed.
const missingShown = 20

// CheckedIndex prints what a check of the index found.
func (p *Printer) CheckedIndex(r node.IndexReport) error {
	if p.JSON {
		return p.PrintJSON(r)
	}
	_, err := fmt.Fprintf(p.Out, p.Tr("%d documents read; %d articles of %d captures looked up, %d missing\n",
		"已读取 %d 份文档；核对 %d 篇文章（%d 条存档记录），缺 %d 篇\n"),
		r.Documents, r.Articles, r.Captures, len(r.Missing))
	for _, u := range r.Missing[:min(len(r.Missing), missingShown)] {
		if err == nil {
			_, err = fmt.Fprintln(p.Out, u)
		}
	}
	return err
}

// Tokens prints a text as the index cuts it: the words, then those inside longer ones.
func (p *Printer) Tokens(tokens []index.Token) error {
	if p.JSON {
		return p.PrintJSON(tokens)
	}
	var words, inside []string
	for _, t := range tokens {
		switch {
		case t.Sub:
			inside = append(inside, t.Text)
		case t.Pos != "":
			words = append(words, t.Text+"/"+t.Pos)
		default:
			words = append(words, t.Text)
		}
	}
	fmt.Fprintln(p.Out, strings.Join(words, " "))
	if len(inside) > 0 {
		fmt.Fprintln(p.Out, p.Tr("inside words: ", "词中词：")+strings.Join(inside, " "))
	}
	return nil
}
