package listing

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Dates as lists show them: with a year in any of the usual spellings, also that of Taiwan
// (民國112年, 112.11.11), or month and day.
var (
	fullDate  = regexp.MustCompile(`(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?`)
	minguo    = regexp.MustCompile(`(?:^|[^\d.\-/])(?:民[國国]\s*(\d{2,3})|(1[0-4]\d))\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[^\d.\-/]|$)`)
	shortYear = regexp.MustCompile(`(?:^|[^\d.\-/])(\d{2}[-/.]\d{2}[-/.]\d{2})(?:[^\d.\-/]|$)`)
	yearMonth = regexp.MustCompile(`((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})月?`)
	monthDay  = regexp.MustCompile(`(?:^|[^\d.\-/])((\d{1,2})\s?[-/月.]\s?(\d{1,2})日?)(?:[^\d.\-/%]|$)`)
	loneDay   = regexp.MustCompile(`(?:^|[^\d.:-])(\d{1,2})日?(?:[^\d.:-]|$)`)
	loneMonth = regexp.MustCompile(`^(\d{1,2})\s*月$`)
	compact   = regexp.MustCompile(`^((?:19|20)\d{2}|1[0-4]\d)([01]\d)([0-3]\d)$`)
	timeOfDay = regexp.MustCompile(`^[\sT]*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\.\d+)?$`)
)

// dateIn returns the date that a text shows, "" if none. A day that stands above its
// month ("14" over "2024-10") is put behind it, a year of Taiwan is made one of ours.
func dateIn(text string) string {
	if d := yearDate(text); d != "" || !strings.ContainsAny(text, "0123456789") {
		return d
	}
	if m := yearMonth.FindStringSubmatchIndex(text); m != nil {
		rest := text[:m[0]] + " \x00 " + text[m[1]:]
		if d := loneDay.FindStringSubmatch(rest); d != nil && calendar(text[m[4]:m[5]], d[1]) {
			return fmt.Sprintf("%s-%s-%s", text[m[2]:m[3]], text[m[4]:m[5]], d[1])
		}
		return ""
	}
	return dayOfYear(text)
}

// yearDate returns a date that has its year.
func yearDate(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return ""
	}
	if d := fullDate.FindString(text); d != "" {
		return strings.TrimSpace(d)
	}
	if m := minguo.FindStringSubmatch(text); m != nil && calendar(m[3], m[4]) {
		return fmt.Sprintf("%d-%02d-%02d", 1911+atoi(m[1]+m[2]), atoi(m[3]), atoi(m[4]))
	}
	if m := shortYear.FindStringSubmatch(text); m != nil && calendar(m[1][3:5], m[1][6:]) {
		return m[1]
	}
	return ""
}

// dayOfYear returns a date that has month and day only.
func dayOfYear(text string) string {
	for {
		m := monthDay.FindStringSubmatchIndex(text)
		if m == nil {
			return ""
		}
		if calendar(text[m[4]:m[5]], text[m[6]:m[7]]) {
			return text[m[2]:m[3]]
		}
		text = text[m[7]:]
	}
}

func calendar(month, day string) bool {
	m, d := atoi(month), atoi(day)
	return m >= 1 && m <= 12 && d >= 1 && d <= 31
}

// onlyDate returns the date that a text consists of but for brackets, a label and the time of
// day; "" if it says more.
func onlyDate(text string) string {
	text = strings.Trim(text, " []()（）【】〔〕<>《》|/·，,")
	if len(text) > 100 || !strings.ContainsAny(text, "0123456789") {
		return ""
	}
	if m := compact.FindStringSubmatch(text); m != nil && calendar(m[2], m[3]) {
		year := atoi(m[1])
		if year < 1900 { // of Taiwan
			year += 1911
		}
		return fmt.Sprintf("%d-%s-%s", year, m[2], m[3])
	}
	if i := strings.IndexAny(text, ":："); i > 0 && !strings.ContainsAny(text[:i], "0123456789") &&
		utf8.RuneCountInString(text[:i]) <= 8 {
		_, size := utf8.DecodeRuneInString(text[i:])
		text = strings.TrimSpace(text[i+size:])
	}
	for _, form := range []*regexp.Regexp{fullDate, minguo, shortYear, monthDay} {
		at := form.FindStringIndex(text)
		if at == nil || at[0] != 0 {
			continue
		}
		rest := text[at[1]:]
		if rest != "" && !timeOfDay.MatchString(rest) && !timeOfDay.MatchString(text[at[1]-1:]) {
			continue
		}
		return dateIn(text[:at[1]])
	}
	return ""
}

