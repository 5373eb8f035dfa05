package document

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// builtinFormats are the number formats that a BIFF file need not write down ([MS-XLS] 2.4.126),
// with the dates as a Chinese Excel shows them.
var builtinFormats = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0", 6: "#,##0", 7: "#,##0.00", 8: "#,##0.00", 9: "0%",
	10: "0.00%",
	14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss",
	22: "yyyy/m/d h:mm",
	27: `yyyy"年"m"月"`, 28: `m"月"d"日"`, 29: `m"月"d"日"`, 30: "m-d-yy", 31: `yyyy"年"m"月"d"日"`,
	32: `h"时"mm"分"`, 33: `h"时"mm"分"ss"秒"`,
	36: `yyyy"年"m"月"`, 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "h:mm:ss",
	47: "mm:ss",
	50: `yyyy"年"m"月"`, 57: `yyyy"年"m"月"`, 58: `m"月"d"日"`,
}

// formatNumber shows f by the first section of a number format: dates and times, percent,
// fixed decimals and thousands. Colours, fractions and the like are not text and fall back
// to the plain number.
func formatNumber(f float64, code string, date1904 bool) string {
	code, _, _ = strings.Cut(code, ";")
	bare := unquote(code)
	lower := strings.ToLower(bare)
	switch {
	case lower == "" || strings.Contains(lower, "general") || lower == "@":
		return general(f)
	case strings.ContainsAny(lower, "ymdhs") && !strings.ContainsAny(lower, "#0?"):
		return formatDate(f, code, date1904)
	}
	percent := strings.Contains(bare, "%")
	if percent {
		f *= 100
	}
	if !strings.ContainsAny(bare, "0#") || strings.Contains(bare, "E+") || strings.Contains(bare, "/") {
		return general(f)
	}
	decimals := 0
	if _, frac, ok := strings.Cut(bare, "."); ok {
		decimals = len(frac) - len(strings.TrimLeft(frac, "0#?"))
	}
	s := fixed(f, min(decimals, 15))
	if strings.Contains(bare, "#,##") || strings.Contains(bare, "0,0") {
		s = thousands(s)
	}
	if percent {
		s += "%"
	}
	return s
}

// fixed rounds as Excel does: half away from zero, on the 15 digits that it keeps.
func fixed(f float64, decimals int) string {
	scale := math.Pow10(decimals)
	if scaled, err := strconv.ParseFloat(strconv.FormatFloat(f*scale, 'g', 15, 64), 64); err == nil &&
		math.Abs(scaled) < 1e15 {
		f = math.Round(scaled) / scale
	}
	return strconv.FormatFloat(f, 'f', decimals, 64)
}

// unquote drops literal text and [conditions].
func unquote(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			if j := strings.IndexByte(code[i+1:], '"'); j >= 0 {
				i += j + 1
			}
		case '[':
			if j := strings.IndexByte(code[i:], ']'); j >= 0 {
				i += j
			}
		case '\\', '_', '*':
			i++
		default:
			b.WriteByte(code[i])
		}
	}
	return b.String()
}

func thousands(s string) string {
	sign, whole := "", s
	if strings.HasPrefix(s, "-") {
		sign, whole = "-", s[1:]
	}
	whole, frac, dot := strings.Cut(whole, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		frac = "." + frac
	}
	return sign + whole + frac
}

// formatDate shows a day number. Excel counts a 29 February 1900 that never was, so days
// from 1 March 1900 stand one too high; earlier ones are not corrected.
func formatDate(f float64, code string, date1904 bool) string {
	if f < 0 || f > 2958466 || math.IsNaN(f) {
		return general(f)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if date1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days, frac := math.Modf(f)
	t := epoch.AddDate(0, 0, int(days)).Add(time.Duration(math.Round(frac*86400)) * time.Second)
	var b strings.Builder
	lower := strings.ToLower(code)
	hour := false // m behind h means minutes
	for i := 0; i < len(lower); {
		c := lower[i]
		n := 1
		for i+n < len(lower) && lower[i+n] == c {
			n++
		}
		switch c {
		case 'y':
			if n > 2 {
				b.WriteString(t.Format("2006"))
			} else {
				b.WriteString(t.Format("06"))
			}
		case 'm':
			switch {
			case hour || strings.HasPrefix(strings.TrimLeft(lower[i+n:], ":\"分"), "s"):
				b.WriteString(t.Format("04"))
			case n == 1:
				b.WriteString(t.Format("1"))
			case n == 2:
				b.WriteString(t.Format("01"))
			default:
				b.WriteString(t.Format("Jan"))
			}
			hour = false
		case 'd':
			b.WriteString(t.Format([]string{"2", "02", "Mon", "Monday"}[min(n, 4)-1]))
		case 'h':
			b.WriteString(strconv.Itoa(t.Hour()))
			hour = true
		case 's':
			b.WriteString(t.Format("05"))
		case '"':
			n = 1
			if j := strings.IndexByte(lower[i+1:], '"'); j >= 0 {
				b.WriteString(code[i+1 : i+1+j])
				n = j + 2
			}
		case '[':
			if j := strings.IndexByte(lower[i:], ']'); j >= 0 {
				n = j + 1
			}
		case '\\':
			n = min(2, len(lower)-i)
			b.WriteString(code[i+1 : i+n])
		case '_', '*':
			n = min(2, len(lower)-i)
		case '@':
		default:
			b.WriteString(code[i : i+n])
		}
		i += n
	}
	return strings.TrimSpace(b.String())
}
