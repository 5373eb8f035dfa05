package web

import (
	"strings"
	"testing"

	"cundang/extract"
	"cundang/site"
)

// What extract and site say in English is known here: a page in Chinese says it in Chinese.
func TestReasonsInChinese(t *testing.T) {
	p, err := site.Load("x.yaml", []byte("site: x\nname: 甲\nseeds:\n  - url: http://x.example/\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, scope := p.InScope("http://y.example/")
	low := extract.Provenance{Rule: "h1", Confidence: .5}
	said := []string{scope, "status 404", "12% of it"}
	for _, provenance := range []map[string]extract.Provenance{nil, {"title": low, "published": low, "body": low, "source": low, "author": low}} {
		a := extract.Article{Kind: extract.KindArticle, Confidence: .5, Provenance: provenance}
		said = append(said, a.Review()...)
	}
	fine := extract.Provenance{Rule: "h1", Confidence: .9}
	doubtful := extract.Article{Kind: extract.KindArticle, Confidence: .5, Provenance: map[string]extract.Provenance{"title": fine, "published": fine, "body": fine}}
	said = append(said, doubtful.Review()...)
	said = append(said, "source was found on 12% of the articles, before on 98%")
	for _, english := range said {
		chinese := Reason("zh", english)
		if english == "12% of it" {
			if chinese != english {
				t.Errorf("an unknown reason became %q", chinese)
			}
			continue
		}
		if chinese == english || strings.ContainsAny(chinese, "$") || Reason("en", english) != english {
			t.Errorf("%q in Chinese: %q", english, chinese)
		}
	}
}
