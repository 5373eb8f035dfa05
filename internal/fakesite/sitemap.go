package fakesite

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// mapped is a site whose lists show only their first page; the older articles stand in
// a gzipped sitemap that robots.txt names.
type mapped struct{ next }

func (mapped) name() string { return "sitemap" }

func (m mapped) serve(s *Site, r *http.Request) (answer, bool) {
	switch r.URL.Path {
	case "/sitemap.xml":
		return answer{status: http.StatusOK, typ: "application/xml", body: fmt.Appendf(nil,
			`<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>%s/sitemap-articles.xml.gz</loc></sitemap></sitemapindex>`, s.origin)}, true
	case "/sitemap-articles.xml.gz":
		return answer{status: http.StatusOK, typ: "application/gzip", body: m.articles(s)}, true
	}
	c := s.columnBy(func(c *column) bool { return r.URL.Path == m.column(c) })
	if c == nil {
		return answer{}, false
	}
	page, _ := pageOf(s.rows(c), 0, s.opts.PerPage)
	var v listView
	for _, a := range page {
		v.Rows = append(v.Rows,
			rowView{Href: a.path, Title: a.title, Short: short(a.title, 40), Date: a.published.Format("2006-01-02")})
	}
	return s.listPage(r, c, v), true
}

func (m mapped) articles(s *Site) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, a := range s.rows(nil) {
		fmt.Fprintf(&b, "<url><loc>%s%s</loc><lastmod>%s</lastmod></url>\n", s.origin,
			strings.ReplaceAll(a.path, "&", "&amp;"), a.edited.Format(time.RFC3339))
	}
	b.WriteString("</urlset>\n")
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write([]byte(b.String()))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // writing to memory never fails
	}
	return z.Bytes()
}
