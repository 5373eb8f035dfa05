package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The reference page is made from the OpenAPI document, once, without any foreign viewer.

type referenceGroup struct {
	Name       string
	Operations []referenceOp
}

type referenceOp struct {
	ID, Method, Path, Summary string
	Params                    []referenceParam
	Body                      string
	Answers                   []referenceAnswer
}

type referenceParam struct {
	Name, In, Type, Doc string
	Required            bool
}

type referenceAnswer struct{ Status, Text string }

// describe turns the document into the page's data.
func describe(doc *huma.OpenAPI) []referenceGroup {
	groups := map[string]*referenceGroup{}
	var order []string
	paths := []string{}
	for p := range doc.Paths {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		item := doc.Paths[p]
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if o == nil {
				continue
			}
			tag := o.Tags[0]
			if groups[tag] == nil {
				groups[tag] = &referenceGroup{Name: tag}
				order = append(order, tag)
			}
			groups[tag].Operations = append(groups[tag].Operations, describeOp(doc, p, o))
		}
	}
	var out []referenceGroup
	for _, tag := range order {
		out = append(out, *groups[tag])
	}
	return out
}

func describeOp(doc *huma.OpenAPI, path string, o *huma.Operation) referenceOp {
	r := referenceOp{ID: o.OperationID, Method: o.Method, Path: path, Summary: o.Summary}
	for _, p := range o.Parameters {
		text := p.Description
		if text == "" && p.Schema != nil {
			text = p.Schema.Description
		}
		r.Params = append(r.Params, referenceParam{p.Name, p.In, typeText(doc, p.Schema), text, p.Required})
	}
	if o.RequestBody != nil {
		for _, m := range o.RequestBody.Content {
			r.Body = typeText(doc, m.Schema)
			if s := resolve(doc, m.Schema); s != nil {
				r.Body = members(doc, s)
			}
		}
	}
	var statuses []string
	for s := range o.Responses {
		statuses = append(statuses, s)
	}
	slices.Sort(statuses)
	for _, s := range statuses {
		if s >= "3" {
			continue
		}
		for mediaType, m := range o.Responses[s].Content {
			text := typeText(doc, m.Schema)
			if sch := resolve(doc, m.Schema); sch != nil && len(sch.Properties) > 0 {
				text = members(doc, sch)
			}
			r.Answers = append(r.Answers, referenceAnswer{s + " " + mediaType, text})
		}
	}
	slices.SortFunc(r.Answers, func(a, b referenceAnswer) int { return strings.Compare(a.Status, b.Status) })
	return r
}

func resolve(doc *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// members lists the members of an object in one line.
func members(doc *huma.OpenAPI, s *huma.Schema) string {
	var names []string
	for name, p := range s.Properties {
		names = append(names, name+": "+typeText(doc, p))
	}
	slices.Sort(names)
	return "{ " + strings.Join(names, ", ") + " }"
}

func typeText(doc *huma.OpenAPI, s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case len(s.Enum) > 0:
		var out []string
		for _, e := range s.Enum {
			out = append(out, fmt.Sprint(e))
		}
		return strings.Join(out, " | ")
	case s.Type == huma.TypeArray:
		return "[" + typeText(doc, s.Items) + "]"
	case s.Type == "" && s.AdditionalProperties == nil:
		return "any"
	}
	text := s.Type
	if s.Format != "" {
		text += " " + s.Format
	}
	if s.Default != nil {
		text += fmt.Sprintf(" = %v", s.Default)
	}
	return text
}

func (s *server) apiPage(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, "api", view{Title: "api.title", Data: s.reference})
}

func (s *server) helpPage(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, "help", view{Title: "nav.help", Data: nil})
}
