package document

import (
	"bytes"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// codePages are the Windows code pages of old Office files and RTF. Of the rest only the
// ASCII part is sure; they are read as Windows-1252.
var codePages = map[int]encoding.Encoding{
	936: simplifiedchinese.GB18030, 54936: simplifiedchinese.GB18030, 950: traditionalchinese.Big5,
	932: japanese.ShiftJIS, 949: korean.EUCKR, 65001: unicode.UTF8,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253,
	1254: charmap.Windows1254, 1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
}

func decodeANSI(b []byte, codePage int) string {
	e := codePages[codePage]
	if e == nil {
		e = charmap.Windows1252
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	}
	return string(s)
}

// codePageOf is the ANSI code page of a language identifier of Windows.
func codePageOf(lid int) int {
	switch lid {
	case 0x0804, 0x1004:
		return 936
	case 0x0404, 0x0C04, 0x1404:
		return 950
	}
	switch lid & 0x3FF {
	case 0x04:
		return 936
	case 0x11:
		return 932
	case 0x12:
		return 949
	case 0x19:
		return 1251
	}
	return 1252
}
