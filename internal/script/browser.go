package script

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// aliases are the other names of what scripts use.
var aliases = strings.NewReplacer("layui.jquery", "$", "layui.$", "$", "jQuery", "$")

// plain returns the name of a place without what may stand before it.
func plain(path string) string {
	for {
		head, rest, ok := strings.Cut(path, ".")
		if !ok || head != "window" && head != "document" && head != "self" && head != "top" && head != "parent" &&
			head != "globalThis" {
			return aliases.Replace(path)
		}
		path = rest
	}
}

// value returns what a place says, where that is known.
func (p *Program) value(v any) any {
	at, ok := v.(place)
	if !ok || !strings.Contains(string(at), "location") && !strings.HasSuffix(string(at), ".URL") {
		return v
	}
	u, err := url.Parse(p.host.URL)
	if err != nil {
		return v
	}
	switch plain(string(at)) {
	case "location.href", "URL":
		return p.host.URL
	case "location.search":
		if u.RawQuery == "" {
			return ""
		}
		return "?" + u.RawQuery
	case "location.pathname":
		return u.EscapedPath()
	case "location.host":
		return u.Host
	case "location.hostname":
		return u.Hostname()
	case "location.origin":
		return u.Scheme + "://" + u.Host
	case "location.protocol":
		return u.Scheme + ":"
	}
	return v
}

// named is the selector of a form, or of a field in it, that scripts name directly.
func named(form, field string) element {
	if field == "" {
		return element(`form[name="` + form + `"], form[id="` + form + `"]`)
	}
	return element(`form[name="` + form + `"] [name="` + field + `"], form[id="` + form + `"] [name="` + field + `"]`)
}

// within is the selector of what stands in the elements of another.
func within(sel element, inner string) element {
	parts := strings.Split(string(sel), ", ")
	for i := range parts {
		parts[i] += " " + inner
	}
	return element(strings.Join(parts, ", "))
}

// noField are the properties of elements that no field is named after.
var noField = map[string]bool{"style": true, "innerHTML": true, "dataset": true, "checked": true, "length": true,
	"href": true, "src": true, "className": true, "parentNode": true, "options": true, "selectedIndex": true}

func (r *runner) member(o operand, key string) operand {
	m := operand{of: o.v, key: key}
	switch v := o.v.(type) {
	case *object:
		if m.v = v.m[key]; m.v == nil {
			m.v = r.p.open(key, true)
			if strings.HasPrefix(key, "$") {
				m.v, m.of = place(key), nil
			}
		}
	case string:
		m.v = unknown{}
		if key == "length" {
			m.v = float64(utf8.RuneCountInString(v))
		}
	case []any:
		m.v = unknown{}
		if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < len(v) {
			m.v = v[n]
		} else if key == "length" {
			m.v = float64(len(v))
		}
	case element:
		switch {
		case key == "value":
			m.v = r.p.field(v)
		case key == "elements" || strings.Trim(key, "0123456789") == "":
			return operand{v: v}
		case noField[key]:
			m.v = unknown{}
		default:
			m.v = within(v, `[name="`+key+`"]`)
		}
	case thisElement:
		m.v = unknown{}
		if a, ok := v[strings.ToLower(key)]; ok {
			m.v = a
		} else if key == "dataset" {
			o := newObject()
			for name, a := range v {
				if name, ok := strings.CutPrefix(name, "data-"); ok {
					o.set(camel(name), a)
				}
			}
			m.v = o
		}
	case place:
		if len(v) > 200 {
			return operand{v: unknown{}}
		}
		switch plain(string(v)) {
		case "forms":
			m.v = named(key, "")
			if strings.Trim(key, "0123456789") == "" {
				m.v = element("form")
			}
			return m
		case "all":
			m.v = element("#" + key)
			return m
		}
		m.v = r.p.value(place(string(v) + "." + key))
	default:
		m.v = unknown{}
	}
	return m
}

func camel(name string) string {
	parts := strings.Split(name, "-")
	for i, s := range parts[1:] {
		if s != "" {
			parts[i+1] = strings.ToUpper(s[:1]) + s[1:]
		}
	}
	return strings.Join(parts, "")
}

// field returns the value of a field: what the script has put there, else what the page has.
func (p *Program) field(sel element) any {
	if v, ok := p.eff.Fields[string(sel)]; ok {
		return v
	}
	if p.host.Value != nil {
		if v, ok := p.host.Value(string(sel)); ok {
			return v
		}
	}
	return unknown{}
}

