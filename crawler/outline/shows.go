package outline

import (
	"bytes"
	"strings"

	"cundang/internal/css"
	"cundang/internal/srcset"
	"cundang/site"
)

// shows calls f for each address that the start tag names because the page is shown with it.
func (s *scanner) shows(f func(ref string)) {
	switch string(s.tag) {
	case "img":
		f(s.attr("src"))
		for _, name := range site.LazyAttributes {
			f(s.attr(name))
		}
		candidates(s.attr("srcset"), f)
		candidates(s.attr("data-srcset"), f)
	case "source": // of a picture; src is that of sound and film
		candidates(s.attr("srcset"), f)
		candidates(s.attr("data-srcset"), f)
	case "link":
		for _, rel := range strings.Fields(strings.ToLower(s.attr("rel"))) {
			if rel == "stylesheet" || rel == "icon" {
				f(s.attr("href"))
				break
			}
		}
	case "input":
		if strings.EqualFold(s.attr("type"), "image") {
			f(s.attr("src"))
		}
	case "video":
		f(s.attr("poster"))
	case "image": // of SVG
		f(s.attr("href"))
	}
	for _, a := range s.args {
		switch key := s.src[a.key:a.keyEnd]; {
		case equalFold(key, "background"):
			f(s.attr("background"))
		case equalFold(key, "style") && bytes.IndexByte(s.src[a.val:a.valEnd], '(') >= 0:
			Sheet(s.attr("style"), f)
		}
	}
}

// Sheet calls f for the addresses in a style sheet. EOT fonts are left out: no browser of
// today reads them, and those sheets name the font in another format too.
func Sheet(text string, f func(ref string)) {
	css.Addresses(text, func(ref string, use css.Use) {
		if use == css.Font && strings.Contains(strings.ToLower(ref), ".eot") {
			return
		}
		f(ref)
	})
}

// candidates calls f for the addresses of a srcset.
func candidates(v string, f func(ref string)) {
	for _, c := range srcset.Parse(v) {
		f(c.URL)
	}
}
