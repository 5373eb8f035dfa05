package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cundang/archive"
	"cundang/archive/evidence"
	"cundang/archive/tlog"
	"cundang/extract"
	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/spf13/cobra"
)

func (a *app) archiveLogCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "log",
		Short: a.tr("the transparency log: its head, keys and who vouches for it", "透明日志：树头、密钥与见证"),
		Long: a.tr("Every capture is an entry of a Merkle tree whose signed head anybody may keep. Whoever has an earlier "+
			"head finds\nout whether a capture was altered, removed or put in later: cundang archive verify --against FILE.",
			"每条存档记录都是默克尔树的一个条目，树头经签名，任何人都可留存。\n"+
				"持有较早树头者即可查出记录是否被更改、删除或补插："+
				"cundang archive verify --against 文件。"),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.printLog() },
	}
	cmd.AddCommand(a.archiveLogInitCommand(), a.archiveLogRotateCommand(), a.archiveLogStampCommand(),
		a.archiveLogCosignCommand(),
		a.archiveLogWitnessCommand())
	return cmd
}

// logProblem says what to do about an archive without a log.
func (a *app) logProblem(err error) error {
	if errors.Is(err, tlog.ErrNone) {
		return &problem{statusError, errors.New(a.tr("this archive has no transparency log", "该存档没有透明日志")),
			"cundang archive log init"}
	}
	if errors.Is(err, tlog.ErrNotLogged) {
		return &problem{statusError, err, "cundang archive log init"}
	}
	return err
}

func (a *app) printLog() error {
	return a.withStore(func(s *archive.Store) error {
		v, err := tlog.OpenView(s.LogDir())
		if err != nil {
			return a.logProblem(err)
		}
		vouched, err := tlog.Vouched(s.LogDir(), v.Keys)
		if err != nil {
			return err
		}
		return a.printer().Log(v, vouched)
	})
}

func (a *app) archiveLogInitCommand() *cobra.Command {
	var origin string
	cmd := &cobra.Command{
		Use:   "init",
		Short: a.tr("make the log of an archive from before there was one", "为旧存档补建日志"),
		Args:  cobra.NoArgs,
		RunE: a.owning(func(ctx context.Context, n *node.Node, _ []string) error {
			if err := n.Store.InitLog(ctx, origin); err != nil {
				return err
			}
			return a.printLog()
		}),
	}
	cmd.Flags().StringVar(&origin, "origin", "",
		a.tr("name of the log: an address of yours without http://", "日志名称：您的一个网址（不含 http://）"))
	return cmd
}

func (a *app) archiveLogRotateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate-key",
		Short: a.tr("give the log a new key, for which the old one vouches", "更换日志密钥，由旧密钥担保"),
		Args:  cobra.NoArgs,
		RunE: a.owning(func(_ context.Context, n *node.Node, _ []string) error {
			if _, err := n.Store.RotateLogKey(); err != nil {
				return a.logProblem(err)
			}
			return a.printLog()
		}),
	}
}

// asking is for the services of others: a time stamp or a cosignature takes seconds.
var asking = &http.Client{Timeout: time.Minute}

func (a *app) archiveLogStampCommand() *cobra.Command {
	return &cobra.Command{
		Use: "stamp URL",
		Short: a.tr("have the head time-stamped by an authority (RFC 3161)",
			"请时间戳机构为树头加盖时间戳（RFC 3161）"),
		Example: "  cundang archive log stamp http://tsa.example.org/",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(func(s *archive.Store) error {
				path, at, err := tlog.Stamp(cmd.Context(), asking, s.LogDir(), args[0])
				if err != nil {
					return a.logProblem(err)
				}
				_, err = fmt.Fprintf(a.out, a.tr("stamped %s\n%s\n", "时间戳 %s\n%s\n"),
					at.In(zone.China).Format(time.RFC3339), path)
				return err
			})
		},
	}
}

func (a *app) archiveLogCosignCommand() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use: "cosign URL --key KEY",
		Short: a.tr("have the head cosigned by a witness (C2SP tlog-witness)",
			"请见证方联署树头（C2SP tlog-witness）"),
		Example: "  cundang archive log cosign https://archive.example.org/witness --key witness.example.org+5b1c…",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if key == "" {
				return usage("--key KEY", "say whose cosignature is to be believed: --key, the witness's verifier key")
			}
			return a.withStore(func(s *archive.Store) error {
				head, err := tlog.Cosign(cmd.Context(), asking, s.LogDir(), args[0], key)
				if err != nil {
					return a.logProblem(err)
				}
				_, err = fmt.Fprintf(a.out, a.tr("cosigned: the first %d entries\n", "已联署：前 %d 个条目\n"), head.Size)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&key, "key", "", a.tr("verifier key of the witness", "见证方的公钥"))
	return cmd
}

// writeEvidence writes an evidence file of an article's capture to a.out.
func (a *app) writeEvidence(ctx context.Context, n *node.Node, article extract.Article, citation string) error {
	if article.Capture == nil {
		return errors.New("the article has no capture")
	}
	ref, err := archive.ParseRef(article.Capture.Ref)
	if err != nil {
		return err
	}
	return a.logProblem(n.Store.WriteEvidence(ctx, a.raw(), ref, citation))
}

func (a *app) evidenceCommand() *cobra.Command {
	var key string
	var witnesses []string
	check := &cobra.Command{
		Use:   "check FILE …",
		Short: a.tr("check evidence files, offline and without an archive", "核验证据文件（离线，无需存档）"),
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			bad := 0
			for _, path := range args {
				if err := a.checkEvidence(path, key, witnesses); err != nil {
					bad++
					fmt.Fprintf(a.out, a.tr("%s: does NOT hold: %v\n", "%s：不成立：%v\n"), path, err)
				}
			}
			if bad > 0 {
				return silent(statusError)
			}
			return nil
		},
	}
	check.Flags().StringVar(&key, "key", "",
		a.tr("the log's key as you know it from elsewhere", "您从别处得知的日志公钥"))
	check.Flags().StringArrayVar(&witnesses, "witness", nil,
		a.tr("key of a witness whose cosignature counts; repeatable", "认可的见证方公钥（可多次给出）"))
	return group("evidence",
		a.tr("check captures that were handed out with their proof", "核验附带证明的存档记录"), check)
}

func (a *app) checkEvidence(path, key string, witnesses []string) error {
	r, cosigned, err := evidence.CheckFile(path, key, witnesses)
	if err != nil {
		return err
	}
	return a.printer().Evidence(path, r, cosigned, key != "")
}
