package document

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// blanks is a ZIP with n members, each of which unpacks to 100 MB of line feeds. Deflate
// blocks of the same byte can be repeated, so it is made in no time.
func blanks(t testing.TB, n int, names ...string) []byte {
	t.Helper()
	mega := bytes.Repeat([]byte("\n"), 1<<20)
	var block bytes.Buffer
	d, err := flate.NewWriter(&block, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(mega); err != nil || d.Flush() != nil {
		t.Fatal(err)
	}
	packed := append(bytes.Repeat(block.Bytes(), 100), 3, 0)
	sum := crc32.NewIEEE()
	for range 100 {
		sum.Write(mega)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		name := fmt.Sprintf("%d.txt", i)
		if i < len(names) {
			name = names[i]
		}
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(len(packed)), UncompressedSize64: 100 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(packed); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pdfOf writes a PDF of one page with that content and further objects from number 5 on.
func pdfOf(content string, more ...string) []byte {
	objects := append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</X 5 0 R>>>>/Contents 4 0 R>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content)}, more...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	x := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, x)
	return b.Bytes()
}

// laughs is a PDF whose page shows a form that shows a form ten times, ten levels deep.
func laughs() []byte {
	var forms []string
	for i := range 10 {
		next := fmt.Sprintf("/Resources<</XObject<</X %d 0 R>>>>", 6+i)
		body := strings.Repeat("/X Do ", 10)
		if i == 9 {
			next, body = "", "BT ET "+strings.Repeat("0 0 m 9 9 l S ", 1000)
		}
		forms = append(forms, fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[0 0 595 842]%s/Length %d>>stream\n%s\nendstream", next, len(body), body))
	}
	return pdfOf("/X Do", forms...)
}

// pagesOf is a PDF whose pages all show one stream, deflated twice.
func pagesOf(t testing.TB, n int, stream []byte) []byte {
	t.Helper()
	for range 2 {
		var b bytes.Buffer
		z, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(stream); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		stream = b.Bytes()
	}
	b := pdfOf("")
	b = bytes.Replace(b, []byte("/Kids[3 0 R]/Count 1"),
		fmt.Appendf(nil, "/Kids[%s]/Count %d", strings.Repeat("3 0 R ", n), n), 1)
	return bytes.Replace(b, []byte("<</Length 0>>stream\n"),
		fmt.Appendf(nil, "<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s", len(stream), stream), 1)
}

// TestPDFMemory reads PDFs of some kilobytes that unpack to many megabytes on each of their pages:
// what they take is bounded and given back, and the next PDF is read.
func TestPDFMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of a process is read from /proc")
	}
	r := testReader(t, Options{})
	if d := read(t, r, load(t, "gbk-font.pdf"), ""); d.Note != "" {
		t.Fatal(d.Note)
	}
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skip(err)
	}
	before := status(t, "VmRSS")
	text := append(append([]byte("BT /F 1 Tf "), bytes.Repeat([]byte("(ab) Tj "), 4<<20)...), "ET"...)
	paths := bytes.Repeat([]byte("1 2 m 3 4 l S "), 4<<20)
	blanks := bytes.Repeat([]byte("q Q\n"), 8<<20)
	for name, stream := range map[string][]byte{"text": text, "paths": paths, "nothing": blanks} {
		if r.pdf.patience = maxPDFTime; name == "nothing" {
			r.pdf.patience = time.Second
		}
		if d := read(t, r, pagesOf(t, 400, stream), ""); !strings.HasPrefix(d.Note, NoteTruncated) {
			t.Errorf("%s: note %q", name, d.Note)
		} else {
			t.Log(name, d.Note)
		}
		r.pdf.patience = time.Hour
		if d := read(t, r, load(t, "gbk-font.pdf"), ""); d.Note != "" || d.Text == "" {
			t.Errorf("after %s, PDFs are no longer read: %+v", name, d)
		}
	}
	if took := status(t, "VmHWM") - before; took > 450 {
		t.Errorf("took %d MB", took)
	}
}

// status reads a size of this process in MB.
func status(t testing.TB, field string) (mb int) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), field+":")
	if _, err := fmt.Sscan(rest, &mb); err != nil {
		t.Fatal(field, err)
	}
	return mb >> 10
}

