package extract

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cundang/internal/zone"
)

// findDate finds the first date with a year in s, with the time of day behind it if there is
// one: 2022-10-27, 2022/10/27, 2022.10.27, 2022年10月27日, 二〇二二年十月廿七日, 民國111年10月27日,
// Oct 27, 2022. A time with a zone is converted to China's. lo and hi are its place in s. Dates inside an address
// (…/2022/10/27/1.html) are other things' names and are passed over.
func findDate(s string) (d Date, lo, hi int, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '1' || c == '2':
			if i > 0 && (isASCIIWord(rune(s[i-1])) || strings.IndexByte("/_=&?%#", s[i-1]) >= 0 ||
				s[i-1] == '.' && i > 1 && isDigit(s[i-2])) {
				continue
			}
			if d, n, ok := dateAt(s[i:]); ok && !inAddress(s[i+n:]) {
				return d, i, i + n, true
			}
			for i+1 < len(s) && isDigit(s[i+1]) {
				i++
			}
		case c == 0xe4 || c == 0xe3 || c == 0xef: // 二, 一, 〇 and full-width digits
			if d, n, ok := hanDateAt(s[i:]); ok {
				return d, i, i + n, true
			}
		case c == 0xe6:
			if d, n, ok := republicAt(s[i:]); ok {
				for _, w := range []string{"中華", "中华"} {
					if strings.HasSuffix(s[:i], w) {
						i, n = i-len(w), n+len(w)
					}
				}
				return d, i, i + n, true
			}
		case c >= 'A' && c <= 'S' && (i == 0 || !isASCIIWord(rune(s[i-1]))):
			if d, lo, hi, ok := englishDateAt(s, i); ok {
				return d, lo, hi, true
			}
		}
	}
	return Date{}, 0, 0, false
}

// inAddress reports whether what follows a date shows that it was part of an address.
func inAddress(rest string) bool {
	return rest != "" &&
		(strings.IndexByte("/_=&?%#", rest[0]) >= 0 || len(rest) > 1 && rest[0] == '.' && rest[1] >= 'a' && rest[1] <= 'z')
}

// labelledDate is findDate for a value that a label calls a date: there a number of eight
// digits, a year of two digits, the Republic's years and the American order are dates too.
// taiwan says that a year of two digits is one of the Republic.
func labelledDate(s string, taiwan bool) (d Date, lo, hi int, ok bool) {
	if d, lo, hi, ok = findDate(s); ok {
		return d, lo, hi, true
	}
	for lo < len(s) && !isDigit(s[lo]) {
		lo++
	}
	if runes(s[:lo]) > 2 {
		return Date{}, 0, 0, false
	}
	d, n, ok := bareDateAt(s[lo:], taiwan)
	return d, lo, lo + n, ok
}

// bareDateAt reads the forms that are dates only behind a label.
func bareDateAt(s string, taiwan bool) (Date, int, bool) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	c := scanner{s: s}
	if m, k, y, w, ok := american(s); ok {
		c.i = w
		return c.finish(y, m, k)
	}
	switch {
	case n == 8 || n == 14:
		y, _ := strconv.Atoi(s[:4])
		m, _ := strconv.Atoi(s[4:6])
		k, _ := strconv.Atoi(s[6:8])
		if y < 1949 || y > 2099 {
			return Date{}, 0, false
		}
		if c.i = 8; n == 14 {
			t, err := time.ParseInLocation("20060102150405", s[:14], zone.China)
			return Date{Time: t, HasClock: true}, 14, err == nil
		}
		return c.finish(y, m, k)
	case n == 3 || n == 2:
		y, _ := c.number(2, 3)
		switch {
		case n == 3 && y < 100 || n == 3 && y > 199:
			return Date{}, 0, false
		case n == 3 || taiwan:
			y += 1911
		case y < 50:
			y += 2000
		default:
			y += 1900
		}
		return c.monthAndDay(y)
	}
	return Date{}, 0, false
}

// american reads 10/27/2022, and 27/10/2022 when only that can be a date.
func american(s string) (m, d, y, n int, ok bool) {
	c := scanner{s: s}
	m, ok1 := c.number(1, 2)
	_, ok2 := c.one("/-")
	d, ok3 := c.number(1, 2)
	_, ok4 := c.one("/-")
	y, ok5 := c.number(4, 4)
	if m > 12 {
		m, d = d, m
	}
	return m, d, y, c.i, ok1 && ok2 && ok3 && ok4 && ok5 && m >= 1 && m <= 12 && y >= 1949 && y <= 2099
}

