package fakesite

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// article is one article of a site with everything its page shows.
type article struct {
	n         int
	column    *column
	kind      *kind
	voice     *voice
	title     string
	source    string
	author    string
	editor    string
	contrib   string
	tail      string // last line as printed: （记者：…） or （… 供稿）
	published time.Time
	blocks    []block
	files     []*file
	pictures  []*picture
	partAt    int // first block of page 2; 0: one page
	path      string
	parts     []string // paths of page 2…n
	views     int
	reprint   bool

	state    State
	revision int // 1 as first published
	edited   time.Time
	change   Change
	old      []string // paths it had before it moved
	goneAs   int      // status of the path when gone: 404 or 410
}

// block is a piece of the body: p, h, li, to, sign or img.
type block struct {
	kind string
	text string
	part part // what it was drawn from
	pic  *picture
}

// write composes article n of a site.
func (s *Site) write(n int, published time.Time, col *column, k *kind) *article {
	rng := rand.New(rand.NewPCG(s.seed, uint64(n)*2+1))
	a := &article{n: n, column: col, kind: k, published: published, state: Live, revision: 1, edited: published}
	for try := 0; ; try++ {
		a.voice = s.voice(rng, published, k)
		title := drawAlt(a.voice, k.title)
		a.title = a.voice.expand(title)
		if !s.titles[a.title] {
			break
		}
		if try > 30 {
			a.title = fmt.Sprintf("%s（第%d期）", a.title, n)
			break
		}
	}
	s.titles[a.title] = true
	for _, p := range k.parts {
		for _, t := range a.voice.draw(p) {
			a.blocks = append(a.blocks, block{kind: p.what, text: a.voice.line(t), part: p})
		}
	}
	if k.sign {
		a.blocks = append(a.blocks, block{kind: "sign", text: s.Name},
			block{kind: "sign", text: published.Format("2006年1月2日")})
	}
	a.views = 40 + rng.IntN(2200)
	s.byline(a, rng)
	s.enclose(a, rng)
	return a
}

// drawAlt draws one alternative and fixes the article's variant by it.
func drawAlt(v *voice, p part) string {
	a := p.alts[v.rng.IntN(len(p.alts))]
	if a.tags != "" {
		v.variant = string(a.tags[v.rng.IntN(len(a.tags))])
	}
	return a.text
}

func (s *Site) voice(rng *rand.Rand, published time.Time, k *kind) *voice {
	v := &voice{rng: rng, published: published, event: published.AddDate(0, 0, -rng.IntN(4)), bound: map[string]string{}}
	if k.sign {
		v.event = published
	}
	for name, value := range s.bound {
		v.bound[name] = value
	}
	return v
}

// byline decides who wrote, sent and edited the article, as far as the site shows it.
func (s *Site) byline(a *article, rng *rand.Rand) {
	v, own := a.voice, s.bound["简称"]
	if a.kind.sign {
		a.source = own
		if s.style.editor && rng.IntN(2) == 0 {
			a.editor = s.editors[rng.IntN(len(s.editors))]
		}
		return
	}
	switch rng.IntN(6) {
	case 0, 1:
		a.source = own
	case 2:
		a.source = own + v.slot("部门")
	case 3, 4:
		a.source = v.slot("市") + "科协"
	case 5:
		a.source, a.reprint = s.bound["地"]+v.word("报纸"), true
	}
	if society := v.bound["学科"]; a.column.key == "学会" && society != "" && !a.reprint {
		a.source = s.bound["省"] + society + "学会"
	}
	if s.style.editor && rng.IntN(3) > 0 {
		a.editor = s.editors[rng.IntN(len(s.editors))]
	}
	switch who := rng.IntN(6); {
	case s.style.author && who < 3:
		a.author = v.person()
	case s.style.author && who == 3 && !a.reprint:
		a.author = v.slot("部门")
	case who == 4 && a.kind.tail:
		a.author = v.person()
		a.tail = "（[记者：|记者 |撰稿：]" + a.author + "）"
	case who == 5 && a.kind.tail:
		a.contrib = [...]string{v.slot("部门"), v.slot("市") + "科协", v.slot("县") + "科协"}[rng.IntN(3)]
		a.tail = "（" + a.contrib + "[　| |]供稿）"
	}
	a.tail = v.expand(a.tail)
}

// enclose adds documents and pictures.
func (s *Site) enclose(a *article, rng *rand.Rand) {
	if len(a.kind.attach.alts) > 0 {
		for i, t := range a.voice.draw(a.kind.attach) {
			a.files = append(a.files, newFile(a, i, a.voice.expand(t), fileTypes[rng.IntN(len(fileTypes))]))
		}
		return
	}
	if rng.IntN(5) > 1 || len(a.blocks) < 3 {
		return
	}
	pic := &picture{seed: rng.Uint64(), caption: [...]string{"活动现场", "会议现场", "专家与群众交流",
		"现场一角"}[rng.IntN(4)]}
	if a.kind.column == "科普" && a.kind.weight == 1 {
		pic.caption = "科普示意图"
	}
	a.pictures = append(a.pictures, pic)
	at := 1 + rng.IntN(len(a.blocks)-1)
	a.blocks = append(a.blocks[:at], append([]block{{kind: "img", text: pic.caption, pic: pic}}, a.blocks[at:]...)...)
}

// edit rewrites one paragraph as an editor would who got better figures, and with
// luck the title.
func (s *Site) edit(a *article, rng *rand.Rand, now time.Time) {
	a.voice.rng = rng
	var at []int
	for i, b := range a.blocks {
		if b.kind == "p" {
			at = append(at, i)
		}
	}
	i := at[rng.IntN(len(at))]
	before := a.blocks[i].text
	for try := 0; a.blocks[i].text == before; try++ {
		texts := a.voice.draw(part{min: 1, max: 1, alts: a.blocks[i].part.alts})
		a.blocks[i].text = a.voice.line(texts[0])
		if try > 8 {
			a.blocks[i].text = before + "（此处内容已于" + now.Format("1月2日") + "更新。）"
		}
	}
	if rng.IntN(3) == 0 && !strings.HasSuffix(a.title, "（更正）") {
		a.title += "（更正）"
	}
	a.revision++
	a.edited = now
	a.change = Edited
}
