package e2e

import (
	"io"
	"net/http"
	"path"
	"strings"
	"testing"

	"cundang/extract/document"
	"cundang/internal/fakesite"
)

// TestDocuments reads the documents attached to the articles: their text is that of the truth.
func TestDocuments(t *testing.T) {
	w := serve(t, fakesite.Options{Seed: 81, Sites: 2})
	r := document.New(document.Options{OCR: "none"})
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	read := map[string]int{}
	for _, s := range w.Truth().Sites {
		for _, a := range s.Articles {
			for _, f := range a.Attachments {
				resp, err := http.Get(f.URL)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				if err := resp.Body.Close(); err != nil {
					t.Fatal(err)
				}
				d, err := r.Text(t.Context(), body, path.Base(f.URL), resp.Header.Get("Content-Type"))
				if err != nil {
					t.Fatal(err)
				}
				read[d.Type]++
				text := strings.Join(strings.Fields(d.Text), "")
				for _, line := range f.Text {
					if !strings.Contains(text, strings.Join(strings.Fields(line), "")) {
						t.Errorf("%s (%s, %q) does not say %q", f.URL, d.Type, d.Note, line)
					}
				}
			}
		}
	}
	for _, kind := range []string{"application/pdf", "text/plain"} {
		if read[kind] == 0 {
			t.Errorf("no %s among %v", kind, read)
		}
	}
}
