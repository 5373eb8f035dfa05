package script

import (
	"math"
	"strings"
)

// runner evaluates tokens.
type runner struct {
	p      *Program
	scope  *scope
	self   any // this
	depth  int
	idle   bool // in a branch that is not taken
	ended  bool // after a return
	result any
	args   []any // of the call
}

// operand is a value and where it came from, for assignments and calls.
type operand struct {
	v    any
	name string // variable
	of   any    // object, element or place that it is the member of
	key  string
}

func (r *runner) at(i, to int) token {
	if i < to {
		return r.p.toks[i]
	}
	return token{kind: punct}
}

func (r *runner) is(i, to int, s string) bool {
	t := r.at(i, to)
	return (t.kind == punct || t.kind == name) && t.text == s
}

// step counts; false when the run has used up what it may.
func (r *runner) step() bool {
	r.p.steps--
	return r.p.steps > 0
}

// hoist declares the functions of a block.
func (r *runner) hoist(from, to int) {
	for i := from; i < to; i++ {
		if i&15 == 0 && !r.step() {
			return
		}
		t := r.p.toks[i]
		if t.kind == punct && t.match > i && t.match < to {
			i = t.match
			continue
		}
		if t.kind == name && t.text == "function" && r.at(i+1, to).kind == name {
			if f, next := r.function(i, to); f != nil {
				r.scope.declare(r.p.toks[i+1].text, f)
				i = next - 1
			}
		}
	}
}

// block runs statements.
func (r *runner) block(from, to int) {
	for i := from; i < to && !r.ended && r.step(); {
		next := r.statement(i, to)
		if next <= i {
			next = i + 1
		}
		i = next
	}
}

// closing returns the token that closes the bracket at i, to if none does.
func (r *runner) closing(i, to int) int {
	if m := r.p.toks[i].match; m > i && m < to {
		return m
	}
	return to
}

func (r *runner) statement(i, to int) int {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth {
		return to
	}
	t := r.p.toks[i]
	if t.kind == punct && t.text == "{" {
		end := r.closing(i, to)
		r.block(i+1, end)
		return end + 1
	}
	if t.kind != name {
		return r.expressions(i, to)
	}
	switch t.text {
	case "var", "let", "const":
		return r.declaration(i+1, to)
	case "if":
		return r.conditional(i, to)
	case "return":
		if r.is(i+1, to, ";") || r.is(i+1, to, "}") || i+1 >= to {
			r.ended = !r.idle
			return i + 1
		}
		o, next := r.assignment(i+1, to)
		if !r.idle {
			r.result, r.ended = r.p.value(o.v), true
		}
		return next
	case "function":
		if f, next := r.function(i, to); f != nil {
			if _, ok := r.scope.vars[f.name]; !ok && !r.idle && f.name != "" {
				r.scope.declare(f.name, f)
			}
			return next
		}
	case "try", "do", "else", "finally":
		return i + 1
	case "for", "while", "switch", "catch":
		return r.skipped(i+1, to)
	case "async", "export", "default", "await":
		return i + 1
	}
	return r.expressions(i, to)
}

// skipped returns where a loop that begins with its condition ends.
func (r *runner) skipped(i, to int) int {
	if r.is(i, to, "(") {
		i = r.closing(i, to) + 1
	}
	if r.is(i, to, "{") {
		return r.closing(i, to) + 1
	}
	for i < to && !r.is(i, to, ";") {
		if t := r.p.toks[i]; t.kind == punct && t.match > i {
			i = t.match
		}
		i++
	}
	return i
}

func (r *runner) conditional(i, to int) int {
	if !r.is(i+1, to, "(") {
		return i + 1
	}
	end := r.closing(i+1, to)
	o, _ := r.comma(i+2, end)
	yes, known := truth(r.p.value(o.v))
	next := r.branch(end+1, to, known && yes)
	if r.is(next, to, ";") && r.is(next+1, to, "else") {
		next++
	}
	if r.is(next, to, "else") {
		next = r.branch(next+1, to, known && !yes)
	}
	return next
}

// branch runs a statement, or goes over it.
func (r *runner) branch(i, to int, taken bool) int {
	if i >= to {
		return to
	}
	idle := r.idle
	r.idle = r.idle || !taken
	next := r.statement(i, to)
	r.idle = idle
	return max(next, i+1)
}

