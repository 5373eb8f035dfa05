package document

import (
	"strings"
	"testing"
)

// TestOCR needs a tesseract with chi_sim; without one the same files are flagged (TestFixtures).
func TestOCR(t *testing.T) {
	if findTesseract("") == "" {
		t.Skip("no tesseract with chi_sim here")
	}
	r := testReader(t, Options{OCR: "tesseract"})
	want := string(load(t, "scan.txt"))
	for _, name := range []string{"scan.pdf", "scan.png"} {
		d := read(t, r, load(t, name), name)
		if share, _ := alike(want, d.Text); share < 0.9 || !strings.HasPrefix(d.Note, NoteByOCR) {
			t.Errorf("%s: %.0f %%, %q:\n%s", name, 100*share, d.Note, d.Text)
		}
	}
	if d := read(t, r, load(t, "half-scan.pdf"), ""); !strings.Contains(d.Text, "公布") ||
		!strings.Contains(d.Text, "全民科学素质") {
		t.Errorf("%q:\n%s", d.Note, d.Text)
	}
}

func TestUnspace(t *testing.T) {
	if got := unspace("关于 公布 GDP data 名单 的 通知"); got != "关于公布GDP data名单的通知" {
		t.Error(got)
	}
}
