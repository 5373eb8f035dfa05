package terminal

import (
	"cmp"
	"fmt"
	"strings"

	"cundang/extract"
	"cundang/internal/node"
	"cundang/site"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Profiles lists site profiles; own says which of them are the operator's.
func (p *Printer) Profiles(all []*site.Profile, own func(id string) bool) error {
	type row struct {
		Site       string `json:"site"`
		Name       string `json:"name"`
		Region     string `json:"region"`
		Home       string `json:"home"`
		Seeds      int    `json:"seeds"`
		Schedule   string `json:"schedule"`
		Unverified bool   `json:"unverified"`
		Own        bool   `json:"own"` // from DATA/profiles
	}
	rows := []row{}
	for _, s := range all {
		rows = append(rows, row{s.ID, s.Name, s.Region, s.Home, len(s.Seeds), s.Schedule.Cron, s.Unverified, own(s.ID)})
	}
	return list(p, rows, "site|name|region|lists|schedule|state|home",
		"站点|名称|地区|栏目|定时|状态|主页", rows,
		func(r row) table.Row {
			state := p.Tr("built in", "内置")
			if r.Own {
				state = p.Tr("own", "自有")
			}
			if r.Unverified {
				state += p.Tr(", unverified", "，未核实")
			}
			return table.Row{r.Site, r.Name, r.Region, r.Seeds, r.Schedule, state, r.Home}
		})
}

// Profile writes a profile as YAML, or as JSON with the same keys.
func (p *Printer) Profile(s *site.Profile) error {
	text, err := site.Marshal(s)
	if err != nil {
		return err
	}
	if !p.JSON {
		_, err = p.Out.Write(text)
		return err
	}
	value, err := node.ProfileJSON(s)
	if err != nil {
		return err
	}
	return p.PrintJSON(value)
}

// Proposal prints a proposed profile with what it reads.
func (p *Printer) Proposal(x *node.Proposal) error {
	if p.JSON {
		return p.PrintJSON(x)
	}
	if err := p.Profile(x.Site); err != nil {
		return err
	}
	l := x.List
	fmt.Fprintf(p.Out,
		p.Tr("\nlist %s: %d rows (%s), next page: %s\n\n", "\n栏目 %s：%d 行（%s），翻页：%s\n\n"),
		l.URL, l.Rows, l.RowsBy, cmp.Or(l.NextBy, "-"))
	t := p.headed("title|published|source|author|paragraphs|characters|confidence|doubts",
		"标题|发布|来源|作者|段落|字数|置信度|存疑")
	for _, r := range x.Articles {
		t.AppendRow(table.Row{Clip(r.Title, 30), r.Published, r.Source, r.Author, r.Paragraphs, r.Characters,
			share(r.Confidence), p.doubts(r.Doubts)})
	}
	t.Render()
	if x.File == "" {
		return nil
	}
	_, err := fmt.Fprintf(p.Out,
		p.Tr("\nwritten to %s; next: cundang crawl %s\n", "\n已写入 %s；接着：cundang crawl %s\n"),
		x.File, x.Site.ID)
	return err
}

// doubts says in the language of this run what is doubtful about a reading.
func (p *Printer) doubts(list []string) string {
	zh := map[string]string{node.DoubtKind: "不像文章", node.DoubtTitle: "标题与列表不符",
		node.DoubtDate: "日期与列表不符",
		node.DoubtText: "没有正文", node.DoubtConfidence: "置信度低"}
	var said []string
	for _, d := range list {
		said = append(said, p.Tr(d, zh[d]))
	}
	return strings.Join(said, "; ")
}

// Checked prints what each rule of profiles matched.
func (p *Printer) Checked(checked []node.CheckedSite) error {
	if p.JSON {
		return p.PrintJSON(checked)
	}
	t := p.headed("site|rule||matched|tried|example", "站点|规则||匹配|检验|示例")
	for _, c := range checked {
		if c.Captures == 0 {
			fmt.Fprintf(p.Err, p.Tr("%s: the profile is in order; nothing of the site is stored to try it on\n",
				"%s：配置无误；尚无该站点的存档可供检验\n"), c.Site)
			continue
		}
		for _, r := range c.Rules {
			matched := fmt.Sprint(r.Matched)
			if r.Tried > 0 && r.Matched == 0 {
				matched += p.Tr(" (nothing)", "（无）")
			}
			t.AppendRow(table.Row{c.Site, r.Field, Clip(r.Rule, 50), matched, r.Tried, Clip(r.Example, 40)})
		}
	}
	if t.Length() > 0 {
		t.Render()
	}
	for _, c := range checked {
		for _, g := range c.Goes {
			fmt.Fprintf(p.Out, p.Tr("%s: %d stored pages leave the index at the next crawl: %s\n",
				"%s：下次采集时有 %d 个已存网页不再列入索引：%s\n"), c.Site, g.Pages, p.reason(g.Reason))
			for _, url := range g.Examples {
				fmt.Fprintln(p.Out, "    "+url)
			}
		}
	}
	return nil
}

// Models prints what was learnt of sites.
func (p *Printer) Models(models []extract.Model) error {
	if p.JSON {
		return p.PrintJSON(models)
	}
	t := p.headed("site|pages like|pages|text in|byline in|suffix|repeated lines",
		"站点|网页类型|页数|正文元素|署名元素|标题后缀|重复行")
	for _, m := range models {
		for _, g := range m.Groups {
			t.AppendRow(table.Row{m.Site, g.Pattern, g.Pages, g.Container.Value, g.Byline.Value, g.Suffix.Value,
				len(g.Lines)})
		}
	}
	t.Render()
	if len(models) > 0 {
		fmt.Fprintln(p.Err, p.Tr("cundang index rebuild applies this to the articles read before",
			"用 cundang index rebuild 应用于此前的文章"))
	}
	return nil
}

// Learnt says beside the results what was learnt of a site.
func (p *Printer) Learnt(model *extract.Model) {
	for _, g := range model.Groups {
		fmt.Fprintf(p.Err,
			p.Tr("learnt, version %d, pages like %s: text in %s, byline in %s, title ends in %q, %d repeated lines\n",
				"已学习（第 %d 版），网页类型 %s：正文在 %s，署名在 %s，标题后缀 %q，重复行 %d\n"),
			model.Version, g.Pattern, g.Container.Value, g.Byline.Value, g.Suffix.Value, len(g.Lines))
	}
}

// ProfileCure says what to try when profiles could not be loaded or chosen.
func (p *Printer) ProfileCure(fault node.ProfileFault) string {
	switch fault {
	case node.NoProfiles:
		return "cundang crawl SITE|URL, cundang sites list"
	case node.UnknownSite, node.NoFile:
		return "cundang sites list"
	case node.BadURL:
		return "cundang crawl https://www.example.org/, cundang sites add http://www.example.org/tzgg/"
	case node.BadProfile:
		return p.Tr("mend the file, then: cundang sites check", "修正该文件，然后：cundang sites check")
	case node.Exists:
		return "--force, --dry-run, --id NAME"
	case node.BadID:
		return "--id NAME"
	}
	return ""
}
