package document

import (
	"context"
	"unicode/utf16"
)

// Record types of a PowerPoint file ([MS-PPT] 2.13.24).
const (
	recSlide       = 1006
	recSlideList   = 4080
	recTextChars   = 4000
	recTextBytes   = 4008
	recEscher      = 0xF000 // and above: drawing records
	headerCiphered = 0xF3D1C4DF
)

// readPPT reads the text of slides: the boxes of each slide, then what stands only in the
// outline. Masters and notes are left out.
func (w *work) readPPT(ctx context.Context, body []byte) error {
	r, err := openCompound(body)
	if err != nil {
		return err
	}
	user, err := stream(r, "Current User", len(body))
	if err != nil {
		return err
	}
	if u32(user, 12) == headerCiphered {
		return errEncrypted
	}
	main, err := stream(r, "PowerPoint Document", len(body))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var late []string
	err = w.slides(ctx, main, 0, 0, func(inSlide bool, s string) {
		if !inSlide {
			late = append(late, s)
			return
		}
		seen[s] = true
		w.text.lines(s)
	})
	for _, s := range late {
		if !seen[s] {
			w.text.lines(s)
		}
	}
	return err
}

// slides walks the records of b and gives the text of slides and outlines to found.
func (w *work) slides(ctx context.Context, b []byte, within, depth int, found func(inSlide bool, s string)) error {
	if depth > 50 {
		return broken("records nested too deep")
	}
	for len(b) >= 8 {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, typ, n := u16(b, 0), u16(b, 2), u32(b, 4)
		data := cut(b, 8, n)
		b = cut(b, 8+n, len(b))
		in := within
		switch {
		case typ == recSlide:
			in = recSlide
			w.pages++
		case typ == recSlideList && head>>4 == 0: // instance 0 is the list of slides
			in = recSlideList
		}
		switch {
		case head&0xF == 0xF && (in != 0 || typ < recEscher):
			if typ == 1016 || typ == 1008 || typ == 4041 { // master, notes, handout
				continue
			}
			if err := w.slides(ctx, data, in, depth+1, found); err != nil {
				return err
			}
		case in == 0:
		case typ == recTextChars:
			units := make([]uint16, len(data)/2)
			for i := range units {
				units[i] = uint16(u16(data, 2*i))
			}
			found(in == recSlide, string(utf16.Decode(units)))
		case typ == recTextBytes:
			found(in == recSlide, decodeANSI(data, 1252))
		}
	}
	return nil
}
