package terminal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cundang/extract"
	"cundang/internal/locale"
	"cundang/web/diff"

	"github.com/jedib0t/go-pretty/v6/table"
)

// fieldRows returns the fields with their labels in the order they are shown.
func (p *Printer) fieldRows(x extract.Article) [][3]string {
	rows := [][3]string{
		{"title", p.Tr("title", "标题"), string(x.Title)},
		{"source", p.Tr("source", "来源"), string(x.Source)},
		{"author", p.Tr("author", "作者"), string(x.Author)},
		{"editor", p.Tr("editor", "编辑"), string(x.Editor)},
		{"contributor", p.Tr("contributor", "供稿"), string(x.Contributor)},
		{"published", p.Tr("published", "发布"), x.Published.String()},
		{"column", p.Tr("column", "栏目"), strings.Join(x.Column, " > ")},
	}
	if d := x.Document; d != nil {
		rows = append(rows, [3]string{"document", p.Tr("issuer", "发文机关"), string(d.Issuer)},
			[3]string{"document", p.Tr("number", "发文字号"), string(d.Number)},
			[3]string{"document", p.Tr("signed", "成文日期"), d.Signed.String()},
			[3]string{"document", p.Tr("index", "索引号"), string(d.Index)})
	}
	return rows
}

// Article prints an article with where each of its fields was found.
func (p *Printer) Article(x extract.Article) error {
	if p.JSON {
		return p.PrintJSON(x)
	}
	t := p.headed("field|value|rule|confidence", "字段|值|规则|置信度")
	for _, r := range p.fieldRows(x) {
		if r[2] == "" {
			continue
		}
		sure := ""
		from, ok := x.Provenance[r[0]]
		if ok {
			sure = share(from.Confidence)
		}
		t.AppendRow(table.Row{r[1], r[2], from.Rule, sure})
	}
	t.Render()
	fmt.Fprintf(p.Out, "\n%s\n", x.Body)
	for _, att := range x.Attachments {
		fmt.Fprintf(p.Out, "\n%s %s\n  %s\n", p.Tr("attachment:", "附件："), att.Title, att.URL)
		if att.Note != "" {
			fmt.Fprintf(p.Out, "  %s\n", att.Note)
		}
	}
	fmt.Fprintf(p.Out, "\n%s  %s%s\nURL  %s\n", p.Tr("id", "编号"), x.ID, p.badge(string(x.State)), x.URL)
	fmt.Fprintf(p.Out, p.Tr("version %d of %d, fetched %s\n", "第 %d 版，共 %d 版，采集于 %s\n"), x.Version,
		x.Versions, moment(x.Fetched))
	if x.Capture != nil {
		_, err := fmt.Fprintf(p.Out, "WARC %s\n     %s\n", x.Capture.Ref, x.Capture.Digest)
		return err
	}
	return nil
}

// Reading prints what was read from a file or address: the article, or each candidate of its fields. JSON is one
// object a line, with the name of the file.
func (p *Printer) Reading(file string, a extract.Article, x extract.Explanation, candidates bool) error {
	switch {
	case p.JSON && candidates:
		return NewEncoder(p.Out).Encode(struct {
			File string `json:"file"`
			extract.Explanation
		}{file, x})
	case p.JSON:
		return NewEncoder(p.Out).Encode(fromFile{file, a})
	case candidates:
		p.Candidates(a, x)
		return nil
	}
	return p.Article(a)
}

// fromFile is an article with the file it was read from.
type fromFile struct {
	file    string
	article extract.Article
}

// MarshalJSON returns the article's object with its file in front.
func (f fromFile) MarshalJSON() ([]byte, error) {
	article, err := json.Marshal(f.article)
	if err != nil {
		return nil, err
	}
	name, err := json.Marshal(f.file)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(`{"file":`), name, []byte{','}, article[1:]), nil
}

// Candidates shows for each field of a page what was chosen and what else was found.
func (p *Printer) Candidates(a extract.Article, x extract.Explanation) {
	chosen := func(is bool) string {
		if is {
			return mark(true)
		}
		return ""
	}
	t := p.headed("field||value|rule|confidence|as shown", "字段||值|规则|置信度|原文")
	for _, f := range x.Fields {
		for i, c := range f.Candidates {
			t.AppendRow(table.Row{f.Field, chosen(i == f.Chosen), Clip(c.Value, 60), c.Rule, share(c.Confidence),
				Clip(c.Raw, 40)})
		}
	}
	for _, b := range x.Bodies {
		t.AppendRow(table.Row{"body", chosen(b.Chosen), Clip(b.Opening, 60), b.Rule, share(b.Overlap),
			fmt.Sprintf(p.Tr("%d characters, %s", "%d 字，%s"), b.Chars, b.Element)})
	}
	t.Render()
	for _, n := range x.Notes {
		fmt.Fprintln(p.Out, n)
	}
	fmt.Fprintf(p.Out, p.Tr("%s, confidence of the page %.2f\n", "%s，整页置信度 %.2f\n"), a.Kind, a.Confidence)
}

// Versions lists what an article said over time.
func (p *Printer) Versions(versions []extract.Article) error {
	return list(p, versions, "version|since|last seen|state|title|WARC",
		"版本|始于|最后采集|状态|标题|WARC", versions,
		func(v extract.Article) table.Row {
			ref := ""
			if v.Capture != nil {
				ref = v.Capture.Ref
			}
			return table.Row{v.Version, clock(v.StandsSince()), moment(v.Fetched), v.State, Clip(string(v.Title), 40), ref}
		})
}

// Comparison prints how two versions of an article differ.
func (p *Printer) Comparison(c diff.Comparison) error {
	if p.JSON {
		return p.PrintJSON(c)
	}
	fmt.Fprintf(p.Out, p.Tr("version %d (%s) → %d (%s)\n", "第 %d 版（%s）→ 第 %d 版（%s）\n"),
		c.From, clock(c.FromSince), c.To, clock(c.ToSince))
	p.spans(c.Title)
	for _, f := range c.Fields {
		if f.Field != "title" {
			fmt.Fprintf(p.Out, p.Tr("%s: ", "%s："), cmp.Or(locale.Text(p.Lang, "field."+f.Field), f.Field))
			p.spans(f.Spans)
		}
	}
	p.spans(c.Body)
	return nil
}

// spans writes a comparison: red and green on a terminal, [-old-]{+new+} elsewhere.
func (p *Printer) spans(spans []diff.Span) {
	del, ins := [2]string{"[-", "-]"}, [2]string{"{+", "+}"}
	if p.Color {
		del, ins = [2]string{"\x1b[31;9m", "\x1b[0m"}, [2]string{"\x1b[32m", "\x1b[0m"}
	}
	for _, s := range spans {
		switch s.Op {
		case diff.Delete:
			fmt.Fprint(p.Out, del[0]+s.Text+del[1])
		case diff.Insert:
			fmt.Fprint(p.Out, ins[0]+s.Text+ins[1])
		default:
			fmt.Fprint(p.Out, s.Text)
		}
	}
	fmt.Fprintln(p.Out)
}
