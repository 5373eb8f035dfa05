package document

import "cundang/internal/charset"

// codePages are the Windows code pages of old Office files and RTF. Of the rest only the
// ASCII part is sure; they are read as Windows-1252.
var codePages = map[int]string{
	936: "gb18030", 54936: "gb18030", 950: "big5", 932: "shift_jis", 949: "euc-kr", 65001: "utf-8",
	1250: "windows-1250", 1251: "windows-1251", 1252: "windows-1252", 1253: "windows-1253", 1254: "windows-1254",
	1255: "windows-1255", 1256: "windows-1256", 1257: "windows-1257", 1258: "windows-1258",
}

func decodeANSI(b []byte, codePage int) string {
	return string(charset.DecodeAs(b, codePages[codePage]))
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
