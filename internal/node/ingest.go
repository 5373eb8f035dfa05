package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cundang/archive"
	"cundang/extract"
	"cundang/internal/urlkey"
)

// ingestBatch is how many captures are read between two commits of the index.
const ingestBatch = 256

// behind says whether the archive has captures that the index has not seen.
func (n *Node) behind(ctx context.Context) (bool, error) {
	pos, err := n.Index.Position(ctx)
	if err != nil {
		return false, err
	}
	for _, err := range n.Store.Since(ctx, archive.Position(pos)) {
		return err == nil, err
	}
	return false, nil
}

// CatchUp indexes what the archive has beyond the index's position and returns how many
// captures that were.
func (n *Node) CatchUp(ctx context.Context) (int, error) {
	n.indexing.Lock()
	defer n.indexing.Unlock()
	pos, err := n.Index.Position(ctx)
	if err != nil {
		return 0, err
	}
	if n.fills == nil {
		n.fills = fills{}
	}
	in := &ingest{node: n, fills: n.fills}
	captures, err := in.run(ctx, archive.Position(pos), func(pos string, articles ...extract.Article) error {
		return n.Index.Put(ctx, pos, articles...)
	}, nil)
	if err != nil {
		return captures, err
	}
	return captures, n.Index.Group(ctx)
}

// run reads the captures after pos and hands their articles to put, a batch at a time with
// the position behind it. progress is called after each batch with the captures read so
// far; it may be nil.
func (in *ingest) run(ctx context.Context, pos archive.Position, put putter, progress func(captures int)) (int, error) {
	in.put, in.again, in.faults = put, map[string]time.Time{}, newFaults(in.node)
	defer func() { _ = in.faults.mark.close() }()
	if in.rebuild {
		in.faults.seen = map[string]bool{}
	} else if err := in.retryOld(ctx); err != nil {
		return 0, err
	}
	n, err := in.follow(ctx, pos, progress)
	if err == nil {
		err = shrunk(n, in.listed)
	}
	if err != nil || !in.rebuild {
		return n, err
	}
	return n, in.faults.dropUnseen()
}

func (in *ingest) follow(ctx context.Context, pos archive.Position, progress func(captures int)) (int, error) {
	n := 0
	for f, err := range in.node.Store.Since(ctx, pos) {
		if err != nil {
			return n, fmt.Errorf("read the archive after %q: %w", pos, err)
		}
		if err := in.read(ctx, f.Capture); err != nil {
			return n, err
		}
		n++
		pos = f.Position
		if n%ingestBatch == 0 {
			if err := in.commit(ctx, pos); err != nil {
				return n, err
			}
			if progress != nil {
				progress(n)
			}
		}
	}
	if n%ingestBatch == 0 {
		return n, nil
	}
	if err := in.commit(ctx, pos); err != nil {
		return n, err
	}
	if progress != nil {
		progress(n)
	}
	return n, nil
}

// putter keeps articles together with the position in the archive behind them.
type putter func(position string, articles ...extract.Article) error

// ingest turns captures into articles, a batch at a time.
type ingest struct {
	node     *Node
	fills    fills // nil: not counted
	put      putter
	rebuild  bool // all is read, from the beginning
	listed   int  // of a rebuild: how many captures there should be, 0: whatever there is
	faults   faults
	retry    []string // refs of revisits whose original came
	articles []extract.Article
	// again are articles that a later capture belongs to (a further part, an attachment), with
	// the time of that capture: they are read once more, with it, at the end of the batch.
	again map[string]time.Time
}

// read reads one capture and notes what it does wrong. Where the reader failed with what belongs to
// a page, the page is read alone.
func (in *ingest) read(ctx context.Context, c archive.Capture) error {
	if !c.Revisit {
		in.retry = append(in.retry, in.faults.awaiting(c.URL)...)
	}
	ok, err := in.faults.guard(ctx, c, func() error { return in.add(ctx, c) })
	if ok || err != nil {
		return err
	}
	f, _, err := in.faults.known(c.Ref.String())
	if err != nil || f.Code != FaultReader {
		return err
	}
	return recovered(func() error {
		page, _, err := in.node.page(c)
		if err != nil {
			return nil // it is a finding already
		}
		if a, err := new(extract.Reader).Read(ctx, page); err == nil && a.Kind == extract.KindArticle && a.PartOf == "" {
			in.take(c, a)
		}
		return ctx.Err()
	})
}

