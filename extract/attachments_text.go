package extract

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"cundang/archive"
	"cundang/extract/document"
)

// maxDocument is what is read of an attachment, in bytes; document.Options decides how
// much of that it takes.
const maxDocument = 256 << 20

// readDocuments gives each attachment that the library holds its text, or the reason why
// there is none. The capture nearest to the page's own is read: the document as it was
// when the page was.
func (r *Reader) readDocuments(ctx context.Context, list []Attachment, fetched time.Time) error {
	if r.Documents == nil || r.Library == nil {
		return nil
	}
	for i := range list {
		d, ok, err := r.readDocument(ctx, list[i], fetched)
		if err != nil {
			return fmt.Errorf("read attachment %s: %w", list[i].URL, err)
		}
		if !ok {
			continue
		}
		list[i].Text, list[i].Note = Text(d.Text), Text(d.Note)
		if d.Type != "" {
			list[i].Type = Text(d.Type)
		}
	}
	return nil
}

// readDocument reads one attachment; ok is false when it was not archived.
func (r *Reader) readDocument(ctx context.Context, a Attachment,
	fetched time.Time) (d document.Document, ok bool, err error) {
	c, err := r.Library.Closest(ctx, a.URL, fetched)
	if errors.Is(err, archive.ErrNotFound) || err == nil && (c.Status < 200 || c.Status > 299) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	b, _, err := c.ReadBody(maxDocument)
	if err != nil {
		return d, false, err
	}
	name := path.Base(a.URL)
	if path.Ext(string(a.Title)) != "" {
		name = string(a.Title)
	}
	d, err = r.Documents.Text(ctx, b, name, c.Header.Get("Content-Type"))
	return d, err == nil, err
}
