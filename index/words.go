package index

import (
	"fmt"
	"strings"
)

// String says in words how a query was understood.
func (n node) String() string {
	switch n.kind {
	case kWords:
		return in(n.field) + n.text
	case kExact:
		return in(n.field) + `exactly "` + n.text + `"`
	case kFolded:
		return in(n.field) + `"` + n.text + `" in any script`
	case kField:
		if part := strings.Trim(n.text, "*"); n.text == "*"+part+"*" && part != "" && !strings.Contains(part, "*") {
			return n.field + " has " + part
		}
		if strings.Contains(n.text, "*") {
			return n.field + " like " + n.text
		}
		return n.field + " is " + n.text
	case kDate:
		lo, hi := n.lo, strings.ReplaceAll(n.hi, "-99", "")
		switch {
		case lo == "":
			return "published up to " + hi
		case hi == "":
			return "published from " + lo
		case lo == hi:
			return "published in " + lo
		}
		return "published from " + lo + " to " + hi
	case kNear:
		return join2(n.kids, fmt.Sprintf(" within %d characters of ", n.n))
	case kNot:
		return "not " + n.kids[0].bracket()
	case kOr:
		return join2(n.kids, " or ")
	case kAnd:
		return join2(n.kids, " and ")
	}
	var words, required []string
	for _, k := range n.kids {
		if k.kind == kWords && k.field == "" {
			words = append(words, k.text)
		} else {
			required = append(required, k.bracket())
		}
	}
	if len(words) > 0 {
		required = append([]string{strings.Join(words, " ")}, required...)
	}
	return strings.Join(required, " and ")
}

func in(field string) string {
	if field == "" {
		return ""
	}
	return "in the " + field + " "
}

func (n node) bracket() string {
	if n.kind == kOr || n.kind == kAnd || n.kind == kList || n.kind == kNear {
		return "(" + n.String() + ")"
	}
	return n.String()
}

func join2(kids []node, by string) string {
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = k.bracket()
	}
	return strings.Join(parts, by)
}
