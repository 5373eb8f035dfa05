// Package charset decides in which character set a page was written and decodes it.
package charset

// Decoded is a text in UTF-8 together with how it was understood.
type Decoded struct {
	Text     []byte // UTF-8, without BOM
	Name     string // WHATWG name of the encoding, lower case: "utf-8", "gb18030", "big5", …
	By       string // what decided: "bom", "valid-utf8", "header", "meta", "fallback"
	Declared string // what header or meta declared, "" if nothing
}

// Decode decodes body by the rule BOM → valid UTF-8 → declared charset (gb2312 and
// gbk read as GB18030) → GB18030. contentType is the Content-Type header, maybe "".
// It never fails: undecodable bytes become U+FFFD.
func Decode(body []byte, contentType string) Decoded { panic("unwritten") }
