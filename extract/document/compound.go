package document

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/richardlehane/mscfb"
)

// A compound file ([MS-CFB]) is the container of DOC, XLS, PPT and of encrypted OOXML.

func openCompound(body []byte) (r *mscfb.Reader, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	r, err = mscfb.New(bytes.NewReader(body))
	if err != nil {
		return nil, broken("%v", err)
	}
	return r, nil
}

// insideCompound tells the formats apart by the names of their streams.
func insideCompound(body []byte) kind {
	r, err := openCompound(body)
	if err != nil {
		return kindCompound
	}
	k := kindCompound
	for _, f := range r.File {
		if len(f.Path) > 0 {
			continue
		}
		switch f.Name {
		case "EncryptedPackage":
			return kindCompound
		case "WordDocument":
			k = kindDOC
		case "Workbook", "Book":
			if k != kindDOC {
				k = kindXLS
			}
		case "PowerPoint Document":
			if k != kindDOC {
				k = kindPPT
			}
		}
	}
	return k
}

// readCompound says why a compound file without a known document is not read.
func (w *work) readCompound(body []byte) error {
	r, err := openCompound(body)
	if err != nil {
		return err
	}
	for _, f := range r.File {
		if f.Name == "EncryptedPackage" {
			return errEncrypted
		}
	}
	return noted(NoteUnsupported + ": " + kindCompound.String())
}

// stream returns a top-level stream, nil when there is none. What a stream says about its
// size is bounded by the size of the file.
func stream(r *mscfb.Reader, name string, fileSize int) ([]byte, error) {
	for _, f := range r.File {
		if f.Name == name && len(f.Path) == 0 {
			b, err := io.ReadAll(io.LimitReader(f, int64(fileSize)))
			if err != nil && len(b) == 0 {
				return nil, broken("stream %s: %v", name, err)
			}
			return b, nil
		}
	}
	return nil, nil
}

// u16 and u32 read little-endian numbers; beyond the end they are 0.
func u16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func u32(b []byte, at int) int {
	if at < 0 || at+4 > len(b) {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b[at:]))
}

// cut returns b[at:at+n], shortened to what is there.
func cut(b []byte, at, n int) []byte {
	if at < 0 || at >= len(b) || n <= 0 {
		return nil
	}
	return b[at:min(len(b), at+n)]
}
