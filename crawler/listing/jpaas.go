package listing

import (
	"html"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

var (
	unitPair  = regexp.MustCompile(`["']([\w.]+)["']\s*:\s*["']([^"']*)["']`)
	unitPages = regexp.MustCompile(`(?i)(?:totalpage|pagecount|totalpages)["']?\s*[=:]\s*["']?(\d+)`)
)

// unitRequests asks for the lists that a page of 大汉 jpaas leaves to a script:
//
// // <script parseType="bulidstatic" url="/api-gateway/jpaas-publish-server/front/page/build/unit"
// queryData="{'webId':'…',…}">
//
// The answer is JSON with the rows as HTML in data.html; further pages take a paramJson.
func unitRequests(x *page, _ *Listing) ([]Request, error) {
	var all []Request
	x.doc.Find("script[url][querydata]").Each(func(_ int, s *goquery.Selection) {
		target := s.AttrOr("url", "")
		if !strings.Contains(target, "/build/unit") {
			return
		}
		for _, m := range unitPair.FindAllStringSubmatch(html.UnescapeString(s.AttrOr("querydata", "")), -1) {
			if m[1] == "pageType" && m[2] != "column" {
				return // a part of an article
			}
			target = withQuery(target, m[1], m[2])
		}
		all = append(all, x.get(target, 1))
	})
	return all, nil
}