func (r *runner) declaration(i, to int) int {
	for i < to {
		t := r.p.toks[i]
		if t.kind != name { // a pattern
			if t.kind == punct && t.match > i {
				return r.skipTo(t.match+1, to)
			}
			return i
		}
		var v any
		i++
		if r.is(i, to, "=") {
			var o operand
			o, i = r.assignment(i+1, to)
			v = r.p.value(o.v)
		}
		if !r.idle {
			if f, ok := v.(*function); ok && f.name == "" {
				f.name = t.text
			}
			r.scope.declare(t.text, v)
		}
		if !r.is(i, to, ",") {
			return i
		}
		i++
	}
	return i
}

// skipTo returns where the statement that goes on at i ends.
func (r *runner) skipTo(i, to int) int {
	for ; i < to && !r.is(i, to, ";"); i++ {
		if t := r.p.toks[i]; t.kind == punct && t.match > i {
			i = t.match
		}
	}
	return i
}

func (r *runner) expressions(i, to int) int {
	if r.is(i, to, ";") || r.is(i, to, ",") {
		return i + 1
	}
	_, next := r.comma(i, to)
	return next
}

func (r *runner) comma(i, to int) (operand, int) {
	o, next := r.assignment(i, to)
	for next < to && r.is(next, to, ",") {
		o, next = r.assignment(next+1, to)
	}
	return o, next
}

func (r *runner) assignment(i, to int) (operand, int) {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth || !r.step() || i >= to {
		return operand{v: unknown{}}, to
	}
	if f, next := r.arrow(i, to); f != nil {
		return operand{v: f}, next
	}
	o, next := r.ternary(i, to)
	t := r.at(next, to)
	if t.kind != punct {
		return o, next
	}
	switch t.text {
	case "=":
		v, end := r.assignment(next+1, to)
		r.store(o, r.p.value(v.v))
		return v, end
	case "+=", "-=", "*=", "/=", "%=":
		v, end := r.assignment(next+1, to)
		sum := r.compute(t.text[:1], o, v)
		r.store(o, sum)
		return operand{v: sum}, end
	case "||=", "&&=", "??=":
		v, end := r.assignment(next+1, to)
		if r.p.value(o.v) == nil {
			r.store(o, r.p.value(v.v))
		}
		return v, end
	}
	return o, next
}

// store assigns to a variable, a member or something of the page.
func (r *runner) store(o operand, v any) {
	if r.idle {
		return
	}
	switch of := o.of.(type) {
	case *object:
		of.set(o.key, v)
		return
	case element:
		r.p.put(of, o.key, v)
		return
	case place:
		r.p.assign(string(of)+"."+o.key, v, r)
		return
	}
	if o.name == "" {
		return
	}
	if _, known := r.scope.find(o.name); !known && (o.name == "location" || o.name == "onload") {
		r.p.assign(o.name, v, r)
		return
	}
	if f, ok := v.(*function); ok && f.name == "" {
		f.name = o.name
	}
	r.scope.assign(o.name, v)
}

func (r *runner) ternary(i, to int) (operand, int) {
	o, next := r.binary(i, to, 0)
	if !r.is(next, to, "?") {
		return o, next
	}
	yes, known := truth(r.p.value(o.v))
	idle := r.idle
	r.idle = idle || !known || !yes
	a, next := r.assignment(next+1, to)
	r.idle = idle
	if !r.is(next, to, ":") {
		return operand{v: unknown{}}, next
	}
	r.idle = idle || !known || yes
	b, next := r.assignment(next+1, to)
	r.idle = idle
	switch {
	case !known:
		return operand{v: unknown{}}, next
	case yes:
		return operand{v: r.p.value(a.v)}, next
	}
	return operand{v: r.p.value(b.v)}, next
}

var precedence = map[string]int{
	"??": 1, "||": 1, "&&": 2, "==": 3, "!=": 3, "===": 3, "!==": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "in": 4,
	"instanceof": 4,
	"+":          5, "-": 5, "*": 6, "/": 6, "%": 6,
}

func (r *runner) binary(i, to, floor int) (operand, int) {
	left, next := r.unary(i, to)
	for next < to {
		t := r.p.toks[next]
		prec := precedence[t.text]
		if prec == 0 || prec <= floor || t.kind != punct && t.kind != name {
			break
		}
		var right operand
		right, next = r.binary(next+1, to, prec)
		left = operand{v: r.compute(t.text, left, right)}
	}
	return left, next
}

// compute is binary of operands; long strings cost steps.
func (r *runner) compute(op string, a, b operand) any {
	v := binary(op, r.p.value(a.v), r.p.value(b.v))
	if s, ok := v.(string); ok {
		r.p.steps -= len(s) / 64
	}
	return v
}