// republicAt reads 民國112年3月19日, 民國 112-3-19 and 民國一百一十二年三月十九日.
func republicAt(s string) (Date, int, bool) {
	c := scanner{s: s}
	if !strings.HasPrefix(s, "民國") && !strings.HasPrefix(s, "民国") {
		return Date{}, 0, false
	}
	c.i = len("民國")
	c.blanks()
	y, ok := c.number(1, 3)
	if !ok {
		if y, ok = c.hanDigits(); !ok {
			y, ok = c.hanNumber()
		}
	}
	if !ok || y < 38 || y > 199 {
		return Date{}, 0, false
	}
	return c.monthAndDay(y + 1911)
}

// englishDateAt reads a date around the name of a month at s[i:]: Oct 27, 2022; October 27th, 2022;
// 27 October 2022; Thu, 27 Oct 2022 01:15:00 GMT.
func englishDateAt(s string, i int) (Date, int, int, bool) {
	end := i
	for end < len(s) && isASCIIWord(rune(s[end])) && !isDigit(s[end]) {
		end++
	}
	word, m := strings.ToLower(s[i:end]), 0
	for k := time.January; k <= time.December; k++ {
		if len(word) >= 3 && strings.HasPrefix(strings.ToLower(k.String()), word) || word == "sept" && k == time.September {
			m = int(k)
		}
	}
	if m == 0 {
		return Date{}, 0, 0, false
	}
	c := scanner{s: s, i: end}
	c.one(".,")
	c.blanks()
	lo, d := i, 0
	before := strings.TrimRight(s[:i], " ,.-")
	for _, w := range []string{"st", "nd", "rd", "th"} {
		before = strings.TrimSuffix(before, w)
	}
	at := len(before)
	for at > 0 && len(before)-at < 2 && isDigit(before[at-1]) {
		at--
	}
	if at < len(before) && (at == 0 || !isASCIIWord(rune(before[at-1]))) {
		d, _ = strconv.Atoi(before[at:])
		lo = at
	} else {
		k, ok := c.number(1, 2)
		if !ok {
			return Date{}, 0, 0, false
		}
		d = k
		for _, w := range []string{"st", "nd", "rd", "th"} {
			if strings.HasPrefix(c.s[c.i:], w) {
				c.i += 2
			}
		}
	}
	c.one(",-")
	c.blanks()
	y, ok := c.number(4, 4)
	if !ok || y < 1949 || y > 2099 {
		return Date{}, 0, 0, false
	}
	date, n, ok := c.finish(y, m, d)
	return date, lo, n, ok
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// scanner reads numbers and separators of dates.
type scanner struct {
	s string
	i int
}

func (c *scanner) blanks() {
	for c.i < len(c.s) {
		r, w := utf8.DecodeRuneInString(c.s[c.i:])
		if !isBlank(r) {
			return
		}
		c.i += w
	}
}

// number reads between lo and hi ASCII or full-width digits.
func (c *scanner) number(least, most int) (int, bool) {
	n, k := 0, 0
	for c.i < len(c.s) && k <= most {
		r, w := utf8.DecodeRuneInString(c.s[c.i:])
		if r = narrow(r); r < '0' || r > '9' {
			break
		}
		n = n*10 + int(r-'0')
		c.i += w
		k++
	}
	return n, k >= least && k <= most
}

// one reads one of the characters of set, blanks around it allowed.
func (c *scanner) one(set string) (rune, bool) {
	save := c.i
	c.blanks()
	if c.i < len(c.s) {
		r, w := utf8.DecodeRuneInString(c.s[c.i:])
		if strings.ContainsRune(set, r) {
			c.i += w
			c.blanks()
			return r, true
		}
	}
	c.i = save
	return 0, false
}

func dateAt(s string) (Date, int, bool) {
	c := scanner{s: s}
	y, ok := c.number(4, 4)
	if !ok || y < 1949 || y > 2099 {
		return Date{}, 0, false
	}
	return c.monthAndDay(y)
}

// monthAndDay reads what follows the year of a date: the same separator twice.
func (c *scanner) monthAndDay(y int) (Date, int, bool) {
	sep, ok := c.one("-/.年－—–／．·")
	if !ok {
		return Date{}, 0, false
	}
	m, ok := c.number(1, 2)
	if !ok && sep == '年' {
		m, ok = c.hanNumber()
	}
	if !ok || m < 1 || m > 12 {
		return Date{}, 0, false
	}
	sep2, ok := c.one("-/.月－—–／．·")
	if !ok || (sep == '年') != (sep2 == '月') || (sep == '/') != (sep2 == '/') {
		return Date{}, 0, false
	}
	d, ok := c.day()
	if !ok && sep == '年' {
		d, ok = c.hanNumber()
	}
	if !ok || d < 1 || d > 31 {
		return Date{}, 0, false
	}
	if sep == '年' {
		c.one("日号號")
	}
	return c.finish(y, m, d)
}

// day reads the day of a month; a time of day may be glued to its two digits (2709:15).
func (c *scanner) day() (int, bool) {
	rest := c.s[c.i:]
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if (n == 3 || n == 4) && n+2 < len(rest) && rest[n] == ':' && isDigit(rest[n+1]) {
		d, _ := strconv.Atoi(rest[:2])
		c.i += 2
		return d, true
	}
	return c.number(1, 2)
}

// finish checks the day and reads a time of day behind it.
func (c *scanner) finish(y, m, d int) (Date, int, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone.China)
	if t.Day() != d {
		return Date{}, 0, false
	}
	end := c.i
	for end > 0 && c.s[end-1] == ' ' {
		end--
	}
	clock, n, ok := clockAt(c.s[end:])
	if !ok {
		return Date{Time: t}, end, true
	}
	return Date{Time: t.Add(clock), HasClock: true}, end + n, true
}

