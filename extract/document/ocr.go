package document

import (
	"bytes"
	"context"
	"image/png"
	"os/exec"
	"strings"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
)

const (
	maxOCRPages  = 100
	maxOCRPixels = 40 << 20 // of one page
	ocrDPI       = 200
)

// findTesseract returns the path of a tesseract that knows simplified Chinese, "" if there
// is none or it is switched off.
func findTesseract(option string) string {
	if option == "none" {
		return ""
	}
	if option == "" {
		option = "tesseract"
	}
	path, err := exec.LookPath(option)
	if err != nil {
		return ""
	}
	langs, err := exec.Command(path, "--list-langs").CombinedOutput()
	if err != nil || !strings.Contains(string(langs), "chi_sim") {
		return ""
	}
	return path
}

// ocrPage renders a page and reads it by OCR; false when that gives no text.
func (w *work) ocrPage(ctx context.Context, instance pdfium.Pdfium, page requests.Page) ([]string, bool) {
	if w.reader.ocr() == "" || w.ocrPages >= maxOCRPages {
		return nil, false
	}
	w.ocrPages++
	size, err := instance.GetPageSize(&requests.GetPageSize{Page: page})
	if err != nil || size.Width*size.Height*(ocrDPI/72.0)*(ocrDPI/72.0) > maxOCRPixels {
		return nil, false
	}
	img, err := instance.RenderPageInDPI(&requests.RenderPageInDPI{Page: page, DPI: ocrDPI})
	if err != nil {
		return nil, false
	}
	defer img.Cleanup()
	var b bytes.Buffer
	if err := png.Encode(&b, img.Result.RenderedImage); err != nil {
		return nil, false
	}
	return w.ocrImage(ctx, b.Bytes())
}

// ocrImage returns the lines of a picture; false when there are none.
func (w *work) ocrImage(ctx context.Context, picture []byte) ([]string, bool) {
	cmd := exec.CommandContext(ctx, w.reader.ocr(), "stdin", "stdout", "-l", "chi_sim+eng")
	cmd.Stdin = bytes.NewReader(picture)
	cmd.Env = append(cmd.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil || empty(string(out)) {
		return nil, false
	}
	var lines []string
	for l := range strings.Lines(string(out)) {
		if l = tidy(unspace(l)); l != "" {
			lines = append(lines, l)
		}
	}
	w.note = NoteByOCR
	return lines, true
}

// unspace drops the blanks that tesseract puts between Chinese characters.
func unspace(s string) string {
	r := []rune(s)
	var b strings.Builder
	for i, c := range r {
		if c == ' ' && i > 0 && i+1 < len(r) && (wide(r[i-1]) || wide(r[i+1])) {
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// readImage reads a picture by OCR.
func (w *work) readImage(ctx context.Context, body []byte) error {
	if w.reader.ocr() != "" {
		lines, ok := w.ocrImage(ctx, body)
		for _, l := range lines {
			w.text.line(l)
		}
		if ok {
			return nil
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return noted(NoteOCR)
}
