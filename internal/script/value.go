package script

import (
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// The values of scripts are nil (undefined), bool, float64, string, []any, *object, *function,
// element, place and unknown.
type (
	// unknown is what only a browser would know.
	unknown struct{}
	// place is something of the browser: "location.href", "$.ajax".
	place string
	// element is the elements that a selector names.
	element string
	// params is a query: new URLSearchParams().
	params struct{ o *object }
)

// object keeps the order of its members.
type object struct {
	keys []string
	m    map[string]any
}

func newObject() *object { return &object{m: map[string]any{}} }

// maxMembers is how many members an object has at most.
const maxMembers = 1000

func (o *object) set(key string, v any) {
	if _, ok := o.m[key]; !ok {
		if len(o.keys) >= maxMembers {
			return
		}
		o.keys = append(o.keys, key)
	}
	o.m[key] = v
}

// function is code with the names of its parameters and the variables around it.
type function struct {
	params   []string
	from, to int // tokens of its body; of an arrow's expression
	arrow    bool
	outer    *scope
	self     any // what this is in it, of a method
	name     string
}

// str writes a value as a script would where it becomes part of a string.
func str(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	case params:
		return form(v.o)
	}
	return "", false
}

func num(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil
	}
	return 0, false
}

// truth says whether a value counts as true; known is false where only a browser knows.
func truth(v any) (yes, known bool) {
	switch v := v.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case float64:
		return v != 0 && !math.IsNaN(v), true
	case string:
		return v != "", true
	case []any, *object, *function, element:
		return true, true
	}
	return false, false
}

// encode writes a value as JSON; false where a part of it is not known.
func encode(b *strings.Builder, v any, depth int) bool {
	if depth > 20 || b.Len() > 1<<16 {
		return false
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool, float64, string:
		var text strings.Builder
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if e.Encode(v) != nil {
			return false
		}
		b.WriteString(strings.TrimSpace(text.String()))
	case []any:
		b.WriteByte('[')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if !encode(b, m, depth+1) {
				return false
			}
		}
		b.WriteByte(']')
	case *object:
		b.WriteByte('{')
		n := 0
		for _, k := range v.keys {
			if v.m[k] == nil {
				continue
			}
			if n > 0 {
				b.WriteByte(',')
			}
			n++
			encode(b, k, depth+1)
			b.WriteByte(':')
			if !encode(b, v.m[k], depth+1) {
				return false
			}
		}
		b.WriteByte('}')
	default:
		return false
	}
	return true
}

// form writes an object as the body of a form; false where a part of it is not known.
func form(o *object) (string, bool) {
	var args []string
	for _, k := range o.keys {
		switch v := o.m[k].(type) {
		case nil:
			args = append(args, url.QueryEscape(k)+"=")
		case []any:
			for _, m := range v {
				s, ok := str(m)
				if !ok {
					return "", false
				}
				args = append(args, url.QueryEscape(k)+"[]="+url.QueryEscape(s))
			}
		default:
			s, ok := str(v)
			if !ok {
				return "", false
			}
			args = append(args, url.QueryEscape(k)+"="+url.QueryEscape(s))
		}
	}
	return strings.Join(args, "&"), true
}

func parseForm(query string) *object {
	o := newObject()
	for arg := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		k, v, _ := strings.Cut(arg, "=")
		key, err1 := url.QueryUnescape(k)
		value, err2 := url.QueryUnescape(v)
		if k != "" && err1 == nil && err2 == nil {
			o.set(key, value)
		}
	}
	return o
}