// halfDays are the words that part a day of twice twelve hours, before the time of day and
// behind it.
var halfDays = []struct {
	word  string
	later bool
}{
	{"上午", false}, {"早上", false}, {"清晨", false}, {"凌晨", false}, {"午前", false}, {"AM", false},
	{"am", false}, {"A.M.", false}, {"a.m.", false}, {"Am", false},
	{"下午", true}, {"晚上", true}, {"傍晚", true}, {"夜间", true}, {"午后", true}, {"午後", true},
	{"PM", true}, {"pm", true}, {"P.M.", true}, {"p.m.", true}, {"Pm", true},
}

// half reads a word of halfDays; known is false when there is none.
func (c *scanner) half() (later, known bool) {
	save := c.i
	c.blanks()
	for _, w := range halfDays {
		if strings.HasPrefix(c.s[c.i:], w.word) {
			c.i += len(w.word)
			c.blanks()
			return w.later, true
		}
	}
	c.i = save
	return false, false
}

// clockAt reads a time of day at the beginning of s, n bytes of it: 09:51, 09∶51:30, T09:51, 09时32分,
// 上午9:30, 9:30 PM, (星期五) 10:12. With a zone behind it the answer is the time in China, which may be
// a day later or earlier.
func clockAt(s string) (clock time.Duration, n int, ok bool) {
	c := scanner{s: s}
	mark, _ := c.one("T,，")
	c.blanks()
	rest := c.s[c.i:]
	for _, w := range []string{"星期", "周", "(星期", "（星期", "(周", "（周"} {
		if strings.HasPrefix(rest, w) && len(rest) >= len(w)+3 {
			c.i += len(w) + 3
			c.one(")）")
			c.blanks()
			break
		}
	}
	if strings.HasPrefix(c.s[c.i:], "at ") {
		c.i += len("at ")
	}
	later, halved := c.half()
	h, got := c.number(1, 2)
	if !got || h > 24 {
		return 0, 0, false
	}
	if _, got = c.one(":：∶時时点點"); !got {
		return 0, 0, false
	}
	m, got := c.number(1, 2)
	if !got || m > 59 {
		return 0, 0, false
	}
	end := c.i
	sec := 0
	if _, got = c.one(":：∶分"); got {
		end = c.i
		save := end
		if sec, got = c.number(1, 2); got && sec < 60 {
			end = c.i
			if _, got = c.one("秒"); got {
				end = c.i
			}
		} else {
			sec, end = 0, save
		}
	}
	for end > 0 && (s[end-1] == ' ' || s[end-1] == ':') {
		end--
	}
	c.i = end
	if !halved {
		if later, halved = c.half(); halved {
			end = c.i
		}
	}
	switch {
	case halved && later && h < 12:
		h += 12
	case halved && !later && h == 12:
		h = 0
	}
	clock = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(sec)*time.Second
	if offset, w, zoned := zoneAt(s[end:]); zoned && (offset >= 0 || mark == 'T') { // 09:15-10:30 is a stretch of time
		clock += 8*time.Hour - offset
		end += w
	}
	for end > 0 && s[end-1] == ' ' {
		end--
	}
	return clock, end, true
}

