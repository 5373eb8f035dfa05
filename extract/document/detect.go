package document

import (
	"bytes"
	"mime"
	"path"
	"strings"
)

// kind is a document format.
type kind int

const (
	kindUnknown kind = iota
	kindPDF
	kindDOCX
	kindXLSX
	kindPPTX
	kindDOC
	kindXLS
	kindPPT
	kindCompound // a compound file that says nothing more
	kindRTF
	kindOFD
	kindODF
	kindZIP
	kindHTML
	kindText
	kindImage
	kindRAR
	kind7Z
	kindGZIP
	kindCAJ
	kindXLSB
	kindXML
)

// detect decides by the first bytes, and where those leave a choice (ZIP and compound
// files) by what is inside; contentType and the extension decide only about text.
func detect(body []byte, name, contentType string) kind {
	head := body[:min(len(body), 1024)]
	lead := bytes.TrimLeft(head, "\x00\t\r\n \xEF\xBB\xBF")
	switch {
	case bytes.Contains(head, []byte("%PDF-")):
		return kindPDF
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return insideZIP(body)
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return insideCompound(body)
	case bytes.HasPrefix(lead, []byte(`{\rt`)):
		return kindRTF
	case bytes.HasPrefix(head, []byte("Rar!\x1A\x07")):
		return kindRAR
	case bytes.HasPrefix(head, []byte("7z\xBC\xAF\x27\x1C")):
		return kind7Z
	case bytes.HasPrefix(head, []byte("\x1F\x8B")):
		return kindGZIP
	case bytes.HasPrefix(head, []byte("\xFF\xD8\xFF")), bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1A\n")),
		bytes.HasPrefix(head, []byte("GIF8")), bytes.HasPrefix(head, []byte("II*\x00")),
		bytes.HasPrefix(head, []byte("MM\x00*")):
		return kindImage
	case bytes.HasPrefix(head, []byte("CAJ\x00")), bytes.HasPrefix(head, []byte("HN\x00")),
		bytes.HasPrefix(head, []byte("KDH ")):
		return kindCAJ
	case bytes.HasPrefix(head, []byte{9, 8}) && len(head) > 4 && (head[5] == 5 || head[5] == 6 || head[3] == 0):
		return kindXLS // a bare BIFF stream, as old reporting tools write it
	}
	if looksHTML(lead) {
		return kindHTML
	}
	if bytes.HasPrefix(lead, []byte("<?xml")) {
		return kindXML
	}
	// An HTML error page under a document's name is seen above; what is binary and none of
	// these is unknown, whatever its name says.
	if bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF")) {
		return kindText
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return kindUnknown
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = ""
	}
	ext := strings.ToLower(path.Ext(name))
	switch {
	case media == "text/html", media == "application/xhtml+xml", ext == ".htm", ext == ".html", ext == ".shtml":
		return kindHTML
	case controls(head):
		return kindUnknown
	}
	return kindText
}

func looksHTML(lead []byte) bool {
	lower := bytes.ToLower(lead)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<meta", "<title", "<table", "<script",
		"<div", "<p>"} {
		if bytes.HasPrefix(lower, []byte(tag)) {
			return true
		}
	}
	return bytes.HasPrefix(lower, []byte("<?xml")) && bytes.Contains(lower, []byte("<html"))
}

// controls says whether more than one byte in thirty is a control character that no text has.
func controls(head []byte) bool {
	n := 0
	for _, c := range head {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1A && c != 0x1B {
			n++
		}
	}
	return n*30 > len(head)
}