// TestBombs hands in what unpacks, nests or repeats without end. Each must be answered with bounded work and memory and
// a note that says so. Work is held to what is allocated, which does not depend on the machine; only the PDF of ten
// laughs, which works on in the memory it has, is ended by the clock.
func TestBombs(t *testing.T) {
	r := testReader(t, Options{Timeout: time.Hour})
	nested := zipOf(t, map[string]string{"a.txt": "最里面"})
	for range 6 {
		nested = zipOf(t, map[string]string{"inner.zip": string(nested)})
	}
	many := map[string]string{}
	for i := range 5000 {
		many[fmt.Sprintf("%d.txt", i)] = "文"
	}
	var packed bytes.Buffer
	zw := zlib.NewWriter(&packed)
	for range 100 {
		if _, err := zw.Write(bytes.Repeat([]byte("0 0 m "), 1<<18)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	stream := fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode/Length %d>>stream\n%s\nendstream", packed.Len(), packed.String())
	sheet := func(rows string) []byte {
		return zipOf(t, map[string]string{
			"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
			"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`,
		})
	}
	for name, c := range map[string]struct {
		body []byte
		note string // how the note begins; "?" when either a note or a text will do
	}{
		"docx of 100 MB":        {blanks(t, 1, "word/document.xml"), NoteTruncated},
		"ofd of 100 MB":         {blanks(t, 1, "OFD.xml"), NoteTruncated},
		"xlsx of 400 MB":        {blanks(t, 4, "xl/workbook.xml"), NoteTruncated},
		"text of 100 MB":        {blanks(t, 1), NoteTruncated},
		"40 texts of 100 MB":    {blanks(t, 40), NoteTruncated},
		"zip in zip":            {nested, NoteTruncated},
		"5000 files":            {zipOf(t, many), NoteTruncated},
		"xml of a billion":      {zipOf(t, map[string]string{"word/document.xml": `<!DOCTYPE d [<!ENTITY a "科普"><!ENTITY b "&a;&a;&a;&a;">]><document><p><t>&b;</t></p></document>`}), "?"},
		"xml without end tags":  {zipOf(t, map[string]string{"word/document.xml": "<document>" + strings.Repeat("<p><tc><tr>", 2<<20)}), NoteTruncated},
		"row 1048576":           {sheet(`<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>末</t></is></c></row>`), ""},
		"wide rows":             {sheet(strings.Repeat(`<row><c r="XFD1" t="inlineStr"><is><t>末</t></is></c></row>`, 3000)), "?"},
		"pdf of ten laughs":     {laughs(), NoteTruncated},
		"pdf stream of 150 MB":  {pdfOf("/X Do", stream), "?"},
		"pdf page tree in loop": {bytes.Replace(pdfOf(""), []byte("/Kids[3 0 R]"), []byte("/Kids[2 0 R]"), 1), "?"},
		"rtf groups":            {[]byte(`{\rtf1` + strings.Repeat("{", 1<<20)), NoteBroken},
		"rtf cells":             {[]byte(`{\rtf1` + strings.Repeat(`\cell`, 1<<20) + "}"), ""},
		"html without tags":     {[]byte("<html>" + strings.Repeat("<td", 1<<20)), "?"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if r.pdf.patience = time.Hour; name == "pdf of ten laughs" {
				r.pdf.patience = time.Second
			}
			d := read(t, r, c.body, "")
			runtime.ReadMemStats(&after)
			mb := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%q, %d bytes of text, %d MB allocated", d.Note, len(d.Text), mb)
			if mb > 1200 {
				t.Errorf("allocates %d MB", mb)
			}
			if c.note != "?" && (!strings.HasPrefix(d.Note, c.note) || c.note == "" && d.Note != "") {
				t.Errorf("note %q, want %q…", d.Note, c.note)
			}
			if strings.Contains(d.Note, "runtime error") {
				t.Errorf("panicked: %s", d.Note)
			}
		})
	}
	r.pdf.patience = time.Hour
	if d := read(t, r, load(t, "gbk-font.pdf"), ""); d.Note != "" || d.Text == "" {
		t.Errorf("after the bombs PDFs are no longer read: %+v", d)
	}
}

// TestBrokenFiles cuts and scratches every fixture: whatever comes out, it comes out.
func TestBrokenFiles(t *testing.T) {
	r := testReader(t, Options{})
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		if filepath.Ext(path) == ".txt" || filepath.Ext(path) == ".png" {
			continue
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, cut := range []int{1, 8, 100, len(whole) / 2, len(whole) - 1} {
			check(t, r, path, whole[:min(cut, len(whole))])
		}
		for step := 1; step < 8; step++ {
			b := bytes.Clone(whole)
			for i := 64 * step; i < len(b); i += 997 * step {
				b[i] ^= byte(step * 37)
			}
			check(t, r, path, b)
		}
	}
	for name, c := range map[string]struct {
		body []byte
		note string
	}{
		"nothing":        {nil, NoteEmpty},
		"half a docx":    {load(t, "notice.docx")[:20000], NoteBroken},
		"half a pdf":     {[]byte("%PDF-1.7\n1 0 obj"), NoteBroken},
		"half a doc":     {load(t, "notice.doc")[:700], NoteBroken},
		"rar":            {[]byte("Rar!\x1A\x07\x00xxxxxxxx"), NoteUnsupported + ": RAR archive"},
		"bytes":          {[]byte("\x00\x01\x02\x03\x04\x05"), NoteUnsupported + ": unknown format"},
		"docx of nobody": {zipOf(t, map[string]string{"word/other.xml": "<a/>"}), NoteBroken},
		"empty zip":      {zipOf(t, nil), ""},
	} {
		if d := read(t, r, c.body, ""); !strings.HasPrefix(d.Note, c.note) || c.note == "" && d.Note != "" {
			t.Errorf("%s: note %q, want %q", name, d.Note, c.note)
		}
	}
}

// check reads b and reports a panic in our own readers.
func check(t testing.TB, r *Reader, name string, b []byte) {
	t.Helper()
	d, err := r.Text(context.Background(), b, "", "")
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if strings.Contains(d.Note, "runtime error") && d.Type != kindXLSX.media() {
		t.Errorf("%s (%s) panicked: %s", name, d.Type, d.Note)
	}
}

func TestEncryptedMember(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "名单.txt", Flags: 1, Method: zip.Store, CompressedSize64: 5, UncompressedSize64: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("xxxxx")); err != nil {
		t.Fatal(err)
	}
	if w, err = z.Create("说明.txt"); err == nil {
		_, err = w.Write([]byte("可读"))
	}
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	d := read(t, testReader(t, Options{}), b.Bytes(), "")
	if d.Note != "encrypted (名单.txt)" || d.Text != "说明.txt\n可读" {
		t.Errorf("%+v", d)
	}
}

