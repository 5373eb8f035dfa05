package export

import (
	"bufio"
	"strings"

	"cundang/extract"
	"cundang/internal/zone"
)

// textWriter writes articles for reading: title, byline, body, attachments, address,
// with a rule between articles.
type textWriter struct {
	w     *bufio.Writer
	begun bool
}

func openText(w *bufio.Writer, _ Options) (writer, error) { return &textWriter{w: w}, nil }

const textRule = "\n————————————————————\n\n"

func (t *textWriter) put(a extract.Article) error {
	if t.begun {
		t.w.WriteString(textRule)
	}
	t.begun = true
	_, err := t.w.WriteString(Text(a))
	return err
}

func (t *textWriter) finish() error  { return nil }
func (t *textWriter) discard() error { return nil }

// Text is an article as plain text for a reader: what `show` prints.
func Text(a extract.Article) string {
	var b strings.Builder
	b.WriteString(titled(a) + "\n")
	if line := byline(a, "　"); line != "" {
		b.WriteString(line + "\n")
	}
	if len(a.Column) > 0 {
		b.WriteString("栏目：" + line(strings.Join(a.Column, " > ")) + "\n")
	}
	b.WriteString("\n")
	if body := clean(string(a.Body)); body != "" {
		b.WriteString(body + "\n\n")
	}
	for i, t := range a.Attachments {
		if i == 0 {
			b.WriteString("附件：\n")
		}
		b.WriteString("  " + strings.TrimSpace(line(string(t.Title))+" "+line(t.URL)) + "\n")
	}
	b.WriteString("网址：" + line(a.URL) + "\n")
	if note := archived(a); note != "" {
		b.WriteString("存档：" + note + "\n")
	}
	return b.String()
}

// titled is the title or, when the page shows none, the cataloguers' word for that.
func titled(a extract.Article) string {
	if t := line(string(a.Title)); t != "" {
		return t
	}
	return untitled
}

const untitled = "［无题名］"

// byline is the labelled line below a title; fields that are absent are left out.
func byline(a extract.Article, between string) string {
	var parts []string
	add := func(label, value string) {
		if v := line(value); v != "" {
			parts = append(parts, label+"："+v)
		}
	}
	add("来源", string(a.Source))
	add("作者", string(a.Author))
	add("供稿", string(a.Contributor))
	add("责任编辑", string(a.Editor))
	if d := a.Document; d != nil {
		add("发文机关", string(d.Issuer))
		add("发文字号", string(d.Number))
		add("成文日期", shownText(d.Signed))
		add("索引号", string(d.Index))
	}
	add("发布时间", shownText(a.Published))
	return strings.Join(parts, between)
}

// shownText is a date for reading: without the T and the zone.
func shownText(d extract.Date) string {
	if d.HasClock && !d.Time.IsZero() {
		return d.Time.In(zone.China).Format("2006-01-02 15:04")
	}
	return shown(d)
}

// archived names the capture: record, digest and the day of capture; "" without a capture.
func archived(a extract.Article) string {
	c := captured(a)
	var parts []string
	for _, p := range []string{c.Ref, c.Digest} {
		if p = line(p); p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
