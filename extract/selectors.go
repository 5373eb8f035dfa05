package extract

import (
	"sync"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
)

// The selectors that the cascade asks a document with, compiled once.
var (
	titleTag       = cascadia.MustCompile("title:not(svg title)")
	baseTag        = cascadia.MustCompile("base[href]")
	metaTags       = cascadia.MustCompile("meta[content]")
	innerTables    = cascadia.MustCompile("table:not(:has(table))")
	secondCells    = cascadia.MustCompile("td:nth-child(2), th:nth-child(2)") // one in each row of two cells or more
	tableCells     = cascadia.MustCompile("td, th")
	bodyContainers = cascadia.Selector(isBodyMark)
)

// profileSelectors keeps the compiled selectors of profiles, which every page of a site is
// asked with, by their text.
var profileSelectors sync.Map

// compile returns the matcher of a profile's selector.
func compile(selector string) (goquery.Matcher, error) {
	if m, ok := profileSelectors.Load(selector); ok {
		return m.(goquery.Matcher), nil
	}
	m, err := cascadia.Compile(selector)
	if err != nil {
		return nil, err
	}
	profileSelectors.Store(selector, m)
	return m, nil
}
