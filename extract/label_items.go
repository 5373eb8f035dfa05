package extract

import (
	"strings"
	"unicode/utf8"
)

// item is one piece of a byline: a labelled value, or an unlabelled one (labelNone).
type item struct {
	kind   labelKind
	label  string
	value  string
	closed labelClose
	lo     int // offset in view.text
}

// date reads the date of an item; one that a label calls a date may be written more freely.
func (it *item) date() (d Date, lo, hi int, ok bool) {
	switch it.kind {
	case labelDate, labelUpdated, labelSigned:
		return labelledDate(it.value, strings.ContainsAny(it.label, taiwanChars))
	}
	return findDate(it.value)
}

// taiwanChars stand in the labels of dates that count the Republic's years.
const taiwanChars = "發時間張貼異動佈"

// piece is a stretch of a block between two marks.
type piece struct {
	text string
	lo   int
	sep  pieceSep // what parts it from the piece before
}

type pieceSep uint8

const (
	sepNone  pieceSep = iota // only an element's edge
	sepBlank                 // an element's edge and white space
	sepWide                  // wide white space or a bar
	sepLine                  // another block
)

// pieces cuts block i at its marks and at bars.
func (v *view) pieces(i int, out []piece) []piece {
	b := &v.blocks[i]
	sep := sepLine
	cut := func(lo, hi int32) {
		for lo < hi {
			end, skip := hi, int32(0)
			for k, r := range v.text[lo:hi] {
				if r == '|' || r == '｜' || r == '丨' || r == '│' || r == '┃' {
					if k > 0 && barCloses(v.text[lo:int(lo)+k]) {
						continue // "作者丨张三"
					}
					end, skip = lo+int32(k), int32(utf8.RuneLen(r))
					break
				}
			}
			t := v.text[lo:end]
			if trimmed := strings.TrimSpace(t); trimmed != "" {
				off := int(lo) + strings.Index(t, trimmed)
				if t[0] == ' ' && sep == sepNone {
					sep = sepBlank
				}
				out = append(out, piece{trimmed, off, sep})
				sep = sepNone
				if t[len(t)-1] == ' ' {
					sep = sepBlank
				}
			} else if t != "" && sep == sepNone {
				sep = sepBlank
			}
			if skip > 0 {
				sep = sepWide
			}
			lo = end + skip
		}
	}
	at := b.lo
	for m := b.mlo; m < b.mhi; m++ {
		mk := v.marks[m]
		if mk.pos < at || mk.pos > b.hi || mk.kind == markWide && oneHan(lastWord(v.text[at:mk.pos])) {
			continue // "来　源"
		}
		cut(at, mk.pos)
		at = mk.pos
		if mk.kind == markWide && sep < sepWide {
			sep = sepWide
		}
	}
	cut(at, b.hi)
	return out
}

// lastWord is what stands behind the last blank or bar.
func lastWord(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexAny(s, " |｜丨│"); i >= 0 {
		_, n := firstRuneLen(s[i:])
		s = s[i+n:]
	}
	return s
}

// barCloses reports whether the text before a bar is a label that the bar closes.
func barCloses(s string) bool {
	s = lastWord(s)
	if len(s) > 24 {
		return false
	}
	k, _, n, _ := matchLabel(s + "|")
	return k != labelNone && n > len(s)
}

// items reads the labelled and unlabelled values of the given pieces.
func items(ps []piece) []item {
	var out []item
	open := -1 // index of the item whose value may go on
	for _, p := range ps {
		rest, at := p.text, p.lo
		first := true
		for rest != "" {
			k, word, n, closed := labelAt(rest)
			if k == labelNone && first {
				k, word, n, closed = timeLabel(rest)
			}
			if k == labelDate && n == 0 {
				out = append(out, item{kind: k, value: rest, lo: at})
				break
			}
			if k != labelNone && (closed != closedBare || first && n == len(rest) || first && bareLabelOK(k, word, rest[n:])) {
				out = append(out, item{kind: k, label: word, closed: closed, lo: at})
				open = len(out) - 1
				rest, at = rest[n:], at+n
				first = false
				continue
			}
			if n := unknownLabel(rest); n > 0 && len(out) > 0 && k == labelNone &&
				(open < 0 || out[open].value != "" || nextLabel(rest[:n], true) == n) {
				out = append(out, item{kind: labelContent, label: strings.TrimRight(rest[:n], "：:∶"),
					closed: closedColon, lo: at})
				open = len(out) - 1
				rest, at = rest[n:], at+n
				first = false
				continue
			}
			end := nextLabel(rest, open >= 0)
			val := strings.TrimSpace(rest[:end])
			switch {
			case strings.Trim(val, "】]）)[【 ") == "":
			case open >= 0 && out[open].value == "" && out[open].takes(val, p.sep, first):
				out[open].value = val
			case first && len(out) > 0 && looksClock(val) && endsInDay(out[len(out)-1].value):
				out[len(out)-1].value += " " + val // the time of day stands apart
			case open >= 0 && first && p.continues(&out[open]):
				out[open].value += joiner(out[open].value, val, p.sep) + val
			default:
				out = append(out, item{value: val, lo: at})
				open = -1
			}
			rest, at = rest[end:], at+end
			first = false
		}
	}
	return out
}

