// Package document reads the text of attached documents: PDF, DOCX, XLSX, PPTX, DOC, XLS,
// PPT, WPS, RTF, OFD (GB/T 33190), ODF, ZIP of these, HTML and plain text of any charset.
//
// The bytes come from the web: every reader is bounded in time, in the size of what it
// unpacks and in the text it returns, and a document that cannot be read is a Document
// with a Note, never a panic.
package document

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Document is what could be read of one document.
type Document struct {
	Text  string // paragraphs and table rows one a line, cells separated by tabs; "" if there is none
	Type  string // media type by content, "" if unknown
	Pages int    // pages, slides or sheets; 0 where the format has none
	Note  string // why there is no text, or not all of it; see the Note constants
}

// Notes begin with one of these words; more may follow after a colon.
const (
	NoteEncrypted   = "encrypted"   // needs a password
	NoteOCR         = "needs OCR"   // pictures of pages
	NoteByOCR       = "read by OCR" // the text is a machine's reading of pictures: expect errors
	NoteBroken      = "broken"      // cannot be parsed; what was read before the fault is kept
	NoteTruncated   = "truncated"   // a bound was reached; the text before it is kept
	NoteTooLarge    = "too large"   // more bytes than Options.MaxBytes
	NoteUnsupported = "unsupported" // a format that is not read
	NoteEmpty       = "empty"       // no bytes
)

// Options of a Reader; the zero value is a good default.
type Options struct {
	CacheDir string        // where compiled WebAssembly is kept between runs; "" compiles once a process (some seconds)
	TempDir  string        // for OCR and large sheets; "" is the system's
	MaxBytes int64         // of a document; 0 is 64 MiB
	MaxText  int           // bytes of text kept; 0 is 4 MiB
	MaxPages int           // pages, slides and sheets read; 0 is 2,000
	Timeout  time.Duration // for one document; 0 is 60 s
	OCR      string        // path of tesseract; "" looks for it in PATH, "none" never uses it
}

// Limits that are not the operator's business.
const (
	maxUnpacked = 256 << 20 // bytes unpacked from one document, all nested archives together
	maxPart     = 64 << 20  // bytes of one unpacked part
	maxEntries  = 4096      // files in one archive
	maxDepth    = 3         // archives in archives
	maxNodes    = 1 << 22   // XML elements of one part
	maxCells    = 1 << 14   // cells of a table row
	maxNesting  = 1000      // paragraphs, cells and rows in each other
)

// Reader reads documents. It is safe for concurrent use; PDFs wait for each other. Close
// it when done: PDFs are read in a WebAssembly instance that starts with the first PDF.
type Reader struct {
	opts Options
	pdf  pdfReader
	ocr  func() string // path of tesseract, "" if there is none
}

// New returns a Reader. It does no I/O: what is expensive starts when first needed.
func New(opts Options) *Reader {
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = 64 << 20
	}
	if opts.MaxText <= 0 {
		opts.MaxText = 4 << 20
	}
	if opts.MaxPages <= 0 {
		opts.MaxPages = 2000
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 60 * time.Second
	}
	r := &Reader{opts: opts}
	r.pdf.cacheDir, r.pdf.patience = opts.CacheDir, maxPDFTime
	r.pdf.slot = make(chan struct{}, 1)
	r.ocr = sync.OnceValue(func() string { return findTesseract(opts.OCR) })
	return r
}

// Close stops the PDF reader; the Reader may be used again and starts it anew.
func (r *Reader) Close() error { return r.pdf.close() }

// Text reads one document. Its format is decided by its first bytes, then by contentType
// and the extension of name (both may be ""). The error is that of ctx or of the machine
// (a cache directory that cannot be written); everything about the document itself is in
// the Note.
func (r *Reader) Text(ctx context.Context, body []byte, name, contentType string) (Document, error) {
	if len(body) == 0 {
		return Document{Note: NoteEmpty}, nil
	}
	kind := detect(body, name, contentType)
	if int64(len(body)) > r.opts.MaxBytes {
		return Document{Type: kind.media(), Note: fmt.Sprintf("%s: %d bytes", NoteTooLarge, len(body))}, nil
	}
	if kind == kindPDF || kind == kindZIP {
		// What waits for other PDFs, and the start of the reader, are not this document's time.
		if err := r.pdf.acquire(ctx); err != nil {
			return Document{}, fmt.Errorf("read document %s: %w", name, err)
		}
		defer r.pdf.release()
	}
	if kind == kindPDF {
		if err := r.pdf.start(); err != nil {
			return Document{}, fmt.Errorf("read document %s: %w", name, err)
		}
	}
	limited, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	w := &work{reader: r, text: text{max: r.opts.MaxText}, unpack: maxUnpacked}
	err := w.read(limited, kind, body)
	if ctx.Err() != nil {
		return Document{}, fmt.Errorf("read document %s: %w", name, context.Cause(ctx))
	}
	d := Document{Text: w.text.String(), Type: kind.media(), Pages: w.pages}
	var machine machineError
	switch {
	case errors.As(err, &machine):
		return d, fmt.Errorf("read document %s: %w", name, err)
	case err != nil:
		d.Note = note(err)
	case w.text.full:
		d.Note = fmt.Sprintf("%s: more than %d bytes of text", NoteTruncated, w.text.max)
	default:
		d.Note = w.note
	}
	return d, nil
}

// machineError is a fault of the machine rather than of the document.
type machineError struct{ error }

func (e machineError) Unwrap() error { return e.error }

// noted is a fault of the document whose text is the Note.
type noted string

func (n noted) Error() string { return string(n) }

var (
	errEncrypted = noted(NoteEncrypted)
	errUnpacked  = noted(NoteTruncated + ": unpacks to too many bytes")
	errEntries   = noted(NoteTruncated + ": more than 4096 files in an archive")
	errFull      = noted(NoteTruncated + ": more text than is kept")
)

func broken(format string, args ...any) error {
	return noted(NoteBroken + ": " + fmt.Sprintf(format, args...))
}

// note makes the Note of an error.
func note(err error) string {
	var n noted
	switch {
	case errors.As(err, &n):
		return string(n)
	case errors.Is(err, context.DeadlineExceeded):
		return NoteTruncated + ": took too long"
	}
	return NoteBroken + ": " + firstLine(err.Error())
}

// work is one document being read, with what it may still use up.
type work struct {
	reader *Reader
	text   text
	unpack int64 // bytes that may still be unpacked
	depth  int
	pages  int
	note   string

	ocrPages int
}

// read reads one document (or one member of an archive) into w. The parsers of foreign
// modules are not written for hostile input, so a panic in one means a broken document.
func (w *work) read(ctx context.Context, k kind, body []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if re, ok := p.(runtime.Error); ok {
				err = broken("%v", re)
				return
			}
			err = broken("%v", p)
		}
	}()
	return w.dispatch(ctx, k, body)
}
