package script

import "strings"

// The content types of bodies.
const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// fetch notes what a call asks a server for: by jQuery, fetch, axios and what is called like them.
func (p *Program) fetch(path, last string, args []any) {
	first, second, third := args0(args, 0), args0(args, 1), args0(args, 2)
	address, named := first.(string)
	options, _ := first.(*object)
	more, _ := second.(*object)
	jquery := strings.HasPrefix(path, "$.")
	switch {
	case last == "ajax" && named:
		p.options(address, more, true)
	case last == "ajax":
		p.options("", options, true)
	case jquery && (last == "get" || last == "getJSON" || last == "post"):
		method := "GET"
		if last == "post" {
			method = "POST"
		}
		if options != nil {
			p.options("", options, true)
			return
		}
		p.request(method, address, second, "", nil)
	case last == "fetch" && named && path == "fetch":
		if more == nil {
			more = newObject()
		}
		method, _ := str(more.m["method"])
		p.request(method, address, more.m["body"], header(more), nil)
	case !named && options != nil && options.m["url"] != nil && !strings.Contains(last, "upload"):
		p.options("", options, false)
	case named && looksLikePath(address) && (last == "get" || last == "delete" || last == "getJSON"):
		if last == "delete" {
			return
		}
		var query any
		if more != nil {
			if query = more.m["params"]; query == nil && len(more.keys) > 0 && more.m["headers"] == nil {
				query = more
			}
		}
		p.request("GET", address, query, "", nil)
	case named && looksLikePath(address) && (last == "post" || last == "postJSON"):
		config, _ := third.(*object)
		kind := jsonType
		if _, isText := second.(string); isText {
			kind = formType
		}
		if h := header(config); h != "" {
			kind = h
		}
		p.request("POST", address, second, kind, nil)
	case named && looksLikePath(address) && more != nil && (more.m["method"] != nil || more.m["params"] != nil ||
		more.m["data"] != nil) && (last == "axios" || last == "request" || last == "http"):
		p.options(address, more, false)
	}
}

func looksLikePath(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "http") || strings.HasPrefix(s, "./") ||
		strings.HasPrefix(s, "../")
}

// header returns the content type that the headers of a call name.
func header(o *object) string {
	if o == nil {
		return ""
	}
	h, ok := o.m["headers"].(*object)
	if !ok {
		if h, ok = o.m["header"].(*object); !ok {
			return ""
		}
	}
	for _, k := range h.keys {
		if strings.EqualFold(k, "content-type") {
			s, _ := str(h.m[k])
			return s
		}
	}
	return ""
}

// options notes a call whose address, method and data are members: $.ajax({…}), axios({…}).
func (p *Program) options(address string, o *object, jquery bool) {
	if o == nil {
		o = newObject()
	}
	if address == "" {
		base, _ := str(o.m["baseURL"])
		s, ok := str(o.m["url"])
		if !ok {
			return
		}
		address = base + s
	}
	method, _ := str(o.m["method"])
	if method == "" {
		method, _ = str(o.m["type"])
	}
	kind, _ := str(o.m["contentType"])
	if h := header(o); h != "" {
		kind = h
	}
	if kind == "" && !jquery {
		kind = jsonType
	}
	p.request(method, address, o.m["data"], kind, o.m["params"])
}

// request notes a request: data goes into the query of a GET and into the body of a POST.
// What is not known in full is not asked.
func (p *Program) request(method, address string, data any, kind string, query any) {
	if method == "" {
		method = "GET"
	}
	method = strings.ToUpper(method)
	if method != "GET" && method != "POST" {
		return
	}
	if f, ok := query.(*object); ok {
		s, ok := form(f)
		if !ok {
			return
		}
		address = withQuery(address, s)
	}
	if q, ok := query.(params); ok {
		query = q.o
		if s, ok := form(q.o); ok {
			address = withQuery(address, s)
		}
	}
	r := Request{Method: method, URL: address}
	switch v := data.(type) {
	case nil, *function:
	case *object:
		isJSON := method == "POST" && strings.Contains(kind, "json")
		if isJSON {
			var b strings.Builder
			if !encode(&b, v, 0) {
				return
			}
			r.Body = b.String()
			break
		}
		s, ok := form(v)
		if !ok {
			return
		}
		r.Body = s
	default:
		s, ok := str(v)
		if !ok {
			return
		}
		r.Body = s
		if _, isParams := v.(params); isParams {
			kind = formType
		}
	}
	if method == "GET" {
		r.URL, r.Body = withQuery(r.URL, r.Body), ""
		p.ask(r)
		return
	}
	r.ContentType = kind
	if r.ContentType == "" {
		r.ContentType = formType
		if strings.HasPrefix(r.Body, "{") {
			r.ContentType = jsonType
		}
	}
	p.ask(r)
}

func withQuery(address, query string) string {
	switch {
	case query == "" || strings.HasPrefix(query, "{"):
		return address
	case strings.Contains(address, "?"):
		return strings.TrimSuffix(address, "&") + "&" + query
	}
	return address + "?" + query
}

// xhr calls a method of an XMLHttpRequest.
func (p *Program) xhr(x *object, method string, args []any) {
	s := func(i int) string {
		v, _ := str(args0(args, i))
		return v
	}
	switch method {
	case "open":
		x.set("method", s(0))
		x.set("url", s(1))
	case "setRequestHeader":
		if strings.EqualFold(s(0), "content-type") {
			x.set("kind", s(1))
		}
	case "send":
		verb, _ := str(x.m["method"])
		address, _ := str(x.m["url"])
		kind, _ := str(x.m["kind"])
		if address != "" {
			p.request(verb, address, args0(args, 0), kind, nil)
		}
	}
}
