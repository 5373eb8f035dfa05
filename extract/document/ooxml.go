package document

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/xml"
	"path"
	"slices"
	"strconv"
	"strings"
)

// readDOCX reads the main text, then foot- and endnotes. Running headers and footers are
// left out, and so is deleted text.
func (w *work) readDOCX(ctx context.Context, body []byte) error {
	z, err := openZIP(body)
	if err != nil {
		return err
	}
	main, err := w.mainPart(ctx, z, "word/document.xml")
	if err != nil {
		return err
	}
	part, err := w.part(ctx, z, main)
	if err != nil {
		return err
	}
	if part == nil {
		return broken("no %s inside", main)
	}
	numbers, err := w.numbering(ctx, z, path.Dir(main))
	if err != nil {
		return err
	}
	if err := readWordML(ctx, &w.text, part, numbers); err != nil {
		return err
	}
	for _, name := range []string{"footnotes.xml", "endnotes.xml"} {
		part, err := w.part(ctx, z, path.Join(path.Dir(main), name))
		if err != nil {
			return err
		}
		if err := readWordML(ctx, &w.text, part, nil); err != nil {
			return err
		}
	}
	return nil
}

// mainPart finds the part that _rels/.rels names as the document.
func (w *work) mainPart(ctx context.Context, z *zip.Reader, usual string) (string, error) {
	if member(z, usual) != nil {
		return usual, nil
	}
	rels, err := w.part(ctx, z, "_rels/.rels")
	if err != nil {
		return "", err
	}
	found := usual
	err = walkXML(ctx, rels, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" &&
			strings.HasSuffix(attr(e, "Type"), "/officeDocument") {
			found = attr(e, "Target")
		}
		return nil
	})
	return found, err
}

// skippedWordML are elements whose text is not the document's: deletions, field codes,
// the second copy of a shape for old readers, pinyin above characters.
var skippedWordML = map[string]bool{"del": true, "moveFrom": true, "instrText": true, "delText": true, "Fallback": true,
	"rt": true, "rubyPr": true}

// readWordML reads WordprocessingML and, since its tables and paragraphs have the same
// local names, DrawingML.
func readWordML(ctx context.Context, out *text, part []byte, numbers *numbering) error {
	f := &flow{out: out}
	span := 1
	var item listItem
	return walkXML(ctx, part, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			if f.skip > 0 || skippedWordML[e.Name.Local] {
				f.skip++
				return nil
			}
			switch e.Name.Local {
			case "p":
				f.begin()
				item = listItem{}
			case "pStyle":
				item.style = attr(e, "val")
			case "numId":
				item.id = attr(e, "val")
			case "ilvl":
				item.level = attr(e, "val")
			case "pPr", "rPr", "tblPr", "trPr":
			case "t":
				f.reading++
			case "tab":
				// also the name of a tab stop inside pPr, where it has a position
				if attr(e, "pos") == "" && len(f.paras) > 0 {
					f.write("\t")
				}
			case "br", "cr":
				f.write("\n")
			case "noBreakHyphen":
				f.write("-")
			case "tr":
				f.beginRow()
			case "tc":
				f.beginCell()
				span = 1
				if n, err := strconv.Atoi(attr(e, "gridSpan")); err == nil { // DrawingML
					span = n
				}
			case "gridSpan":
				if n, err := strconv.Atoi(attr(e, "val")); err == nil {
					span = n
				}
			}
		case xml.EndElement:
			if f.skip > 0 {
				f.skip--
				return nil
			}
			switch e.Name.Local {
			case "p":
				f.end()
			case "pPr":
				if numbers != nil {
					f.write(numbers.next(item))
				}
			case "t":
				f.reading = max(0, f.reading-1)
			case "tc":
				f.endCell(span)
				span = 1
			case "tr":
				f.endRow()
			}
		case xml.CharData:
			if f.reading > 0 {
				f.write(string(e))
			}
		}
		if out.full {
			return errFull
		}
		return nil
	})
}

// readPPTX reads the slides in the order of their numbers.
func (w *work) readPPTX(ctx context.Context, body []byte) error {
	z, err := openZIP(body)
	if err != nil {
		return err
	}
	var slides []*zip.File
	for _, f := range z.File {
		if slideNumber(f.Name) > 0 {
			slides = append(slides, f)
		}
	}
	slices.SortFunc(slides, func(a, b *zip.File) int { return cmp.Compare(slideNumber(a.Name), slideNumber(b.Name)) })
	for _, f := range slides {
		if w.pages++; w.pages > w.reader.opts.MaxPages {
			return tooManyPages(w)
		}
		part, err := w.unzip(ctx, f)
		if err != nil {
			return err
		}
		if err := readWordML(ctx, &w.text, part, nil); err != nil {
			return err
		}
	}
	return nil
}

func slideNumber(name string) int {
	s, ok := strings.CutPrefix(name, "ppt/slides/slide")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, ".xml"))
	if err != nil {
		return 0
	}
	return n
}

func tooManyPages(w *work) error {
	return noted(NoteTruncated + ": more than " + strconv.Itoa(w.reader.opts.MaxPages) + " pages")
}
