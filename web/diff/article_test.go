package diff

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/extract"
	"cundang/internal/zone"
)

// What two versions say beside the body is compared field by field.
func TestFields(t *testing.T) {
	day := func(d int) extract.Date { return extract.Date{Time: time.Date(2024, 3, d, 0, 0, 0, 0, zone.China)} }
	old := extract.Article{Title: "学会章程", Source: "本会", Author: "李明", Published: day(1),
		Column:      []string{"首页", "通知"},
		Attachments: []extract.Attachment{{URL: "http://kx.example/a.doc", Title: "章程"}}}
	for name, tt := range map[string]struct {
		change func(*extract.Article)
		want   []Field
	}{
		"nothing":   {func(*extract.Article) {}, []Field{}},
		"body only": {func(a *extract.Article) { a.Body = "新" }, []Field{}},
		"source": {func(a *extract.Article) { a.Source = "云溪日报" },
			[]Field{{Field: "source", Old: "本会", New: "云溪日报"}}},
		"date": {func(a *extract.Article) { a.Published = day(9) },
			[]Field{{Field: "published", Old: "2024-03-01", New: "2024-03-09"}}},
		"author": {func(a *extract.Article) { a.Author = "" }, []Field{{Field: "author", Old: "李明"}}},
		"column": {func(a *extract.Article) { a.Column = []string{"首页", "章程"} },
			[]Field{{Field: "column", Old: "首页 › 通知", New: "首页 › 章程"}}},
		"document": {func(a *extract.Article) { a.Document = &extract.Document{Number: "科协〔2024〕3号"} },
			[]Field{{Field: "number", New: "科协〔2024〕3号"}}},
		"attachment": {func(a *extract.Article) { a.Attachments = nil },
			[]Field{{Field: "attachments", Old: "章程 http://kx.example/a.doc"}}},
		"text of an attachment": {func(a *extract.Article) {
			a.Attachments = []extract.Attachment{{URL: "http://kx.example/a.doc", Title: "章程", Text: "第一条"}}
		}, []Field{{Field: "attachment_text", New: "第一条"}}},
	} {
		now := old
		tt.change(&now)
		got := Fields(old, now)
		for i := range got {
			if sideOf(got[i].Spans, Delete) != got[i].Old || sideOf(got[i].Spans, Insert) != got[i].New {
				t.Errorf("%s: spans %v", name, got[i].Spans)
			}
			got[i].Spans = nil
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// sideOf puts together what one side of a comparison says.
func sideOf(spans []Span, side Op) (text string) {
	for _, s := range spans {
		if s.Op == side || s.Op != Delete && s.Op != Insert {
			text += s.Text
		}
	}
	return text
}
