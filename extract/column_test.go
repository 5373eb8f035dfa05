package extract

import (
	"testing"

	"cundang/archive"

	"github.com/google/go-cmp/cmp"
)

// TestColumnOfTheList takes the column of the list that a page was found on where the page shows none.
func TestColumnOfTheList(t *testing.T) {
	text := `<p>来源：青石县科协　发布时间：2024-03-01</p>
<p>三月一日，青石县科协组织志愿者走进社区，为居民讲解防灾减灾知识，并演示灭火器的使用方法。</p>
<p>活动现场还发放了科普读物，二百余名居民参加了知识问答。</p></body></html>`
	head := `<html><head><meta charset="utf-8"><title>防灾科普进社区</title></head><body>`
	for name, c := range map[string]struct {
		crumb string
		want  []string
	}{
		"none on the page": {"", []string{"要情专报"}},
		"its own": {`<div>当前位置：<a href="/">首页</a> &gt; <a href="/kp/">科普活动</a></div>`,
			[]string{"首页", "科普活动"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := Page{URL: "http://kx.example/a.html", ContentType: "text/html",
				Body:    []byte(head + c.crumb + "<h1>防灾科普进社区</h1>" + text),
				Capture: &archive.Capture{Fields: archive.Fields{archive.FieldColumn: "要情专报"}}}
			a, err := (&Reader{}).Read(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, []string(a.Column)); d != "" {
				t.Error(d)
			}
		})
	}
}
