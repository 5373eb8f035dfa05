package document

import (
	"bytes"
	"context"
	"io"
	"strings"

	"golang.org/x/net/html"

	"cundang/internal/charset"
)

// readPlain reads lines. Of a body much longer than the text kept, only the beginning is decoded.
func (w *work) readPlain(body []byte) error {
	cut := false
	if limit := max(2*w.text.max, 1<<20); len(body) > limit {
		body, cut = body[:limit], true
		if i := bytes.LastIndexByte(body, '\n'); i > 0 {
			body = body[:(i+1)&^1] // UTF-16 ends in a whole unit
		}
	}
	w.text.lines(string(charset.Decode(body, "").Text))
	if w.text.full || cut {
		return errFull
	}
	return nil
}

var (
	skippedHTML = map[string]bool{"script": true, "style": true, "noscript": true, "template": true, "head": true,
		"title": true, "svg": true, "iframe": true, "textarea": true}
	blocksHTML = map[string]bool{
		"p": true, "div": true, "br": true, "hr": true, "li": true, "ul": true, "ol": true, "dl": true, "dt": true,
		"dd": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "table": true, "tr": true,
		"caption": true, "section": true, "article": true, "header": true, "footer": true, "main": true, "aside": true,
		"nav": true, "blockquote": true, "pre": true, "figure": true, "figcaption": true, "form": true, "body": true,
		"option": true,
	}
)

// readHTML reads all the text of a page, block by block. Office programs save "HTML" under
// .doc and .xls names; finding the article in a page is the business of extract.
func (w *work) readHTML(ctx context.Context, body []byte) error {
	z := html.NewTokenizer(bytes.NewReader(charset.Decode(body, "").Text))
	z.SetMaxBuf(16 << 20)
	var b strings.Builder
	skip, rows := "", 0
	flush := func() { w.text.line(b.String()); b.Reset() }
	for n := 0; !w.text.full; n++ {
		if n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch tt := z.Next(); tt {
		case html.ErrorToken:
			flush()
			if err := z.Err(); err != io.EOF {
				return broken("%v", err)
			}
			return nil
		case html.TextToken:
			if skip == "" {
				b.WriteString(strings.ReplaceAll(string(z.Text()), "\t", " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			raw, _ := z.TagName()
			name := string(raw)
			switch {
			case skip != "":
				if tt == html.EndTagToken && name == skip || name == "body" {
					skip = ""
				}
			case tt == html.StartTagToken && skippedHTML[name]:
				skip = name
			case name == "tr":
				if rows += 1; tt == html.EndTagToken {
					rows = 0
				}
				flush()
			case rows > 0 && (name == "td" || name == "th"):
				if tt == html.StartTagToken && b.Len() > 0 {
					b.WriteByte('\t')
				}
			case rows > 0 && name == "p" || rows > 0 && name == "br":
				b.WriteByte(' ')
			case blocksHTML[name]:
				flush()
			}
		}
	}
	return errFull
}
