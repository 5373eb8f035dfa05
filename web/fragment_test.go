package web

import (
	"html/template"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// tokens is what a browser reads from HTML.
func tokens(t *testing.T, text string) (out []html.Token) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	for z.Next() != html.ErrorToken {
		out = append(out, z.Token())
	}
	return out
}

// What the fragments write is what html/template would have written, whatever the values hold.
func TestFragments(t *testing.T) {
	byTemplate := template.Must(template.New("").Parse(`{{define "value"}}<li><a href="{{.URL}}"{{if .Active}} aria-current="true"{{end}}><span>{{.Label}}</span><i>{{.Count}}</i></a></li>{{end}}` +
		`{{define "bar"}}
<a href="{{.URL}}" data-label="{{.Label}}" aria-label="{{.Label}}: {{.Count}}"><title>{{.Label}}: {{.Count}}</title><rect x="10.00%" width="5.00%" y="0" height="61" class="hit"/><rect x="10.60%" width="2.40%" y="30.0" height="30.0" class="bar"/></a>{{end}}`))
	for _, value := range []string{"宁夏科协", `"><script>alert(1)</script>`, "a & b", "甲'乙", "1+1=2", "{{.}}", "\x00", "javascript:alert(1)", "\u2028"} {
		for _, active := range []bool{false, true} {
			address := "/?site=" + url.QueryEscape(value)
			var value1, bar fragment
			value1.facetValue(address, value, 1234, active)
			bar.bar(address, value, 1234, span{10, 5}, span{10.6, 2.4}, 30)
			data := map[string]any{"URL": address, "Label": value, "Count": "1,234", "Active": active}
			for name, got := range map[string]fragment{"value": value1, "bar": bar} {
				var want strings.Builder
				if err := byTemplate.ExecuteTemplate(&want, name, data); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tokens(t, want.String()), tokens(t, string(got))); diff != "" {
					t.Errorf("%s of %q (-template +fragment):\n%s", name, value, diff)
				}
			}
		}
	}
}

// A hit is written as html/template writes testdata/hit.html.
func TestHitFragment(t *testing.T) {
	file := template.Must(template.New("").Funcs(functions("zh", nil, nil)).ParseFiles("testdata/hit.html"))
	odd := `"><script>alert(1)</script>&'` + "\x00"
	for _, h := range []hitRow{
		{},
		{ID: "0a1b", Title: "全民<mark>科学素质</mark>", Modified: true, Date: "2024-05-06", Where: "kx.example", Source: "云岭省科协", Author: "李明",
			Column: "首页 › 通知", Fragments: `第<mark>一</mark>句<span class="gap"> … </span>第二句`},
		{ID: "0a1b", Title: template.HTML(template.HTMLEscapeString(odd)), Gone: true, Missing: true, Date: odd, Where: odd, Source: odd, Author: odd, Column: odd},
		{ID: "0a1b", Missing: true, Modified: true, Author: "李明"},
	} {
		var got fragment
		got.hit("zh", h)
		var want strings.Builder
		if err := file.ExecuteTemplate(&want, "hit", h); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tokens(t, want.String()), tokens(t, string(got))); diff != "" {
			t.Errorf("%+v (-template +fragment):\n%s", h, diff)
		}
	}
}

// An address put together from slots asks the same as one that is encoded whole.
func TestSlots(t *testing.T) {
	for _, raw := range []string{"", "q=%E7%A7%91", "q=a%26b&site=x&site=y&offset=20&sort=-published", "author=a&to=2022&from=2021&as_of=2023&state=gone"} {
		v, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		q, err := parseQuestion(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range filters {
			add := q.slots("/", f.Param)
			if got, want := add[0]+url.QueryEscape("甲 乙")+add[1], q.toggled(f.Param, "甲 乙").At("/"); got != want {
				t.Errorf("%s, one more %s: %s, want %s", raw, f.Param, got, want)
			}
		}
		dates := q.between("", "").slots("/", "from", "to")
		if got, want := dates[0]+"2020"+dates[1]+"2020"+dates[2], q.between("2020", "2020").At("/"); got != want {
			t.Errorf("%s between: %s, want %s", raw, got, want)
		}
	}
}
