package extract

import "strings"

var docWords = newLexicon([]string{"索引", "发文", "文号", "成文", "印发", "制发", "公开机关", "发布机关", "公开责任", "發文", "签发"})

// readDocument reads the printed fields of an official document (公文): the table above the
// text, or the number that stands alone below the title (教思政厅函〔2024〕10号). nil if the page
// shows neither an index nor a number.
func readDocument(v *view, h head, b body) *Document {
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
	if lo >= 0 {
		for _, it := range v.itemsOf(lo, min(hi+3, end)) {
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
	if d.Number == "" {
		d.Number = loneNumber(v, h, b)
	}
	if d.Number == "" && d.Index == "" {
		return nil
	}
	signature(v, b, &d)
	return &d
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

// loneNumber finds a number in a line of its own between the title and the first paragraphs.
func loneNumber(v *view, h head, b body) Text {
	if len(b.blocks) == 0 {
		return ""
	}
	lo := max(0, min(h.start, b.blocks[0])-3)
	hi := b.blocks[min(len(b.blocks)-1, 3)]
	for i := lo; i <= hi; i++ {
		if bl := &v.blocks[i]; bl.chars > 30 || bl.flags&fHidden != 0 || bl.linked > 0 {
			continue
		}
		s := strings.Trim(v.str(i), "（）() ")
		if isDocNumber(s) && strings.ContainsAny(s, "〔［[【（(") && strings.HasSuffix(s, "号") && hanCount(s) >= 3 {
			return Text(s)
		}
	}
	return ""
}

// signature reads the issuer and date that close a document, when the head did not say.
func signature(v *view, b body, d *Document) {
	for k := len(b.blocks) - 1; k > 0 && k >= len(b.blocks)-6; k-- {
		s := strings.TrimSpace(v.str(b.blocks[k]))
		date, lo, hi, ok := findDate(s)
		if !ok || lo > 0 || hi < len(s) {
			continue
		}
		if d.Signed.Time.IsZero() {
			d.Signed = date
		}
		if above := strings.TrimSpace(v.str(b.blocks[k-1])); d.Issuer == "" && isOrg(above) && runes(above) <= 30 {
			d.Issuer = Text(above)
		}
		return
	}
}
