package bleve

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"cundang/index"

	"github.com/klauspost/compress/zstd"
)

//go:generate go run gen.go

// textsDictionary is what heads and texts are compressed with. Changing it changes the format of the index.
//
//go:embed data/texts.dict
var textsDictionary []byte

// maxText is the size of the longest block that is unpacked.
const maxText = 1 << 30

var (
	errCutShort = errors.New("stored text: cut short")
	errLengths  = errors.New("stored text: lengths do not fit")
)

// The encoder and the decoder are safe for concurrent use. The fastest level it is: texts of a few KB with a dictionary
// come out smaller than at the default level and as small as at the better one, at a fifth of the cost, which there is
// that of preparing tables for each text.
var (
	encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderDict(textsDictionary), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithEncoderCRC(true), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithWindowSize(1<<20))
	})
	decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderDicts(textsDictionary), zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxText))
	})
)

// encode appends a block compressed.
func encode(dst, b []byte) ([]byte, error) {
	e, err := encoder()
	if err != nil {
		return nil, err
	}
	return e.EncodeAll(b, dst), nil
}

// decode appends what a block was.
func decode(dst, b []byte) ([]byte, error) {
	d, err := decoder()
	if err != nil {
		return nil, err
	}
	out, err := d.DecodeAll(b, dst)
	if err != nil {
		return nil, fmt.Errorf("stored text: %w", err)
	}
	return out, nil
}

func packHead(b []byte) ([]byte, error) { return encode(nil, b) }

func unpackHead(b []byte) ([]byte, error) { return decode(nil, b) }

// packTexts writes the texts of a document: the length of the word field; and compressed: title, number of
// paragraphs, paragraphs, body when it is not its paragraphs joined, attachments; each with its length before it.
func packTexts(words int, t index.Texts) ([]byte, error) {
	b := make([]byte, 0, len(t.Title)+2*len(t.Body)+32)
	add := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	add(t.Title)
	b = binary.AppendUvarint(b, uint64(len(t.Paragraphs)))
	for _, p := range t.Paragraphs {
		add(p)
	}
	if t.Body != strings.Join(t.Paragraphs, "\n") {
		b = append(b, 1)
		add(t.Body)
	} else {
		b = append(b, 0)
	}
	for _, a := range t.Attachments {
		add(a)
	}
	return encode(binary.AppendUvarint(make([]byte, 0, len(b)/2+16), uint64(words)), b)
}

// wordsOf returns the length of the word field.
func wordsOf(b []byte) (words int, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > maxText {
		return 0, nil, errCutShort
	}
	return int(n), b[size:], nil
}

// unpackTexts reads what packTexts wrote.
func unpackTexts(b []byte, t *index.Text) error {
	_, b, err := wordsOf(b)
	if err != nil {
		return err
	}
	if t.Raw, err = decode(t.Raw[:0], b); err != nil {
		return err
	}
	return splitTexts(t.Raw, t)
}

// splitTexts finds the parts of unpacked texts.
func splitTexts(rest []byte, t *index.Text) error {
	next := func() (part []byte, ok bool) {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(rest)-size) {
			return nil, false
		}
		part, rest = rest[size:size+int(n)], rest[size+int(n):]
		return part, true
	}
	t.Paragraphs, t.Joined, t.Attachments = t.Paragraphs[:0], t.Joined[:0], t.Attachments[:0]
	var ok bool
	if t.Title, ok = next(); !ok {
		return errLengths
	}
	count, size := binary.Uvarint(rest)
	if size <= 0 || count > uint64(len(rest)) {
		return errLengths
	}
	rest = rest[size:]
	for range count {
		para, ok := next()
		if !ok {
			return errLengths
		}
		t.Paragraphs = append(t.Paragraphs, para)
	}
	if len(rest) == 0 {
		return errCutShort
	}
	own := rest[0] == 1
	rest = rest[1:]
	if own {
		if t.Body, ok = next(); !ok {
			return errLengths
		}
	} else {
		for i, para := range t.Paragraphs {
			if i > 0 {
				t.Joined = append(t.Joined, '\n')
			}
			t.Joined = append(t.Joined, para...)
		}
		t.Body = t.Joined
	}
	for len(rest) > 0 {
		att, ok := next()
		if !ok {
			return errLengths
		}
		t.Attachments = append(t.Attachments, att)
	}
	return nil
}
