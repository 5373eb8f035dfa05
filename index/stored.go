package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cundang/extract"
)

// What an engine stores of a version of an article are the head, JSON without the long texts, read for lists of
// hits; and the texts, read for matching, highlighting and scoring.

// observation is one capture of a page: what was there at that moment.
type observation struct {
	At      int64  `json:"t"`           // UnixNano
	Ref     string `json:"r,omitempty"` // of the capture
	Digest  string `json:"d,omitempty"`
	State   string `json:"s,omitempty"` // "" is live
	Content string `json:"c,omitempty"` // hash of the content, "" when only the state was seen
}

// head is the head of a document.
type head struct {
	Article extract.Article `json:"a"` // without title, body, paragraphs' and attachments' texts
	Kinds   []string        `json:"k,omitempty"`
	Seen    []observation   `json:"o"`
	Until   int64           `json:"u,omitempty"` // UnixNano of the next version, 0: this is the newest
	Copies  string          `json:"g,omitempty"` // group of documents with the same text, see Group
}

// split takes an article apart.
func split(a extract.Article) (head, Texts) {
	var h head
	t := Texts{Title: string(a.Title), Body: string(a.Body)}
	if len(a.Paragraphs) > 0 {
		h.Kinds = make([]string, len(a.Paragraphs))
		t.Paragraphs = make([]string, len(a.Paragraphs))
		for i, p := range a.Paragraphs {
			h.Kinds[i], t.Paragraphs[i] = p.Kind, p.Text
		}
	}
	a.Attachments = append([]extract.Attachment(nil), a.Attachments...)
	for i := range a.Attachments {
		t.Attachments = append(t.Attachments, string(a.Attachments[i].Text))
		a.Attachments[i].Text = ""
	}
	a.Title, a.Body, a.Paragraphs = "", "", nil
	h.Article = a
	return h, t
}

// join puts an article together again; long says whether body, paragraphs and attachments' texts are wanted.
func join(h head, t Texts, long bool) extract.Article {
	a := h.Article
	a.Title = extract.Text(t.Title)
	if !long {
		return a
	}
	a.Body = extract.Text(t.Body)
	if len(h.Kinds) == len(t.Paragraphs) && len(t.Paragraphs) > 0 {
		a.Paragraphs = make([]extract.Paragraph, len(t.Paragraphs))
		for i := range t.Paragraphs {
			a.Paragraphs[i] = extract.Paragraph{Kind: h.Kinds[i], Text: t.Paragraphs[i]}
		}
	}
	for i := range a.Attachments {
		if i < len(t.Attachments) {
			a.Attachments[i].Text = extract.Text(t.Attachments[i])
		}
	}
	return a
}

// head reads the head of a document.
func (r *reader) head(ctx context.Context, at Place) (h head, err error) {
	raw, err := r.Head(ctx, at)
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, &DamagedError{r.x.dir(ctx), fmt.Errorf("stored article: %w", err)}
	}
	return h, nil
}

// stored reads a document.
func (r *reader) stored(ctx context.Context, at Place) (h head, t Texts, err error) {
	if h, err = r.head(ctx, at); err != nil {
		return h, t, err
	}
	if err = r.Text(ctx, at, &r.text); err != nil {
		return h, t, err
	}
	return h, r.text.Strings(), nil
}

// articleID is the article that a key of a document belongs to.
func articleID(key string) string {
	id, _, _ := strings.Cut(key, " ")
	return id
}

// reader is a view of the index.
type reader struct {
	View
	x    *Index
	text Text // memory to use again
}

// read opens a view. done, deferred, closes it and makes an error of a panic.
func (x *Index) read(ctx context.Context) (r *reader, done func(*error), err error) {
	v, err := x.engine.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &reader{View: v, x: x}, func(err *error) {
		if p := recover(); p != nil {
			*err = fmt.Errorf("index: %v", p) // one question is not answered, others are
		}
		*err = errors.Join(*err, v.Close())
	}, nil
}
