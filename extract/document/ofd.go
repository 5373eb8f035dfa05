package document

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"math"
	"path"
	"strconv"
	"strings"
)

// readOFD reads GB/T 33190 fixed-layout documents: the text objects of each page, put
// together to lines by where they stand, and lines to paragraphs.
func (w *work) readOFD(ctx context.Context, body []byte) error {
	z, err := openZIP(body)
	if err != nil {
		return err
	}
	root, err := w.part(ctx, z, "OFD.xml")
	if err != nil {
		return err
	}
	if member(z, "Encryptions.xml") != nil {
		return errEncrypted
	}
	roots, err := elementTexts(ctx, root, "DocRoot")
	if err != nil {
		return err
	}
	if len(roots) == 0 {
		return broken("OFD.xml names no document")
	}
	for _, r := range roots {
		if err := w.ofdDocument(ctx, z, r); err != nil {
			return err
		}
	}
	return nil
}

// elementTexts returns the text of every element of that name.
func elementTexts(ctx context.Context, part []byte, name string) ([]string, error) {
	var all []string
	in := false
	err := walkXML(ctx, part, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			in = e.Name.Local == name
		case xml.EndElement:
			in = false
		case xml.CharData:
			if s := strings.TrimSpace(string(e)); in && s != "" {
				all = append(all, s)
			}
		}
		return nil
	})
	return all, err
}

func (w *work) ofdDocument(ctx context.Context, z *zip.Reader, root string) error {
	root = strings.TrimPrefix(root, "/")
	doc, err := w.part(ctx, z, root)
	if err != nil {
		return err
	}
	if doc == nil {
		return broken("no %s inside", root)
	}
	base := path.Dir(root)
	var pages []string
	templates := map[string]string{}
	err = walkXML(ctx, doc, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok {
			switch e.Name.Local {
			case "Page":
				if loc := attr(e, "BaseLoc"); loc != "" {
					pages = append(pages, ofdPath(base, loc))
				}
			case "TemplatePage":
				templates[attr(e, "ID")] = ofdPath(base, attr(e, "BaseLoc"))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	shown := map[string]bool{}
	for _, p := range pages {
		if w.pages++; w.pages > w.reader.opts.MaxPages {
			return tooManyPages(w)
		}
		if err := w.ofdPage(ctx, z, p, templates, shown); err != nil {
			return err
		}
		if w.text.full {
			return errFull
		}
	}
	return nil
}

func ofdPath(base, loc string) string {
	if strings.HasPrefix(loc, "/") {
		return strings.TrimPrefix(loc, "/")
	}
	return path.Join(base, loc)
}

// ofdPage reads one page. A template (letterhead, form) is read with the first page that
// uses it.
func (w *work) ofdPage(ctx context.Context, z *zip.Reader, name string, templates map[string]string,
	shown map[string]bool) error {
	part, err := w.part(ctx, z, name)
	if err != nil {
		return err
	}
	if part == nil {
		w.note = NoteBroken + ": no " + name + " inside"
		return nil
	}
	var page layout
	used, err := ofdText(ctx, part, &page)
	if err != nil {
		return err
	}
	for _, id := range used {
		if shown[id] || templates[id] == "" {
			continue
		}
		shown[id] = true
		t, err := w.part(ctx, z, templates[id])
		if err != nil {
			return err
		}
		if _, err := ofdText(ctx, t, &page); err != nil {
			return err
		}
	}
	page.write(&w.text)
	return nil
}

// ofdText collects the text codes of a page and the IDs of its templates.
func ofdText(ctx context.Context, part []byte, page *layout) (templates []string, err error) {
	var boundary [4]float64
	var size, x, y float64
	var code strings.Builder
	in := false
	err = walkXML(ctx, part, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "Template":
				templates = append(templates, attr(e, "TemplateID"))
			case "TextObject":
				boundary = [4]float64{}
				for i, f := range strings.Fields(attr(e, "Boundary")) {
					if i < 4 {
						boundary[i] = number(f)
					}
				}
				size = number(attr(e, "Size"))
				x, y = 0, 0
			case "TextCode":
				in = true
				code.Reset()
				if s := attr(e, "X"); s != "" {
					x = number(s)
				}
				if s := attr(e, "Y"); s != "" {
					y = number(s)
				}
			}
		case xml.EndElement:
			if e.Name.Local == "TextCode" && in {
				in = false
				s := code.String()
				h := size
				if h <= 0 {
					h = boundary[3]
				}
				page.add(item{text: s, x: boundary[0] + x, y: boundary[1] + y, width: columns(s) * h / 2, height: h})
			}
		case xml.CharData:
			if in {
				code.Write(e)
			}
		}
		return nil
	})
	return templates, err
}

// number parses a length; what is none is 0.
func number(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}