// put sets a property of an element.
func (p *Program) put(sel element, key string, v any) {
	s, ok := str(v)
	f, isFunc := v.(*function)
	switch {
	case key == "onclick" && isFunc:
		p.Handlers = append(p.Handlers, Handler{string(sel), f})
	case !ok:
	case key == "value":
		if p.eff.Fields == nil {
			p.eff.Fields = map[string]string{}
		}
		p.eff.Fields[string(sel)] = s
	case key == "action":
		if p.eff.Actions == nil {
			p.eff.Actions = map[string]string{}
		}
		p.eff.Actions[string(sel)] = s
	}
}

// assign sets something of the browser.
func (p *Program) assign(path string, v any, r *runner) {
	at := plain(path)
	parts := strings.Split(at, ".")
	switch last := parts[len(parts)-1]; {
	case at == "location" || at == "location.href" || at == "location.search" || strings.HasSuffix(path, ".location.href"):
		p.lead(v)
	case at == "onload":
		if f, ok := v.(*function); ok {
			r.invoke(f, nil, nil)
		}
	case last == "value" && len(parts) == 3:
		p.put(named(parts[0], parts[1]), "value", v)
	case last == "action" && len(parts) == 2:
		p.put(named(parts[0], ""), "action", v)
	case len(parts) == 1:
		p.globals.declare(at, v)
	}
}

func (r *runner) construct(o operand, args []any) any {
	var first any
	if len(args) > 0 {
		first = args[0]
	}
	at, _ := o.v.(place)
	switch plain(string(at)) {
	case "URLSearchParams", "FormData":
		switch v := first.(type) {
		case nil:
			return params{newObject()}
		case *object:
			return params{v}
		case string:
			return params{parseForm(v)}
		}
	case "XMLHttpRequest", "ActiveXObject":
		x := newObject()
		x.set("xhr", true)
		return x
	case "Date":
		if first == nil {
			return 1.0 // of a parameter against caches: one moment is as good as another
		}
	case "Vue":
		r.vue(first)
	case "Object":
		return newObject()
	}
	return unknown{}
}

// vue runs what a component does when it is shown.
func (r *runner) vue(options any) {
	o, ok := options.(*object)
	if !ok {
		return
	}
	self := newObject()
	data := o.m["data"]
	if f, ok := data.(*function); ok {
		data = r.invoke(f, self, nil)
	}
	for _, part := range []any{data, o.m["methods"]} {
		if m, ok := part.(*object); ok {
			for _, k := range m.keys {
				if f, ok := m.m[k].(*function); ok {
					f.self = self
				}
				self.set(k, m.m[k])
			}
		}
	}
	for _, k := range []string{"setup", "created", "beforeMount", "mounted"} {
		if f, ok := o.m[k].(*function); ok {
			r.invoke(f, self, nil)
		}
	}
}

// call calls a function of the scripts or of the browser.
func (r *runner) call(o operand, args []any) any {
	if r.idle {
		return unknown{}
	}
	if f, ok := o.v.(*function); ok {
		self := f.self
		if of, ok := o.of.(*object); ok {
			self = of
		}
		v := r.invoke(f, self, args)
		if !knownValue(v) || v == nil {
			if q, ok := r.queryOf(f.name, args); ok {
				return q
			}
		}
		return v
	}
	arg := func(i int) any {
		if i < len(args) {
			return args[i]
		}
		return nil
	}
	switch of := o.of.(type) {
	case string:
		return ofString(of, o.key, args)
	case float64:
		switch o.key {
		case "toString", "getTime", "valueOf":
			return of
		}
		return unknown{}
	case []any:
		if o.key == "join" {
			return join(of, arg(0))
		}
		return unknown{}
	case element:
		return r.ofElement(of, o.key, args)
	case thisElement:
		if key, ok := arg(0).(string); ok {
			switch o.key {
			case "data":
				key = "data-" + key
				fallthrough
			case "attr", "getAttribute", "prop":
				if v, ok := of[strings.ToLower(key)]; ok {
					return v
				}
			}
		}
		return unknown{}
	case params:
		key, _ := str(arg(0))
		switch o.key {
		case "get":
			return of.o.m[key]
		case "set", "append":
			of.o.set(key, arg(1))
			return nil
		case "toString":
			if s, ok := form(of.o); ok {
				return s
			}
		}
		return unknown{}
	case *object:
		if of.m["xhr"] == true {
			r.p.xhr(of, o.key, args)
			return nil
		}
	}
	if at, ok := o.v.(place); ok {
		return r.builtin(plain(string(at)), args)
	}
	return unknown{}
}

