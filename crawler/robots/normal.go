package robots

import "strings"

// The matcher compares octets as they stand, and spoils the digits of lower-case escapes. So rules and
// URLs are brought into one form before both reach it (RFC 9309, 2.2.2; RFC 3986, 6.2.2.1 and 6.2.2.2):
// escapes of unreserved characters decoded, all others in upper case, everything escaped that may not
// stand in a URL. An escaped slash is no slash, and an escaped star or dollar is a character, not a
// wildcard: in URLs both are always escaped.

// normalizeURL returns url with its path and query in the form that rules are compared with. whole
// escapes the delimiters within the query too, as the RFC's example of "?baz=https://foo.bar" has it.
func normalizeURL(url string, whole bool) string {
	from := strings.Index(url, "://")
	if from < 0 || strings.IndexAny(url, "/?;") < from { // as the matcher looks for the path
		from = 0
	} else if i := strings.IndexAny(url[from+3:], "/?;#"); i >= 0 {
		from += 3 + i
	} else {
		return url
	}
	return url[:from] + normalize(url[from:], false, whole)
}

// normalizeRules returns a robots.txt with its paths in normal form, line by line.
func normalizeRules(text string, whole bool) string {
	var b strings.Builder
	b.Grow(len(text))
	for len(text) > 0 {
		line, end := text, ""
		if i := strings.IndexAny(text, "\r\n"); i >= 0 {
			line, end = text[:i], text[i:i+1]
		}
		text = text[len(line)+len(end):]
		b.WriteString(normalizeLine(line, whole) + end)
	}
	return b.String()
}

// normalizeLine normalises the path of an Allow or Disallow line, in the spellings that the matcher takes.
func normalizeLine(line string, whole bool) string {
	rule, _, _ := strings.Cut(line, "#")
	at := strings.IndexByte(rule, ':')
	if at < 0 {
		trimmed := strings.TrimLeft(rule, " \t")
		if at = strings.IndexAny(trimmed, " \t"); at < 0 {
			return line
		}
		at += len(rule) - len(trimmed)
	}
	key := strings.ToLower(strings.Trim(rule[:at], " \t\ufeff"))
	if !strings.HasPrefix(key, "allow") && !strings.HasPrefix(key, "dis") && !strings.HasPrefix(key, "dias") {
		return line
	}
	return line[:at+1] + " " + normalize(strings.Trim(rule[at+1:], " \t"), true, whole)
}

// normalize brings a path with its query into normal form. In a rule a star is a wildcard and a dollar
// at the end means the end.
func normalize(s string, rule, whole bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) + 16)
	query := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && hex(s[i+1]) && hex(s[i+2]) {
			if o := unhex(s[i+1])<<4 | unhex(s[i+2]); unreserved(o) {
				b.WriteByte(o)
			} else {
				b.Write([]byte{'%', digits[o>>4], digits[o&15]})
			}
			i += 2
			continue
		}
		special := strings.IndexByte("*$", c) >= 0 && !(rule && (c == '*' || i == len(s)-1))
		delimits := whole && query && strings.IndexByte(":/?#[]@", c) >= 0
		query = query || c == '?'
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}%", c) >= 0 || special || delimits {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func unreserved(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte("-._~", c) >= 0
}

func hex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
