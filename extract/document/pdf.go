package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// maxPDFMemory is what one PDF may make pdfium allocate, in pages of 64 KiB: 256 MiB. The largest
// document (Options.MaxBytes) and the picture of its largest page for OCR fit.
const maxPDFMemory = 4096

// maxPDFTime is what pdfium may take to parse one PDF, all pages together. Ten thousand pages of
// print take less. OCR has Options.Timeout.
const maxPDFTime = 15 * time.Second

var (
	errPDFMemory = noted(NoteTruncated + ": needs more memory than a PDF may have")
	errPDFTime   = noted(NoteTruncated + ": took too long")
)

// maxPageChars is what is read of one page; a page of print has some thousand.
const maxPageChars = 1 << 20

// pdfReader runs pdfium in WebAssembly: pure Go, no file system, no network, memory
// bounded. Its slot is held by whoever reads a PDF. The module is compiled with the first
// PDF (or loaded from cacheDir); a PDF that takes too long costs the whole instance, and
// the next one starts another from the compiled module.
type pdfReader struct {
	slot     chan struct{} // capacity 1
	cacheDir string
	patience time.Duration // maxPDFTime, but for tests
	// held with the slot:
	pool    pdfium.Pool
	stop    context.CancelFunc
	memory  pdfMemory
	compile wazero.CompilationCache
}

// acquire takes the slot.
func (p *pdfReader) acquire(ctx context.Context) error {
	select {
	case p.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pdfReader) release() { <-p.slot }

// start starts pdfium; the caller holds the slot.
func (p *pdfReader) start() (err error) {
	if p.pool != nil {
		return nil
	}
	cold := p.compile == nil
	if cold {
		p.compile = wazero.NewCompilationCache()
		if p.cacheDir != "" {
			if p.compile, err = wazero.NewCompilationCacheWithDir(p.cacheDir); err != nil {
				p.compile = nil
				return machineError{fmt.Errorf("cache of compiled WebAssembly: %w", err)}
			}
		}
	}
	ctx, stop := context.WithCancel(experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0)))
	if ctx, err = p.memory.reserve(ctx); err != nil {
		stop()
		return machineError{err}
	}
	p.pool, err = webassembly.Init(webassembly.Config{
		Context: ctx, MaxTotal: 1, MaxIdle: 1,
		FSConfig: wazero.NewFSConfig(), // no file system
		Stdout:   io.Discard, Stderr: io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling). // as go-pdfium's own default
			WithCompilationCache(p.compile).
			WithMemoryLimitPages(maxPDFMemory).
			WithCloseOnContextDone(true),
	})
	if err != nil {
		stop()
		err = errors.Join(err, p.memory.unmap())
		return machineError{fmt.Errorf("start the PDF reader: %w", err)}
	}
	p.stop = stop
	if cold { // the compiler leaves more behind than a document may take
		debug.FreeOSMemory()
	}
	return nil
}

// shut stops pdfium; the caller holds the slot.
func (p *pdfReader) shut() error {
	if p.pool == nil {
		return nil
	}
	err := p.pool.Close()
	p.stop()
	p.pool = nil
	return errors.Join(err, p.memory.unmap())
}

func (p *pdfReader) close() error {
	p.slot <- struct{}{}
	defer p.release()
	err := p.shut()
	if p.compile != nil {
		err = errors.Join(err, p.compile.Close(context.Background()))
		p.compile = nil
	}
	return err
}

