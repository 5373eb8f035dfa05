package site

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error is one thing wrong with a profile, with the place where it is written.
type Error struct {
	File    string // as given to Load
	Line    int    // from 1; 0 if unknown
	Column  int    // from 1; 0 if unknown
	Field   string // such as scope[0].allow; "" for the file as a whole
	Problem string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	b.WriteString(": " + e.Problem)
	return b.String()
}

// Load parses and checks one profile. Unknown keys, selectors and expressions that do
// not compile and values out of range are errors; all that are found are returned, joined,
// each an *[Error] with file and line. file is only named in them.
func Load(file string, data []byte) (*Profile, error) {
	var p Profile
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := dec.Decode(&p); err != nil {
		return nil, decodeError(file, data, err)
	}
	if err := dec.Decode(new(Profile)); err == nil {
		return nil, &Error{File: file, Problem: "more than one profile in a file; write one file for each site"}
	}
	checked, problems := check(p)
	if len(problems) == 0 {
		return checked, nil
	}
	lines := locate(data)
	var all []error
	for _, q := range problems {
		e := &Error{File: file, Field: q.field, Problem: q.problem}
		e.Line, e.Column = lines(q.field)
		all = append(all, e)
	}
	return nil, errors.Join(all...)
}

// New checks a profile made by a program and compiles its rules.
func New(p Profile) (*Profile, error) {
	checked, problems := check(p)
	var all []error
	for _, q := range problems {
		all = append(all, &Error{File: "profile " + p.ID, Field: q.field, Problem: q.problem})
	}
	return checked, errors.Join(all...)
}

// Marshal writes the profile as YAML that Load reads back.
func Marshal(p *Profile) ([]byte, error) {
	data, err := yaml.MarshalWithOptions(p, yaml.IndentSequence(true), yaml.UseSingleQuote(true))
	if err != nil {
		return nil, fmt.Errorf("write profile %s: %w", p.ID, err)
	}
	return data, nil
}

// LoadFS loads every *.yaml file in the top folder of fsys, in the order of their site
// names. Two files for one site are an error.
func LoadFS(fsys fs.FS) ([]*Profile, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list profiles: %w", err)
	}
	var profiles []*Profile
	var problems []error
	from := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read profile: %w", err)
		}
		p, err := Load(name, data)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if other, twice := from[p.ID]; twice {
			problems = append(problems, &Error{File: name, Field: "site", Problem: p.ID + " is the name of the site in " +
				other + " already"})
			continue
		}
		from[p.ID] = name
		profiles = append(profiles, p)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	slices.SortFunc(profiles, func(a, b *Profile) int { return strings.Compare(a.ID, b.ID) })
	return profiles, nil
}

// Merge returns the profiles of both, those of over where a site is in both.
func Merge(base, over []*Profile) []*Profile {
	merged := slices.Clone(over)
	for _, p := range base {
		if !slices.ContainsFunc(over, func(q *Profile) bool { return q.ID == p.ID }) {
			merged = append(merged, p)
		}
	}
	slices.SortFunc(merged, func(a, b *Profile) int { return strings.Compare(a.ID, b.ID) })
	return merged
}

func decodeError(file string, data []byte, err error) error {
	if known, ok := errors.AsType[yaml.Error](err); ok {
		e := &Error{File: file, Problem: known.GetMessage()}
		if t := known.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
		return e
	}
	e := &Error{File: file, Problem: err.Error()}
	// The YAML package does not say where a duration is that it could not read.
	find := finder(data)
	for _, field := range durations(reflect.TypeFor[Profile](), "") {
		if node := find(field); node != nil && node.GetToken() != nil {
			if value := node.GetToken(); !isDuration(value.Value) {
				e.Field, e.Line, e.Column = field, value.Position.Line, value.Position.Column
				e.Problem = fmt.Sprintf("%q is no duration: write it as 90s, 10m or 72h", value.Value)
				return e
			}
		}
	}
	return e
}

func isDuration(s string) bool {
	_, err := time.ParseDuration(s)
	return err == nil
}

// durations lists the fields of t that are durations, outside of lists.
func durations(t reflect.Type, prefix string) []string {
	var fields []string
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case key == "":
		case f.Type == reflect.TypeFor[time.Duration]():
			fields = append(fields, prefix+key)
		case f.Type.Kind() == reflect.Struct:
			fields = append(fields, durations(f.Type, prefix+key+".")...)
		}
	}
	return fields
}

// finder returns a function from a field name such as scope[0].allow to its value, nil
// where there is none.
func finder(data []byte) func(field string) ast.Node {
	file, err := parser.ParseBytes(data, 0)
	return func(field string) ast.Node {
		if err != nil {
			return nil
		}
		p, err := yaml.PathString("$." + field)
		if err != nil {
			return nil
		}
		node, err := p.FilterFile(file)
		if err != nil {
			return nil
		}
		return node
	}
}

// locate returns a function from a field name to the place of its value; a field that is
// absent is looked for in what it should stand in.
func locate(data []byte) func(field string) (line, column int) {
	find := finder(data)
	return func(field string) (int, int) {
		for field != "" {
			if node := find(field); node != nil && node.GetToken() != nil {
				pos := node.GetToken().Position
				return pos.Line, pos.Column
			}
			field = field[:max(strings.LastIndexAny(field, ".["), 0)]
		}
		return 0, 0
	}
}

// FileName returns the name of the file a profile is kept in.
func FileName(p *Profile) string { return path.Clean(p.ID) + ".yaml" }
