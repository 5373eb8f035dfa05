package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"cundang/internal/curation"
	"cundang/internal/node"

	"github.com/spf13/cobra"
)

// task is a command on an open data directory.
type task func(ctx context.Context, n *node.Node, args []string) error

// reading makes the RunE of a command that only reads DATA. When another process owns DATA
// the command is executed there.
func (a *app) reading(do task) func(*cobra.Command, []string) error {
	return a.with(do, node.OpenReader)
}

// owning makes the RunE of a command that reads what only the owner of DATA can open. When
// another process owns DATA the command is executed there.
func (a *app) owning(do task) func(*cobra.Command, []string) error {
	return a.with(do, func(ctx context.Context, o node.Options) (*node.Node, error) { return node.Open(ctx, o, false) })
}

func (a *app) with(do task, open func(context.Context, node.Options) (*node.Node, error)) func(
	*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx := curation.For(cmd.Context(), a.audience())
		if a.owned != nil {
			return do(ctx, a.owned, args)
		}
		if asked, err := a.askOwner(ctx); asked {
			return err
		}
		n, err := open(ctx, a.options())
		if err != nil {
			return err
		}
		if n.Unseen != nil {
			fmt.Fprintf(a.err, a.tr("the newest captures are not in this answer: %v\n",
				"以下结果不含最新的存档记录：%v\n"), n.Unseen)
		}
		return errors.Join(do(ctx, n, args), n.Close())
	}
}

// audience is who commands answer: a reader with every site, who sees what is hidden when she asks for it.
func (a *app) audience() curation.Audience {
	if a.hidden {
		return curation.Audience{Level: curation.Curator}
	}
	return curation.Audience{Level: curation.Reader, Sites: []string{"*"}}
}

// askOwner has the process that owns DATA execute this command line and copies what it prints;
// asked is false if nobody owns DATA. The output file is opened here.
func (a *app) askOwner(ctx context.Context) (asked bool, err error) {
	o, err := node.FindOwner(a.data)
	if err != nil {
		return false, nil
	}
	args := append([]string{}, a.args...)
	if a.outputFile != "" {
		args = append(args, "--"+a.outputFlag, "-")
	}
	req := node.Request{Args: args, Color: a.colors(a.out),
		Env: map[string]string{"CUNDANG_LANG": a.cfg.Lang, "USER": a.env("USER")}}
	status, err := o.Ask(ctx, a.data, req, a.raw(), a.err)
	switch {
	case errors.Is(err, node.ErrNoOwner):
		return false, nil
	case err == nil && status != statusDone:
		err = silent(status)
	}
	return true, err
}

// answerOthers executes the command lines of other processes on n until stop.
func (a *app) answerOthers(ctx context.Context, n *node.Node) (stop func() error, err error) {
	return n.AnswerOthers(ctx, func(ctx context.Context, req node.Request, out, errs io.Writer) int {
		guest := &app{stdio: stdio{in: bytes.NewReader(nil), out: out, err: errs},
			env: func(k string) string { return req.Env[k] }, owned: n, color: req.Color}
		root := guest.rootCommand(req.Args)
		root.SetArgs(req.Args)
		return guest.finish(ctx, root.ExecuteContext(ctx))
	})
}
