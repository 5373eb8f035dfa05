package urlkey

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"cundang/internal/charset"
)

const upperHex = "0123456789ABCDEF"

// escapeInvalid percent-encodes the bytes of s that are no UTF-8, as they are:
// servers send Location headers in GBK, and those bytes are what they expect back.
func escapeInvalid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 {
			escapeByte(&b, s[i])
			i++
			continue
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

// encodeQuery percent-encodes the non-ASCII characters of ref's query in the
// page's character set. ASCII is left to the URL parser.
func encodeQuery(ref, label string) string {
	start := strings.IndexByte(ref, '?')
	if start < 0 || label == "" {
		return ref
	}
	end := len(ref)
	if hash := strings.IndexByte(ref, '#'); hash >= 0 {
		if hash < start {
			return ref
		}
		end = hash
	}
	query := ref[start+1 : end]
	if ascii(query) {
		return ref
	}
	enc, gbk := charset.Output(label)
	if enc == nil {
		return ref
	}
	var b strings.Builder
	b.WriteString(ref[:start+1])
	for i, r := range query {
		if r < utf8.RuneSelf {
			b.WriteByte(query[i])
			continue
		}
		writeRune(&b, enc, r, gbk)
	}
	b.WriteString(ref[end:])
	return b.String()
}

func writeRune(b *strings.Builder, enc *encoding.Encoder, r rune, gbk bool) {
	if gbk && r == '€' {
		b.WriteString("%80")
		return
	}
	bytes, err := enc.Bytes([]byte(string(r)))
	if err != nil || (gbk && len(bytes) == 4) {
		// As in a form: a character the page's charset lacks becomes &#N;
		b.WriteString("%26%23" + strconv.Itoa(int(r)) + "%3B")
		return
	}
	for _, c := range bytes {
		// The second byte of GBK and Big5 may be an ASCII letter and stays one.
		if '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || strings.IndexByte("@[\\]^_`{|}~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		escapeByte(b, c)
	}
}

func escapeByte(b *strings.Builder, c byte) {
	b.WriteByte('%')
	b.WriteByte(upperHex[c>>4])
	b.WriteByte(upperHex[c&15])
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
