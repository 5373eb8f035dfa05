package main

import (
	"io"
	"log/slog"
	"strings"

	"cundang/internal/config"
	"cundang/internal/locale"
	"cundang/internal/node"
	"cundang/internal/terminal"
)

// app is one run of the program: its streams, its configuration and the global flags.
type app struct {
	stdio
	env  func(string) string
	cfg  config.Config
	from config.Origins
	log  *slog.Logger

	data       string // the data directory
	configFile string
	json       bool
	quiet      bool
	verbose    bool
	hidden     bool   // also what is hidden from readers
	outputFile string // what the command's output goes to, "": stdout
	outputFlag string // the flag that named it

	// owned is the node of the process that owns DATA, when this run answers for another
	// process (see owner.go); nil otherwise.
	owned *node.Node
	// color is what the asking process wants when owned is set.
	color bool
	args  []string // the command line as given
}

// tr returns the message in the language of this run.
func (a *app) tr(en, zh string) string {
	if a.cfg.Lang == locale.Chinese {
		return zh
	}
	return en
}

// options are those of the node at the data directory; a run for another process takes the owner's.
func (a *app) options() node.Options {
	if a.owned != nil {
		return a.owned.Options
	}
	o := node.Options{Dir: a.data, Log: a.log, Version: version(), Operator: a.cfg.Operator,
		MinFree: uint64(a.cfg.MinFree) << 20, Contact: a.cfg.Contact, Workers: a.cfg.Workers,
		Notice: a.cfg.Hidden == "notice", Dictionary: a.cfg.Dictionary, Synonyms: a.cfg.Synonyms}
	if x := a.cfg.Index; x.Engine == config.EngineOpenSearch {
		o.OpenSearch = &node.OpenSearch{Addresses: x.Addresses, Name: x.Name, User: x.User,
			PasswordFile: x.PasswordFile, CA: x.CA, Shards: x.Shards}
	}
	b := a.cfg.Bucket
	o.Bucket = node.Bucket{URL: b.URL, Region: b.Region, AccessKey: b.AccessKey,
		Secret: a.env("CUNDANG_BUCKET_SECRET"), SecretFile: b.SecretFile, Cache: uint64(b.Cache) << 20}
	return o
}

// localeLang tells the language from the locale variables, in POSIX's order.
func localeLang(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

func (a *app) newLogger() *slog.Logger {
	level := slog.LevelWarn
	switch {
	case a.verbose:
		level = slog.LevelInfo
	case a.quiet:
		level = slog.LevelError
	}
	opts := &slog.HandlerOptions{Level: level}
	if a.cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.err, opts))
	}
	return slog.New(slog.NewTextHandler(a.err, opts))
}

// isTerminal says whether w is a terminal on which lines may be redrawn.
func (a *app) isTerminal(w io.Writer) bool { return terminal.IsTerminal(w) && a.env("TERM") != "dumb" }

// colors says whether w wants ANSI colours (https://no-color.org).
func (a *app) colors(w io.Writer) bool {
	return a.color || a.isTerminal(w) && a.env("NO_COLOR") == ""
}

// printer prints results as this run wants them.
func (a *app) printer() *terminal.Printer {
	return &terminal.Printer{Out: a.out, Err: a.err, Lang: a.cfg.Lang, JSON: a.json, Quiet: a.quiet,
		Color: a.colors(a.out), Redraw: a.isTerminal(a.err)}
}

// printJSON writes v as indented JSON; Chinese stays readable.
func (a *app) printJSON(v any) error { return a.printer().PrintJSON(v) }

// raw returns where bytes go that are not text for a person: exports, captures, packages.
func (a *app) raw() io.Writer { return terminal.Raw(a.out) }

// reason puts a stored reason into words.
func (a *app) reason(text string) string { return locale.Say(a.cfg.Lang, text) }
