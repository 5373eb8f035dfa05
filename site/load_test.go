package site

import (
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "rewrite golden files")

const full = `site: demo-kx
name: 示例科协
region: 示例省
home: http://www.demo-kx.example/
unverified: true
seeds:
  - url: http://www.demo-kx.example/tzgg/
    column: 通知公告
sitemaps:
  - http://www.demo-kx.example/sitemap.xml
scope:
  - deny: /print/
  - allow: '^http://(www|old)\.demo-kx\.example/'
urls:
  drop:
    - ref
    - from*
  keep:
    - spm
politeness:
  min_delay: 2s
  max_delay: 1m0s
  factor: 3.5
  windows:
    - 22:00-06:00
  private: true
limits:
  pages: 1000
  bytes: 1000000
  page_bytes: 5000
  time: 2h0m0s
  hops: 12
schedule:
  cron: 30 3 * * *
  timezone: Asia/Urumqi
  misfire: all
  jitter: 10m0s
revisit:
  list:
    min: 30m0s
    first: 2h0m0s
    max: 24h0m0s
  article:
    max: 720h0m0s
gone:
  misses: 5
  after: 240h0m0s
fetch: auto
tls: lenient
lists:
  pages:
    - '/index(_\d+)?\.html$'
  articles:
    - '/t\d{8}_\d+\.html$'
  row: ul.list > li
  date: span
  link: /news/{id}.html
  next: a.next
  max_pages: 50
reading:
  title: h1
  byline: .info
  date: .date
  source: .src
  author: .author
  column: .pos
  body: '#zoom'
`

func TestLoadEveryField(t *testing.T) {
	p, err := Load("demo.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	want := &Profile{
		ID: "demo-kx", Name: "示例科协", Region: "示例省", Home: "http://www.demo-kx.example/", Unverified: true,
		Seeds:    []Seed{{"http://www.demo-kx.example/tzgg/", "通知公告"}},
		Sitemaps: []string{"http://www.demo-kx.example/sitemap.xml"},
		Scope:    []Rule{{Deny: "/print/"}, {Allow: `^http://(www|old)\.demo-kx\.example/`}},
		URLs:     URLs{Drop: []string{"ref", "from*"}, Keep: []string{"spm"}},
		Politeness: Politeness{MinDelay: 2 * time.Second, MaxDelay: time.Minute, Factor: 3.5,
			Windows: []string{"22:00-06:00"}, Private: true},
		Limits:   Limits{Pages: 1000, Bytes: 1000000, PageBytes: 5000, Time: 2 * time.Hour, Hops: 12},
		Schedule: Schedule{Cron: "30 3 * * *", Timezone: "Asia/Urumqi", Misfire: "all", Jitter: 10 * time.Minute},
		Revisit: Revisit{List: Interval{30 * time.Minute, 2 * time.Hour, 24 * time.Hour},
			Article: Interval{Max: 720 * time.Hour}},
		Gone: Gone{5, 240 * time.Hour}, Fetch: "auto", TLS: "lenient",
		Lists: Lists{Pages: []string{`/index(_\d+)?\.html$`}, Articles: []string{`/t\d{8}_\d+\.html$`},
			Row: "ul.list > li", Date: "span", Link: "/news/{id}.html", Next: "a.next", MaxPages: 50},
		Reading: Reading{Title: "h1", Byline: ".info", Date: ".date", Source: ".src", Author: ".author", Column: ".pos",
			Body: "#zoom"},
	}
	if d := cmp.Diff(want, p, cmpopts.IgnoreUnexported(Profile{})); d != "" {
		t.Error(d)
	}
	data, err := Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(full, string(data)); d != "" {
		t.Error("written back:", d)
	}
}

func TestLoadErrorsHavePlaces(t *testing.T) {
	const head = "site: demo\nseeds:\n  - url: http://a.example/\n"
	for _, tt := range []struct{ name, yaml, want string }{
		{"unknown key", head + "sede: x\n", `p.yaml:4:1: unknown field "sede"`},
		{"unknown key inside", head + "politeness:\n  min_dealy: 2s\n", `p.yaml:5:3: unknown field "min_dealy"`},
		{"not YAML", "site: [\n", "p.yaml:1:7: "},
		{"twice", head + "site: b\n", `p.yaml:4:1: `},
		{"a word for a number", head + "limits:\n  pages: many\n", "p.yaml:5:10: "},
		{"a number for a duration", head + "politeness:\n  min_delay: soon\n", "p.yaml:5:14: "},
		{"bad id", strings.Replace(head, "demo", "De mo", 1), `p.yaml:1:7: site: "De mo" is no site name`},
		{"no seeds", "site: demo\n", "p.yaml: seeds: no seed"},
		{"bad seed", "site: demo\nseeds:\n  - url: ftp://a/\n", "p.yaml:3:10: seeds[0].url:"},
		{"seed without url", "site: demo\nseeds:\n  - column: x\n", "seeds[0]: no url"},
		{"bad regexp", head + "scope:\n  - deny: a\n  - allow: '('\n", "p.yaml:6:12: scope[1].allow: error parsing regexp"},
		{"both verbs", head + "scope:\n  - deny: a\n    allow: b\n", "scope[0]: a rule is either allow or deny"},
		{"bad selector", head + "reading:\n  title: h1\n  body: 'div[['\n",
			"p.yaml:6:9: reading.body: \"div[[\" is no CSS selector"},
		{"bad list selector", head + "lists:\n  row: '>'\n", "p.yaml:5:8: lists.row:"},
		{"bad link", head + "lists:\n  link: /news/1.html\n", "p.yaml:5:9: lists.link:"},
		{"bad cron", head + "schedule:\n  cron: 99 * * * *\n", "p.yaml:5:9: schedule.cron:"},
		{"cron that never comes", head + "schedule:\n  cron: 0 0 30 2 *\n", "p.yaml:5:9: schedule.cron:"},
		{"zone in cron", head + "schedule:\n  cron: TZ=0 * * * * *\n",
			"schedule.cron: the time zone stands in schedule.timezone"},
		{"bad zone", head + "schedule:\n  timezone: Asia/Yinchuan\n", "p.yaml:5:13: schedule.timezone:"},
		{"bad misfire", head + "schedule:\n  misfire: never\n", "schedule.misfire: \"never\" is none of skip, once, all"},
		{"bad window", head + "politeness:\n  windows: [22-6]\n", "politeness.windows[0]: \"22-6\" is no window"},
		{"bad fetch", head + "fetch: curl\n", "p.yaml:4:8: fetch:"},
		{"negative", head + "gone:\n  misses: -1\n", "p.yaml:5:11: gone.misses: is negative"},
		{"crossing bounds", head + "politeness:\n  min_delay: 9s\n  max_delay: 3s\n",
			"politeness.min_delay: 9s is longer than max_delay 3s"},
		{"two documents", head + "---\n" + head, "p.yaml: more than one profile in a file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Load("p.yaml", []byte(tt.yaml))
			if err == nil {
				t.Fatalf("loaded %+v", p)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("error %T is no *Error", err)
			}
		})
	}
	_, err := Load("p.yaml", []byte("site: demo\nseeds:\n  - url: x\nreading: {body: '['}\nfetch: y\n"))
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d problems reported of 3: %v", n, err)
	}
}

