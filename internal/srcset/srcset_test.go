package srcset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		value string
		want  []Candidate
	}{
		{"", nil},
		{" , ,, ", nil},
		{"a.png", []Candidate{{"a.png", ""}}},
		{"a.png 1x,b.png 2x", []Candidate{{"a.png", "1x"}, {"b.png", "2x"}}},
		{"a.png, b.png 1.5x , c.png", []Candidate{{"a.png", ""}, {"b.png", "1.5x"}, {"c.png", ""}}},
		{"/w=400,h=300/a.png 400w,\n\t/w=800,h=600/a.png\n800w", []Candidate{{"/w=400,h=300/a.png", "400w"},
			{"/w=800,h=600/a.png", "800w"}}},
		{"a.png,b.png", []Candidate{{"a.png,b.png", ""}}}, // one address without a blank
		{"a.png,, b.png", []Candidate{{"a.png", ""}, {"b.png", ""}}},
		{"data:image/png;base64,AAAA 2x, b.png 1x", []Candidate{{"data:image/png;base64,AAAA", "2x"}, {"b.png", "1x"}}},
		{"a.png 100w 50h, b.png 50h", []Candidate{{"a.png", "100w 50h"}}},
		{"a.png 1x 100w, b.png 100w 100w, c.png 1x 1x, d.png 1x 5h, e.png 5h 1x, f.png 5h 5h 1w", nil},
		{"a.png 0w, b.png -1x, c.png 1q, d.png x, e.png w, f.png +1x, g.png 1.x, h.png 1.5w, i.png 0h 1w", nil},
		{"a.png 0x, b.png 1e3x, c.png .5x", []Candidate{{"a.png", "0x"}, {"b.png", "1e3x"}, {"c.png", ".5x"}}},
		{"a.png (x, y) 2x, b.png 1x", []Candidate{{"b.png", "1x"}}},
		{"a.png (open 2x, b.png 1x", nil},
		{"图 片.png", nil},
	} {
		if d := cmp.Diff(c.want, Parse(c.value)); d != "" {
			t.Errorf("%q: %s", c.value, d)
		}
	}
}

func TestFormat(t *testing.T) {
	got := Format([]Candidate{{"/a,b.png", "1x"}, {"/a b.png", "1x"}, {",c.png", ""}, {"d.png,", ""}, {"", "2x"},
		{"e.png", ""}})
	if want := "/a,b.png 1x, e.png"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzParse holds that what is written is read back the same.
func FuzzParse(f *testing.F) {
	f.Add("a.png 1x,b.png 2x")
	f.Add("/w=1,h=2/a.png 400w, (,")
	f.Fuzz(func(t *testing.T, value string) {
		once := Parse(value)
		if d := cmp.Diff(once, Parse(Format(once))); d != "" {
			t.Error(d)
		}
	})
}
