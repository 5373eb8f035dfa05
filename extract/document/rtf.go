package document

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf16"
)

// rtfState is what a group of RTF changes and its end restores.
type rtfState struct {
	skip bool // a destination that is not text
	uc   int  // bytes to skip behind \u
	page int  // code page of \'xx: that of the font, else of the document
}

// rtf is one RTF document being read.
type rtf struct {
	out   *text
	state rtfState
	stack []rtfState
	ansi  int         // code page of the document
	fonts map[int]int // font number → code page
	font  int         // font being declared
	para  strings.Builder
	bytes []byte   // \'xx not decoded yet
	units []uint16 // \u not decoded yet
	row   []string
	table bool // the paragraph stands in a table
	tail  int  // characters still to be skipped behind \u
}

// Destinations that hold no text of the document.
var rtfDestinations = map[string]bool{
	"colortbl": true, "stylesheet": true, "info": true, "pict": true, "header": true, "headerl": true, "headerr": true,
	"headerf": true, "footer": true, "footerl": true, "footerr": true, "footerf": true, "fldinst": true, "object": true,
	"listtable": true, "listoverridetable": true, "revtbl": true, "rsidtbl": true, "generator": true, "themedata": true,
	"datastore": true, "latentstyles": true, "xmlnstbl": true, "filetbl": true, "nonshppict": true, "bkmkstart": true,
	"bkmkend": true, "atnid": true, "atnauthor": true, "annotation": true, "mmathPr": true, "wgrffmtfilter": true,
	"pgdsctbl": true, "xe": true, "tc": true, "nonesttables": true,
}

// Code pages of \fcharset ([RTF 1.9.1] "Font table").
var rtfCharsets = map[int]int{0: 1252, 77: 1252, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254,
	163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 238: 1250}

func (w *work) readRTF(ctx context.Context, body []byte) error {
	r := &rtf{out: &w.text, ansi: 1252, fonts: map[int]int{}, state: rtfState{uc: 1}}
	for i := 0; i < len(body); {
		if i&4095 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch c := body[i]; c {
		case '{':
			r.flush()
			if len(r.stack) > 10000 {
				return broken("groups nested too deep")
			}
			r.stack = append(r.stack, r.state)
			r.tail = 0
			i++
		case '}':
			r.flush()
			if n := len(r.stack); n > 0 {
				r.state, r.stack = r.stack[n-1], r.stack[:n-1]
			}
			r.tail = 0
			i++
		case '\\':
			i = r.control(body, i+1)
		case '\r', '\n':
			i++
		default:
			r.char(c)
			i++
		}
		if r.out.full {
			return errFull
		}
	}
	r.flush()
	r.endParagraph()
	if len(r.stack) > 0 {
		return broken("ends inside a group")
	}
	return nil
}

// char takes one byte of text; bytes above 7F and those of \'xx wait until a character set
// can make characters of them.
func (r *rtf) char(c byte) {
	if r.tail > 0 {
		r.tail--
		return
	}
	if r.state.skip {
		return
	}
	r.flushUnits()
	r.bytes = append(r.bytes, c)
}

func (r *rtf) flush() {
	r.flushUnits()
	if len(r.bytes) > 0 {
		page := r.state.page
		if page == 0 {
			page = r.ansi
		}
		r.para.WriteString(decodeANSI(r.bytes, page))
		r.bytes = r.bytes[:0]
	}
}

func (r *rtf) flushUnits() {
	if len(r.units) > 0 {
		r.para.WriteString(string(utf16.Decode(r.units)))
		r.units = r.units[:0]
	}
}

func (r *rtf) write(s string) {
	if !r.state.skip {
		r.flush()
		r.para.WriteString(s)
	}
}

// control reads the control word or symbol at body[i] (behind the backslash) and returns
// where it ends.
func (r *rtf) control(body []byte, i int) int {
	if i >= len(body) {
		return i
	}
	c := body[i]
	if c < 'a' || c > 'z' {
		if c < 'A' || c > 'Z' {
			return r.symbol(body, i)
		}
	}
	start := i
	for i < len(body) && (body[i] >= 'a' && body[i] <= 'z' || body[i] >= 'A' && body[i] <= 'Z') && i-start < 40 {
		i++
	}
	word := string(body[start:i])
	num := i
	if i < len(body) && body[i] == '-' {
		i++
	}
	for i < len(body) && body[i] >= '0' && body[i] <= '9' && i-num < 12 {
		i++
	}
	arg, err := strconv.Atoi(string(body[num:i]))
	given := err == nil
	if i < len(body) && body[i] == ' ' {
		i++
	}
	if word == "bin" && given && arg > 0 {
		return min(len(body), i+arg)
	}
	r.word(word, arg, given)
	return i
}

func (r *rtf) symbol(body []byte, i int) int {
	switch body[i] {
	case '\'':
		if i+2 < len(body) {
			if v, err := strconv.ParseUint(string(body[i+1:i+3]), 16, 8); err == nil {
				r.char(byte(v))
			}
		}
		return min(len(body), i+3)
	case '*':
		r.state.skip = true
	case '~':
		r.write(" ")
	case '_':
		r.write("-")
	case '\\', '{', '}':
		r.char(body[i])
	case '\r', '\n':
		r.write("\n")
	}
	return i + 1
}

func (r *rtf) word(word string, arg int, given bool) {
	switch word {
	case "u":
		if !r.state.skip && given {
			if len(r.bytes) > 0 {
				r.flush()
			}
			r.units = append(r.units, uint16(arg))
			r.tail = r.state.uc
		}
		return
	case "uc":
		r.state.uc = max(0, min(arg, 16))
		return
	}
	r.tail = 0
	switch word {
	case "ansicpg":
		r.ansi = arg
	case "fonttbl":
		r.state.skip = true
	case "f":
		if r.state.skip {
			r.font = arg
			return
		}
		r.flush()
		r.state.page = r.fonts[arg]
	case "fcharset":
		if page, ok := rtfCharsets[arg]; ok {
			r.fonts[r.font] = page
		}
	case "plain", "pard":
		r.flush()
		if word == "plain" {
			r.state.page = 0
		} else {
			r.table = false
		}
	case "intbl":
		r.table = true
	case "shptxt":
		r.state.skip = false
	case "par", "sect", "page", "row", "cell", "nestcell", "nestrow", "line", "softline", "column":
		if !r.state.skip {
			r.flush()
			r.structure(word)
		}
	case "tab":
		r.write("\t")
	case "emdash":
		r.write("—")
	case "endash":
		r.write("–")
	case "lquote":
		r.write("‘")
	case "rquote":
		r.write("’")
	case "ldblquote":
		r.write("“")
	case "rdblquote":
		r.write("”")
	case "bullet":
		r.write("•")
	case "emspace", "enspace", "qmspace":
		r.write(" ")
	default:
		if rtfDestinations[word] {
			r.flush()
			r.state.skip = true
		}
	}
}

func (r *rtf) structure(word string) {
	switch word {
	case "cell":
		if len(r.row) < maxCells {
			r.row = append(r.row, r.para.String())
		}
		r.para.Reset()
	case "row":
		r.out.row(r.row)
		r.row = nil
	case "line", "softline", "nestcell", "nestrow":
		r.para.WriteByte('\n')
	default:
		if r.table { // more paragraphs of the cell follow
			r.para.WriteByte(' ')
			return
		}
		r.endParagraph()
	}
}

func (r *rtf) endParagraph() {
	r.out.lines(r.para.String())
	r.para.Reset()
}
