package charset

import (
	"bytes"
	"mime"
	"strings"
)

// scanLimit is how far into a document a declaration is looked for, in bytes. The
// HTML Standard asks for 1024; templates of these sites put licence comments and
// scripts of several kilobytes before the meta tag.
const scanLimit = 16 << 10

// headerCharset returns the charset parameter of a Content-Type, lower case. It reads
// what servers really send: missing spaces, stray quotes, several semicolons.
func headerCharset(contentType string) string {
	if contentType == "" {
		return ""
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		return tidy(params["charset"])
	}
	return tidy(charsetParam(contentType))
}

// charsetParam finds charset=… in a text, as the HTML Standard extracts an encoding
// from a meta element.
func charsetParam(s string) string {
	for lower := asciiLower(s); ; {
		i := strings.Index(lower, "charset")
		if i < 0 {
			return ""
		}
		s, lower = s[i+len("charset"):], lower[i+len("charset"):]
		value := strings.TrimLeft(s, " \t\n\f\r")
		if !strings.HasPrefix(value, "=") {
			continue
		}
		value = strings.TrimLeft(value[1:], " \t\n\f\r")
		if value == "" {
			return ""
		}
		if q := value[0]; q == '"' || q == '\'' {
			value, _, _ = strings.Cut(value[1:], string(q))
			return value
		}
		if end := strings.IndexAny(value, "; \t\n\f\r\"'>"); end >= 0 {
			value = value[:end]
		}
		return value
	}
}

// asciiLower keeps every byte where it is, also in text that is no UTF-8.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func tidy(label string) string {
	return strings.ToLower(strings.Trim(label, " \t\n\f\r\"';,"))
}

// metaCharset returns the charset a document declares about itself: XML declaration,
// <meta charset> or <meta http-equiv content>. UTF-16 there means UTF-8, as the
// declaration could be read. A name that is unknown does not keep one behind it from being found.
func metaCharset(body []byte) string {
	body = body[:min(len(body), scanLimit)]
	unknown := ""
	known := func(label string) bool {
		if e, _ := lookup(label); e != nil {
			return true
		}
		if unknown == "" {
			unknown = label
		}
		return false
	}
	if enc := readable(xmlEncoding(body)); enc != "" && known(enc) {
		return enc
	}
	for {
		lt := bytes.IndexByte(body, '<')
		if lt < 0 {
			return unknown
		}
		body = body[lt+1:]
		switch {
		case bytes.HasPrefix(body, []byte("!--")):
			end := bytes.Index(body, []byte("-->"))
			if end < 0 {
				return unknown
			}
			body = body[end+3:]
		case hasFold(body, "meta"):
			attrs, rest := metaAttrs(body[4:])
			body = rest
			for _, label := range [...]string{readable(attrs["charset"]), readable(charsetParam(attrs["content"]))} {
				if label != "" && known(label) {
					return label
				}
			}
		case hasFold(body, "body"), hasFold(body, "/head"):
			return unknown
		}
	}
}

func readable(label string) string {
	if label = tidy(label); strings.HasPrefix(label, "utf-16") {
		return "utf-8"
	}
	return label
}

// hasFold reports whether body begins with the tag name (lower case) and ends it there.
func hasFold(body []byte, name string) bool {
	if len(body) <= len(name) || !strings.EqualFold(string(body[:len(name)]), name) {
		return false
	}
	switch body[len(name)] {
	case ' ', '\t', '\n', '\f', '\r', '/', '>':
		return true
	}
	return false
}

func xmlEncoding(body []byte) string {
	head := bytes.TrimLeft(body, " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(head, []byte("?>"))
	if end < 0 {
		return ""
	}
	decl := string(head[:end])
	i := strings.Index(decl, "encoding")
	if i < 0 {
		return ""
	}
	value := strings.TrimLeft(decl[i+len("encoding"):], " \t\r\n=")
	if value == "" || (value[0] != '"' && value[0] != '\'') {
		return ""
	}
	value, _, _ = strings.Cut(value[1:], value[:1])
	return value
}

// metaAttrs reads the attributes of one tag by the tokenizer rules of the HTML
// Standard and returns what follows it.
func metaAttrs(b []byte) (attrs map[string]string, rest []byte) {
	attrs = map[string]string{}
	for {
		b = bytes.TrimLeft(b, " \t\n\f\r/")
		if len(b) == 0 {
			return attrs, nil
		}
		if b[0] == '>' {
			return attrs, b[1:]
		}
		end := bytes.IndexAny(b[1:], " \t\n\f\r/>=")
		if end < 0 {
			return attrs, nil
		}
		name := strings.ToLower(string(b[:end+1]))
		b = bytes.TrimLeft(b[end+1:], " \t\n\f\r")
		value := ""
		if len(b) > 0 && b[0] == '=' {
			value, b = attrValue(bytes.TrimLeft(b[1:], " \t\n\f\r"))
		}
		if _, seen := attrs[name]; !seen {
			attrs[name] = value
		}
	}
}

func attrValue(b []byte) (value string, rest []byte) {
	if len(b) == 0 {
		return "", nil
	}
	if q := b[0]; q == '"' || q == '\'' {
		end := bytes.IndexByte(b[1:], q)
		if end < 0 {
			return string(b[1:]), nil
		}
		return string(b[1 : end+1]), b[end+2:]
	}
	end := bytes.IndexAny(b, " \t\n\f\r>")
	if end < 0 {
		return string(b), nil
	}
	return string(b[:end]), b[end:]
}
