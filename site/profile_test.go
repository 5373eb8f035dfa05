package site

import (
	"testing"
	"time"

	"cundang/internal/locale"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, text string) *Profile {
	t.Helper()
	p, err := Load("test.yaml", []byte("site: demo\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestInScope(t *testing.T) {
	plain := load(
		t, "home: http://www.a.example/\nseeds: [{url: 'http://www.a.example/x/'}, {url: 'http://b.example:8080/'}]\n")
	rules := load(t, "seeds: [{url: 'http://a.example/'}]\nscope:\n  - deny: /print/\n"+
		"  - allow: ^http://files\\.b\\.example/\n  - deny: ^http://a\\.example/en/\n")
	literal := &Profile{Seeds: []Seed{{URL: "http://a.example/"}}}
	for _, tt := range []struct {
		name string
		p    *Profile
		url  string
		ok   bool
		rule string
	}{
		{"seed's host", plain, "http://www.a.example/y", true, "scope.seed"},
		{"without www", plain, "https://a.example/y", true, "scope.seed"},
		{"other host", plain, "http://c.example/y", false, "scope.foreign c.example"},
		{"subdomain", plain, "http://old.a.example/", false, "scope.foreign old.a.example"},
		{"port", plain, "http://b.example:8080/y", true, "scope.seed"},
		{"other port", plain, "http://b.example/y", false, "scope.foreign b.example"},
		{"denied first", rules, "http://files.b.example/print/1", false, "scope[0] deny /print/"},
		{"allowed elsewhere", rules, "http://files.b.example/1.pdf", true, "scope[1] allow ^http://files\\.b\\.example/"},
		{"denied at home", rules, "http://a.example/en/1", false, "scope[2] deny ^http://a\\.example/en/"},
		{"no rule", rules, "http://a.example/1", true, "scope.seed"},
		{"literal", literal, "http://a.example/1", true, "scope.seed"},
		{"literal, other host", literal, "http://b.example/1", false, "scope.foreign b.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if ok, rule := tt.p.InScope(tt.url); ok != tt.ok || rule != tt.rule {
				t.Errorf("InScope(%q) = %v, %q; want %v, %q", tt.url, ok, rule, tt.ok, tt.rule)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	p := load(t, "seeds: [{url: 'http://a.example/'}]\nurls: {drop: [ref, 'ck*'], keep: [spm]}\n")
	for _, tt := range []struct{ url, want string }{
		{"http://a.example/a", "http://a.example/a"},
		{"http://a.example/a?", "http://a.example/a?"},
		{"http://a.example/a?b=2&a=1", "http://a.example/a?b=2&a=1"},
		{"http://a.example/a;jsessionid=0A1B?id=3", "http://a.example/a?id=3"},
		{"http://a.example/a;v=1?id=3", "http://a.example/a;v=1?id=3"},
		{"http://a.example/(S(0123456789abcdefghijklmn))/l.aspx", "http://a.example/l.aspx"},
		{"http://a.example/(a)/l.aspx", "http://a.example/(a)/l.aspx"},
		{"http://a.example/a?PHPSESSID=x", "http://a.example/a"},
		{"http://a.example/a?ASPSESSIONIDQQ=x&id=1", "http://a.example/a?id=1"},
		{"http://a.example/a?id=1&utm_source=w&utm_medium=x", "http://a.example/a?id=1"},
		{"http://a.example/a?id=1&spm=5", "http://a.example/a?id=1&spm=5"},
		{"http://a.example/a?REF=x&cks=1&id=1", "http://a.example/a?id=1"},
		{"http://a.example/a?sid=12", "http://a.example/a?sid=12"},
		{"http://a.example/a?sid=0123456789abcdef0123456789ABCDEF&x=%20", "http://a.example/a?x=%20"},
		{"http://a.example/a?x=%a0&&y", "http://a.example/a?x=%a0&&y"},
	} {
		got := p.Identity(tt.url)
		if got != tt.want {
			t.Errorf("Identity(%q) = %q, want %q", tt.url, got, tt.want)
		}
		if again := p.Identity(got); again != got {
			t.Errorf("Identity(%q) = %q, again %q", tt.url, got, again)
		}
	}
}

func TestForURL(t *testing.T) {
	a := load(t, "seeds: [{url: 'http://a.example/'}]\nscope: [{allow: '^http://b'}]\n")
	b, err := New(Profile{ID: "b", Seeds: []Seed{{URL: "http://b.example/"}}})
	if err != nil {
		t.Fatal(err)
	}
	all := []*Profile{a, b}
	for _, tt := range []struct {
		url  string
		want *Profile
	}{{"http://www.a.example/x", a}, {"http://b.example/x", b}, {"http://b2.example/x", a}, {"http://c.example/", nil},
		{"not a url", nil}} {
		if got := ForURL(all, tt.url); got != tt.want {
			t.Errorf("ForURL(%q) = %v", tt.url, got)
		}
	}
}

func TestGeneric(t *testing.T) {
	for _, tt := range []struct {
		url, id string
		private bool
	}{
		{"http://www.kexie-one.example/tzgg/", "kexie-one-example", false},
		{"http://127.0.0.1:8080/", "127-0-0-1-8080", true},
		{"http://localhost:9/", "localhost-9", true},
		{"http://[::1]:9/", "1-9", true},
		{"http://192.168.3.4/", "192-168-3-4", true},
		{"http://中国.example/", "xn-fiqs8s-example", false},
	} {
		p, err := Generic(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if p.ID != tt.id || p.Politeness.Private != tt.private || !p.Unverified {
			t.Errorf("Generic(%q) = %+v", tt.url, p)
		}
		if ok, rule := p.InScope(p.Seeds[0].URL); !ok {
			t.Errorf("Generic(%q): its own seed is out of scope: %s", tt.url, rule)
		}
	}
	if _, err := Generic("ftp://a/"); err == nil {
		t.Error("a profile of an ftp address")
	}
}

func TestListAndArticle(t *testing.T) {
	p := load(t, "seeds: [{url: 'http://a.example/tz'}]\nlists: {pages: ['/list\\.asp'], articles: ['/show\\.asp']}\n")
	for _, tt := range []struct {
		url           string
		list, article bool
	}{
		{"http://a.example/tz", true, false}, {"http://a.example/list.asp?id=1", true, false},
		{"http://a.example/show.asp?id=1", false, true}, {"http://a.example/x", false, false},
	} {
		if l, a := p.IsList(tt.url), p.IsArticle(tt.url); l != tt.list || a != tt.article {
			t.Errorf("%s: list %v, article %v", tt.url, l, a)
		}
	}
}

func TestDefaults(t *testing.T) {
	p := load(t, "seeds: [{url: 'http://a.example/'}]\n")
	if got := p.Pace(); got.MinDelay != time.Second || got.MaxDelay != 30*time.Second || got.Factor != 4 {
		t.Errorf("pace %+v", got)
	}
	if got := (&Profile{Politeness: Politeness{MinDelay: time.Minute}}).Pace(); got.MaxDelay != time.Minute {
		t.Errorf("longest delay %v below the shortest", got.MaxDelay)
	}
	if got := p.GonePolicy(); got != (Gone{3, 72 * time.Hour}) {
		t.Errorf("gone %+v", got)
	}
	got := (&Profile{Revisit: Revisit{List: Interval{Max: 10 * time.Minute}}}).Intervals()
	if got.List != (Interval{10 * time.Minute, 10 * time.Minute, 10 * time.Minute}) {
		t.Errorf("list %+v", got.List)
	}
	if got.Article != (Interval{24 * time.Hour, 7 * 24 * time.Hour, 180 * 24 * time.Hour}) {
		t.Errorf("article %+v", got.Article)
	}
	if p.FetchMode() != "http" || p.LenientTLS() || p.MaxListPages() != 2000 || p.Misfire() != "once" ||
		p.Zone().String() != "Asia/Shanghai" {
		t.Error("defaults")
	}
}

func TestWindows(t *testing.T) {
	p := load(t, "seeds: [{url: 'http://a.example/'}]\npoliteness: {windows: ['22:00-06:00', '12:30-13:00']}\n")
	cst := p.Zone()
	for _, tt := range []struct {
		at, next string
		open     bool
	}{
		{"23:30", "", true}, {"00:00", "", true}, {"05:59", "", true}, {"12:30", "", true}, {"22:00", "", true},
		{"06:00", "12:30", false}, {"13:00", "22:00", false}, {"21:59", "22:00", false},
	} {
		clock, err := time.ParseInLocation("2006-01-02 15:04", "2026-03-01 "+tt.at, cst)
		if err != nil {
			t.Fatal(err)
		}
		open, next := p.Open(clock.UTC())
		if open != tt.open || !open && next.In(cst).Format("15:04") != tt.next {
			t.Errorf("%s: open %v, next %v", tt.at, open, next.In(cst))
		}
		if !open && (!next.After(clock) || next.Sub(clock) > 24*time.Hour) {
			t.Errorf("%s: next opening %v", tt.at, next)
		}
	}
	if open, _ := load(t, "seeds: [{url: 'http://a.example/'}]\n").Open(time.Now()); !open {
		t.Error("no windows, not open")
	}
}

func TestNext(t *testing.T) {
	p := load(t, "seeds: [{url: 'http://a.example/'}]\nschedule: {cron: '30 3 * * MON'}\n")
	got := p.Next(time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)) // Monday 04:00 in Shanghai
	if want := time.Date(2026, 3, 8, 19, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("next %v, want %v", got, want)
	}
	if !load(t, "seeds: [{url: 'http://a.example/'}]\n").Next(time.Now()).IsZero() {
		t.Error("a next run without a schedule")
	}
}

// TestRhythm: cron and intervals are explained together, with the next time and the gap after it.
func TestRhythm(t *testing.T) {
	p, err := New(Profile{
		ID: "kx", Seeds: []Seed{{URL: "http://kx.example/"}}, Schedule: Schedule{Cron: "30 22 * * *"},
		Revisit: Revisit{List: Interval{Min: 90 * time.Minute}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, r := range p.Rhythm(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		said = append(said, locale.Say(locale.English, r))
	}
	want := []string{
		"serve crawls it at 30 22 * * * (Asia/Shanghai), next at 2026-03-01 22:30:00, then 24h later",
		"each crawl asks for the seeds and sitemaps",
		"other list pages come due 1h30m to 168h after a visit (at first 6h)",
		"articles come due 24h to 4320h after a visit (at first 168h)",
	}
	if diff := cmp.Diff(want, said[:4]); diff != "" {
		t.Error(diff)
	}
	p.Schedule.Cron = ""
	if p, err = New(*p); err != nil {
		t.Fatal(err)
	}
	if r := p.Rhythm(time.Now())[0]; locale.Code(r) != "rhythm.none" {
		t.Errorf("without a schedule: %s", r)
	}
}