// timeLabel reads a label that ends in 时间 or 日期 and stands in no table: 信息发布时间 is the page's,
// 登记时间 and 批准日期 are part of what it says. A day of the Republic alone is one too.
func timeLabel(s string) (k labelKind, word string, n int, closed labelClose) {
	if republicDay(s) {
		return labelDate, "", 0, closedBare
	}
	for _, w := range []string{"时间", "日期", "年月", "時間"} {
		i := strings.Index(s, w)
		if i < 3 || i > 24 || hanCount(s[:i]) != utf8.RuneCountInString(s[:i]) {
			continue
		}
		c, m := closeOf(s[i+len(w):])
		if c != closedColon {
			continue
		}
		if k, word = labelContent, s[:i+len(w)]; containsAny(word, publishWords) {
			k = labelDate
		}
		return k, word, i + len(w) + m, c
	}
	return labelNone, "", 0, closedBare
}

// publishWords in the label of a time say that it is the page's own.
var publishWords = []string{"发布", "发表", "公布", "录入", "上传", "发稿", "张贴", "公开", "發布",
	"發佈", "公告"}

// republicDay reports whether s is a day of the Republic's years and nothing else: 112-03-19.
func republicDay(s string) bool {
	if len(s) < 7 || len(s) > 12 || s[0] < '0' || s[0] > '1' || !isDigit(s[1]) || !isDigit(s[2]) || isDigit(s[3]) {
		return false
	}
	_, n, ok := bareDateAt(s, false)
	return ok && n == len(s)
}

// endsInDay reports whether a value ends with a date that has no time of day yet.
func endsInDay(s string) bool {
	if len(s) > 60 {
		return false
	}
	d, _, hi, ok := findDate(s)
	return ok && !d.HasClock && hi == len(s)
}

// takes reports whether a label without value takes this one. Buttons (分享, 打印) have no
// value, and a counter's is a number when it stands in another line.
func (it *item) takes(val string, sep pieceSep, next bool) bool {
	if it.kind == labelOther && next {
		return it.closed != closedBare && (sep != sepLine || isNumber(val))
	}
	return it.kind != labelNone
}

// bareLabelOK reports whether a label without colon introduces the value that follows it:
// "记者 王一凡", "责任编辑 张三", "来源 新华社".
func bareLabelOK(k labelKind, word, rest string) bool {
	if rest == "" {
		return true
	}
	if rest[0] != ' ' || utf8.RuneCountInString(word) < 2 {
		return false
	}
	rest = strings.TrimSpace(rest)
	switch k {
	case labelReporter, labelAuthor, labelEditor:
		return allNames(rest) || runes(rest) <= 30 && parsePeople(rest).known()
	case labelSource, labelContributor, labelPublisher:
		return runes(rest) <= 20 && !strings.ContainsAny(rest, "，。")
	case labelDate, labelUpdated:
		_, lo, _, ok := labelledDate(rest, false)
		return ok && lo == 0
	}
	return false
}

// continues reports whether a piece belongs to the value before it: a name broken by a
// link ("人民网－<a>人民日报</a>"), or one name of several.
func (p *piece) continues(it *item) bool {
	last, first := lastRune(it.value), firstRune(p.text)
	if strings.ContainsRune("－-—·、，,&《", last) || strings.ContainsRune("－-—·、，,&》", first) {
		return p.sep <= sepBlank
	}
	switch it.kind {
	case labelAuthor, labelReporter, labelEditor:
		return p.sep <= sepWide && allNames(p.text) && allNames(it.value)
	case labelDate, labelUpdated, labelSigned:
		return p.sep <= sepWide && looksClock(p.text)
	}
	return false
}

func joiner(a, b string, sep pieceSep) string {
	if sep == sepNone && !(isASCIIWord(lastRune(a)) && isASCIIWord(firstRune(b))) {
		if looksClock(b) || hanCount(b) > 0 && allNames(b) && allNames(a) {
			return " "
		}
		return ""
	}
	return " "
}

func isASCIIWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
