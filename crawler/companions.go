package crawler

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"sync"

	"cundang/archive"
	"cundang/crawler/frontier"
)

// chains remembers the certificate chains that were archived, one an origin: a crawl keeps
// each chain once, with the first capture that came over it.
type chains struct {
	mu sync.Mutex
	m  map[string][sha256.Size]byte // by origin
}

// companions are the records to keep with a page's capture: the document that a browser
// showed, and the server's certificates where this crawl has not kept them yet.
func (c *crawl) companions(p *page) (all []archive.Companion) {
	if p.dom != "" {
		all = append(all, archive.Companion{Name: archive.CompanionDOM, MediaType: "text/html; charset=utf-8", Content: []byte(p.dom)})
	}
	if len(p.x.Certificates) == 0 {
		return all
	}
	if p.entry.Kind != frontier.Requisite {
		c.report.shows(p.entry.Site, origin(p.x.URL), Origin{Certificate: vouched(p.x.Certificates, p.x.TLS)})
	}
	var text bytes.Buffer
	for _, der := range p.x.Certificates {
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			return all // cannot be: it goes to memory, without headers
		}
	}
	if c.chains.fresh(origin(p.x.URL), sha256.Sum256(text.Bytes())) {
		all = append(all, archive.Companion{Name: archive.CompanionCertificates, MediaType: "application/pem-certificate-chain", Content: text.Bytes()})
	}
	return all
}

// fresh says that an origin's chain was not archived yet, and takes it for archived.
func (cs *chains) fresh(origin string, sum [sha256.Size]byte) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	old, known := cs.m[origin]
	cs.m[origin] = sum
	return !known || old != sum
}

// document returns the document that a browser made of a capture; "" if none was shown.
func (c *crawl) document(ctx context.Context, cp archive.Capture) (string, error) {
	if cp.Fields[archive.FieldRendered] == "" {
		return "", nil
	}
	all, err := c.opts.Store.Companions(ctx, cp.Ref)
	if err != nil {
		return "", fmt.Errorf("read the document shown of %s: %w", cp.URL, err)
	}
	for _, x := range all {
		if x.Name == archive.CompanionDOM {
			return string(x.Content), nil
		}
	}
	return "", nil
}

// shownAs is the page as its document in the browser was.
func (p *page) shownAs(dom string) *page {
	return fromHTML(p.entry, dom, "utf-8")
}
