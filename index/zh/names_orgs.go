package zh

import (
	"strings"
	"unicode/utf8"
)

// orgAt finds where an organisation's name that begins at word i ends; i for none.
func (t *naming) orgAt(i int) int {
	w := t.words[i]
	best := i
	if w.Pos == "nt" && w.End-w.Start >= 3 && endsOrg(w.Text) && !t.partial(i) {
		best = i + 1
	}
	if t.placeAt(i) == i && w.Pos != "nt" && w.Text != "中国" && w.Text != "全国" && w.Pos != "nz" {
		return best
	}
	if notPlaces[w.Text] && w.Text != "中国" && w.Text != "全国" {
		return best
	}
	for j := i + 1; j < i+7 && t.adjacent(j); j++ {
		text := t.words[j].Text
		switch t.words[j].Pos {
		case "n", "ns", "nz", "nt", "j", "vn", "b", "l", "an", "g", "":
		default:
			if t.words[j].Pos == "nr" && !hasSurname(text) {
				continue // gse takes 青少年 for a person
			}
			if best == i && w.Text == "中国" && (joint(text) || t.words[j].Pos == "v" && joint(t.words[j-1].Text)) {
				continue // 中国物流 | 与 | 采购 | 联合会
			}
			if !endsWith(orgEnds, text) &&
				!(utf8.RuneCountInString(text) == 1 && strings.Contains("省市县区州乡镇", text)) {
				return best
			}
		}
		if endsWith(orgEnds, text) && t.words[j].End-w.Start >= orgLong && !t.notOrg(i, j+1) {
			best = j + 1
		}
	}
	return best
}

// joint says whether a word joins two parts of a name.
func joint(s string) bool { return s == "与" || s == "和" || s == "及" }

// partial says whether word i is only the end of a name whose beginning is not known: 住房城乡 | 建设部.
func (t *naming) partial(i int) bool {
	text := t.words[i].Text
	if notOrgs[text] || strings.HasSuffix(text, "公报") || t.next(i+1) == '长' { // 司法部 | 长
		return true
	}
	if !t.adjacent(i) || startsWhole(text) {
		return false
	}
	before := t.words[i-1]
	switch before.Pos {
	case "n", "vn", "j", "b", "nz":
		return !endsWith(roles, before.Text) && !endsWith(orgEnds, before.Text)
	}
	return false
}

// startsWhole says whether the name of an organisation begins as whole names do.
func startsWhole(name string) bool {
	for _, p := range []string{"中国", "中华", "中共", "中央", "全国", "国家", "国务院", "人民",
		"最高"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	runes := []rune(name)
	for n := 2; n < len(runes); n++ {
		if gazetteer[string(runes[:n])] {
			return true
		}
	}
	return false
}

// notOrg says whether what is put together from words i to end is no organisation.
func (t *naming) notOrg(i, end int) bool {
	last := t.words[end-1].Text
	if last == "市中心" || last == "中心" && end-2 >= i && strings.ContainsAny(t.words[end-2].Text, "市区") ||
		t.next(end) == '城' {
		return true // 大马士革市 | 中心, 上海中心 | 城区
	}
	return strings.HasSuffix(last, "中小学") || notOrgs[t.text(i, end)]
}

func endsOrg(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	before, _ := utf8.DecodeLastRuneInString(s[:len(s)-size])
	switch {
	case r == '学' && !strings.ContainsRune("大中小", before):
		return false // 东方学
	case !strings.ContainsRune(orgLast, r), notOrgs[s], strings.HasSuffix(s, "常委"), r == '部' &&
		strings.ContainsRune("东西南北中", before):
		return false
	}
	return true
}