// retryOld reads the captures again that an earlier version of the program could not read.
func (in *ingest) retryOld(ctx context.Context) error {
	if in.node.Frontier == nil {
		return nil // opened for reading
	}
	now := in.node.readerVersion()
	was, err := in.node.Frontier.Value(findingReader)
	if err != nil || string(was) == now {
		return err
	}
	for f, err := range in.node.Findings() {
		if err != nil {
			return err
		}
		if f.Reader != now {
			in.retry = append(in.retry, f.Ref)
		}
	}
	in.faults.change[findingReader] = []byte(now)
	if len(in.retry) == 0 {
		return in.faults.commit()
	}
	pos, err := in.node.Index.Position(ctx)
	if err != nil {
		return err
	}
	return in.commit(ctx, archive.Position(pos))
}

// readAgain reads the captures whose cause may have gone.
func (in *ingest) readAgain(ctx context.Context) error {
	refs := in.retry
	in.retry = nil
	for _, text := range refs {
		ref, err := archive.ParseRef(text)
		if err != nil {
			return err
		}
		c, err := in.node.Store.Read(ctx, ref)
		if err != nil {
			if ctx.Err() != nil || isDisk(err) {
				return err
			}
			continue // it stays a finding
		}
		if err := in.read(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// resolved gives a revisit what its record lacks of the capture it refers to.
func (in *ingest) resolved(ctx context.Context, c archive.Capture) (archive.Capture, error) {
	if !c.Revisit || c.Status != 0 && (c.Status < 200 || c.Status > 299) {
		return c, nil
	}
	o, err := in.node.Store.Original(ctx, c)
	if errors.Is(err, archive.ErrNotFound) {
		return c, &unresolvedError{c.RefersTo()}
	}
	if err != nil {
		return c, &bodyError{err}
	}
	if c.Status == 0 {
		c.Status = o.Status
	}
	if c.Header.Get("Content-Type") == "" {
		c.Header = o.Header
	}
	return c, nil
}

func (in *ingest) add(ctx context.Context, c archive.Capture) error {
	switch c.Fields[archive.FieldKind] {
	case archive.KindRequisite, archive.KindProbe:
		return nil // shown with a page, or asked for because it cannot be: nothing to read
	}
	list := listed(c)
	url := c.URL
	if p := in.node.profiles.get(c.Site); p != nil {
		if url = p.Identity(c.URL); p.Denied(url) != "" {
			return nil // since it was captured
		}
	}
	switch state := extract.State(c.Fields[archive.FieldState]); state {
	case extract.StateMissing, extract.StateGone:
		if list {
			return nil
		}
		in.articles = append(in.articles, extract.Article{ID: urlkey.ID(url), URL: url, Site: extract.Text(c.Site),
			Kind: extract.KindArticle, State: state, Fetched: c.Time})
		return nil
	case "", extract.StateLive:
	default:
		return nil // blocked, soft-404, error: evidence, neither content nor change
	}
	c, err := in.resolved(ctx, c)
	if err != nil {
		return err
	}
	if c.Status < 200 || c.Status > 299 {
		return nil
	}
	mediaType := c.MediaType()
	if isJSON(mediaType) {
		return in.addJSON(ctx, c)
	}
	if !isPage(mediaType) {
		if via := c.Fields[archive.FieldVia]; via != "" && isDocument(mediaType) {
			in.again[via] = c.Time
		}
		return nil
	}
	if page := framing(c); page != "" {
		in.again[page] = c.Time
		return nil
	}
	article, truncated, err := in.node.readCapture(ctx, c)
	if err != nil {
		return err
	}
	if truncated {
		detail := fmt.Sprintf("only the first %d bytes are read", archive.MaxPage)
		if err := in.faults.add(c, FaultTruncated, detail); err != nil {
			return err
		}
		in.faults.keep(c.Ref.String())
	}
	if article.PartOf != "" {
		in.again[article.PartOf] = c.Time
	} else if article.Kind == extract.KindArticle {
		in.take(c, article)
	}
	return nil
}

// addJSON reads an answer in JSON: an article of its own, or a list whose rows carry the texts of
// pages that hold none. A row whose page was not captured yet is read with the page.
func (in *ingest) addJSON(ctx context.Context, c archive.Capture) error {
	page, _, err := in.node.page(c)
	if err != nil {
		return err
	}
	j, ok := extract.OpenJSON(page, c.Fields[archive.FieldBase])
	if !ok {
		return nil
	}
	urls := j.Rows()
	if k := c.Fields[archive.FieldKind]; len(urls) == 0 && (k == "article" || k == "page") {
		urls = []string{c.URL}
	}
	for _, url := range urls {
		if url != c.URL {
			if shell, err := in.isShell(ctx, url, c.Time); err != nil {
				return err
			} else if !shell {
				continue
			}
		}
		article, ok, err := in.node.Reader.ReadJSON(ctx, j, url)
		if err != nil {
			return err
		}
		if ok {
			in.take(c, article)
		}
	}
	return nil
}

// isShell says that a page is archived, live and no article by itself.
func (in *ingest) isShell(ctx context.Context, url string, t time.Time) (bool, error) {
	c, err := in.node.Store.Closest(ctx, url, t)
	if errors.Is(err, archive.ErrNotFound) {
		return false, nil
	}
	if err != nil || c.Status != 200 || c.Fields[archive.FieldState] != string(extract.StateLive) || !isPage(c.MediaType()) {
		return false, err
	}
	page, _, err := in.node.page(c)
	if err != nil {
		return false, err
	}
	alone := extract.Reader{} // without the archive: what the page itself holds
	article, err := alone.Read(ctx, page)
	return err == nil && article.Kind != extract.KindArticle, err
}

// take hands on an article that a capture brought.
func (in *ingest) take(c archive.Capture, article extract.Article) {
	in.articles = append(in.articles, article)
	if crawl := c.Fields[archive.FieldCrawl]; crawl != "" && in.fills != nil {
		in.fills.add(crawl, article)
	}
}

// framing returns the page whose frame a capture is, and with which it is read; "" if it is no frame.
func framing(c archive.Capture) string {
	if strings.HasSuffix(c.Fields[archive.FieldHops], "E") {
		return c.Fields[archive.FieldVia]
	}
	return ""
}

// maxFrames is how many frames may stand in each other.
const maxFrames = 4

// whole returns the capture of a page at a time, that of the page around it if it is a frame.
func (in *ingest) whole(ctx context.Context, url string, t time.Time) (c archive.Capture, err error) {
	for range maxFrames {
		if c, err = in.node.Store.Closest(ctx, url, t); err != nil {
			return c, err
		}
		page := framing(c)
		if page == "" {
			return c, nil
		}
		url = page
	}
	return c, archive.ErrNotFound
}

func (in *ingest) commit(ctx context.Context, pos archive.Position) error {
	if err := in.readAgain(ctx); err != nil {
		return err
	}
	for url, t := range in.again {
		c, err := in.whole(ctx, url, t)
		if err != nil {
			if ctx.Err() != nil || isDisk(err) {
				return err
			}
			continue // there is no such page, or it cannot be read: then it is a finding itself
		}
		if _, err := in.faults.guard(ctx, c, func() error { return in.addAgain(ctx, c) }); err != nil {
			return err
		}
	}
	if err := in.faults.commit(); err != nil {
		return err
	}
	err := in.put(string(pos), in.articles...)
	in.articles = in.articles[:0]
	clear(in.again)
	return err
}

// addAgain reads a page once more with what has come to it.
func (in *ingest) addAgain(ctx context.Context, c archive.Capture) error {
	c, err := in.resolved(ctx, c)
	if err != nil {
		return err
	}
	article, truncated, err := in.node.readCapture(ctx, c)
	if err == nil && article.Kind == extract.KindArticle && article.PartOf == "" {
		in.articles = append(in.articles, article)
	}
	if truncated {
		in.faults.keep(c.Ref.String())
	}
	return err
}

// listed says that the crawler knew a page for a list, a home or a section page, which leads to articles and is none.
// Captures of versions that kept no role have what they were asked for as.
func listed(c archive.Capture) bool {
	if role := c.Fields[archive.FieldRole]; role != "" {
		return role == archive.RoleList
	}
	switch c.Fields[archive.FieldKind] {
	case "seed", "list", "sitemap", "robots":
		return true
	}
	return false
}

// ReadCapture reads the article of one capture with its site's profile.
func (n *Node) ReadCapture(ctx context.Context, c archive.Capture) (extract.Article, error) {
	article, _, err := n.readCapture(ctx, c)
	return article, err
}

// readCapture is ReadCapture; truncated says that the page is larger than what is read of one.
func (n *Node) readCapture(ctx context.Context, c archive.Capture) (article extract.Article, truncated bool, err error) {
	if listed(c) {
		return extract.Article{ID: urlkey.ID(c.URL), URL: c.URL, Site: extract.Text(c.Site), Kind: extract.KindList,
			Fetched: c.Time}, false, nil
	}
	page, truncated, err := n.page(c)
	if err != nil {
		return article, truncated, err
	}
	shown, err := n.shown(ctx, page)
	if err != nil {
		return article, truncated, err
	}
	article, err = n.readPage(ctx, page, shown)
	if p := page.Profile; p != nil && err == nil && article.URL == c.URL { // captured before the profile knew that it is one page
		if id := p.Identity(c.URL); id != c.URL {
			article.ID, article.URL = urlkey.ID(id), id
		}
	}
	return article, truncated, err
}

func (n *Node) readPage(ctx context.Context, page, shown extract.Page) (extract.Article, error) {
	article, err := n.Reader.Read(ctx, shown)
	if err == nil && shown.Rendered && article.Kind != extract.KindArticle { // a script that failed may have emptied the page
		return n.Reader.Read(ctx, page)
	}
	return article, err
}

// shown is the page as a browser showed it when it was captured, as it came if none did.
func (n *Node) shown(ctx context.Context, page extract.Page) (extract.Page, error) {
	if page.Capture.Fields[archive.FieldRendered] == "" {
		return page, nil
	}
	all, err := n.Store.Companions(ctx, page.Capture.Ref)
	if err != nil {
		return page, err
	}
	for _, x := range all {
		if x.Name == archive.CompanionDOM {
			page.Body, page.ContentType, page.Rendered = x.Content, x.MediaType, true
		}
	}
	return page, nil
}

// page is a capture as it is read; truncated says that its body is larger than that.
func (n *Node) page(c archive.Capture) (p extract.Page, truncated bool, err error) {
	body, truncated, err := c.ReadBody(archive.MaxPage)
	if err != nil {
		return p, false, &bodyError{err}
	}
	model, err := n.models.get(c.Site)
	if err != nil { // the page is read without it
		n.Log.Warn("what was learnt about the site cannot be read", "site", c.Site, "err", err)
	}
	return extract.Page{URL: c.URL, ContentType: c.Header.Get("Content-Type"), Body: body,
		Fetched: c.Time, Site: c.Site, Profile: n.profiles.get(c.Site), Model: model, Capture: &c}, truncated, nil
}

// isPage says whether a capture of a type may hold an article.
func isPage(t string) bool { return t == "text/html" || t == "application/xhtml+xml" }

// isJSON says whether a capture of a type is an answer to a script.
func isJSON(t string) bool {
	return t == "application/json" || t == "text/json" || strings.HasSuffix(t, "+json")
}

// isDocument says whether a capture of a type may be an attachment with text of its own.
func isDocument(t string) bool {
	for _, media := range []string{"image/", "video/", "audio/", "text/css", "javascript", "application/json", "font/"} {
		if strings.Contains(t, media) {
			return false
		}
	}
	return true
}
