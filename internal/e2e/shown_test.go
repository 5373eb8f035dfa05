package e2e

import (
	"net/url"
	"slices"
	"testing"

	"cundang/crawler/outline"
	"cundang/web/replay"

	"github.com/google/go-cmp/cmp"
)

// What a crawl fetches because a page is shown with it is what the replay of the page asks
// for: one that saw other addresses would fetch in vain or show holes.
func TestShownAlike(t *testing.T) {
	for name, page := range map[string]string{
		"srcset":    `<img src=a.png srcset="/w=400,h=300/b.png 400w,/w=800,h=600/b.png 800w, c.png 1q"><picture><source srcset="d.webp, e.webp 2x,f.webp 3x"><img src=g.png></picture>`,
		"lazy":      `<img data-srcset="h.png 1x,i.png 2x">`,
		"marks":     `<style><!-- p.a{background:url(j.png)} --> q{background:image-set("k.png" type("image/png") 1x)}</style>`,
		"property":  `<style>:root{--l:"l.png"} p{background:image-set(var(--l) 1x)} q{background:url(m n.png)}</style>`,
		"attribute": `<table><tr><td style="background:URL( 'o.png' )" background=p.png></table>`,
		"sheets":    `<link rel=stylesheet href=q.css><style>@import "r.css";@namespace url(s);</style>`,
	} {
		t.Run(name, func(t *testing.T) {
			base, err := url.Parse("http://www.kexie.example/a/")
			if err != nil {
				t.Fatal(err)
			}
			var crawled, shown []string
			for _, ref := range outline.Read([]byte(page)).Shows {
				u, err := base.Parse(ref)
				if err != nil {
					t.Fatal(err)
				}
				crawled = append(crawled, u.String())
			}
			rw := replay.Rewriter{Base: base, Prefix: "/replay/20240101000000", Strip: func(embedded []string) string {
				shown = embedded
				return ""
			}}
			if _, err := rw.HTML([]byte(page)); err != nil {
				t.Fatal(err)
			}
			slices.Sort(crawled)
			slices.Sort(shown)
			if d := cmp.Diff(slices.Compact(crawled), slices.Compact(shown)); d != "" || len(shown) == 0 {
				t.Errorf("crawl and replay: %s", d)
			}
		})
	}
}
