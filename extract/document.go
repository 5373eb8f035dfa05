package extract

import (
	"strings"
	"unicode/utf8"
)

var docWords = newLexicon([]string{"索引", "发文", "文号", "成文", "印发", "制发", "公开机关",
	"发布机关", "公开责任", "發文", "签发"})

// readDocument reads the printed fields of an official document (公文): the table above the
// text, the number that stands alone below the title (教思政厅函〔2024〕10号), the issuer and date
// that sign it. nil if the page shows no index, no number and no signature.
func readDocument(v *view, h head, b body, records []record) *Document {
	end := len(v.blocks)
	if n := len(b.blocks); n > 0 {
		end = min(end, b.blocks[min(n-1, 6)]+1)
	}
	lo, hi := -1, -1
	for i := 0; i < end; i++ {
		bl := &v.blocks[i]
		if bl.chars > 120 || bl.stops > 0 || bl.flags&fHidden != 0 || docWords.in(unspaced(v.str(i))) == "" {
			continue
		}
		if lo < 0 {
			lo = i
		}
		if hi < 0 || i-hi <= 14 {
			hi = i
		}
	}
	var d Document
	for _, r := range records {
		if r.official {
			d.take(r.items)
		}
	}
	if lo >= 0 {
		d.take(v.itemsOf(lo, min(hi+3, end)))
	}
	if d.Number == "" {
		d.Number = loneNumber(v, h, b)
	}
	issuer, signed, _, ok := signedBy(v, b)
	if d.Number == "" && d.Index == "" && (!ok || issuer == "") {
		return nil
	}
	if d.Signed.Time.IsZero() && ok {
		d.Signed = signed
	}
	if d.Issuer == "" {
		d.Issuer = Text(issuer)
	}
	return &d
}

// take fills the fields that are not known yet.
func (d *Document) take(its []item) {
	for i := range its {
		it := &its[i]
		if it.value == "" || it.closed == closedBare {
			continue
		}
		val := Text(trimValue(it.value))
		switch {
		case it.kind == labelIssuer && d.Issuer == "":
			d.Issuer = val
		case it.kind == labelNumber && d.Number == "" && isDocNumber(string(val)):
			d.Number = val
		case it.kind == labelIndex && d.Index == "" && hasDigit(string(val)):
			d.Index = val
		case it.kind == labelSigned && d.Signed.Time.IsZero():
			if date, _, _, ok := it.date(); ok {
				d.Signed = date
			}
		}
	}
}

// unspaced takes the blanks out of short labels (索 引 号).
func unspaced(s string) string {
	if len(s) > 90 || !strings.Contains(s, " ") {
		return s
	}
	return strings.ReplaceAll(s, " ", "")
}

func trimValue(s string) string { return strings.Trim(s, " ：:|｜;；,，") }

func hasDigit(s string) bool {
	return strings.ContainsAny(s, "0123456789０１２３４５６７８９")
}

// isDocNumber reports whether s is a document's number: 宁科协发〔2022〕15号, 国发[2015]40号, 2022年
// 第3号.
func isDocNumber(s string) bool {
	if n := runes(s); n < 5 || n > 40 || !hasDigit(s) {
		return false
	}
	return strings.HasSuffix(s, "号") || strings.ContainsAny(s, "〔〕［］[]【】")
}

// loneNumber finds the number of a document that shows no table of its fields: in the byline, in
// a line of its own between the title and the first paragraphs, or in the brackets that end the title.
func loneNumber(v *view, h head, b body) Text {
	for k := range h.items {
		if n := docNumberIn(h.items[k].value); n != "" && h.items[k].kind == labelNone {
			return Text(n)
		}
	}
	if len(b.blocks) > 0 {
		lo := max(0, min(h.start, b.blocks[0])-3)
		hi := b.blocks[min(len(b.blocks)-1, 3)]
		for i := lo; i <= hi; i++ {
			bl := &v.blocks[i]
			if bl.chars > 40 || bl.flags&fHidden != 0 || bl.linked > 0 || i >= h.titleLo && i < h.titleHi {
				continue
			}
			s := strings.Trim(v.str(i), "[]【】 ")
			if n := docNumberIn(s); n != "" && runes(s)-runes(n) <= 16 && !strings.ContainsAny(s, "，。") {
				return Text(n)
			}
		}
	}
	if t := strings.TrimRight(h.titleText(v), " "); strings.HasSuffix(t, "）") || strings.HasSuffix(t, ")") {
		if open := strings.LastIndexAny(t, "（("); open >= 0 {
			return Text(docNumberIn(t[open:]))
		}
	}
	return ""
}

// docNumberIn finds the number of a document in a short text: the office's characters, the year in
// brackets and the number (宁科协发〔2022〕15号), or a number of the year that an announcement has in
// brackets (公告（2022年第5号）).
func docNumberIn(s string) string {
	for at := 0; ; {
		i := strings.IndexAny(s[at:], "〔［[【（(﹝")
		if i < 0 {
			return ""
		}
		i += at
		_, w := firstRuneLen(s[i:])
		at = i + w
		c := scanner{s: s, i: at}
		c.blanks()
		y, ok := c.number(4, 4)
		if !ok || y < 1949 || y > 2099 {
			c.i = at
		} else if c.one("〕］]】）)﹞"); true {
			if n := c.ordinal(); n > 0 {
				i = len(strings.TrimRight(s[:i], " "))
				lo := i
				for lo > 0 {
					r, k := utf8.DecodeLastRuneInString(s[:lo])
					if !isHan(r) && !isASCIIWord(r) && r != '·' {
						break
					}
					lo -= k
				}
				if hanCount(s[lo:i]) >= 2 {
					return s[lo:n]
				}
			}
			c.i = at
			c.number(4, 4)
			if _, ok := c.one("年"); !ok {
				continue
			}
		}
		if n := c.ordinal(); n > 0 && strings.Contains(s[at:n], "第") && announces(s[:i]) &&
			strings.ContainsRune("）)】]", firstRune(strings.TrimSpace(s[n:]))) {
			return strings.TrimSpace(s[at:n])
		}
	}
}

