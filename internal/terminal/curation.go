package terminal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/locale"

	"github.com/jedib0t/go-pretty/v6/table"
)

// curated is what curators said of a hit.
func (p *Printer) curated(h index.Hit) (badge string) {
	if h.Hidden {
		badge = p.Tr(" [hidden]", " 【已隐藏】")
	}
	for _, t := range h.Tags {
		badge += " #" + t
	}
	return badge
}

// Acts prints what curators did, and how much is hidden at a moment.
func (p *Printer) Acts(s *curation.State, now time.Time) error {
	acts, hidden := slices.Concat([]curation.Act{}, s.Acts()), slices.Concat([]curation.Act{}, s.HiddenNow(now))
	err := list(p, map[string]any{"acts": acts, "hidden": hidden},
		"#|time|by|act|article|what", "#|时间|操作者|操作|对象|内容", acts, func(a curation.Act) table.Row {
			what := cmp.Or(a.Reason, a.Note, strings.Join(a.Tags, ","), a.Into,
				strings.Join(slices.Concat(a.Articles, a.Sites), " "))
			return table.Row{a.Number, clock(a.Time), a.By, locale.Text(p.Lang, "act."+string(a.Do)),
				cmp.Or(a.Article, a.Collection), Clip(what, 30)}
		})
	if err == nil && !p.JSON {
		_, err = fmt.Fprintf(p.Err, p.Tr("%d acts, %d articles hidden now\n", "共 %d 项，现隐藏 %d 篇\n"),
			len(acts), len(hidden))
	}
	return err
}

// Collections prints collections.
func (p *Printer) Collections(all []curation.Collection) error {
	return list(p, all, "name|title|owner|access|articles|sites", "代号|题名|负责|开放范围|文章|网站", all,
		func(c curation.Collection) table.Row {
			return table.Row{c.ID, Clip(c.Title(), 30), c.Owner, locale.Text(p.Lang, "access."+string(c.Access)),
				len(c.Articles), len(c.Sites)}
		})
}