// zoneAt reads a zone behind a time of day: Z, GMT, UTC, +00:00, +0800, with fractions of a second
// before it.
func zoneAt(s string) (offset time.Duration, n int, ok bool) {
	i := 0
	if strings.HasPrefix(s, ".") {
		for i = 1; i < len(s) && isDigit(s[i]); i++ {
		}
	}
	rest := s[i:]
	t := strings.TrimLeft(rest, " ")
	for _, w := range []string{"GMT", "UTC", "Z"} {
		if strings.HasPrefix(t, w) &&
			!(len(t) > len(w) && (isASCIIWord(rune(t[len(w)])) || t[len(w)] == '+' || t[len(w)] == '-')) {
			return 0, len(s) - len(t) + len(w), true
		}
	}
	t = strings.TrimPrefix(strings.TrimPrefix(t, "GMT"), "UTC")
	if len(t) < 5 || t[0] != '+' && t[0] != '-' {
		return 0, 0, false
	}
	c := scanner{s: t, i: 1}
	if !isDigit(t[1]) || !isDigit(t[2]) {
		return 0, 0, false
	}
	h := int(t[1]-'0')*10 + int(t[2]-'0')
	c.i = 3
	c.one(":")
	m, got := c.number(2, 2)
	if !got || h > 14 || m > 59 {
		return 0, 0, false
	}
	offset = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if t[0] == '-' {
		offset = -offset
	}
	return offset, len(s) - len(t) + c.i, true
}

// looksClock reports whether s is a time of day and nothing else.
func looksClock(s string) bool {
	_, n, ok := clockAt(s)
	return ok && strings.TrimSpace(s[n:]) == ""
}

// hanDigits are the numerals of dates written in Chinese.
func hanDigit(r rune) int {
	switch r {
	case '〇', '○', '零', 'Ｏ', 'O', 'o', '0', '０', 'О', '◯':
		return 0
	case '一':
		return 1
	case '二':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

// hanDateAt reads 二〇二二年十月二十七日 and full-width digits (２０２２年).
func hanDateAt(s string) (Date, int, bool) {
	if r, _ := utf8.DecodeRuneInString(s); r >= '０' && r <= '９' {
		return dateAt(s)
	}
	c := scanner{s: s}
	y := 0
	for k := 0; k < 4; k++ {
		r, w := utf8.DecodeRuneInString(c.s[c.i:])
		d := hanDigit(r)
		if d < 0 {
			return Date{}, 0, false
		}
		y = y*10 + d
		c.i += w
	}
	if _, ok := c.one("年"); !ok || y < 1949 || y > 2099 {
		return Date{}, 0, false
	}
	m, ok := c.hanNumber()
	if _, got := c.one("月"); !got || !ok || m < 1 || m > 12 {
		return Date{}, 0, false
	}
	d, ok := c.hanNumber()
	if _, got := c.one("日号號"); !got || !ok || d < 1 || d > 31 {
		return Date{}, 0, false
	}
	return c.finish(y, m, d)
}

// hanDigits reads a number written digit by digit, 一一五.
func (c *scanner) hanDigits() (int, bool) {
	n, k, i := 0, 0, c.i
	for i < len(c.s) {
		r, w := utf8.DecodeRuneInString(c.s[i:])
		d := hanDigit(r)
		if d < 0 {
			if r == '十' || r == '百' {
				return 0, false
			}
			break
		}
		n, k, i = n*10+d, k+1, i+w
	}
	if k < 2 || k > 3 {
		return 0, false
	}
	c.i = i
	return n, true
}

// hanNumber reads 一 … 一百九十九, also 廿七 and 卅一.
func (c *scanner) hanNumber() (int, bool) {
	n, unit, any := 0, 0, false // unit is the last one read: 100, 10 or, for a digit alone, 1
	for c.i < len(c.s) {
		r, w := utf8.DecodeRuneInString(c.s[c.i:])
		d := hanDigit(r)
		switch {
		case r == '百' && n > 0 && n < 10 && unit == 1:
			n, unit = n*100, 100
		case r == '十' && n%100 < 10 && (unit == 1 || unit == 100 || unit == 0):
			if unit != 1 {
				n++
			}
			n, unit = n/100*100+n%100*10, 10
		case (r == '廿' || r == '卅') && unit == 0:
			if n = 20; r == '卅' {
				n = 30
			}
			unit = 10
		case d == 0 && unit == 100 && r == '零':
		case d > 0 && unit != 1:
			n, unit = n+d, 1
		default:
			return n, any
		}
		any = true
		c.i += w
	}
	return n, any
}

// day reports the calendar day in China.
func (d Date) day() (int, time.Month, int) { return d.Time.In(zone.China).Date() }

// sameDay reports whether two dates are the same day in China.
func (d Date) sameDay(e Date) bool {
	y, m, k := d.day()
	y2, m2, k2 := e.day()
	return y == y2 && m == m2 && k == k2
}
