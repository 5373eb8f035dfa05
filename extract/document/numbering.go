package document

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"path"
	"strconv"
	"strings"
)

// numbering counts Word's automatic numbers, which stand nowhere in the text: 一、 （一） 1.
type numbering struct {
	levels map[string]*[9]level // by abstract list
	lists  map[string]string    // list → abstract list
	styles map[string]listItem  // paragraph style → list
	counts map[string]*[9]int   // by list
}

type level struct{ format, text, start string }

// listItem is what a paragraph says about its list.
type listItem struct{ id, level, style string }

func (w *work) numbering(ctx context.Context, z *zip.Reader, dir string) (*numbering, error) {
	part, err := w.part(ctx, z, path.Join(dir, "numbering.xml"))
	if err != nil || part == nil {
		return nil, err
	}
	n := &numbering{levels: map[string]*[9]level{}, lists: map[string]string{}, styles: map[string]listItem{},
		counts: map[string]*[9]int{}}
	var abstract, list string
	var lvl *level
	err = walkXML(ctx, part, func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "abstractNum":
			abstract = attr(e, "abstractNumId")
			n.levels[abstract] = new([9]level)
			lvl = nil
		case "num":
			list = attr(e, "numId")
			abstract, lvl = "", nil
		case "abstractNumId":
			n.lists[list] = attr(e, "val")
		case "lvl":
			lvl = nil
			if i, err := strconv.Atoi(attr(e, "ilvl")); err == nil && i >= 0 && i < 9 && abstract != "" {
				lvl = &n.levels[abstract][i]
			}
		}
		if lvl == nil {
			return nil
		}
		switch e.Name.Local {
		case "numFmt":
			lvl.format = attr(e, "val")
		case "lvlText":
			lvl.text = attr(e, "val")
		case "start":
			lvl.start = attr(e, "val")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return n, w.numberedStyles(ctx, z, dir, n)
}

// numberedStyles reads which paragraph styles belong to a list.
func (w *work) numberedStyles(ctx context.Context, z *zip.Reader, dir string, n *numbering) error {
	part, err := w.part(ctx, z, path.Join(dir, "styles.xml"))
	if err != nil || !bytes.Contains(part, []byte("numId")) {
		return err
	}
	var style string
	return walkXML(ctx, part, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			s := n.styles[style]
			switch e.Name.Local {
			case "style":
				style = attr(e, "styleId")
				return nil
			case "numId":
				s.id = attr(e, "val")
			case "ilvl":
				s.level = attr(e, "val")
			default:
				return nil
			}
			n.styles[style] = s
		}
		return nil
	})
}

// next returns the number of the next paragraph of a list, "" if it has none.
func (n *numbering) next(it listItem) string {
	if it.id == "" {
		s := n.styles[it.style]
		it.id = s.id
		if it.level == "" {
			it.level = s.level
		}
	}
	levels := n.levels[n.lists[it.id]]
	if it.id == "" || it.id == "0" || levels == nil {
		return ""
	}
	i, err := strconv.Atoi(it.level)
	if err != nil || i < 0 || i > 8 {
		i = 0
	}
	counts := n.counts[it.id]
	if counts == nil {
		counts = new([9]int)
		n.counts[it.id] = counts
	}
	if counts[i] == 0 {
		counts[i] = start(levels[i])
	} else {
		counts[i]++
	}
	for j := i + 1; j < 9; j++ {
		counts[j] = 0
	}
	if levels[i].format == "bullet" || levels[i].format == "none" {
		return ""
	}
	s := levels[i].text
	for j := range 9 {
		if c := counts[j]; strings.Contains(s, "%"+strconv.Itoa(j+1)) {
			if c == 0 {
				c = start(levels[j])
			}
			s = strings.ReplaceAll(s, "%"+strconv.Itoa(j+1), numeral(c, levels[j].format))
		}
	}
	return s
}

func start(l level) int {
	if n, err := strconv.Atoi(l.start); err == nil && n > 0 {
		return n
	}
	return 1
}

// numeral writes n in one of Word's number formats.
func numeral(n int, format string) string {
	switch format {
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
		"taiwaneseCountingThousand", "ideographDigital":
		return chinese(n)
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "decimalFullWidth":
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, strconv.Itoa(n))
	case "lowerLetter", "upperLetter":
		s := strings.Repeat(string(rune('a'+(n-1)%26)), min((n-1)/26+1, 50))
		if format == "upperLetter" {
			s = strings.ToUpper(s)
		}
		return s
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperRoman":
		return roman(n)
	case "decimalZero":
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
	}
	return strconv.Itoa(n)
}

// chinese writes 1 to 99 in Chinese numerals; lists do not grow longer.
func chinese(n int) string {
	const digits = "〇一二三四五六七八九"
	digit := func(d int) string { return string([]rune(digits)[d]) }
	switch {
	case n < 1 || n > 99:
		return strconv.Itoa(n)
	case n < 10:
		return digit(n)
	}
	s := "十"
	if n >= 20 {
		s = digit(n/10) + s
	}
	if n%10 > 0 {
		s += digit(n % 10)
	}
	return s
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, r := range []struct {
		value int
		sign  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"},
		{9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= r.value {
			b.WriteString(r.sign)
			n -= r.value
		}
	}
	return b.String()
}
