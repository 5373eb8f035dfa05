package fakesite

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// labels are the words of a byline.
type labels struct{ date, source, author, editor string }

// bylineHTML writes the line under the title. Older articles of a site still carry the
// wording of its former template.
func (s *Site) bylineHTML(a *article) string {
	date := a.published.Format(s.style.date)
	old := a.n%3 == 0
	author := a.author
	if a.tail != "" {
		author = "" // named there
	}
	switch s.style.skin {
	case "gov":
		l := labels{date: "发布时间：", source: "信息来源：", author: "作者：", editor: "责任编辑："}
		if old {
			l = labels{date: "发布日期: ", source: "来源: ", author: "撰稿: ", editor: "责编: "}
		}
		return spans(l.date+date, l.source+a.source, with(l.author, author), with(l.editor, a.editor)) +
			fmt.Sprintf(`<span>浏览次数：<b id="hits">%d</b></span><span class="size">字体：[<a href="javascript:doZoom(18)">大</a> <a href="javascript:doZoom(16)">中</a> <a href="javascript:doZoom(14)">小</a>]</span>`, s.views(a))
	case "table":
		l := labels{date: "日期：", source: "来源：", author: "作者："}
		if old {
			l = labels{date: "发布时间:", source: "稿源:", author: "撰文:"}
		}
		return html.EscapeString(l.source+a.source) + "&nbsp;&nbsp;&nbsp;" + html.EscapeString(l.author+author) +
			"&nbsp;&nbsp;&nbsp;" + l.date + date
	}
	l := labels{source: "来源：", author: "作者："}
	if old && !slices.Contains(theGrammar().words["部门"], a.author) { // a reporter is a person
		l.author = "记者："
	}
	return spans(date, l.source+a.source, with(l.author, author))
}

func with(label, value string) string {
	if value == "" {
		return ""
	}
	return label + value
}

func spans(texts ...string) string {
	var b strings.Builder
	for _, t := range texts {
		if t != "" {
			b.WriteString("<span>" + html.EscapeString(t) + "</span>\n")
		}
	}
	return b.String()
}

// onPage returns the blocks of page n of the article, and whether it is the last page.
func (a *article) onPage(n int) ([]block, bool) {
	switch {
	case len(a.parts) == 0:
		return a.blocks, true
	case n == 1:
		return a.blocks[:a.partAt], false
	}
	return a.blocks[a.partAt:], true
}

func (s *Site) bodyHTML(a *article, n int) string {
	blocks, last := a.onPage(n)
	var b strings.Builder
	for _, bl := range blocks {
		if s.style.br && bl.kind != "img" {
			b.WriteString("　　" + html.EscapeString(bl.text) + "<br>\n")
			continue
		}
		b.WriteString(s.blockHTML(bl) + "\n")
	}
	if last && a.tail != "" {
		b.WriteString(s.blockHTML(block{kind: "sign", text: a.tail}))
	}
	return b.String()
}

func (s *Site) blockHTML(bl block) string {
	t := html.EscapeString(bl.text)
	switch s.style.skin {
	case "gov":
		switch bl.kind {
		case "h":
			return `<p style="text-indent: 2em;"><strong>` + t + `</strong></p>`
		case "to":
			return `<p>` + t + `</p>`
		case "sign":
			return `<p style="text-align: right;">` + t + `</p>`
		case "img":
			return fmt.Sprintf(`<p style="text-align: center;"><img src="%s" alt="%s"></p><p style="text-align: center; font-size: 14px;">%s</p>`, bl.pic.path, t, t)
		}
		return `<p style="text-indent: 2em;"><span style="font-family: 宋体; font-size: 16px;">` + t + `</span></p>`
	case "table":
		switch bl.kind {
		case "h":
			return `<P><B>　　` + t + `</B></P>`
		case "to":
			return `<P>` + t + `</P>`
		case "sign":
			return `<P align=right>` + t + `</P>`
		case "img":
			return fmt.Sprintf(`<P align=center><IMG src="%s" border=0 width=480><BR>%s</P>`, bl.pic.path, t)
		}
		return `<P>　　` + t + `</P>`
	}
	switch bl.kind {
	case "h":
		return `<h3>` + t + `</h3>`
	case "sign":
		return `<p class="right">` + t + `</p>`
	case "img":
		return fmt.Sprintf(`<figure><img src="%s" data-original="%s" alt=""><figcaption>%s</figcaption></figure>`, blankPath,
			bl.pic.path, t)
	case "li":
		return `<p class="item">` + t + `</p>`
	}
	return `<p>` + t + `</p>`
}

func (s *Site) filesHTML(a *article) string {
	if len(a.files) == 0 {
		return ""
	}
	var b strings.Builder
	if s.style.skin == "modern" {
		b.WriteString(`<div class="attach"><h4>相关附件</h4><ul>`)
		for _, f := range a.files {
			fmt.Fprintf(&b, `<li><a href="%s" download>%s</a></li>`, f.path, html.EscapeString(f.title))
		}
		b.WriteString("</ul></div>")
		return b.String()
	}
	b.WriteString("<p>　　附件：</p>\n")
	for _, f := range a.files {
		fmt.Fprintf(&b, `<p>　　<a href="%s" target="_blank">%s</a></p>`+"\n", f.path, html.EscapeString(f.title))
	}
	return b.String()
}

// footHTML is what stands below the body: the editor, where the byline has none.
func (s *Site) footHTML(a *article) string {
	if s.style.skin == "modern" && a.editor != "" {
		return `<div class="editor">责任编辑：` + a.editor + `</div>`
	}
	return ""
}
