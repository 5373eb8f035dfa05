package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Exit statuses, published in docs/formats.md.
const (
	statusDone        = 0
	statusError       = 1
	statusUsage       = 2
	statusPartly      = 3 // done, but some pages failed or an alarm was raised
	statusNoResults   = 4
	statusNoArchive   = 10
	statusLocked      = 11
	statusInterrupted = 130
)

// problem is an error as a person wants it: what, where, why, and what to try next.
type problem struct {
	status int
	err    error
	next   string // the next command or act to try, "" if there is none
}

func (p *problem) Error() string { return p.err.Error() }
func (p *problem) Unwrap() error { return p.err }

// silent ends the command with a status and prints nothing more.
type silent int

func (s silent) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func usage(next, format string, args ...any) error {
	return &problem{statusUsage, fmt.Errorf(format, args...), next}
}

// finish prints what ended a command and returns the exit status.
func (a *app) finish(ctx context.Context, err error) int {
	var quiet silent
	var p *problem
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &quiet):
		return int(quiet)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(a.err, a.tr("interrupted, state saved", "已中断，状态已保存"))
		return statusInterrupted
	case errors.As(err, &p):
	case a.explain(err) != nil:
		p = a.explain(err)
	case isUsageError(err):
		p = &problem{statusUsage, err, "cundang --help"}
	default:
		p = &problem{status: statusError, err: err}
	}
	fmt.Fprintf(a.err, "cundang: %v\n", p.err)
	if p.next != "" {
		fmt.Fprintf(a.err, "  %s %s\n", a.tr("try:", "请试："), p.next)
	}
	return p.status
}

// isUsageError recognises what cobra says of a wrong command line; it has no error type for it.
func isUsageError(err error) bool {
	for _, start := range []string{"unknown command", "unknown flag", "unknown shorthand", "invalid argument",
		"accepts ", "requires ", "flag needs an argument", "required flag", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), start) {
			return true
		}
	}
	return false
}