// binary computes; what is not known makes the result unknown, but for the alternative of ||.
func binary(op string, a, b any) any {
	switch op {
	case "||", "??":
		if yes, known := truth(a); known && yes {
			return a
		}
		return b
	case "&&":
		if yes, known := truth(a); known && !yes {
			return a
		} else if known {
			return b
		}
		return unknown{}
	}
	x, xok := num(a)
	y, yok := num(b)
	_, as := a.(string)
	_, bs := b.(string)
	switch op {
	case "+":
		if _, isNum := a.(float64); isNum && !bs && yok {
			return x + y
		}
		s, ok1 := str(a)
		t, ok2 := str(b)
		if !ok1 || !ok2 || len(s)+len(t) > maxText {
			return unknown{}
		}
		return s + t
	case "==", "===", "!=", "!==":
		var same bool
		switch {
		case a == nil || b == nil:
			if _, ok := a.(unknown); ok {
				return unknown{}
			}
			if _, ok := b.(unknown); ok {
				return unknown{}
			}
			same = a == nil && b == nil
		case as && bs:
			same = a == b
		case xok && yok:
			same = x == y
		default:
			s, ok1 := str(a)
			t, ok2 := str(b)
			if !ok1 || !ok2 {
				return unknown{}
			}
			same = s == t
		}
		return same == (op[0] == '=')
	}
	if !xok || !yok {
		return unknown{}
	}
	switch op {
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return quotient(x, y)
	case "%":
		return math.Mod(x, y)
	case "<":
		return x < y
	case ">":
		return x > y
	case "<=":
		return x <= y
	case ">=":
		return x >= y
	}
	return unknown{}
}

func quotient(x, y float64) any {
	if y == 0 {
		return unknown{}
	}
	return x / y
}

func (r *runner) unary(i, to int) (operand, int) {
	t := r.at(i, to)
	if t.kind == punct || t.kind == name {
		switch t.text {
		case "!", "-", "+", "typeof", "void", "delete", "await":
			r.depth++
			defer func() { r.depth-- }()
			if r.depth > maxDepth {
				return operand{v: unknown{}}, to
			}
			o, next := r.unary(i+1, to)
			return operand{v: negate(t.text, r.p.value(o.v))}, next
		case "++", "--":
			o, next := r.unary(i+1, to)
			v := binary(t.text[:1], r.p.value(o.v), 1.0)
			r.store(o, v)
			return operand{v: v}, next
		}
	}
	o, next := r.postfix(i, to)
	if t := r.at(next, to); t.kind == punct && (t.text == "++" || t.text == "--") {
		old := r.p.value(o.v)
		r.store(o, binary(t.text[:1], old, 1.0))
		return operand{v: old}, next + 1
	}
	return o, next
}

func negate(op string, v any) any {
	switch op {
	case "await":
		return v
	case "void", "delete":
		return nil
	case "!":
		if yes, known := truth(v); known {
			return !yes
		}
	case "-", "+":
		if x, ok := num(v); ok {
			if op == "-" {
				return -x
			}
			return x
		}
	case "typeof":
		switch v.(type) {
		case nil:
			return "undefined"
		case string:
			return "string"
		case float64:
			return "number"
		case *function:
			return "function"
		}
	}
	return unknown{}
}

func (r *runner) postfix(i, to int) (operand, int) {
	fresh := r.is(i, to, "new")
	if fresh {
		i++
	}
	o, next := r.primary(i, to)
	for next < to && r.step() {
		t := r.p.toks[next]
		if t.kind != punct {
			break
		}
		switch {
		case (t.text == "." || t.text == "?.") && r.at(next+1, to).kind == name:
			o = r.member(o, r.p.toks[next+1].text)
			next += 2
		case t.text == "?." && (r.is(next+1, to, "(") || r.is(next+1, to, "[")):
			next++
		case t.text == "[":
			end := r.closing(next, to)
			k, _ := r.comma(next+1, end)
			key, ok := str(r.p.value(k.v))
			if !ok {
				o = operand{v: unknown{}}
			} else {
				o = r.member(o, key)
			}
			next = end + 1
		case t.text == "(":
			end := r.closing(next, to)
			args := r.arguments(next+1, end)
			next = end + 1
			if fresh {
				o, fresh = operand{v: r.construct(o, args)}, false
				continue
			}
			o = operand{v: r.call(o, args)}
		default:
			return o, next
		}
	}
	return o, next
}