var queryNames = regexp.MustCompile(`(?i)^(?:get|query)\w*(?:quer|param|url|request|search|string)`)

// queryOf is what a function that reads the page's query by its name returns.
func (r *runner) queryOf(name string, args []any) (any, bool) {
	key, ok := "", false
	if len(args) == 1 {
		key, ok = args[0].(string)
	}
	if !ok || !queryNames.MatchString(name) {
		return nil, false
	}
	_, query, _ := strings.Cut(r.p.host.URL, "?")
	v, ok := parseForm(query).m[key]
	return v, ok
}

func ofString(s, method string, args []any) any {
	part := func(i int) (string, bool) {
		if i >= len(args) {
			return "", false
		}
		return str(args[i])
	}
	a, ok := part(0)
	switch method {
	case "toString", "valueOf":
		return s
	case "trim":
		return strings.TrimSpace(s)
	case "toLowerCase":
		return strings.ToLower(s)
	case "concat":
		for i := range args {
			t, ok := part(i)
			if !ok || len(s)+len(t) > maxText {
				return unknown{}
			}
			s += t
		}
		return s
	case "replace":
		if b, ok2 := part(1); ok && ok2 && len(s)+len(b) < maxText {
			return strings.Replace(s, a, b, 1)
		}
	case "indexOf":
		if ok {
			return float64(strings.Index(s, a))
		}
	case "split":
		if ok {
			var all []any
			for _, t := range strings.SplitN(s, a, 200) {
				all = append(all, t)
			}
			return all
		}
	case "substring", "slice", "substr":
		from, err1 := strconv.Atoi(a)
		to := len(s)
		if b, ok := part(1); ok {
			n, err := strconv.Atoi(b)
			if err != nil {
				return unknown{}
			}
			if to = n; method == "substr" {
				to = from + n
			}
		}
		if err1 == nil && from >= 0 && from <= to && to <= len(s) {
			return s[from:to]
		}
	}
	return unknown{}
}

