// Command cundang crawls association sites, keeps every response as WARC, reads the
// articles, segments the Chinese and makes them searchable. docs/architecture.md
// walks one URL through the packages.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"cundang/internal/argument"
	"cundang/internal/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second interrupt ends the process at once: the first one only asks.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}, os.Getenv))
}

// stdio are the three streams of a command: results go to out and nothing else does.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// takeQueries are the commands that take a query or a term.
var takeQueries = []string{"search", "export", "kwic", "trend", "network"}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, std stdio, env func(string) string) int {
	std.out, std.err = terminal.Writer{W: std.out}, terminal.Writer{W: std.err}
	a := &app{stdio: std, env: env, args: args}
	root := a.rootCommand(args)
	root.SetArgs(argument.Mark(root, args, takeQueries...))
	return a.finish(ctx, root.ExecuteContext(ctx))
}
