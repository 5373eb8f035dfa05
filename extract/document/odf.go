package document

import (
	"bytes"
	"context"
	"encoding/xml"
	"strconv"
)

var skippedODF = map[string]bool{"tracked-changes": true, "annotation": true, "ruby-text": true, "forms": true,
	"notes-configuration": true}

// readODF reads an OpenDocument text, spreadsheet or presentation.
func (w *work) readODF(ctx context.Context, body []byte) error {
	z, err := openZIP(body)
	if err != nil {
		return err
	}
	manifest, err := w.part(ctx, z, "META-INF/manifest.xml")
	if err != nil {
		return err
	}
	if err := walkXML(ctx, manifest, func(t xml.Token) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "encryption-data" {
			return errEncrypted
		}
		return nil
	}); err != nil {
		return err
	}
	content, err := w.part(ctx, z, "content.xml")
	if err != nil {
		return err
	}
	if content == nil {
		return broken("no content.xml inside")
	}
	f := &flow{out: &w.text}
	var repeats []int
	sheets := 0 // of a spreadsheet with more than one
	if bytes.Contains(content, []byte("<office:spreadsheet")) {
		sheets = bytes.Count(content, []byte("<table:table "))
	}
	return walkXML(ctx, content, func(t xml.Token) error {
		switch e := t.(type) {
		case xml.StartElement:
			if f.skip > 0 || skippedODF[e.Name.Local] {
				f.skip++
				return nil
			}
			switch e.Name.Local {
			case "p", "h":
				f.begin()
			case "tab":
				f.write("\t")
			case "line-break":
				f.write("\n")
			case "s":
				f.write(" ")
			case "table":
				if sheets > 0 {
					w.pages++
				}
				if sheets > 1 {
					w.text.line(attr(e, "name"))
				}
			case "table-row":
				f.beginRow()
			case "table-cell", "covered-table-cell":
				n, err := strconv.Atoi(attr(e, "number-columns-repeated"))
				if err != nil {
					n = 1
				}
				repeats = append(repeats, n)
				f.beginCell()
			case "page":
				w.pages++
			}
		case xml.EndElement:
			if f.skip > 0 {
				f.skip--
				return nil
			}
			switch e.Name.Local {
			case "p", "h":
				f.end()
			case "table-cell", "covered-table-cell":
				if len(repeats) > 0 {
					f.endCell(repeats[len(repeats)-1])
					repeats = repeats[:len(repeats)-1]
				}
			case "table-row":
				f.endRow()
			}
		case xml.CharData:
			f.write(string(e))
		}
		if w.text.full {
			return errFull
		}
		return nil
	})
}