func TestBounds(t *testing.T) {
	r := testReader(t, Options{MaxBytes: 1 << 20, MaxText: 100, MaxPages: 1})
	if d := read(t, r, make([]byte, 2<<20), "a.pdf"); !strings.HasPrefix(d.Note, NoteTooLarge) {
		t.Error(d.Note)
	}
	for _, name := range []string{"notice.docx", "notice.doc", "notice.rtf", "notice.odt", "notice-writer.pdf", "notice.html", "notice.txt", "notice.ofd", "gbk-names.zip", "table.xls", "table.xlsx", "slides.ppt"} {
		d := read(t, r, load(t, name), name)
		if !strings.HasPrefix(d.Note, NoteTruncated) || len(d.Text) > 100 || len(d.Text) < 60 || strings.Contains(d.Text, "\uFFFD") {
			t.Errorf("%s: %d bytes, %q: %s", name, len(d.Text), d.Note, d.Text)
		}
	}
	if d := read(t, testReader(t, Options{MaxPages: 1}), load(t, "slides.pptx"), ""); !strings.HasPrefix(d.Note, NoteTruncated) || !strings.Contains(d.Text, "选题要小") || strings.Contains(d.Text, "评分标准") {
		t.Errorf("%+v", d)
	}
}

func TestCancelled(t *testing.T) {
	r := testReader(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"notice.docx", "notice-writer.pdf", "gbk-names.zip"} {
		if _, err := r.Text(ctx, load(t, name), name, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d := read(t, r, load(t, "notice-writer.pdf"), ""); d.Note != "" {
		t.Error(d.Note)
	}
}

func TestCacheDirThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := New(Options{CacheDir: filepath.Join(file, "cache")})
	if _, err := r.Text(context.Background(), load(t, "gbk-font.pdf"), "", ""); err == nil {
		t.Error("no error")
	}
	if d, err := r.Text(context.Background(), load(t, "notice.docx"), "", ""); err != nil || d.Text == "" {
		t.Errorf("other formats need no cache: %v", err)
	}
}

func FuzzText(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if detect(b, "", "") != kindPDF && len(b) < 30000 {
			f.Add(b)
		}
	}
	r := New(Options{OCR: "none", MaxText: 1 << 20, Timeout: 10 * time.Second})
	f.Fuzz(func(t *testing.T, b []byte) {
		if k := detect(b, "", ""); k == kindPDF || k == kindZIP { // a ZIP may hold a PDF: FuzzPDF
			return
		}
		check(t, r, "fuzz", b)
	})
}

func FuzzPDF(f *testing.F) {
	for _, name := range []string{"gbk-font.pdf", "half-scan.pdf", "owner-password.pdf", "encrypted.pdf"} {
		f.Add(load(f, name))
	}
	f.Add(laughs())
	r := testReader(f, Options{Timeout: time.Second})
	f.Fuzz(func(t *testing.T, b []byte) {
		if detect(b, "", "") == kindPDF {
			check(t, r, "fuzz", b)
		}
	})
}
