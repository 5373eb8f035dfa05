package main

import (
	"context"
	"strings"
	"testing"

	"cundang/internal/argument"

	"github.com/google/go-cmp/cmp"
)

// TestNegationIsNoFlag gives command lines with - in front of words and of flags.
func TestNegationIsNoFlag(t *testing.T) {
	for _, tc := range []struct {
		args, want string
	}{
		{"search -科普", "search |-科普"},
		{"search 科协 -培训 -讲座", "search 科协 |-培训 |-讲座"},
		{"search --site -甲 -乙", "search --site -甲 |-乙"},
		{"search --site=甲 -乙 --limit 3", "search --site=甲 |-乙 --limit 3"},
		{"export -o -甲 -f csv -乙", "export -o -甲 -f csv |-乙"},
		{"--data d search -v -科普 -q", "--data d search -v |-科普 -q"},
		{"search -\"全国\" -(甲 乙) -5℃ -~\"c919\"", "search |-\"全国\" |-(甲 乙) |-5℃ |-~\"c919\""},
		{"search -title:科普 -来源:科协", "search |-title:科普 |-来源:科协"},
		{"trend -科普 科协 --by month", "trend |-科普 科协 --by month"},
		{"kwic -5", "kwic |-5"},
		{"search -- -科普", "search -- -科普"},
		{"search --nosuchflag -x -vq - --", "search --nosuchflag -x -vq - --"},
		{"status -科普", "status -科普"},
	} {
		t.Run(tc.args, func(t *testing.T) {
			a := &app{env: func(string) string { return "" }}
			args := splitArgs(tc.args)
			got := argument.Mark(a.rootCommand(args), args, takeQueries...)
			want := splitArgs(tc.want)
			for i := range want {
				if rest, ok := strings.CutPrefix(want[i], "|"); ok {
					want[i] = "\x00" + rest
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			argument.Unmark(got)
			if diff := cmp.Diff(args, got); diff != "" {
				t.Errorf("unmarked: %s", diff)
			}
		})
	}
}

// splitArgs splits at spaces outside of brackets.
func splitArgs(s string) []string {
	var out []string
	for i, part := range strings.Split(s, "(") {
		if in, rest, ok := strings.Cut(part, ")"); ok && i > 0 {
			out[len(out)-1] += "(" + in + ")"
			part = rest
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

func TestUnknownFlagsStayErrors(t *testing.T) {
	for _, arg := range []string{"--nosuchflag", "-x", "--科普", "-limit"} {
		var out, err strings.Builder
		code := run(context.Background(), []string{"--data", t.TempDir(), "search", "科普", arg},
			stdio{strings.NewReader(""), &out, &err},
			func(string) string { return "" })
		if code != statusUsage || !strings.Contains(err.String(), arg[1:2]) {
			t.Errorf("%s: status %d, %q", arg, code, err.String())
		}
	}
}