func (r *runner) arguments(i, to int) []any {
	var args []any
	for i < to && len(args) < 50 {
		if r.is(i, to, "...") {
			i++
		}
		o, next := r.assignment(i, to)
		args = append(args, r.p.value(o.v))
		if next <= i {
			next = i + 1
		}
		for next < to && !r.is(next, to, ",") {
			next++
		}
		i = next + 1
	}
	return args
}

func (r *runner) primary(i, to int) (operand, int) {
	t := r.at(i, to)
	switch t.kind {
	case number:
		if f, ok := num(t.text); ok {
			return operand{v: f}, i + 1
		}
		return operand{v: unknown{}}, i + 1
	case text:
		return operand{v: t.text}, i + 1
	case template:
		return operand{v: r.template(t.text)}, i + 1
	case regex:
		return operand{v: unknown{}}, i + 1
	case name:
		return r.named(i, to)
	}
	switch t.text {
	case "(":
		end := r.closing(i, to)
		o, _ := r.comma(i+1, end)
		return o, end + 1
	case "[":
		end := r.closing(i, to)
		return operand{v: r.arguments(i+1, end)}, end + 1
	case "{":
		return r.object(i, to)
	}
	return operand{v: unknown{}}, min(i+1, to)
}

func (r *runner) named(i, to int) (operand, int) {
	t := r.p.toks[i]
	switch t.text {
	case "true", "false":
		return operand{v: t.text == "true"}, i + 1
	case "null", "undefined":
		return operand{}, i + 1
	case "this":
		if r.self == nil {
			return operand{v: place("window")}, i + 1
		}
		return operand{v: r.self}, i + 1
	case "function":
		if f, next := r.function(i, to); f != nil {
			return operand{v: f}, next
		}
		return operand{v: unknown{}}, i + 1
	case "async":
		return r.primary(i+1, to)
	case "arguments":
		if r.args != nil {
			return operand{v: r.args}, i + 1
		}
	}
	v, ok := r.scope.find(t.text)
	switch {
	case ok && v != nil:
	case r.is(i+1, to, "(") || r.is(i+1, to, ".") || r.is(i+1, to, "["):
		v = place(t.text)
	default:
		v = r.p.open(t.text, ok)
	}
	return operand{v: v, name: t.text}, i + 1
}

// open is the value of a variable that has none.
func (p *Program) open(name string, declared bool) any {
	if p.host.Default != nil {
		if v, ok := p.host.Default(name); ok {
			if f, isNum := num(v); isNum {
				if s, _ := str(f); s == v {
					return f
				}
			}
			return v
		}
	}
	if declared {
		return nil
	}
	return place(name)
}

// template evaluates what stands between backquotes.
func (r *runner) template(raw string) any {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(raw, "${")
		b.WriteString(unescape(before))
		if !ok || b.Len() > maxText {
			return b.String()
		}
		depth, end := 1, 0
		for ; end < len(rest); end++ {
			if rest[end] == '{' {
				depth++
			} else if rest[end] == '}' {
				if depth--; depth == 0 {
					break
				}
			}
		}
		if end == len(rest) {
			return unknown{}
		}
		v, ok := str(r.inner(rest[:end]))
		if !ok {
			return unknown{}
		}
		b.WriteString(v)
		raw = rest[end+1:]
	}
}

// inner evaluates an expression that stands in a template.
func (r *runner) inner(code string) any {
	p := r.p
	from := len(p.toks)
	toks := lex(code)
	for i := range toks {
		if toks[i].match >= 0 {
			toks[i].match += from
		}
	}
	p.toks = append(p.toks, toks...)
	o, _ := r.comma(from, len(p.toks))
	p.toks = p.toks[:from]
	return p.value(o.v)
}

