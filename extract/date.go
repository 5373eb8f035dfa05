package extract

import (
	"strings"
	"time"
	"unicode/utf8"
)

// findDate finds the first date with a year in s: 2022-10-27, 2022/10/27, 2022.10.27,
// 2022年10月27日, each with a time of day behind it if there is one, and 二〇二二年十月二十七日.
// lo and hi are its place in s.
func findDate(s string) (d Date, lo, hi int, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '1' || c == '2':
			if i > 0 && (isASCIIWord(rune(s[i-1])) || s[i-1] == '.' && i > 1 && s[i-2] >= '0' && s[i-2] <= '9') {
				continue
			}
			if d, n, ok := dateAt(s[i:]); ok {
				return d, i, i + n, true
			}
			for i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				i++
			}
		case c == 0xe4 || c == 0xe3 || c == 0xef: // 二, 一, 〇 and full-width digits
			if d, n, ok := hanDateAt(s[i:]); ok {
				return d, i, i + n, true
			}
		}
	}
	return Date{}, 0, 0, false
}

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
	sep, ok := c.one("-/.年－—–／．")
	if !ok {
		return Date{}, 0, false
	}
	m, ok := c.number(1, 2)
	if !ok || m < 1 || m > 12 {
		return Date{}, 0, false
	}
	sep2, ok := c.one("-/.月－—–／．")
	if !ok || (sep == '年') != (sep2 == '月') {
		return Date{}, 0, false
	}
	d, ok := c.number(1, 2)
	if !ok || d < 1 || d > 31 {
		return Date{}, 0, false
	}
	if sep == '年' {
		c.one("日号")
	}
	return c.finish(y, m, d)
}

// finish checks the day and reads a time of day behind it.
func (c *scanner) finish(y, m, d int) (Date, int, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, beijing)
	if t.Day() != d {
		return Date{}, 0, false
	}
	end := c.i
	for end > 0 && c.s[end-1] == ' ' {
		end--
	}
	h, mi, sec, n, ok := clockAt(c.s[end:])
	if !ok {
		return Date{Time: t}, end, true
	}
	return Date{Time: t.Add(time.Duration(h)*time.Hour + time.Duration(mi)*time.Minute + time.Duration(sec)*time.Second), HasClock: true}, end + n, true
}

// clockAt reads a time of day at the beginning of s: 09:51, 09∶51:30, T09:51, 09时32分,
// 上午9:30, (星期五) 10:12.
func clockAt(s string) (h, m, sec, n int, ok bool) {
	c := scanner{s: s}
	c.one("T,，")
	c.blanks()
	rest := c.s[c.i:]
	for _, w := range []string{"星期", "周", "(星期", "（星期"} {
		if strings.HasPrefix(rest, w) && len(rest) >= len(w)+3 {
			c.i += len(w) + 3
			c.one(")）")
			c.blanks()
			break
		}
	}
	afternoon := false
	for _, w := range []string{"上午", "下午", "晚上", "凌晨", "AM", "PM", "am", "pm"} {
		if strings.HasPrefix(c.s[c.i:], w) {
			c.i += len(w)
			afternoon = w == "下午" || w == "晚上" || strings.EqualFold(w, "pm")
			c.blanks()
		}
	}
	h, got := c.number(1, 2)
	if !got || h > 24 {
		return 0, 0, 0, 0, false
	}
	if _, got = c.one(":：∶时時点點"); !got {
		return 0, 0, 0, 0, false
	}
	m, got = c.number(1, 2)
	if !got || m > 59 {
		return 0, 0, 0, 0, false
	}
	end := c.i
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
	if afternoon && h < 12 {
		h += 12
	}
	for end > 0 && (s[end-1] == ' ' || s[end-1] == ':') {
		end--
	}
	return h, m, sec, end, true
}

// looksClock reports whether s is a time of day and nothing else.
func looksClock(s string) bool {
	_, _, _, n, ok := clockAt(s)
	return ok && strings.TrimSpace(s[n:]) == ""
}

// hanDigits are the numerals of dates written in Chinese.
func hanDigit(r rune) int {
	switch r {
	case '〇', '○', '零', 'Ｏ', 'O', '0':
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
	if _, got := c.one("日"); !got || !ok || d < 1 || d > 31 {
		return Date{}, 0, false
	}
	return c.finish(y, m, d)
}

// hanNumber reads 一 … 三十一.
func (c *scanner) hanNumber() (int, bool) {
	n, tens, any := 0, false, false
	for c.i < len(c.s) {
		r, w := utf8.DecodeRuneInString(c.s[c.i:])
		if r == '十' {
			if tens {
				return 0, false
			}
			tens = true
			if n == 0 {
				n = 1
			}
			n *= 10
		} else if d := hanDigit(r); d > 0 {
			if n%10 != 0 || n > 0 && !tens {
				return 0, false
			}
			n += d
		} else {
			break
		}
		any = true
		c.i += w
	}
	return n, any
}

// day reports the calendar day in China.
func (d Date) day() (int, time.Month, int) { return d.Time.In(beijing).Date() }

// sameDay reports whether two dates are the same day in China.
func (d Date) sameDay(e Date) bool {
	y, m, k := d.day()
	y2, m2, k2 := e.day()
	return y == y2 && m == m2 && k == k2
}