// announces reports whether a text ends as the names of numbered announcements do.
func announces(s string) bool {
	for _, w := range []string{"公告", "通告", "令", "公示", "通报", "决定", "公报"} {
		if strings.HasSuffix(strings.TrimSpace(s), w) {
			return true
		}
	}
	return s == ""
}

// ordinal reads 15号 or 第15号 and returns where it ends, 0 if there is none.
func (c *scanner) ordinal() int {
	save := c.i
	c.blanks()
	c.one("第")
	if _, ok := c.number(1, 5); ok {
		if _, ok = c.one("号號"); ok {
			end := c.i
			c.i = save
			return len(strings.TrimRight(c.s[:end], " "))
		}
	}
	c.i = save
	return 0
}

// signedBy reads the issuer and the date that close a notice, in the last lines of its body: two
// lines, or one. block is the line of the date.
func signedBy(v *view, b body) (issuer string, signed Date, block int, ok bool) {
	for k := len(b.blocks) - 1; k > 0 && k >= len(b.blocks)-6; k-- {
		s := strings.TrimSpace(v.str(b.blocks[k]))
		date, lo, hi, ok := findDate(s)
		if i := b.blocks[k]; !ok || strings.Trim(s[hi:], "。 印发") != "" || date.HasClock ||
			v.blocks[i].flags&fRecord != 0 || v.dataTable(i) >= 0 {
			continue
		}
		if lo > 0 {
			who := signer(s[:lo])
			return who, date, b.blocks[k], who != ""
		}
		var who []string
		for j := k - 1; j >= 0 && j >= k-4; j-- {
			w := signer(v.str(b.blocks[j]))
			if w == "" {
				break
			}
			who = append([]string{w}, who...)
		}
		return strings.Join(who, " "), date, b.blocks[k], len(who) > 0 || k == len(b.blocks)-1 || v.toRight(b.blocks[k])
	}
	return "", Date{}, -1, false
}

// signer returns the office that a line of a signature names, "" if it is none.
func signer(s string) string {
	s = strings.TrimSpace(s)
	for _, cut := range []string{"（盖章）", "(盖章)", "（章）", "（公章）"} {
		s = strings.TrimSuffix(s, cut)
	}
	s = strings.TrimSpace(s)
	if runes(s) > 30 || hanCount(s) < 3 || strings.ContainsAny(s, "，。：:；") || !isOrg(s) {
		return ""
	}
	return s
}

// signs reports whether a block is the date that signs a notice: a day and no time, alone or behind
// its issuer, below running text; the issuer stands above it, it is set to the right, or it stands
// in the same element as the text.
func (v *view) signs(i int) bool {
	b := &v.blocks[i]
	s := strings.TrimSpace(v.str(i))
	d, lo, hi, ok := findDate(s)
	if !ok || d.HasClock || b.chars > 45 || b.linked > 0 || b.flags&fChrome != 0 ||
		strings.Trim(s[hi:], "。 印发") != "" || lo > 0 && signer(s[:lo]) == "" {
		return false
	}
	for k := i - 1; k >= 0 && k >= i-8; k-- {
		p := &v.blocks[k]
		if p.flags&fHeading != 0 || p.linked*2 > p.chars {
			return false
		}
		if texty(p) || p.chars > 30 || v.dataTable(k) >= 0 {
			return lo > 0 || signer(v.str(i-1)) != "" || v.toRight(i) || v.parentOf(k) == v.parentOf(i)
		}
	}
	return false
}

// toRight reports whether a block is set to the right margin.
func (v *view) toRight(i int) bool {
	for e, d := v.blocks[i].elem, 0; e >= 0 && d < 2; e, d = v.elems[e].parent, d+1 {
		n := v.elems[e].node
		if strings.EqualFold(attr(n, "align"), "right") ||
			indexFold(attr(n, "style"), "right") >= 0 && indexFold(attr(n, "style"), "text-align") >= 0 {
			return true
		}
	}
	return false
}

// isCitation reports whether a line names the paper or book that first printed a text, with its
// date: （青岚日报 2001年3月12日）, 原载《沐川文史》2003年6月1日. That is no date of this page.
func isCitation(s string) bool {
	s = strings.TrimSpace(s)
	if _, _, _, ok := findDate(s); !ok || runes(s) > 60 {
		return false
	}
	t := strings.TrimLeft(s, "（([【〔 —-")
	for _, w := range []string{"原载", "载于", "载《", "刊于", "原刊", "刊载于", "原文载", "原文刊",
		"本文载", "本文刊", "本文原载", "选自", "摘自《", "见《", "据《", "发表于《", "《"} {
		if strings.HasPrefix(t, w) {
			return true
		}
	}
	return isBracketed(s) && (containsAny(s, []string{"报", "刊", "杂志", "通讯", "社", "電", "电 "}) ||
		strings.Contains(s, "》")) && !strings.ContainsAny(s, ":：")
}
