package extract

import (
	"fmt"
	"os"
	"testing"
)

func TestZZ(t *testing.T) {
	f := os.Getenv("ZZ")
	if f == "" {
		t.Skip()
	}
	b, _ := os.ReadFile(f)
	rd := read(Page{Body: b, URL: os.Getenv("ZZURL")})
	v := rd.v
	fmt.Println("TITLE", v.docTitle, "| head", rd.head.titleLo, rd.head.titleHi, "by", rd.head.byLo, rd.head.byHi, "start", rd.head.start)
	for _, it := range rd.head.items {
		fmt.Printf("  item %d %q=%q closed %d\n", it.kind, it.label, it.value, it.closed)
	}
	in := map[int]bool{}
	for _, i := range rd.body.blocks {
		in[i] = true
	}
	for i := range v.blocks {
		b := &v.blocks[i]
		m := " "
		if in[i] {
			m = "B"
		}
		if rd.drop[i] {
			m = "D"
		}
		e := &v.elems[b.elem]
		fmt.Printf("%s%4d l%d f%03x c%d/%d <%s %s.%s r%d> %s\n", m, i, rd.lines[i], b.flags, b.chars, b.linked, e.node.Data, attr(e.node, "id"), attr(e.node, "class"), e.role, clip(v.str(i), 90))
	}
	fmt.Println("BODY", rd.body.rule, rd.body.agreement)
	for _, o := range rd.body.others {
		fmt.Println("   other", o.rule, o.lo, o.hi, len(o.blocks), o.mass)
	}
	for n, f := range map[string]field{"title": rd.fields.title, "source": rd.fields.source, "author": rd.fields.author, "date": rd.fields.published, "editor": rd.fields.editor, "contrib": rd.fields.contributor} {
		for _, c := range f.list {
			fmt.Println(n, c.Rule, c.Value, "|", clip(c.Raw, 80), c.Confidence)
		}
	}
	fmt.Println("COLUMN", rd.column)
}

func TestZC(t *testing.T) {
	f := os.Getenv("ZZ")
	if f == "" {
		t.Skip()
	}
	b, _ := os.ReadFile(f)
	v := open(Page{Body: b})
	lines := classify(v)
	sp := titleSpots(v)
	for _, s := range sp {
		fmt.Printf("spot %+v %s\n", s, clip(v.str(s.lo), 60))
	}
	for _, c := range bylines(v, lines, sp) {
		fmt.Println("cluster", c.lo, c.hi, c.score, c.dates)
		for _, it := range c.items {
			fmt.Printf("  item %d %q=%q closed %d\n", it.kind, it.label, clip(it.value, 60), it.closed)
		}
	}
}
