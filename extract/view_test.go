package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHeadOfDocument holds what is asked of a document's head by selectors.
func TestHeadOfDocument(t *testing.T) {
	page := `<html><head><base href=" /a/ "><title> 河湟市园艺学会
 简报 </title><META NAME="PubDate" CONTENT="2021-02-03"><meta property="og:title" content=" 简报 "><meta name="empty" content="">
</head><body><svg><title>箭头</title></svg><p>正文</p></body></html>`
	v := flatten(parse([]byte(page)), len(page))
	if v.docTitle != "河湟市园艺学会 简报" || v.base != "/a/" {
		t.Errorf("title %q, base %q", v.docTitle, v.base)
	}
	want := []meta{{"pubdate", "2021-02-03"}, {"og:title", "简报"}}
	if d := cmp.Diff(want, v.metas, cmp.AllowUnexported(meta{})); d != "" {
		t.Error(d)
	}
}

// TestMarkedElements holds which elements are marked as a body, in any spelling, and which
// tables show data.
func TestMarkedElements(t *testing.T) {
	page := `<table><tr><td><table id="T"><tr><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr></table></td><td>边栏</td></tr>
<tr><td>左</td><td>右</td></tr></table><div class="box TRS_Editor">一</div><div id="vsb_content_2">二</div><article>三</article><ucapcontent>四</ucapcontent>`
	v := flatten(parse([]byte(page)), len(page))
	var got []string
	for _, e := range v.bodies {
		got = append(got, v.elemText(e))
	}
	if d := cmp.Diff([]string{"一", "二", "四"}, got); d != "" {
		t.Error(d)
	}
	for e := range v.elems {
		el := &v.elems[e]
		if data := el.flags&fData != 0; data != (attr(el.node, "id") == "T") {
			t.Errorf("%s: data table %v", v.elemText(int32(e)), data)
		}
	}
}
