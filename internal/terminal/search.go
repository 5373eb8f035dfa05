package terminal

import (
	"fmt"
	"html"
	"strings"
	"time"

	"cundang/export"
	"cundang/index"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Result prints the answer to a query.
func (p *Printer) Result(res index.Result, q index.Query) error {
	if p.JSON {
		return p.PrintJSON(res)
	}
	p.Notice(res.Notice)
	if q.Explain {
		fmt.Fprintln(p.Out, p.Tr("query: ", "检索式："), res.Query)
	}
	if res.Total == 0 {
		fmt.Fprintln(p.Err, p.Tr("no article found", "没有找到文章"))
		return nil
	}
	fmt.Fprintf(p.Err, p.Tr("%d articles, %s\n", "共 %d 篇，用时 %s\n"), res.Total,
		res.Took.Round(100*time.Microsecond))
	if res.Listed < res.Total {
		fmt.Fprintf(p.Err, p.Tr("%d listed: the others have the same text (--collapse none lists them)\n",
			"列出 %d 篇，其余与之同文（--collapse none 全部列出）\n"), res.Listed)
	}
	for i, h := range res.Hits {
		p.hit(q.Offset+i+1, h)
	}
	for _, name := range q.Facets {
		p.facet(name, res.Facets[name])
	}
	return nil
}

// Notice tells what became of a query.
func (p *Printer) Notice(text string) {
	if text != "" {
		fmt.Fprintln(p.Err, text)
	}
}

func (p *Printer) hit(n int, h index.Hit) {
	fmt.Fprintf(p.Out, "\n%d. %s%s\n", n, p.marked(h.Title), p.badge(string(h.Article.State))+p.curated(h))
	var line []string
	for _, s := range []string{h.Article.Published.String(), string(h.Article.Source), string(h.Article.Author)} {
		if s != "" {
			line = append(line, s)
		}
	}
	fmt.Fprintf(p.Out, "   %s\n   %s\n", strings.Join(append(line, h.Article.ID), " · "), h.Article.URL)
	if h.Copies > 0 {
		fmt.Fprintf(p.Out, p.Tr("   and %d with the same text: cundang reprints %s\n",
			"   另有 %d 篇同文：cundang reprints %s\n"), h.Copies, h.Article.ID)
	}
	for _, frag := range h.Fragments {
		fmt.Fprintf(p.Out, "   %s\n", p.marked(frag))
	}
	if h.Explain != "" {
		fmt.Fprintf(p.Out, "   %s\n", strings.ReplaceAll(strings.TrimSpace(h.Explain), "\n", "\n   "))
	}
}

// badge is the mark of an article that is no longer as it was on the web.
func (p *Printer) badge(state string) string {
	switch state {
	case "gone":
		return p.Tr(" [deleted]", " 【已删除】")
	case "missing":
		return p.Tr(" [not reachable]", " 【暂不可访问】")
	}
	return ""
}

// marked turns the <mark> of a highlighted text into bold on a terminal, into nothing elsewhere.
func (p *Printer) marked(s string) string {
	on, off := "", ""
	if p.Color {
		on, off = "\x1b[1;31m", "\x1b[0m"
	}
	return html.UnescapeString(strings.NewReplacer("<mark>", on, "</mark>", off).Replace(s))
}

func (p *Printer) facet(name string, f index.Facet) {
	fmt.Fprintln(p.Out)
	texts := len(f.Values) > 0 && f.Values[0].Texts > 0
	t := p.headed(name+"|articles", name+"|篇数")
	if texts {
		t = p.headed(name+"|articles|texts", name+"|篇数|去重篇数")
	}
	for _, v := range f.Values {
		row := table.Row{v.Value, v.Count}
		if texts {
			row = append(row, v.Texts)
		}
		t.AppendRow(row)
	}
	if f.Other > 0 {
		t.AppendRow(table.Row{p.Tr("(other)", "（其他）"), f.Other})
	}
	t.Render()
}

// Concordance prints a term in its contexts and says how many articles hold it.
func (p *Printer) Concordance(c index.Concordance) error {
	if p.JSON {
		return p.PrintJSON(c)
	}
	p.Notice(c.Notice)
	fmt.Fprintf(p.Err, p.Tr("%d articles\n", "共 %d 篇\n"), c.Articles)
	if len(c.Lines) == 0 {
		return nil
	}
	t := p.headed("published|source||term||ID", "发布时间|来源||词语||ID")
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 3, Align: text.AlignRight}})
	for _, l := range c.Lines {
		t.AppendRow(table.Row{l.Published.String(), Clip(string(l.Source), 12), l.Left, l.Match, l.Right, l.ID})
	}
	t.Render()
	return nil
}