// shortText is how many characters a text with a date may have that is no summary.
const shortText = 40

// dated finds the date of a row: what a text of its own says comes before what is found among
// other words, and a date with its year before one without. Texts under the links that skip
// names count for nothing.
func dated(row *html.Node, title string, skip func(*html.Node) bool) string {
	var own, day, months, lone, year, short string
	first := func(into *string, d string) {
		if *into == "" {
			*into = d
		}
	}
	var all strings.Builder
	eachText(row, skip, func(s string) {
		all.WriteString(s)
		all.WriteByte(' ')
		if !strings.ContainsAny(s, "0123456789") || s == title {
			return
		}
		switch d := onlyDate(s); {
		case d != "" && yearDate(d) != "":
			first(&own, d)
		case d != "":
			first(&day, d)
		case len(s) <= 2 && atoi(s) >= 1 && atoi(s) <= 31:
			first(&lone, s)
		case loneMonth.MatchString(s):
			first(&months, loneMonth.FindStringSubmatch(s)[1])
		case utf8.RuneCountInString(s) <= shortText:
			first(&year, yearDate(s))
			first(&short, dayOfYear(s))
		}
	})
	text := all.String()
	if title != "" {
		text = strings.Replace(text, title, " ", 1)
	}
	switch {
	case own != "":
		return own
	case lone != "" && yearMonth.MatchString(text):
		if d := dateIn(text); d != "" {
			return d
		}
	case year != "":
		return year
	case day != "":
		return day
	case lone != "" && months != "" && calendar(months, lone):
		return fmt.Sprintf("%02d-%02d", atoi(months), atoi(lone))
	case short != "" && !strings.Contains(title, short):
		return short
	}
	if utf8.RuneCountInString(text) > 10*shortText { // a summary: what day it tells of is not the row's
		return yearDate(text)
	}
	return dateIn(text)
}

// eachText calls f for the texts under n, blanks made one, but for those of scripts and of
// elements that skip names.
func eachText(n *html.Node, skip func(*html.Node) bool, f func(string)) {
	walk(n, func(at *html.Node) bool {
		switch at.Type {
		case html.TextNode:
			if s := clean(at.Data); s != "" {
				f(s)
			}
		case html.ElementNode:
			if at.Data == "script" || at.Data == "style" || skip != nil && skip(at) {
				return false
			}
		}
		return true
	})
}

// edgeDate cuts a date off the beginning or the end of a title that has it in brackets or
// set off by a blank.
var (
	headDate = regexp.MustCompile(`^(?:[\[(（【]\s*([\d年月日./-]{3,12})\s*[\])）】]\s*|([\d年月日./-]{5,12})\s+|(\d{2}[-/.]\d{2})\p{Han})`)
	tailDate = regexp.MustCompile(
		`(?:\s*[\[(（【]\s*([\d年月日./-]{5,12})\s*[\])）】]|\s+([\d年月日./-]{5,12}))$`)
)

func edgeDate(title string) (rest, date string) {
	for _, form := range []*regexp.Regexp{headDate, tailDate} {
		m := form.FindStringSubmatch(title)
		if m == nil {
			continue
		}
		d := onlyDate(strings.Join(m[1:], ""))
		cut := m[0]
		if len(m) > 3 && m[3] != "" {
			cut = m[3]
		}
		rest = strings.TrimSpace(strings.Replace(title, cut, "", 1))
		if d != "" && rest != "" {
			return rest, d
		}
	}
	return title, ""
}
