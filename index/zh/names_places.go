package zh

// placeAt finds where the name of a place that begins at word i ends; i for none.
func (t *naming) placeAt(i int) int {
	w := t.words[i]
	n := w.End - w.Start
	if n < 2 {
		return i
	}
	known := gazetteer[w.Text]
	if !known && w.Pos != "ns" || notPlaces[w.Text] || notPeople[w.Text] {
		return i
	}
	if t.next(i+1) == '舰' { // a ship that has the name of a place
		return i
	}
	last := t.folded[w.End-1]
	if !administrative[last] && t.adjacent(i+1) && t.words[i+1].End-t.words[i+1].Start == 1 &&
		administrative[t.folded[t.words[i+1].Start]] {
		return i + 2 // 北溪 | 村
	}
	if known || n >= 3 && (regional[last] && !t.compound(w) || t.beginsKnown(w) || t.foreignPlace(i)) {
		return i + 1
	}
	return i
}

// beginsKnown says whether a word is a known place and at least two characters more: 北京天安门, 内蒙古军区
// is none.
func (t *naming) beginsKnown(w Word) bool {
	runes := t.folded[w.Start:w.End]
	for n := 2; n+2 <= len(runes); n++ {
		if gazetteer[string(runes[:n])] && !endsWith(orgEnds, w.Text) && !endsOrg(w.Text) {
			return true
		}
	}
	return false
}

// compound says whether a word is put together from ordinary words: 大型 | 超市.
func (t *naming) compound(w Word) bool {
	runes := t.folded[w.Start:w.End]
	ordinary := func(part []rune) bool {
		if notPlaces[string(part)] {
			return true
		}
		if gazetteer[string(part)] {
			return false
		}
		_, pos, ok := t.d.Lookup(string(part))
		return ok && pos != "ns" && pos != "nr" && pos != "nz"
	}
	for n := 2; n+2 <= len(runes); n++ {
		if ordinary(runes[:n]) && ordinary(runes[n:]) {
			return true
		}
	}
	return len(runes) == 3 && ordinary(runes[:2]) && !settlement[runes[2]]
}

// settlement are the characters before which even an ordinary word is the name of a place: 平安县.
var settlement = runeSet("省市县镇乡村州盟旗")

// foreignPlace says whether a word is written like a foreign place and is not a part of something longer.
func (t *naming) foreignPlace(i int) bool {
	w := t.words[i]
	if !foreignWord(w) || t.adjacent(i) && endsWith(roles, t.words[i-1].Text) {
		return false
	}
	around := func(at int) bool { return at >= 0 && at < len(t.folded) && dot(t.folded[at]) }
	if around(w.Start-1) || around(w.End) {
		return false
	}
	return !(t.adjacent(i) && foreignWord(t.words[i-1]) && !gazetteer[t.words[i-1].Text] ||
		t.adjacent(i+1) && foreignWord(t.words[i+1]))
}