// Trend prints how often terms occur over time.
func (p *Printer) Trend(t index.Trend) error {
	if p.JSON {
		return p.PrintJSON(t)
	}
	p.Notice(t.Notice)
	header := []any{p.Tr("published", "发布时间"), p.Tr("articles", "文章数")}
	texts := func() {
		if t.Texts != nil {
			header = append(header, p.Tr("texts", "去重篇数"))
		}
	}
	texts()
	for _, s := range t.Series {
		header = append(header, s.Term, p.Tr("per 10,000", "每万篇"))
		texts()
		if s.Notice != "" {
			fmt.Fprintf(p.Err, "%s: %s\n", s.Term, s.Notice)
		}
	}
	out := Table(p.Out, header...)
	for i, l := range t.Labels {
		row := table.Row{l, t.Articles[i]}
		if t.Texts != nil {
			row = append(row, t.Texts[i])
		}
		for _, s := range t.Series {
			row = append(row, s.Articles[i], fmt.Sprintf("%.1f", s.Per10000[i]))
			if t.Texts != nil {
				row = append(row, s.Texts[i])
			}
		}
		out.AppendRow(row)
	}
	out.Render()
	return nil
}

// Similar lists articles that resemble one.
func (p *Printer) Similar(all []index.Similar) error {
	return list(p, all, "shared|reprint|published|source|title|ID", "重合|转载|发布时间|来源|标题|ID", all,
		func(s index.Similar) table.Row {
			reprint := ""
			if s.Reprint {
				reprint = p.Tr("yes", "是")
			}
			return table.Row{fmt.Sprintf("%.0f %%", s.Shared*100), reprint, s.Article.Published.String(),
				Clip(string(s.Article.Source), 16), Clip(string(s.Article.Title), 40), s.Article.ID}
		})
}

// Reprints lists who published the text of an article.
func (p *Printer) Reprints(r index.Reprints) error {
	err := list(p, r, "published|site|source|of the text|characters|title|ID",
		"发布时间|站点|来源|相同|字数|标题|ID", r.Copies,
		func(c index.Copy) table.Row {
			title := Clip(string(c.Article.Title), 40)
			if c.Title {
				title = p.Tr("(retitled) ", "（改题）") + title
			}
			return table.Row{c.Article.Published.String(), c.Article.Site, Clip(string(c.Article.Source), 16),
				fmt.Sprintf("%.0f %%", c.Shared*100), c.Length, title, c.Article.ID}
		})
	if err == nil && !p.JSON && len(r.Copies) == 1 {
		fmt.Fprintln(p.Err, p.Tr("no other article has this text", "没有其他文章与它同文"))
	}
	return err
}

// Network lists who reprints whom.
func (p *Printer) Network(n index.Network) error {
	p.Notice(n.Notice)
	if len(n.Edges) == 0 {
		fmt.Fprintln(p.Err, p.Tr("no text is reprinted", "没有转载"))
		return nil
	}
	return list(p, n, "from|reprinted by|texts|first|last", "首发|转载|篇数|最早|最晚", n.Edges,
		func(e index.NetworkEdge) table.Row {
			return table.Row{Clip(e.From, 24), Clip(e.To, 24), e.Texts, e.First, e.Last}
		})
}

// WordTable is a count of words.
type WordTable interface {
	Head() []string
	Rows() [][]string
}

// Words prints a count of words, as a table or as CSV.
func (p *Printer) Words(t WordTable, notice string, csv bool) error {
	head, rows := t.Head(), t.Rows()
	switch {
	case p.JSON:
		return p.PrintJSON(t)
	case csv:
		return export.WriteTable(Raw(p.Out), head, rows)
	}
	p.Notice(notice)
	if len(rows) == 0 {
		return nil
	}
	names := strings.Join(head, "|")
	return list(p, rows, names, names, rows, func(cells []string) (row table.Row) {
		for _, c := range cells {
			row = append(row, c)
		}
		return row
	})
}
