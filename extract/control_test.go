package extract

import (
	"strings"
	"testing"
)

// Nothing that a page says moves the cursor of a terminal or turns the direction of its lines.
func TestControlsAreDropped(t *testing.T) {
	const odd = "科普\u009b31m活\u202e动\u0085进\u0090社\x7f区\x1b[1m\u2066"
	page := `<html><head><title>` + odd + `</title><meta name="author" content="李` + "\u009b" +
		`明"></head><body><h1>` + odd +
		`</h1><p>来源：云` + "\u009b1m" + `溪日报　2024-03-05</p><p>` +
		strings.Repeat(odd+"，讲座在社区举行。", 5) + `</p></body></html>`
	a, err := (&Reader{}).Read(t.Context(), Page{URL: "http://kx.example/art/1.html",
		ContentType: "text/html; charset=utf-8", Body: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]Text{"title": a.Title, "source": a.Source, "author": a.Author, "body": a.Body} {
		if i := strings.IndexFunc(string(text), func(r rune) bool { return r != '\n' && isControl(r) }); i >= 0 {
			t.Errorf("%s holds a control: %q", name, text)
		}
	}
	if a.Title == "" || a.Body == "" {
		t.Errorf("nothing was read: %q, %q", a.Title, a.Body)
	}
}
