package document

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// testReader keeps compiled WebAssembly between test runs and never uses OCR.
func testReader(t testing.TB, opts Options) *Reader {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	if opts.CacheDir == "" {
		opts.CacheDir = filepath.Join(cache, "cundang-test-wasm")
	}
	if opts.OCR == "" {
		opts.OCR = "none"
	}
	if opts.TempDir == "" {
		opts.TempDir = t.TempDir()
	}
	r := New(opts)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, r *Reader, body []byte, name string) Document {
	t.Helper()
	d, err := r.Text(context.Background(), body, name, "")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return d
}

// TestFixtures reads every fixture and compares with the text beside it: line by line, and
// of PDF at least 98 of 100 characters the same, in the same order, blanks not counted.
func TestFixtures(t *testing.T) {
	r := testReader(t, Options{})
	for _, c := range []struct {
		file, want, media, note string
		pages                   int
	}{
		{"notice.docx", "notice.txt", kindDOCX.media(), "", 0},
		{"notice.doc", "notice.txt", kindDOC.media(), "", 0},
		{"notice.odt", "notice.txt", kindODF.media(), "", 0},
		{"notice.rtf", "notice.txt", kindRTF.media(), "", 0},
		{"notice-writer.pdf", "notice.txt", kindPDF.media(), "", 1},
		{"notice-chromium.pdf", "notice.txt", kindPDF.media(), "", 1},
		{"notice.html", "notice.txt", kindHTML.media(), "", 0},
		{"notice-gbk.html", "notice.txt", kindHTML.media(), "", 0},
		{"notice.txt", "notice.txt", kindText.media(), "", 0},
		{"notice-gb18030.txt", "notice.txt", kindText.media(), "", 0},
		{"notice-utf16.txt", "notice.txt", kindText.media(), "", 0},
		{"table.xlsx", "table.txt", kindXLSX.media(), "", 2},
		{"table.xls", "table.txt", kindXLS.media(), "", 2},
		{"table.ods", "table.txt", kindODF.media(), "", 2},
		{"slides.pptx", "slides.txt", kindPPTX.media(), "", 2},
		{"slides.ppt", "slides.txt", kindPPT.media(), "", 2},
		{"word.docx", "word.txt", kindDOCX.media(), "", 0},
		{"minutes.doc", "minutes.txt", kindDOC.media(), "", 0},
		{"minutes.rtf", "minutes.txt", kindRTF.media(), "", 0},
		{"word95.doc", "word95.txt", kindDOC.media(), "", 0},
		{"hand.rtf", "hand.txt", kindRTF.media(), "", 0},
		{"pages.pdf", "pages.txt", kindPDF.media(), "", 4}, // paragraphs over pages with heads and numbers
		{"gbk-font.pdf", "gbk-font.txt", kindPDF.media(), "", 1},
		{"owner-password.pdf", "gbk-font.txt", kindPDF.media(), "", 1},
		{"half-scan.pdf", "gbk-font.txt", kindPDF.media(), "needs OCR: pages 2–3", 3},
		{"notice.ofd", "ofd.txt", kindOFD.media(), "", 2},
		{"gbk-names.zip", "gbk-names.txt", kindZIP.media(), "needs OCR (附件2：扫描件.pdf)", 1},
		{"scan.pdf", "", kindPDF.media(), "needs OCR", 1},
		{"scan.png", "", kindImage.media(), "needs OCR", 0},
		{"encrypted.pdf", "", kindPDF.media(), "encrypted", 0},
		{"encrypted.xlsx", "", kindCompound.media(), "encrypted", 0},
		{"encrypted.doc", "", kindDOC.media(), "encrypted", 0},
		{"encrypted.xls", "", kindXLS.media(), "encrypted", 0},
		{"encrypted.odt", "", kindODF.media(), "encrypted", 0},
	} {
		t.Run(c.file, func(t *testing.T) {
			d := read(t, r, load(t, c.file), "")
			if d.Type != c.media || d.Note != c.note || d.Pages != c.pages {
				t.Errorf("type %q, note %q, %d pages; want %q, %q, %d", d.Type, d.Note, d.Pages, c.media, c.note, c.pages)
			}
			want := ""
			if c.want != "" {
				want = strings.TrimSuffix(string(load(t, c.want)), "\n")
			}
			if c.media == kindPDF.media() || c.media == kindPPT.media() { // these keep places, not structure
				share, missing := alike(want, d.Text)
				t.Logf("%.2f %% of the characters", 100*share)
				if share < 0.98 {
					t.Errorf("only %.2f %% of the characters, near %q:\n%s", 100*share, missing, d.Text)
				}
			} else if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(d.Text, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// alike is the share of the characters of the longer text that are the same in both, by
// the longest common subsequence; missing is where they first differ.
func alike(want, got string) (share float64, missing string) {
	a, b := letters(want), letters(got)
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			missing = string(a[i:min(len(a), i+20)])
			break
		}
	}
	longer := max(len(a), len(b))
	if longer == 0 {
		return 1, ""
	}
	return float64(row[len(b)]) / float64(longer), missing
}

func TestOfficeXML(t *testing.T) {
	r := testReader(t, Options{})
	for name, c := range map[string]struct{ body, want string }{
		"excel 2003": {`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="a"/></Styles>` +
			`<Worksheet ss:Name="一"><Table><Row><Cell><Data ss:Type="String">姓名</Data></Cell><Cell ss:Index="3"><Data ss:Type="Number">98.5</Data></Cell></Row></Table></Worksheet>` +
			`<Worksheet ss:Name="二"><Table><Row><Cell><Data ss:Type="String">甲 &amp; 乙</Data></Cell></Row></Table></Worksheet></Workbook>`,
			"一\n姓名\t\t98.5\n二\n甲 & 乙"},
		"word 2003": {`<?xml version="1.0" encoding="UTF-8"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:pPr><w:tabs><w:tab w:pos="1"/></w:tabs></w:pPr><w:r><w:t>关于</w:t></w:r><w:r><w:t>表彰的决定</w:t></w:r></w:p>` +
			`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:wordDocument>`,
			"关于表彰的决定\n甲\t乙"},
		"other": {`<?xml version="1.0" encoding="gb2312"?><rss><title>` + "\xbf\xc6\xc6\xd5" + `</title></rss>`, "科普"},
	} {
		if d := read(t, r, []byte(c.body), name+".xls"); d.Text != c.want || d.Note != "" {
			t.Errorf("%s: %q, %q", name, d.Text, d.Note)
		}
	}
}

// TestConcurrent reads everything from several goroutines at once.
func TestConcurrent(t *testing.T) {
	r := testReader(t, Options{})
	names := []string{"notice.docx", "notice-chromium.pdf", "notice.doc", "gbk-names.zip", "gbk-font.pdf", "table.xlsx",
		"table.xls", "notice.ofd"}
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for j := range names {
				name := names[(i+j)%len(names)]
				d, err := r.Text(context.Background(), load(t, name), name, "")
				if err != nil || len(d.Text) < 100 {
					t.Errorf("%s: %d bytes, %v", name, len(d.Text), err)
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkText(b *testing.B) {
	r := testReader(b, Options{})
	for _, name := range []string{"pages.pdf", "gbk-font.pdf", "notice.docx", "notice.doc", "notice.rtf", "table.xlsx",
		"table.xls", "notice.ofd", "slides.pptx"} {
		body := load(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if d, err := r.Text(context.Background(), body, name, ""); err != nil || d.Text == "" {
					b.Fatal(d.Note, err)
				}
			}
		})
	}
}

func letters(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}
