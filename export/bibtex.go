package export

import (
	"strings"
	"unicode"

	"cundang/extract"
)

// bibtex returns an @online entry of biblatex, which classic styles read as @misc: year
// stands beside date for them. Each name is in braces of its own, so that neither "and"
// nor a comma in it is taken apart.
func bibtex(a extract.Article) string {
	var b strings.Builder
	b.WriteString("@online{" + key(a))
	put := func(name, value string) {
		if value != "" {
			b.WriteString(",\n  " + name + strings.Repeat(" ", 12-len(name)) + " = {" + value + "}")
		}
	}
	var who []string
	for _, n := range authors(a) {
		who = append(who, "{"+tex(n)+"}")
	}
	put("author", strings.Join(who, " and "))
	put("title", "{"+tex(titled(a))+"}")
	if a.Document != nil {
		put("number", tex(line(string(a.Document.Number))))
	}
	if source := line(string(a.Source)); len(who) != 1 || source != authors(a)[0] {
		put("organization", tex(source))
	}
	if d := day(a.Published.Time); d != "" {
		put("date", d)
		put("year", d[:4])
	}
	put("url", texURL(a.URL))
	put("urldate", day(a.Fetched))
	put("langid", "chinese")
	if note := archived(a); note != "" {
		put("note", "WARC "+tex(note))
	}
	b.WriteString("\n}\n")
	return b.String()
}

// key is a citation key that stays the same and differs between articles and versions.
func key(a extract.Article) string {
	var parts []string
	if s := ascii(string(a.Site)); s != "" {
		parts = append(parts, s)
	}
	if d := day(a.Published.Time); d != "" {
		parts = append(parts, d[:4])
	}
	if id := ascii(a.ID); id != "" {
		parts = append(parts, id)
	}
	if len(parts) == 0 {
		parts = append(parts, "cundang")
	}
	return strings.Join(parts, "-") + versioned(a, "-v")
}

func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '.') {
			return r
		}
		return -1
	}, s)
}

var texEscaper = strings.NewReplacer(
	`\`, `\textbackslash{}`,
	`{`, `\textbraceleft{}`, // BibTeX counts \{ as a brace
	`}`, `\textbraceright{}`,
	`%`, `\%`, `&`, `\&`, `#`, `\#`, `$`, `\$`, `_`, `\_`,
	`~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`,
)

func tex(s string) string { return texEscaper.Replace(line(s)) }

var texURLEscaper = strings.NewReplacer("{", "%7B", "}", "%7D", `\`, "%5C", " ", "%20")

// texURL percent-encodes what would end the field or the \url command; the rest is verbatim.
func texURL(u string) string { return texURLEscaper.Replace(line(u)) }