// object reads an object literal. A member that is not known has its default.
func (r *runner) object(i, to int) (operand, int) {
	end := r.closing(i, to)
	o := newObject()
	for i++; i < end && r.step(); i++ {
		t := r.p.toks[i]
		switch {
		case t.kind == punct && t.text == ",":
			continue
		case t.kind == punct && t.text == "...":
			v, next := r.assignment(i+1, end)
			if from, ok := r.p.value(v.v).(*object); ok {
				for _, k := range from.keys {
					o.set(k, from.m[k])
				}
			}
			i = next - 1
			continue
		case t.kind == name && (t.text == "async" || t.text == "get") && r.at(i+1, end).kind == name:
			continue
		}
		key := t.text
		if t.kind == punct { // [computed]: …
			i = r.pastMember(i, end)
			continue
		}
		var v any
		next := i + 1
		switch {
		case r.is(next, end, ":"):
			var m operand
			m, next = r.assignment(next+1, end)
			v = r.p.value(m.v)
		case r.is(next, end, "("): // a method
			f, after := r.method(i, end)
			v, next = any(f), after
			if f == nil {
				v = unknown{}
			}
		default:
			m, _ := r.named(i, end)
			v = r.p.value(m.v)
		}
		if f, ok := v.(*function); ok {
			f.self, f.name = o, key
		}
		if !knownValue(v) {
			if d := r.p.open(key, true); d != nil {
				v = d
			}
		}
		o.set(key, v)
		i = r.pastMember(next, end) // on the comma
	}
	return operand{v: o}, end + 1
}

func knownValue(v any) bool {
	switch v.(type) {
	case unknown, place, element:
		return false
	}
	return true
}

// pastMember returns the comma before the next member.
func (r *runner) pastMember(i, end int) int {
	for ; i < end && !r.is(i, end, ","); i++ {
		if t := r.p.toks[i]; t.kind == punct && t.match > i {
			i = t.match
		}
	}
	return i
}

// function reads "function name(…) {…}" that begins at i.
func (r *runner) function(i, to int) (*function, int) {
	i++
	if r.is(i, to, "*") {
		i++
	}
	label := ""
	if r.at(i, to).kind == name {
		label = r.p.toks[i].text
		i++
	}
	f, next := r.body(i, to)
	if f != nil {
		f.name = label
	}
	return f, next
}

// method reads "name(…) {…}".
func (r *runner) method(i, to int) (*function, int) { return r.body(i+1, to) }

// body reads "(…) {…}".
func (r *runner) body(i, to int) (*function, int) {
	if !r.is(i, to, "(") {
		return nil, i
	}
	end := r.closing(i, to)
	if !r.is(end+1, to, "{") {
		return nil, i
	}
	last := r.closing(end+1, to)
	return &function{params: r.parameters(i+1, end), from: end + 2, to: last, outer: r.scope}, last + 1
}

func (r *runner) parameters(i, to int) []string {
	var names []string
	for ; i < to && len(names) < 20; i++ {
		t := r.p.toks[i]
		switch {
		case t.kind == name:
			names = append(names, t.text)
			i = r.pastMember(i, to)
		case t.kind == punct && t.match > i: // a pattern
			names = append(names, "")
			i = r.pastMember(i, to)
		}
	}
	return names
}

// arrow reads "x => …" or "(x, y) => …".
func (r *runner) arrow(i, to int) (*function, int) {
	if r.is(i, to, "async") {
		i++
	}
	f := &function{outer: r.scope, self: r.self}
	next := i + 1
	switch t := r.at(i, to); {
	case t.kind == name && r.is(i+1, to, "=>"):
		f.params = []string{t.text}
	case t.kind == punct && t.text == "(" && t.match > i && r.is(t.match+1, to, "=>"):
		f.params = r.parameters(i+1, t.match)
		next = t.match + 1
	default:
		return nil, i
	}
	next++
	if r.is(next, to, "{") {
		end := r.closing(next, to)
		f.from, f.to = next+1, end
		return f, end + 1
	}
	f.arrow, f.from = true, next
	end := next
	for end < to && !r.is(end, to, ",") && !r.is(end, to, ";") && !r.is(end, to, ")") && !r.is(end, to, "}") {
		if t := r.p.toks[end]; t.kind == punct && t.match > end {
			end = t.match
		}
		end++
	}
	f.to = end
	return f, end
}

// invoke calls a function of the scripts.
func (r *runner) invoke(f *function, self any, args []any) any {
	if r.idle || r.depth > maxDepth/2 || !r.step() {
		return unknown{}
	}
	r.p.called[f] = true
	in := &runner{p: r.p, scope: &scope{vars: map[string]any{}, outer: f.outer}, self: self, args: args,
		depth: r.depth + 1}
	for i, name := range f.params {
		var v any
		if i < len(args) {
			v = args[i]
		}
		if name != "" {
			in.scope.declare(name, v)
		}
	}
	if f.arrow {
		o, _ := in.assignment(f.from, f.to)
		return r.p.value(o.v)
	}
	in.hoist(f.from, f.to)
	in.block(f.from, f.to)
	return in.result
}