// readPDF reads the text of a PDF page by page; the caller holds the slot. Pages without
// text that show pictures are read by OCR where that is installed, else named in the Note.
func (w *work) readPDF(ctx context.Context, body []byte) error {
	p := &w.reader.pdf
	if err := p.start(); err != nil {
		return err
	}
	kill := context.AfterFunc(ctx, p.stop)
	err := w.pdfPages(ctx, p, body)
	if !kill() || isKilled(err) { // the instance was stopped in mid-document
		if serr := p.shut(); serr != nil && ctx.Err() == nil {
			return machineError{serr}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// isKilled says whether err may have left the instance unusable: anything that is not a
// verdict on the document.
func isKilled(err error) bool {
	var n noted
	return err != nil && (!errors.As(err, &n) || n == errPDFTime || n == errPDFMemory)
}

// stopwatch stops pdfium when the calls it times have taken what is left together.
type stopwatch struct {
	stop func()
	left time.Duration
}

// limit makes a call of pdfium and says whether it has ended in time, or for lack of memory.
func (s *stopwatch) limit(call func() error) error {
	begin := time.Now()
	timer := time.AfterFunc(s.left, s.stop)
	err := call()
	s.left -= time.Since(begin)
	switch {
	case !timer.Stop():
		return errPDFTime
	case err != nil && strings.Contains(err.Error(), "wasm error"): // nothing more comes from this instance
		return errPDFMemory
	}
	return err
}

func (w *work) pdfPages(ctx context.Context, p *pdfReader, body []byte) (err error) {
	instance, err := p.pool.GetInstance(30 * time.Second)
	if err != nil {
		return fmt.Errorf("PDF reader: %w", err)
	}
	defer func() {
		if cerr := instance.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("PDF reader: %w", cerr)
		}
	}()
	watch := stopwatch{p.stop, p.patience}
	var doc *responses.OpenDocument
	err = watch.limit(func() error {
		doc, err = instance.OpenDocument(&requests.OpenDocument{File: &body})
		return err
	})
	switch {
	case errors.Is(err, errPDFTime), errors.Is(err, errPDFMemory):
		return err
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return errEncrypted
	case err != nil:
		return broken("%v", err)
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		return broken("%v", err)
	}
	w.pages += count.PageCount
	if count.PageCount == 0 {
		return broken("no pages")
	}
	var scans []int
	var pages []pdfPage
	read := 0
	defer func() { writePages(&w.text, pages) }()
	for i := range min(count.PageCount, w.reader.opts.MaxPages) {
		if err := ctx.Err(); err != nil {
			return err
		}
		page := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: i}}
		t, pictured := "", false
		err := watch.limit(func() (err error) {
			if t, err = pageText(instance, doc.Document, i); err == nil && unreadable(t) {
				pictured, err = hasPicture(instance, doc.Document, i)
			}
			return err
		})
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if errors.Is(err, errPDFTime) || errors.Is(err, errPDFMemory) {
				return err
			}
			w.note = fmt.Sprintf("%s: page %d: %s", NoteBroken, i+1, firstLine(err.Error()))
			continue
		}
		if unreadable(t) && (pictured || !empty(t)) {
			ocr, ok := w.ocrPage(ctx, instance, page)
			if !ok {
				scans = append(scans, i+1)
			}
			pages = append(pages, pdfPage{lines: ocr, scan: true})
			continue
		}
		pages = append(pages, pdfPage{lines: pdfLines(t)})
		if read += len(t); read > w.text.max {
			return errFull
		}
	}
	if count.PageCount > w.reader.opts.MaxPages {
		return tooManyPages(w)
	}
	switch {
	case len(scans) == count.PageCount:
		w.note = NoteOCR
	case len(scans) > 0:
		w.note = NoteOCR + ": pages " + ranges(scans)
	}
	return nil
}

// pageText returns the text of a page with \r\n behind each line.
func pageText(instance pdfium.Pdfium, doc references.FPDF_DOCUMENT, index int) (s string, err error) {
	page, err := instance.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: doc, Index: index})
	if err != nil {
		return "", err
	}
	defer func() {
		if _, cerr := instance.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: page.Page}); cerr != nil && err == nil {
			err = cerr
		}
	}()
	text, err := instance.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: requests.Page{ByReference: &page.Page}})
	if err != nil {
		return "", err
	}
	defer func() {
		if _, cerr := instance.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage}); cerr != nil &&
			err == nil {
			err = cerr
		}
	}()
	n, err := instance.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil || n.Count <= 0 {
		return "", err
	}
	t, err := instance.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: text.TextPage,
		Count: min(n.Count, maxPageChars)})
	if err != nil {
		return "", err
	}
	return t.Text, nil
}

// unreadable says whether a page's text is none: nothing, or characters without meaning
// because the font has no table of them.
func unreadable(s string) bool {
	good, bad := 0, 0
	for _, r := range s {
		switch {
		case r == '\uFFFD' || r >= 0xE000 && r <= 0xF8FF || r < ' ' && r != '\t' && r != '\n' && r != '\r':
			bad++
		case r > ' ':
			good++
		}
	}
	return good == 0 || bad > good
}

// hasPicture says whether a page shows pictures, also inside forms.
func hasPicture(instance pdfium.Pdfium, doc references.FPDF_DOCUMENT, index int) (found bool, err error) {
	page, err := instance.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: doc, Index: index})
	if err != nil {
		return false, err
	}
	defer func() {
		if _, cerr := instance.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: page.Page}); cerr != nil && err == nil {
			err = cerr
		}
	}()
	ref := requests.Page{ByReference: &page.Page}
	n, err := instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: ref})
	if err != nil {
		return false, err
	}
	for i := range min(n.Count, 1000) {
		o, err := instance.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: ref, Index: i})
		if err != nil {
			return false, err
		}
		t, err := instance.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o.PageObject})
		if err != nil {
			return false, err
		}
		if t.Type == 3 || t.Type == 5 { // FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_FORM
			return true, nil
		}
	}
	return false, nil
}

// ranges writes page numbers as "1–3, 7".
func ranges(pages []int) string {
	var parts []string
	for i := 0; i < len(pages); {
		j := i
		for j+1 < len(pages) && pages[j+1] == pages[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(pages[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d–%d", pages[i], pages[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
