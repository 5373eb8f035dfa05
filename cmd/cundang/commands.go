package main

import (
	"context"

	"cundang/internal/curating"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

// commands are all commands in the order of the help; each has a file of its own.
func (a *app) commands() []*cobra.Command {
	curate := curating.Commands{Printer: a.printer, User: a.env("USER"), Owning: func(do func(context.Context,
		*node.Node, []string) error) func(*cobra.Command, []string) error {
		return a.owning(do)
	}, File: func() string { return a.options().CurationFile() }}
	return []*cobra.Command{
		a.demoCommand(),
		a.crawlCommand(),
		a.serveCommand(),
		a.statusCommand(),
		a.reportCommand(),
		a.alarmsCommand(),
		a.whyCommand(),
		a.searchCommand(),
		a.showCommand(),
		a.trendCommand(),
		a.kwicCommand(),
		a.frequenciesCommand(),
		a.collocationsCommand(),
		a.keynessCommand(),
		a.similarCommand(),
		a.reprintsCommand(),
		a.networkCommand(),
		a.segmentCommand(),
		a.versionsCommand(),
		a.diffCommand(),
		a.exportCommand(),
		a.extractCommand(),
		a.sitesCommand(),
		curate.Curate(),
		curate.Collection(),
		a.archiveCommand(),
		a.evidenceCommand(),
		a.indexCommand(),
		a.backupCommand(),
		a.restoreCommand(),
		a.doctorCommand(),
		a.tokenCommand(),
		a.configCommand(),
		a.manCommand(),
		a.versionCommand(),
	}
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(commands...)
	return cmd
}
