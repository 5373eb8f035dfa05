package zh

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// personAt finds where a person's name that begins at word i ends; i for none.
func (t *naming) personAt(i int) int {
	if end := t.foreignAt(i); end > i {
		return end
	}
	end := t.chineseAt(i)
	if end == i || t.insideForeign(i, end) {
		return i
	}
	switch {
	case t.adjacent(i) && (endsWith(roles, t.words[i-1].Text) || kin[t.words[i-1].Text]),
		end < len(t.words) && t.adjacent(end) && roles[t.words[end].Text],
		t.inRow(i):
		return end
	case t.words[end-1].End-t.words[i].Start >= 3 && end == i+1 && end < len(t.words) && t.adjacent(end) &&
		sayings[t.words[end].Text]:
		return end
	}
	if f := t.found[string(t.runes[t.words[i].Start:t.words[end-1].End])]; f != nil && f.kind == person {
		return end // as found before
	}
	return i
}

// chineseAt finds where what has the form of a Chinese name ends: one word that the dictionary has as a name, or
// a family name and one or two characters that are no words of their own.
func (t *naming) chineseAt(i int) int {
	w := t.words[i]
	n := w.End - w.Start
	switch {
	case (w.Pos == "nr" || w.Pos == "nrt") && n >= 2 && n <= 4 && hasSurname(w.Text) && !notPerson(w.Text):
		if n == 2 && t.adjacent(i+1) && t.isLast(i+1) {
			return i + 2 // 夏宝 | 龙
		}
		return i + 1
	case n == 1 && hasSurname(w.Text):
		end := i + 1
		for t.adjacent(end) && end < i+3 && t.words[end].End-t.words[end].Start == 1 && isGiven(t.words[end]) {
			end++
		}
		if end == i+1 && t.adjacent(end) && t.words[end].End-t.words[end].Start == 2 && given[t.words[end].Pos] {
			end++ // 王 | 志刚, 郭 | 吉安
		}
		if end > i+1 && !notPerson(t.text(i, end)) {
			return end
		}
	}
	return i
}

// given are the parts of speech of words that follow a family name as a given name.
var given = map[string]bool{"nr": true, "nz": true, "ns": true}

// notPerson says whether a word that has the form of a name is none.
func notPerson(s string) bool {
	runes := []rune(s)
	if notPeople[s] || roles[s] || gazetteer[s] || notPlaces[s] || len(runes) < 2 {
		return true
	}
	title := string(runes[len(runes)-2:]) // 王师傅
	return len(runes) > 2 && (strings.ContainsRune("区县镇乡村庄屯寨沟湾省市", runes[len(runes)-1]) ||
		roles[title] || kin[title])
}

// isLast says whether word i can be the last character of a name whose first two are a word.
func (t *naming) isLast(i int) bool {
	w := t.words[i]
	if w.End-w.Start != 1 || !isHan(w.Text) ||
		strings.Contains("人家等队版方村区省市县镇乡路街处间后前中上下内外时年月日", w.Text) {
		return false
	}
	return strings.HasPrefix(w.Pos, "n") || w.Pos == "t" || strings.HasPrefix(w.Pos, "a") || strings.HasSuffix(w.Pos, "g")
}

func isGiven(w Word) bool {
	if w.Text == "刚" {
		return true // 吴德刚作了题为…的发言
	}
	switch w.Pos {
	case "u", "p", "c", "r", "d", "uj", "ul", "y", "m", "q", "f":
		return false
	}
	return isHan(w.Text) &&
		!strings.Contains("的了在和与及等为是把被对从向到将已也就都并或但而由主党任说称讲"+
			"作出来去会指到", w.Text)
}

func isHan(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Han, r)
}

// inRow says whether word i follows a name and a comma of enumeration.
func (t *naming) inRow(i int) bool {
	at := t.words[i].Start
	return t.row > 0 && at == t.row+1 && t.folded[t.row] == '、'
}

// dot stands between the parts of a foreign name.
func dot(r rune) bool { return r == '·' || r == '•' || r == '・' }

// foreignAt finds where a foreign person's name that begins at word i ends: characters of transliteration up to
// the end of a word, with a dot among them or a role before them.
func (t *naming) foreignAt(i int) int {
	w := t.words[i]
	if gazetteer[w.Text] || !foreign[t.folded[w.Start]] || t.adjacent(i) && foreignWord(t.words[i-1]) ||
		w.Start > 0 && dot(t.folded[w.Start-1]) {
		return i
	}
	end, dots := i, 0
	for j := i; j < len(t.words); j++ {
		if j > i && !t.adjacent(j) {
			if t.words[j].Start != t.words[j-1].End+1 || !dot(t.folded[t.words[j-1].End]) {
				break
			}
			dots++
		}
		if !foreignWord(t.words[j]) {
			break
		}
		end = j + 1
	}
	if end == i {
		return i
	}
	n := t.words[end-1].End - w.Start - dots
	if dots > 0 && t.dotted(i, end) && n >= 4 {
		return end
	}
	if end > i+1 && strings.Contains("和及与", t.words[end-1].Text) {
		end--
	}
	if n >= 2 && t.adjacent(i) && roles[t.words[i-1].Text] && !hasChinese(w, n) && !notPerson(t.text(i, end)) {
		return end
	}
	return i
}

// dotted says whether the dot stands inside the words i to end, not behind them.
func (t *naming) dotted(i, end int) bool {
	for j := i + 1; j < end; j++ {
		if !t.adjacent(j) {
			return true
		}
	}
	return false
}

// hasChinese says whether a name of n characters that begins with a word has the form of a Chinese one.
func hasChinese(w Word, n int) bool {
	return n <= 3 && (w.Pos == "nr" || w.End-w.Start == 1) && hasSurname(w.Text)
}

// foreignWord says whether a word consists of characters of transliteration.
func foreignWord(w Word) bool {
	for _, r := range w.Text {
		if !foreign[r] {
			return false
		}
	}
	switch w.Pos {
	case "p", "c", "u", "y":
		return false
	case "v", "d", "t", "r", "m": // 略, 特, 维 are parts of names, 考试 and 可 are not
		return w.End-w.Start == 1 && !strings.Contains("可让尚切考怀扬旺申", w.Text)
	}
	return true
}

// insideForeign says whether a name is a piece of a longer foreign one.
func (t *naming) insideForeign(i, end int) bool {
	from, to := t.words[i].Start, t.words[end-1].End
	if from > 0 && dot(t.folded[from-1]) || to < len(t.folded) && dot(t.folded[to]) {
		return true
	}
	for _, r := range t.folded[from:to] {
		if !foreign[r] {
			return false
		}
	}
	before := t.adjacent(i) && foreignWord(t.words[i-1]) && !roles[t.words[i-1].Text]
	after := t.adjacent(end) && foreignWord(t.words[end])
	return before || after
}

func hasSurname(s string) bool {
	for _, d := range doubled {
		if strings.HasPrefix(s, d) {
			return true
		}
	}
	for _, r := range s {
		return strings.ContainsRune(surnames, r)
	}
	return false
}
