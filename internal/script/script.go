// Package script reads what the scripts of a page would do: which address a pager's function
// leads to, what is asked for when the page has loaded. It evaluates the part of JavaScript that
// such scripts use (strings, numbers, objects, functions, conditions) with bounds on steps and
// depth; what only a browser knows is unknown and spoils what is made of it. Loops are left out.
// It does no I/O and is safe for concurrent use, a Program is not.
package script

import (
	"maps"
	"strings"
)

// Host is what scripts ask of their page.
type Host struct {
	URL string // of the page
	// Value returns the value of the first field that a selector names.
	Value func(selector string) (string, bool)
	// Form returns the fields of a form as a query, some set anew.
	Form func(selector string, set map[string]string) (string, bool)
	// Default returns the value of a variable that the scripts leave open: 1 for a page number.
	Default func(name string) (string, bool)
}

// Effects are what a piece of script does to the page.
type Effects struct {
	Leads   []string // addresses the browser would go to
	Asks    []Request
	Fields  map[string]string // values put into fields, by selector
	Submits []string          // selectors of the forms that are sent
	Actions map[string]string // addresses that forms are sent to, by selector
}

// Request is what a script asks a server for.
type Request struct {
	Method      string // in capitals
	URL         string // as written
	Body        string
	ContentType string // of the body
}

// Handler is code that runs when an element that a selector names is clicked.
type Handler struct {
	Selector string
	run      *function
}

// Program is the scripts of a page, run once as when it has loaded.
type Program struct {
	// Loaded are the effects of loading.
	Loaded Effects
	// Handlers are what clicks do.
	Handlers []Handler

	host    Host
	toks    []token
	globals *scope
	called  map[*function]bool
	eff     *Effects
	steps   int
}

// Bounds of a run.
const (
	maxSteps = 200000 // of loading
	maxClick = 5000   // of one click
	maxDepth = 40     // of calls and brackets
	maxAsks  = 50
	maxText  = 1 << 14 // bytes of a string
)

// Load reads scripts and does what they do when the page has loaded.
func Load(code string, host Host) *Program {
	p := &Program{host: host, toks: lex(code), globals: &scope{vars: map[string]any{}}, called: map[*function]bool{}}
	p.eff, p.steps = &p.Loaded, maxSteps
	r := runner{p: p, scope: p.globals}
	r.hoist(0, len(p.toks))
	r.block(0, len(p.toks))
	return p
}

// Run does what a piece of code would, such as an onclick attribute; this are the attributes of
// the element it stands at.
func (p *Program) Run(code string, this map[string]string) Effects {
	return p.effects(func(r *runner) {
		from := len(p.toks)
		if from+len(code) > 2*maxTokens {
			return
		}
		toks := lex(code)
		for i := range toks {
			if toks[i].match >= 0 {
				toks[i].match += from
			}
		}
		p.toks = append(p.toks, toks...)
		r.self = attributes(this)
		r.block(from, len(p.toks))
		p.toks = p.toks[:from]
	})
}

// Click does what a handler would at an element with these attributes.
func (p *Program) Click(h Handler, this map[string]string) Effects {
	return p.effects(func(r *runner) { r.invoke(h.run, attributes(this), nil) })
}

// Idle calls the functions that loading did not call, their parameters left open, and returns
// what they ask for.
func (p *Program) Idle() []Request {
	var asks []Request
	for _, f := range p.globals.functions() {
		if !p.called[f] {
			asks = append(asks, p.effects(func(r *runner) { r.invoke(f, f.self, nil) }).Asks...)
		}
	}
	return asks[:min(len(asks), maxAsks)]
}

// effects collects what f does; the variables of the page are afterwards as before.
func (p *Program) effects(f func(*runner)) Effects {
	var e Effects
	before := maps.Clone(p.globals.vars)
	p.eff, p.steps = &e, maxClick
	f(&runner{p: p, scope: &scope{vars: map[string]any{}, outer: p.globals}})
	p.globals.vars = before
	return e
}

// thisElement is what code at an element has as this.
type thisElement map[string]string

func attributes(this map[string]string) any {
	if this == nil {
		return unknown{}
	}
	return thisElement(this)
}

// scope is the variables of a function.
type scope struct {
	vars  map[string]any
	order []string
	outer *scope
}

func (s *scope) find(name string) (any, bool) {
	for ; s != nil; s = s.outer {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

func (s *scope) declare(name string, v any) {
	if _, ok := s.vars[name]; !ok {
		s.order = append(s.order, name)
	}
	s.vars[name] = v
}

// assign sets a variable where it was declared, else as a global one.
func (s *scope) assign(name string, v any) {
	for at := s; ; at = at.outer {
		if _, ok := at.vars[name]; ok || at.outer == nil {
			at.declare(name, v)
			return
		}
	}
}

// functions returns the functions of a scope and those in its objects, in order.
func (s *scope) functions() []*function {
	var all []*function
	for _, name := range s.order {
		switch v := s.vars[name].(type) {
		case *function:
			all = append(all, v)
		case *object:
			for _, k := range v.keys {
				if f, ok := v.m[k].(*function); ok {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// ask notes a request.
func (p *Program) ask(r Request) {
	if len(p.eff.Asks) < maxAsks && r.URL != "" {
		r.Method = strings.ToUpper(r.Method)
		p.eff.Asks = append(p.eff.Asks, r)
	}
}

func (p *Program) lead(v any) {
	if s, ok := str(v); ok && s != "" && len(p.eff.Leads) < maxAsks {
		p.eff.Leads = append(p.eff.Leads, s)
	}
}