func join(list []any, by any) any {
	sep, ok := str(by)
	if !ok {
		sep = ","
	}
	var parts []string
	size := 0
	for _, v := range list {
		s, ok := str(v)
		if size += len(s) + len(sep); !ok || size > maxText {
			return unknown{}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, sep)
}

// ofElement calls a method of elements: those of jQuery and of the DOM.
func (r *runner) ofElement(sel element, method string, args []any) any {
	p := r.p
	var first, second any
	if len(args) > 0 {
		first = args[0]
	}
	if len(args) > 1 {
		second = args[1]
	}
	key, _ := str(first)
	f, isFunc := args0(args, len(args)-1).(*function)
	switch method {
	case "val":
		if len(args) == 0 {
			return p.field(sel)
		}
		p.put(sel, "value", first)
		return sel
	case "attr", "prop", "setAttribute":
		if len(args) == 2 {
			p.put(sel, key, second)
			return sel
		}
		return unknown{}
	case "find", "children", "querySelector":
		if key != "" {
			return within(sel, key)
		}
	case "submit":
		if len(args) == 0 {
			p.eff.Submits = append(p.eff.Submits, string(sel))
		}
		return sel
	case "trigger":
		if key == "submit" || key == "click" {
			p.eff.Submits = append(p.eff.Submits, string(sel))
		}
		return sel
	case "click", "on", "bind", "live", "delegate", "addEventListener":
		at := sel
		switch {
		case method == "click" && len(args) == 0:
			p.eff.Submits = append(p.eff.Submits, string(sel))
		case method == "delegate":
			at = within(sel, key)
		case method == "click" || key == "click":
			if inner, ok := second.(string); ok {
				at = within(sel, inner)
			}
		default:
			return sel
		}
		if isFunc && len(p.Handlers) < 200 {
			p.Handlers = append(p.Handlers, Handler{string(at), f})
		}
		return sel
	case "serialize":
		if p.host.Form != nil {
			if s, ok := p.host.Form(string(sel), p.eff.Fields); ok {
				return s
			}
		}
		return unknown{}
	case "ready":
		if isFunc {
			r.invoke(f, nil, nil)
		}
	case "getAttribute", "data", "text", "html", "is", "hasClass", "length", "index", "size":
		if len(args) < 2 {
			return unknown{}
		}
	}
	return sel
}

func args0(args []any, i int) any {
	if i < 0 || i >= len(args) {
		return nil
	}
	return args[i]
}

// builtin calls a function of the browser or of a library.
func (r *runner) builtin(path string, args []any) any {
	p := r.p
	first, second := args0(args, 0), args0(args, 1)
	key, isText := str(first)
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch path {
	case "$":
		switch v := first.(type) {
		case *function:
			return r.invoke(v, nil, nil)
		case string:
			if !strings.HasPrefix(strings.TrimSpace(v), "<") {
				return element(v)
			}
		case place, thisElement, element:
			return v
		}
		return unknown{}
	case "querySelector", "querySelectorAll":
		return element(key)
	case "getElementById":
		return element(`[id="` + key + `"]`)
	case "getElementsByName":
		return element(`[name="` + key + `"]`)
	case "getElementsByTagName":
		return element(key)
	case "getElementsByClassName":
		return element("." + key)
	case "location.replace", "location.assign", "open":
		p.lead(first)
		return nil
	case "JSON.stringify", "$.toJSON":
		var b strings.Builder
		if encode(&b, first, 0) {
			return b.String()
		}
		return unknown{}
	case "parseInt", "Math.floor":
		if f, ok := num(first); ok {
			return math.Floor(f)
		}
		return unknown{}
	case "Math.ceil":
		if f, ok := num(first); ok {
			return math.Ceil(f)
		}
		return unknown{}
	case "Number", "parseFloat":
		if f, ok := num(first); ok {
			return f
		}
		return unknown{}
	case "String":
		if isText {
			return key
		}
		return unknown{}
	case "Math.random", "Date.now":
		return 1.0
	case "encodeURIComponent":
		if isText {
			return strings.ReplaceAll(url.QueryEscape(key), "+", "%20")
		}
		return unknown{}
	case "encodeURI", "escape", "unescape", "decodeURI", "decodeURIComponent", "$.trim":
		return first
	case "$.param", "qs.stringify", "Qs.stringify", "querystring.stringify":
		if o, ok := first.(*object); ok {
			if s, ok := form(o); ok {
				return s
			}
		}
		return unknown{}
	case "Object.assign", "$.extend":
		o := newObject()
		for _, a := range args {
			if from, ok := a.(*object); ok {
				for _, k := range from.keys {
					o.set(k, from.m[k])
				}
			}
		}
		return o
	case "setTimeout", "setInterval", "ready", "onMounted", "requestAnimationFrame", "layui.use", "require", "seajs.use",
		"onBeforeMount", "$.ready":
		if isText && strings.HasPrefix(path, "set") { // code as a string
			r.inner(key)
		}
		for _, a := range args {
			if f, ok := a.(*function); ok {
				r.invoke(f, nil, nil)
			}
		}
		return nil
	case "on", "addEventListener":
		f, isFunc := args0(args, len(args)-1).(*function)
		switch sel, _ := second.(string); {
		case key == "click" && isFunc && sel != "" && len(p.Handlers) < 200:
			p.Handlers = append(p.Handlers, Handler{sel, f})
		case (key == "load" || key == "DOMContentLoaded") && isFunc:
			r.invoke(f, nil, nil)
		case isFunc && !isText:
			r.invoke(f, nil, nil)
		}
		return nil
	case "ref", "reactive", "shallowRef":
		if path == "reactive" {
			return first
		}
		o := newObject()
		o.set("value", first)
		return o
	case "Vue.createApp", "createApp":
		r.vue(first)
		return unknown{}
	}
	switch {
	case last == "submit" && strings.Count(path, ".") == 1:
		form, _, _ := strings.Cut(path, ".")
		p.eff.Submits = append(p.eff.Submits, string(named(form, "")))
		return nil
	case last == "render" || last == "laypage":
		r.rendered(first)
		return unknown{}
	}
	p.fetch(path, last, args)
	if q, ok := r.queryOf(last, args); ok {
		return q
	}
	return unknown{}
}

// rendered is a component of layui: a table with an address, a pager that calls back.
func (r *runner) rendered(options any) {
	o, ok := options.(*object)
	if !ok {
		return
	}
	if f, ok := o.m["jump"].(*function); ok {
		at := newObject()
		at.set("curr", 1.0)
		r.invoke(f, nil, []any{at, true})
	}
	address, ok := o.m["url"].(string)
	if !ok {
		return
	}
	data := newObject()
	if where, ok := o.m["where"].(*object); ok {
		for _, k := range where.keys {
			data.set(k, where.m[k])
		}
	}
	if yes, known := truth(o.m["page"]); known && yes {
		limit := o.m["limit"]
		if _, ok := str(limit); !ok {
			limit = 10.0
		}
		data.set("page", 1.0)
		data.set("limit", limit)
	}
	method, _ := str(o.m["method"])
	kind, _ := str(o.m["contentType"])
	r.p.request(method, address, data, kind, nil)
}
