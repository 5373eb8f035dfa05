package extract

import (
	"context"
	"time"

	"cundang/archive"
	"cundang/extract/document"
	"cundang/site"
)

// Page is the input of Read: the bytes of a page and what is known about it.
type Page struct {
	URL         string
	ContentType string
	Body        []byte // as served, transfer and content encodings removed
	Fetched     time.Time
	Site        string
	Profile     *site.Profile    // nil: generic reading only
	Capture     *archive.Capture // nil when read from a plain file
	Model       *Model           // what was learnt about the site; nil: generic reading only
	Rendered    bool             // Body is the document as a browser showed it, not what the server sent
}

// Library finds captures that belong to a page: the other parts of a split article, the
// body in an iframe, attachments. *archive.Store is one.
type Library interface {
	Closest(ctx context.Context, url string, t time.Time) (archive.Capture, error)
}

// Reader reads pages. Its zero value reads generically; it is safe for concurrent use.
type Reader struct {
	Library   Library          // nil: a page stands for itself
	Documents *document.Reader // reads attachments that the Library holds; nil: they are only listed
}

// Read reads one page. It fails only when ctx ends or the Library cannot be read; a page it
// cannot understand is an Article of KindOther.
func (r *Reader) Read(ctx context.Context, p Page) (Article, error) {
	a, _, err := r.readPage(ctx, p)
	return a, err
}

// readPage reads one page and returns with the article the reading that it was made from.
func (r *Reader) readPage(ctx context.Context, p Page) (Article, *reading, error) {
	if err := ctx.Err(); err != nil {
		return Article{}, nil, err
	}
	if looksJSON(p.Body) {
		if j, ok := OpenJSON(p, ""); ok {
			if a, rd, err := r.readJSON(ctx, j, p.URL); rd != nil || err != nil {
				return a, rd, err
			}
		}
	}
	rd := read(p)
	if a, main, ok, err := r.readFrameset(ctx, p, rd); ok || err != nil {
		return a, main, err
	}
	a := rd.article(p)
	if a.Kind != KindArticle {
		if b, listed, err := r.fromList(ctx, p); listed != nil || err != nil {
			return b, listed, err
		}
	}
	if err := r.join(ctx, p, rd, &a); err != nil {
		return Article{}, nil, err
	}
	if err := r.readDocuments(ctx, a.Attachments, a.Fetched); err != nil {
		return Article{}, nil, err
	}
	return a, rd, ctx.Err()
}
