package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"cundang/archive"
)

// ContentDigest returns the digest ("sha256:hex") of what a page says: its article's title and
// paragraphs without white space. It stays the same when only the template, a counter or a
// side bar changed, and is "" when the page holds no article.
func ContentDigest(url, contentType string, body []byte) string {
	rd := read(Page{URL: url, ContentType: contentType, Body: body})
	if rd.kind != KindArticle || len(rd.body.blocks) == 0 {
		return ""
	}
	h := sha256.New()
	title, _ := rd.fields.title.best()
	io.WriteString(h, strings.Join(strings.Fields(title.Value), ""))
	for _, p := range paragraphs(rd.v, rd.body.blocks, rd.drop) {
		io.WriteString(h, "\n")
		io.WriteString(h, strings.Join(strings.Fields(p.Text), ""))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// readBody reads a capture's entity up to the bound of what is parsed.
func readBody(c archive.Capture) ([]byte, error) {
	b, _, err := c.ReadBody(maxHTML)
	if err != nil {
		return nil, fmt.Errorf("read body of %s: %w", c.URL, err)
	}
	return b, nil
}
