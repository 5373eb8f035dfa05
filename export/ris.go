package export

import (
	"strings"

	"cundang/extract"
)

// ris returns a record of type ELEC (web page), with CRLF line ends as the format asks for.
// A value is one line: no text of a page can begin another tag.
func ris(a extract.Article) string {
	var b strings.Builder
	put := func(tag, value string) {
		if v := line(value); v != "" {
			b.WriteString(tag + "  - " + v + "\r\n")
		}
	}
	put("TY", "ELEC")
	for _, n := range authors(a) {
		// A comma parts family and given name: Chinese names and bodies have none.
		put("AU", strings.ReplaceAll(n, ",", "，"))
	}
	put("TI", titled(a))
	put("PB", string(a.Source))
	if a.Document != nil {
		put("M1", string(a.Document.Number))
	}
	if d := day(a.Published.Time); d != "" {
		put("PY", d[:4])
		put("DA", slashed(d))
	}
	put("UR", a.URL)
	if d := day(a.Fetched); d != "" {
		put("Y2", slashed(d))
	}
	put("LA", "zh")
	for _, c := range a.Column {
		put("KW", c)
	}
	if note := archived(a); note != "" {
		put("N1", "WARC "+note)
	}
	put("ID", key(a))
	b.WriteString("ER  - \r\n")
	return b.String()
}

// slashed turns 2022-10-27 into RIS's 2022/10/27.
func slashed(d string) string { return strings.ReplaceAll(d, "-", "/") }
