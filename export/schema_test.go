package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cundang/extract"
)

type object = map[string]any

func loadSchema(t *testing.T) object {
	t.Helper()
	text, err := os.ReadFile("article.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s object
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("$schema is %v", s["$schema"])
	}
	return s
}

// TestSchemaIsTheGoType walks the schema and the type side by side: the same names, the
// same shapes, and required exactly where the type does not say omitempty or omitzero.
func TestSchemaIsTheGoType(t *testing.T) {
	root := loadSchema(t)
	match(t, root, root, reflect.TypeFor[extract.Article](), "article")
}

func match(t *testing.T, root, s object, typ reflect.Type, at string) {
	t.Helper()
	s = resolve(root, s)
	switch typ {
	case reflect.TypeFor[extract.Text]():
		if !permits(root, s, nil) || !permits(root, s, "x") || permits(root, s, "") || permits(root, s, 1.0) {
			t.Errorf("%s: text must be null or not empty", at)
		}
		return
	case reflect.TypeFor[extract.Date](), reflect.TypeFor[time.Time]():
		return // checked on values below
	}
	switch typ.Kind() {
	case reflect.Pointer:
		for _, alt := range s["anyOf"].([]any) {
			if alt.(object)["type"] != "null" {
				match(t, root, alt.(object), typ.Elem(), at)
			}
		}
	case reflect.Struct:
		properties, _ := s["properties"].(object)
		var names, required []string
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			names = append(names, name)
			if opts != "omitempty" && opts != "omitzero" {
				required = append(required, name)
			}
			p, ok := properties[name].(object)
			if !ok {
				t.Errorf("%s.%s is not in the schema", at, name)
				continue
			}
			match(t, root, p, f.Type, at+"."+name)
		}
		for name := range properties {
			if !slices.Contains(names, name) {
				t.Errorf("%s.%s is not in the type", at, name)
			}
		}
		var listed []string
		for _, r := range s["required"].([]any) {
			listed = append(listed, r.(string))
		}
		slices.Sort(listed)
		slices.Sort(required)
		if !slices.Equal(listed, required) {
			t.Errorf("%s: required is %v, want %v", at, listed, required)
		}
		if s["additionalProperties"] != false {
			t.Errorf("%s: additionalProperties must be false", at)
		}
	case reflect.Slice:
		if s["type"] != "array" {
			t.Errorf("%s: %v, want array", at, s["type"])
			return
		}
		match(t, root, s["items"].(object), typ.Elem(), at+"[]")
	case reflect.Map:
		match(t, root, s["additionalProperties"].(object), typ.Elem(), at+"{}")
	case reflect.String:
		if s["type"] != "string" && s["enum"] == nil {
			t.Errorf("%s: %v, want string", at, s)
		}
	case reflect.Int:
		if s["type"] != "integer" {
			t.Errorf("%s: %v, want integer", at, s["type"])
		}
	case reflect.Float64:
		if s["type"] != "number" {
			t.Errorf("%s: %v, want number", at, s["type"])
		}
	default:
		t.Errorf("%s: no rule for %s", at, typ)
	}
}

func permits(root, s object, v any) bool { return len(invalid(root, s, v, "")) == 0 }

// TestExportsAreValid checks exported articles against the schema, and that the schema
// refuses what it should.
func TestExportsAreValid(t *testing.T) {
	root := loadSchema(t)
	var b bytes.Buffer
	if _, err := Write(&b, "json", streamOf(sample()...), Options{}); err != nil {
		t.Fatal(err)
	}
	var articles []any
	if err := json.Unmarshal(b.Bytes(), &articles); err != nil {
		t.Fatal(err)
	}
	for i, a := range articles {
		for _, e := range invalid(root, root, a, fmt.Sprint(i)) {
			t.Error(e)
		}
	}
	for name, v := range map[string]any{
		"title": "", "published": "2022-10-27 09:30", "kind": "page", "column": nil,
		"capture":    object{"ref": "x", "digest": "sha256:00"},
		"confidence": 1.5, "version": 1.5, "unknown": true, "paragraphs": []any{object{"kind": "div", "text": ""}},
	} {
		var a object
		if err := json.Unmarshal(must(json.Marshal(whole(full()))), &a); err != nil {
			t.Fatal(err)
		}
		a[name] = v
		if len(invalid(root, root, a, "")) == 0 {
			t.Errorf("%s = %v is valid", name, v)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func resolve(root, s object) object {
	for {
		ref, ok := s["$ref"].(string)
		if !ok {
			return s
		}
		s = root["$defs"].(object)[strings.TrimPrefix(ref, "#/$defs/")].(object)
	}
}

// invalid checks v against the keywords that the schema uses and panics on any other, so
// that a keyword cannot be added without being checked.
func invalid(root, s object, v any, at string) (errs []string) {
	s = resolve(root, s)
	bad := func(format string, args ...any) { errs = append(errs, at+": "+fmt.Sprintf(format, args...)) }
	for word, arg := range s {
		switch word {
		case "$schema", "$id", "$defs", "title", "description", "format":
		case "type":
			if !isType(arg.(string), v) {
				bad("%v is no %s", v, arg)
			}
		case "enum":
			if !slices.Contains(arg.([]any), v) {
				bad("%v is not one of %v", v, arg)
			}
		case "anyOf":
			if !slices.ContainsFunc(arg.([]any), func(alt any) bool { return permits(root, alt.(object), v) }) {
				bad("%v fits no alternative", v)
			}
		case "minLength":
			if str, ok := v.(string); ok && float64(len(str)) < arg.(float64) {
				bad("%q is too short", str)
			}
		case "pattern":
			if str, ok := v.(string); ok && !regexp.MustCompile(arg.(string)).MatchString(str) {
				bad("%q does not match %s", str, arg)
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < arg.(float64) {
				bad("%v is too small", n)
			}
		case "maximum":
			if n, ok := v.(float64); ok && n > arg.(float64) {
				bad("%v is too great", n)
			}
		case "items":
			if list, ok := v.([]any); ok {
				for i, item := range list {
					errs = append(errs, invalid(root, arg.(object), item, fmt.Sprintf("%s[%d]", at, i))...)
				}
			}
		case "required":
			if o, ok := v.(object); ok {
				for _, name := range arg.([]any) {
					if _, ok := o[name.(string)]; !ok {
						bad("%s is missing", name)
					}
				}
			}
		case "properties", "additionalProperties":
			if o, ok := v.(object); ok && word == "properties" {
				for name, p := range arg.(object) {
					if value, ok := o[name]; ok {
						errs = append(errs, invalid(root, p.(object), value, at+"."+name)...)
					}
				}
			} else if ok {
				known, _ := s["properties"].(object)
				for name, value := range o {
					if _, ok := known[name]; ok {
						continue
					}
					if more, ok := arg.(object); ok {
						errs = append(errs, invalid(root, more, value, at+"."+name)...)
					} else if arg == false {
						bad("%s is unknown", name)
					}
				}
			}
		default:
			panic("no rule for the schema keyword " + word)
		}
	}
	return errs
}

func isType(name string, v any) bool {
	switch name {
	case "null":
		return v == nil
	case "object":
		_, ok := v.(object)
		return ok
	case "array":
		_, ok := v.([]any)
		return ok
	case "string":
		_, ok := v.(string)
		return ok
	case "number":
		_, ok := v.(float64)
		return ok
	case "integer":
		n, ok := v.(float64)
		return ok && n == float64(int64(n))
	}
	return false
}
