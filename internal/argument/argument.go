// Package argument tells queries that begin with - from flags.
//
// In the query language - stands before what is to be left out, on the command line before flags. A query may begin
// with one, as in `search -培训`: an argument of a command that takes a query is a part of it when no flag can be
// meant.
package argument

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mark stands before such an argument while flags are parsed. No argument can have it.
const mark = "\x00"

// Mark puts a mark before the arguments that begin with - and are no flags, where a command is one of queries. Unmark
// takes it away.
func Mark(root *cobra.Command, args []string, queries ...string) []string {
	cmd, _, err := root.Find(args)
	if err != nil || !slices.Contains(queries, cmd.Name()) {
		return args
	}
	out := append([]string(nil), args...)
	for i := 0; i < len(out); i++ {
		switch arg := out[i]; {
		case arg == "--":
			return out
		case takesValue(cmd, arg):
			i++ // the next one is the value of this flag, whatever it looks like
		case negation(arg):
			out[i] = mark + arg
		}
	}
	return out
}

// Unmark takes the marks away.
func Unmark(args []string) {
	for i, arg := range args {
		args[i] = strings.TrimPrefix(arg, mark)
	}
}

// negation says whether an argument leaves something out of a query: - and then anything but the name of a flag,
// which is made of letters of ASCII.
func negation(arg string) bool {
	rest, ok := strings.CutPrefix(arg, "-")
	if !ok || rest == "" || rest[0] == '-' || rest[0] == '=' {
		return false
	}
	first, _ := utf8.DecodeRuneInString(rest)
	if first >= utf8.RuneSelf || !unicode.IsLetter(first) {
		return true
	}
	// -来源:科协 is one by its first letter; so are -title:科普 and -COVID疫苗, no flag has such a name
	return strings.ContainsFunc(rest, func(r rune) bool { return r >= utf8.RuneSelf || r == ':' }) &&
		!strings.Contains(rest, "=")
}

// takesValue says whether an argument is a flag whose value is the next argument.
func takesValue(cmd *cobra.Command, arg string) bool {
	name, long := strings.CutPrefix(arg, "--")
	var f *pflag.Flag
	switch {
	case long && !strings.Contains(name, "="):
		if f = cmd.Flags().Lookup(name); f == nil {
			f = cmd.InheritedFlags().Lookup(name)
		}
	case !long && len(arg) == 2 && arg[0] == '-':
		if f = cmd.Flags().ShorthandLookup(arg[1:]); f == nil {
			f = cmd.InheritedFlags().ShorthandLookup(arg[1:])
		}
	}
	return f != nil && f.NoOptDefVal == ""
}
