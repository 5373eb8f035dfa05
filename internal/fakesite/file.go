package fakesite

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var fileTypes = []string{"docx", "pdf", "xlsx", "docx", "pdf", "txt"}

var mediaTypes = map[string]string{
	"pdf":  "application/pdf",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"txt":  "text/plain",
	"png":  "image/png",
}

// file is a document attached to an article.
type file struct {
	title string // as linked
	kind  string // pdf, docx, xlsx, txt
	path  string
	lines []string // what it says
}

func newFile(a *article, i int, title, kind string) *file {
	v := a.voice
	f := &file{title: fmt.Sprintf("%d.%s", i+1, title), kind: kind,
		lines: []string{title, "（" + v.bound["简称"] + v.slot("部门") + "编制）"}}
	if kind == "xlsx" {
		f.lines = append(f.lines, "序号\t单位\t负责人\t名额")
		for n := range 4 + v.rng.IntN(6) {
			f.lines = append(f.lines, fmt.Sprintf("%d\t%s\t%s\t%d", n+1, v.word("市")+"科协", v.person(), 1+v.rng.IntN(8)))
		}
		return f
	}
	return f.fill(v)
}

func (f *file) fill(v *voice) *file {
	for _, t := range []string{
		"填报单位（盖章）：", "姓名：　　　　性别：　　　　出生年月：",
		"一、填写说明：请如实填写，不得空项，复印件须加盖公章。",
		"二、主要内容（限{#300-900/100}字）：包括目标、进度安排和预期成效。",
		"三、联系人：{人}，电话：{区号}—{#60-89}{#10000-99999}。",
		"四、提交时间：{期限}前。", "单位意见：　　　　　　　　年　月　日",
	} {
		f.lines = append(f.lines, v.expand(t))
	}
	return f
}

// render returns the document's bytes: small, but what programs read and people open.
func (f *file) render() []byte {
	switch f.kind {
	case "pdf":
		return pdf(f.lines)
	case "docx":
		return docx(f.lines)
	case "xlsx":
		return xlsx(f.lines)
	}
	b, err := simplifiedchinese.GBK.NewEncoder().String(strings.Join(f.lines, "\r\n"))
	if err != nil {
		panic(err) // the grammar keeps to GBK; a test renders every file
	}
	return []byte(b)
}

// pdf writes one page a 30 lines, in the standard Chinese font with its predefined CMap.
func pdf(lines []string) []byte {
	var pages [][]string
	for len(lines) > 30 {
		pages, lines = append(pages, lines[:30]), lines[30:]
	}
	pages = append(pages, lines)
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	objects = append(objects,
		"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
		"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement "+
			"2>>/FontDescriptor 5 0 R/DW 1000>>",
		"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent "+
			"880/Descent -120/CapHeight 880/StemV 93>>")
	kids := ""
	for _, page := range pages {
		var c strings.Builder
		c.WriteString("BT /F1 12 Tf 72 760 Td 22 TL\n")
		for _, line := range page {
			fmt.Fprintf(&c, "<%s> Tj T*\n", ucs2(strings.ReplaceAll(line, "\t", "　")))
		}
		c.WriteString("ET")
		n := len(objects)
		kids += fmt.Sprintf("%d 0 R ", n+1)
		objects = append(objects,
			fmt.Sprintf(
				"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>", n+2),
			fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", c.Len(), c.String()))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), kids)
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

func ucs2(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func docx(lines []string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for _, line := range lines {
		b.WriteString(`<w:p><w:r><w:t xml:space="preserve">` + xmlText(line) + `</w:t></w:r></w:p>`)
	}
	b.WriteString(`<w:sectPr/></w:body></w:document>`)
	return pack([][2]string{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", b.String()},
	})
}

func xlsx(lines []string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for r, line := range lines {
		fmt.Fprintf(&b, `<row r="%d">`, r+1)
		for c, cell := range strings.Split(line, "\t") {
			fmt.Fprintf(&b, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+c, r+1, xmlText(cell))
		}
		b.WriteString(`</row>`)
	}
	b.WriteString(`</sheetData></worksheet>`)
	return pack([][2]string{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", b.String()},
	})
}

// pack zips the parts of an office document; equal parts give equal bytes.
func pack(parts [][2]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p[0], Method: zip.Deflate,
			Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = w.Write([]byte(p[1]))
		}
		if err != nil {
			panic(err) // writing to memory never fails
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func xmlText(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err)
	}
	return b.String()
}
