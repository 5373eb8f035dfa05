// Package srcset reads and writes srcset attributes: the addresses that a browser sees in
// them, which may contain commas. It does no I/O.
package srcset

import (
	"strconv"
	"strings"
)

// Candidate is one picture of a srcset.
type Candidate struct {
	URL        string // as written
	Descriptor string // "2x", "800w", "800w 450h"; "" if there is none
}

// Parse returns the candidates of a srcset in order, as HTML's "parse a srcset attribute" has
// it: those whose descriptors a browser refuses are left out.
func Parse(value string) []Candidate {
	var found []Candidate
	for at := 0; ; {
		for at < len(value) && (blank(value[at]) || value[at] == ',') {
			at++
		}
		if at == len(value) {
			return found
		}
		start := at
		for at < len(value) && !blank(value[at]) {
			at++
		}
		url := value[start:at]
		if short := strings.TrimRight(url, ","); short != url {
			found = append(found, Candidate{URL: short})
			continue
		}
		end := descriptorsEnd(value, at)
		fields := split(value[at:end])
		at = end
		if valid(fields) {
			found = append(found, Candidate{url, strings.Join(fields, " ")})
		}
	}
}

// Format writes candidates as a srcset. An address that could not be read back is left out.
func Format(candidates []Candidate) string {
	var parts []string
	for _, c := range candidates {
		if c.URL == "" || strings.ContainsAny(c.URL, " \t\n\f\r") || strings.Trim(c.URL, ",") != c.URL {
			continue
		}
		parts = append(parts, strings.TrimRight(c.URL+" "+c.Descriptor, " "))
	}
	return strings.Join(parts, ", ")
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }

// descriptorsEnd returns where the descriptors that begin at from end: at the next comma
// outside of brackets.
func descriptorsEnd(value string, from int) int {
	bracket := false
	for i := from; i < len(value); i++ {
		switch c := value[i]; {
		case bracket:
			bracket = c != ')'
		case c == ',':
			return i
		case c == '(':
			bracket = true
		}
	}
	return len(value)
}

// split cuts descriptors apart at blanks outside of brackets.
func split(s string) []string {
	var fields []string
	start, bracket := -1, false
	for i := 0; i <= len(s); i++ {
		if i == len(s) || !bracket && blank(s[i]) {
			if start >= 0 {
				fields = append(fields, s[start:i])
			}
			start = -1
			continue
		}
		if start < 0 {
			start = i
		}
		switch s[i] {
		case '(':
			bracket = true
		case ')':
			bracket = false
		}
	}
	return fields
}

// valid says whether a browser takes a candidate with these descriptors.
func valid(fields []string) bool {
	var width, density, height bool
	for _, f := range fields {
		number, unit := f[:len(f)-1], f[len(f)-1]
		switch unit {
		case 'w':
			if width || density || !whole(number) {
				return false
			}
			width = true
		case 'x':
			if width || density || height || !factor(number) {
				return false
			}
			density = true
		case 'h':
			if height || density || !whole(number) {
				return false
			}
			height = true
		default:
			return false
		}
	}
	return !height || width
}

// whole says that s is a valid non-negative integer above 0.
func whole(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && strings.Trim(s, "0") != ""
}

// factor says that s is a valid floating-point number of HTML, not below 0.
func factor(s string) bool {
	if s == "" || strings.Trim(s, "0123456789.eE+-") != "" || s[0] == '+' || s[len(s)-1] == '.' {
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && f >= 0
}
