package document

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"cundang/internal/charset"
)

// insideZIP tells the formats apart that are ZIP files.
func insideZIP(body []byte) kind {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) > maxEntries {
		return kindZIP
	}
	for _, f := range z.File {
		switch name := strings.ReplaceAll(f.Name, `\`, "/"); {
		case strings.EqualFold(name, "OFD.xml"):
			return kindOFD
		case name == "xl/workbook.bin":
			return kindXLSB
		case strings.HasPrefix(name, "word/"):
			return kindDOCX
		case strings.HasPrefix(name, "xl/"):
			return kindXLSX
		case strings.HasPrefix(name, "ppt/"):
			return kindPPTX
		case name == "mimetype" && f.UncompressedSize64 < 200:
			if t, err := readMember(f, 200); err == nil && bytes.HasPrefix(t, []byte("application/vnd.oasis.opendocument.")) {
				return kindODF
			}
		}
	}
	return kindZIP
}

func readMember(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, limit))
	return b, errors.Join(err, r.Close())
}

// openZIP opens an archive; a damaged directory is a broken document.
func openZIP(body []byte) (*zip.Reader, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, broken("%v", err)
	}
	if len(z.File) > maxEntries {
		return nil, errEntries
	}
	return z, nil
}

// unzip unpacks a member. The size in its header is not believed: what is unpacked counts.
func (w *work) unzip(ctx context.Context, f *zip.File) ([]byte, error) {
	if f.Flags&1 != 0 {
		return nil, errEncrypted
	}
	r, err := f.Open()
	if err != nil {
		return nil, broken("%s: %v", f.Name, err)
	}
	defer r.Close() // a reader in memory: nothing can fail
	// Room for what the header says, within what deflate can do, saves the copies of a growing buffer.
	size := min(f.UncompressedSize64, maxPart, uint64(max(w.unpack, 0)), min(f.CompressedSize64, maxPart)*1032)
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = buf.ReadFrom(&budget{ctx, r, &w.unpack, maxPart})
	b := buf.Bytes()
	if err != nil && !errors.Is(err, errUnpacked) && ctx.Err() == nil {
		return b, broken("%s: %v", f.Name, err)
	}
	return b, err
}

// budget reads until the work's allowance is used up or its time is over.
type budget struct {
	ctx  context.Context // of one unzip call
	r    io.Reader
	left *int64
	part int64
}

func (b *budget) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	b.part -= int64(n)
	if *b.left -= int64(n); *b.left < 0 || b.part < 0 {
		return n, errUnpacked
	}
	return n, err
}

// member finds a file in z by its path, ignoring case and a leading slash.
func member(z *zip.Reader, name string) *zip.File {
	name = strings.TrimPrefix(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/")
	i := slices.IndexFunc(z.File, func(f *zip.File) bool {
		return strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name)
	})
	if i < 0 {
		return nil
	}
	return z.File[i]
}

// part unpacks the file of that path; nil without an error when there is none. A damaged
// part is what could be unpacked of it, and the Note says so.
func (w *work) part(ctx context.Context, z *zip.Reader, name string) ([]byte, error) {
	f := member(z, name)
	if f == nil {
		return nil, nil
	}
	b, err := w.unzip(ctx, f)
	var fault noted
	if len(b) > 0 && errors.As(err, &fault) && fault != errUnpacked {
		w.note = string(fault)
		return b, nil
	}
	return b, err
}

// readZIP reads every member that is a document, its name on a line before it. A member
// that cannot be read is named in the Note and the others are still read.
func (w *work) readZIP(ctx context.Context, body []byte) error {
	if w.depth >= maxDepth {
		return noted(fmt.Sprintf("%s: more than %d archives in each other", NoteTruncated, maxDepth))
	}
	z, err := openZIP(body)
	if err != nil {
		return err
	}
	w.depth++
	defer func() { w.depth-- }()
	var notes []string
	for _, f := range z.File {
		name := memberName(f)
		base := path.Base(name)
		if f.FileInfo().IsDir() || strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") ||
			base == ".DS_Store" || base == "Thumbs.db" {
			continue
		}
		err := w.member(ctx, f, name)
		if ctx.Err() != nil || w.unpack < 0 {
			return err
		}
		if m := (machineError{}); errors.As(err, &m) {
			return err
		}
		if err != nil {
			notes = append(notes, note(err)+" ("+name+")")
		}
		if w.text.full {
			break
		}
	}
	w.note = summary(notes)
	return nil
}

func (w *work) member(ctx context.Context, f *zip.File, name string) error {
	b, err := w.unzip(ctx, f)
	if err != nil {
		return err
	}
	w.text.line(name)
	if len(b) == 0 {
		return nil
	}
	w.note = ""
	if err := w.read(ctx, detect(b, name, ""), b); err != nil {
		return err
	}
	if w.note != "" {
		return noted(w.note)
	}
	return nil
}

// memberName decodes a member's name: UTF-8 where it says so or is so, else GB18030, as
// Chinese Windows writes it.
func memberName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 {
		name = string(charset.Decode([]byte(name), "").Text)
	}
	return strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), `\`, "/")
}

// summary joins the notes of members; the word of the first comes first.
func summary(notes []string) string {
	if len(notes) > 5 {
		notes = append(notes[:5:5], fmt.Sprintf("and %d more", len(notes)-5))
	}
	return strings.Join(notes, "; ")
}