func TestLoadFS(t *testing.T) {
	file := func(id string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("site: " + id + "\nseeds:\n  - url: http://" + id + ".example/\n")}
	}
	got, err := LoadFS(fstest.MapFS{"z.yaml": file("a"), "a.yaml": file("z"), "notes.txt": {Data: []byte("x")}})
	if err != nil || len(got) != 2 || got[0].ID != "a" || got[1].ID != "z" {
		t.Fatalf("%v, %v", got, err)
	}
	if _, err := LoadFS(fstest.MapFS{"z.yaml": file("a"), "a.yaml": file("a")}); err == nil ||
		!strings.Contains(err.Error(), "z.yaml: site: a is the name of the site in a.yaml already") {
		t.Errorf("two files of one site: %v", err)
	}
	over, err := LoadFS(
		fstest.MapFS{"mine.yaml": {Data: []byte("site: a\nname: mine\nseeds: [{url: 'http://a.example/'}]\n")}})
	if err != nil {
		t.Fatal(err)
	}
	merged := Merge(got, over)
	if len(merged) != 2 || merged[0].Name != "mine" || merged[1].ID != "z" {
		t.Errorf("merged %+v", merged)
	}
}

func TestEmbedded(t *testing.T) {
	profiles, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if len(profiles) != 32 {
		t.Errorf("%d profiles, want 32: the provincial associations and the one of the 兵团", len(profiles))
	}
	regions := map[string]string{}
	for _, p := range profiles {
		if other := regions[p.Region]; other != "" || p.Region == "" {
			t.Errorf("%s: region %q is that of %q", p.ID, p.Region, other)
		}
		regions[p.Region] = p.ID
		if !p.Unverified || p.Reading != (Reading{}) {
			t.Errorf("%s: nobody has checked it, and it needs no selectors", p.ID)
		}
		if ok, rule := p.InScope(p.Home); !ok {
			t.Errorf("%s: its home page is out of scope: %s", p.ID, rule)
		}
		data, err := Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(FileName(p), data)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, again, cmpopts.IgnoreUnexported(Profile{})); d != "" {
			t.Errorf("%s changes when written: %s", p.ID, d)
		}
	}
}

func TestSchemaGolden(t *testing.T) {
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "profile.schema.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s is not what the types say; run go test ./site -update\n%s", golden, d)
	}
}

// Any text either loads, and then survives being written and loaded again, or is refused
// with an *Error.
func FuzzLoad(f *testing.F) {
	f.Add(full)
	f.Add("site: a\nseeds: [{url: 'http://a/'}]\n")
	f.Add("site: &x a\nname: *x\nseeds: [{url: http://a/}]\n<<: {}\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Load("p.yaml", []byte(text))
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("error %v is no *Error", err)
			}
			return
		}
		data, err := Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load("p.yaml", data)
		if err != nil {
			t.Fatalf("written as %s: %v", data, err)
		}
		if d := cmp.Diff(p, again, cmpopts.IgnoreUnexported(Profile{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		p.InScope("http://a/")
	})
}

// docs/site-profiles.md names every key.
func TestDocumentNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("../docs/site-profiles.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys(reflect.TypeFor[Profile](), "") {
		if !strings.Contains(string(text), "`"+key+"`") {
			t.Errorf("docs/site-profiles.md does not name %s", key)
		}
	}
}

func keys(t reflect.Type, prefix string) []string {
	var all []string
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case key == "":
		case f.Type.Kind() == reflect.Struct:
			all = append(all, keys(f.Type, prefix+key+".")...)
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			all = append(all, keys(f.Type.Elem(), prefix+key+"[].")...)
		case f.Type.Kind() == reflect.Slice:
			all = append(all, prefix+key+"[]")
		default:
			all = append(all, prefix+key)
		}
	}
	return all
}

func BenchmarkEmbedded(b *testing.B) {
	for b.Loop() {
		if _, err := Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}
