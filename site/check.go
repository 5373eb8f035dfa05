package site

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"

	"cundang/internal/urlkey"
)

type problem struct{ field, problem string }

// compiled is what check makes of a profile's rules.
type compiled struct {
	scope    []scopeRule
	hosts    map[string]bool
	domains  map[string]bool // registrable, of hosts
	aliases  map[string]alias
	drop     []string
	keep     []string
	pages    []*regexp.Regexp
	articles []*regexp.Regexp
	windows  []window
	zone     *time.Location
	next     func(time.Time) time.Time // nil without a schedule
}

type scopeRule struct {
	re    *regexp.Regexp
	allow bool
	name  string
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

var linkForm = regexp.MustCompile(`^[^{}]*(?:\{\w+\}[^{}]*)+$`)

// check compiles p's rules into a copy and says everything that is wrong.
func check(p Profile) (*Profile, []problem) {
	c := checker{compiled: &compiled{hosts: map[string]bool{}, domains: map[string]bool{}}}
	if !idForm.MatchString(p.ID) || len(p.ID) > 64 {
		c.add("site", fmt.Sprintf("%q is no site name: use small letters, digits and single hyphens, at most 64", p.ID))
	}
	c.url("home", p.Home)
	if len(p.Seeds) == 0 {
		c.add("seeds", "no seed: name at least one page to start from")
	}
	for i, s := range p.Seeds {
		if s.URL == "" {
			c.add(at("seeds", i), "no url")
		}
		c.url(at("seeds", i)+".url", s.URL)
	}
	for i, s := range p.Sitemaps {
		c.url(at("sitemaps", i), s)
	}
	c.scopeRules(p.Scope)
	c.aliasRules(p.Aliases)
	c.drop, c.keep = lower(p.URLs.Drop), lower(p.URLs.Keep)
	c.pages = c.regexps("lists.pages", p.Lists.Pages)
	c.articles = c.regexps("lists.articles", p.Lists.Articles)
	if l := p.Lists.Link; l != "" && !linkForm.MatchString(l) {
		c.add("lists.link", fmt.Sprintf("%q names no member of a row: write it as /news/{id}.html", l))
	}
	c.oneOf("fetch", p.Fetch, "http", "browser", "auto")
	c.oneOf("requisites", p.Requisites, RequisitesNone, RequisitesSameSite, RequisitesAll)
	c.oneOf("tls", p.TLS, "strict", "lenient")
	if g := p.Politeness.Group; g != "" && !idForm.MatchString(g) {
		c.add("politeness.group", fmt.Sprintf("%q is no name of a group: use small letters, digits and single hyphens", g))
	}
	c.numbers(p)
	c.schedule(p.Schedule)
	for i, w := range p.Politeness.Windows {
		parsed, err := parseWindow(w)
		if err != nil {
			c.add(at("politeness.windows", i), err.Error())
			continue
		}
		c.windows = append(c.windows, parsed)
	}
	for _, s := range selectors(&p) {
		if s.selector == "" {
			continue
		}
		if _, err := cascadia.ParseGroup(s.selector); err != nil {
			c.add(s.field, fmt.Sprintf("%q is no CSS selector: %v", s.selector, err))
		}
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	p.compiled = c.compiled
	return &p, nil
}

// Selector names one selector of a profile.
type Selector struct {
	Field    string // such as reading.body
	Selector string // "" if the profile has none
}

// Selectors lists every selector of the profile that is set, by field.
func (p *Profile) Selectors() []Selector {
	var set []Selector
	for _, s := range selectors(p) {
		if s.selector != "" {
			set = append(set, Selector{s.field, s.selector})
		}
	}
	return set
}

type fieldSelector struct{ field, selector string }

func selectors(p *Profile) []fieldSelector {
	return []fieldSelector{
		{"lists.row", p.Lists.Row}, {"lists.date", p.Lists.Date}, {"lists.next", p.Lists.Next},
		{"reading.title", p.Reading.Title}, {"reading.byline", p.Reading.Byline}, {"reading.date", p.Reading.Date},
		{"reading.source", p.Reading.Source}, {"reading.author", p.Reading.Author}, {"reading.column", p.Reading.Column},
		{"reading.body", p.Reading.Body},
	}
}

type checker struct {
	*compiled
	problems []problem
}

func (c *checker) add(field, text string) { c.problems = append(c.problems, problem{field, text}) }

func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// url checks an address and takes its host into the default scope; "" is fine.
func (c *checker) url(field, raw string) {
	if raw == "" {
		return
	}
	clean, err := urlkey.Clean(raw)
	if err != nil {
		c.add(field, fmt.Sprintf("%q is no http or https address", raw))
		return
	}
	host := bare(urlkey.Host(clean))
	c.hosts[host], c.domains[domainOf(host)] = true, true
}

func (c *checker) scopeRules(rules []Rule) {
	for i, r := range rules {
		field, expr, verb := at("scope", i), r.Allow, "allow"
		if (r.Allow == "") == (r.Deny == "") {
			c.add(field, "a rule is either allow or deny")
			continue
		}
		if r.Deny != "" {
			expr, verb = r.Deny, "deny"
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			c.add(field+"."+verb, err.Error())
			continue
		}
		c.scope = append(c.scope, scopeRule{re, verb == "allow", fmt.Sprintf("%s %s %s", field, verb, expr)})
	}
}

// aliasRules checks which hosts stand for which, and takes all of them into the default scope.
func (c *checker) aliasRules(rules []Alias) {
	c.aliases = map[string]alias{}
	host := func(field, raw string) string {
		clean, err := urlkey.Clean("http://" + raw + "/")
		if h := urlkey.Host(clean); err == nil && raw != "" && clean == "http://"+h+"/" {
			c.hosts[bare(h)], c.domains[domainOf(bare(h))] = true, true
			return h
		}
		c.add(field, fmt.Sprintf("%q is no host: write it as www.example.org", raw))
		return ""
	}
	for i, r := range rules {
		field := at("aliases", i)
		scheme, name, found := strings.Cut(r.To, "://")
		if !found {
			scheme, name = "", r.To
		}
		if found && scheme != "http" && scheme != "https" {
			c.add(field+".to", fmt.Sprintf("%q is no http or https host", r.To))
			continue
		}
		if len(r.From) == 0 && scheme == "" {
			c.add(field, "neither hosts nor a scheme that it stands for")
		}
		a := alias{scheme, host(field+".to", name)}
		for j, raw := range append([]string{name}, r.From...) {
			h := a.host
			if j > 0 {
				h = host(at(field+".from", j-1), raw)
			}
			if other, twice := c.aliases[h]; twice && other != a && h != "" {
				c.add(field, fmt.Sprintf("%s is an alias of %s already", h, other.host))
			}
			c.aliases[h] = a
		}
	}
}

func (c *checker) regexps(field string, exprs []string) []*regexp.Regexp {
	var all []*regexp.Regexp
	for i, expr := range exprs {
		re, err := regexp.Compile(expr)
		if err != nil {
			c.add(at(field, i), err.Error())
			continue
		}
		all = append(all, re)
	}
	return all
}

func (c *checker) oneOf(field, value string, allowed ...string) {
	for _, a := range allowed {
		if value == "" || value == a {
			return
		}
	}
	c.add(field, fmt.Sprintf("%q is none of %s", value, strings.Join(allowed, ", ")))
}

// numbers refuses negative values and bounds that cross.
func (c *checker) numbers(p Profile) {
	for _, n := range []struct {
		field string
		value float64
	}{
		{"politeness.min_delay", float64(p.Politeness.MinDelay)}, {"politeness.max_delay", float64(p.Politeness.MaxDelay)},
		{"politeness.factor", p.Politeness.Factor}, {"limits.pages", float64(p.Limits.Pages)},
		{"limits.bytes", float64(p.Limits.Bytes)},
		{"limits.page_bytes", float64(p.Limits.PageBytes)}, {"limits.time", float64(p.Limits.Time)},
		{"limits.hops", float64(p.Limits.Hops)},
		{"schedule.jitter", float64(p.Schedule.Jitter)}, {"gone.misses", float64(p.Gone.Misses)},
		{"gone.after", float64(p.Gone.After)},
		{"lists.max_pages", float64(p.Lists.MaxPages)},
		{"revisit.list.min", float64(p.Revisit.List.Min)}, {"revisit.list.first", float64(p.Revisit.List.First)},
		{"revisit.list.max", float64(p.Revisit.List.Max)},
		{"revisit.article.min", float64(p.Revisit.Article.Min)}, {"revisit.article.first", float64(p.Revisit.Article.First)},
		{"revisit.article.max", float64(p.Revisit.Article.Max)},
	} {
		if n.value < 0 {
			c.add(n.field, "is negative")
		}
	}
	c.ordered("politeness", "min_delay", p.Politeness.MinDelay, "max_delay", p.Politeness.MaxDelay)
	c.ordered("revisit.list", "min", p.Revisit.List.Min, "max", p.Revisit.List.Max)
	c.ordered("revisit.article", "min", p.Revisit.Article.Min, "max", p.Revisit.Article.Max)
}

func (c *checker) ordered(in, low string, lo time.Duration, high string, hi time.Duration) {
	if hi > 0 && lo > hi {
		c.add(in+"."+low, fmt.Sprintf("%s is longer than %s %s", lo, high, hi))
	}
}

func lower(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	return out
}

// rules returns the compiled rules, compiling them now for a literal. What does not
// compile is then simply absent; Load and New would have refused it.
func (p *Profile) rules() *compiled {
	if p.compiled != nil {
		return p.compiled
	}
	literal := *p
	if literal.ID == "" {
		literal.ID = "literal"
	}
	if c, problems := check(literal); len(problems) == 0 {
		return c.compiled
	}
	return &compiled{hosts: map[string]bool{}, zone: time.UTC}
}
