package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"cundang/archive"
	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// lookupFlags are the flags that choose captures.
type lookupFlags struct {
	lookup   archive.Lookup
	from, to string
}

func (a *app) lookupFlags(f *pflag.FlagSet, l *lookupFlags) {
	f.StringVar(&l.lookup.URL, "url", "", a.tr("captures of this URL", "该网址的存档记录"))
	f.StringVar(&l.lookup.Prefix, "prefix", "", a.tr("captures of URLs that start so", "以此开头的网址"))
	f.StringVar(&l.lookup.Host, "host", "", a.tr("captures of this host", "该主机"))
	f.StringVar(&l.lookup.Domain, "domain", "",
		a.tr("captures of this host and those below it", "该域名及其子域名"))
	f.StringVar(&l.from, "from", "", a.tr("captured from: 2022, 2022-10 or 2022-10-27", "采集日期起"))
	f.StringVar(&l.to, "to", "", a.tr("captured up to and with", "采集日期止（含）"))
}

// resolve checks the flags; chosen says whether any of them narrows the captures.
func (l *lookupFlags) resolve() (q archive.Lookup, chosen bool, err error) {
	q = l.lookup
	n := q.Ways()
	if n > 1 {
		return q, false, usage("", "only one of --url, --prefix, --host and --domain can be given")
	}
	if q.From, err = dayFlag("from", l.from, false); err != nil {
		return q, false, err
	}
	if q.To, err = dayFlag("to", l.to, true); err != nil {
		return q, false, err
	}
	if !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1)
	}
	if n == 0 && (l.from != "" || l.to != "") {
		return q, false, usage("--domain example.org", "--from and --to need --url, --prefix, --host or --domain")
	}
	return q, n > 0, nil
}

func (a *app) archiveCDXCommand() *cobra.Command {
	var l lookupFlags
	cmd := &cobra.Command{
		Use:     "cdx",
		Short:   a.tr("CDXJ rows of a URL, prefix, host or time", "按网址、前缀、主机或时间输出 CDXJ 行"),
		Example: "  cundang archive cdx --host www.example.org --from 2026-10",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, chosen, err := l.resolve()
			if err != nil {
				return err
			}
			if !chosen {
				return usage("cundang archive cdx --host www.example.org",
					"say which captures: --url, --prefix, --host or --domain")
			}
			return a.withStore(func(s *archive.Store) error { return a.printRows(cmd.Context(), s, q) })
		},
	}
	a.lookupFlags(cmd.Flags(), &l)
	return cmd
}

// withStore opens the archive for reading, which is possible while another process writes.
func (a *app) withStore(do func(*archive.Store) error) error {
	store, err := a.options().OpenStore()
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

func (a *app) printRows(ctx context.Context, s *archive.Store, q archive.Lookup) error {
	n := 0
	for r, err := range s.Rows(ctx, q) {
		if err != nil {
			return err
		}
		n++
		if _, err := fmt.Fprintln(a.out, r.String()); err != nil {
			return err
		}
	}
	if n == 0 {
		return silent(statusNoResults)
	}
	return nil
}

func (a *app) archiveWACZCommand() *cobra.Command {
	var l lookupFlags
	var opts archive.PackOptions
	var output string
	cmd := &cobra.Command{
		Use:     "wacz",
		Short:   a.tr("pack captures into a WACZ 1.1.1 file", "打包为 WACZ 1.1.1 文件"),
		Example: "  cundang archive wacz -o site.wacz --site nxkx",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if output == "" {
				return usage("cundang archive wacz -o archive.wacz", "say where to write: -o FILE")
			}
			if opts.Select, _, err = l.resolve(); err != nil {
				return err
			}
			return a.withStore(func(s *archive.Store) error {
				return a.intoFile(output, func() error { return s.ExportWACZ(cmd.Context(), a.raw(), opts) })
			})
		},
	}
	a.lookupFlags(cmd.Flags(), &l)
	cmd.Flags().StringVarP(&output, "output", "o", "", a.tr("file to write", "输出文件"))
	cmd.Flags().StringVar(&opts.Site, "site", "", a.tr("only this site's WARC files", "只含该站点的 WARC 文件"))
	cmd.Flags().StringVar(&opts.Title, "title", "", a.tr("title of the package", "标题"))
	cmd.Flags().StringVar(&opts.Description, "description", "", a.tr("description of the package", "说明"))
	return cmd
}

func (a *app) archiveBagCommand() *cobra.Command {
	var opts archive.PackOptions
	cmd := &cobra.Command{
		Use:   "bag DIR",
		Short: a.tr("write a BagIt 1.0 bag of the archive (RFC 8493)", "导出为 BagIt 1.0 包（RFC 8493）"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); err == nil {
				return usage("cundang archive bag NEWDIR", "%s exists already", args[0])
			}
			return a.withStore(func(s *archive.Store) error { return s.ExportBag(cmd.Context(), args[0], opts) })
		},
	}
	cmd.Flags().StringVar(&opts.Site, "site", "", a.tr("only this site", "只含该站点"))
	cmd.Flags().StringVar(&opts.Title, "title", "", a.tr("title of the bag", "标题"))
	return cmd
}

func (a *app) archiveImportCommand() *cobra.Command {
	var opts archive.ImportOptions
	cmd := &cobra.Command{
		Use: "import FILE …",
		Short: a.tr("take in WARC, ARC and WACZ files of other crawlers",
			"导入其他采集工具的 WARC、ARC 和 WACZ 文件"),
		Long: a.tr("Take in WARC 1.0 and 1.1, ARC and WACZ files, compressed or not. What is sound and compressed record "+
			"by record is\nkept byte for byte; importing the same captures again changes nothing. The articles are indexed "+
			"like our own.",
			"导入 WARC 1.0、1.1、ARC 与 WACZ 文件（压缩与否均可）。逐条压缩的文件按原字节保存；"+
				"重复导入不产生变化。\n其中的文章与自行采集的一样可检索。"),
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, opts) },
	}
	cmd.Flags().StringVar(&opts.Site, "site", "import",
		a.tr("site of captures that name none", "未注明站点的记录归入该站点"))
	return cmd
}

func (a *app) importFiles(ctx context.Context, files []string, opts archive.ImportOptions) (err error) {
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			return &problem{statusError, err, ""}
		}
	}
	n, err := node.Open(ctx, a.options(), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	got, err := n.Import(ctx, files, opts)
	if len(got.Files) > 0 || err == nil {
		err = errors.Join(err, a.printer().Imported(got.Files))
	}
	if err != nil {
		return err
	}
	a.printer().NoteFindings(a.err, got.Findings)
	if got.Unread {
		return silent(statusPartly)
	}
	return nil
}

// printTimeMap writes the TimeMap of a URL (RFC 7089) as link-format or CDXJ.
func (a *app) printTimeMap(ctx context.Context, url, format string) error {
	base := "http://" + a.cfg.Listen
	return a.withStore(func(s *archive.Store) (err error) {
		var w io.Writer = a.out
		if format == "cdxj" {
			err = s.WriteTimeMapCDXJ(ctx, w, url)
		} else {
			err = s.WriteTimeMap(ctx, w, url, archive.MementoBase{Base: base + "/replay/", TimeMap: base + "/timemap/link/"})
		}
		if errors.Is(err, archive.ErrNotFound) {
			return &problem{statusNoResults, err, "cundang archive cdx --prefix " + url}
		}
		return err
	})
}

// verifyWACZ verifies packages instead of the archive.
func (a *app) verifyWACZ(ctx context.Context, files []string) error {
	var damaged error
	for _, f := range files {
		report, err := archive.VerifyWACZ(ctx, f)
		if err != nil {
			return err
		}
		if !a.json {
			fmt.Fprintf(a.out, "%s  %s\n", f, report.Finished.In(zone.China).Format(time.DateTime))
		}
		var none silent
		if err := a.verified(report); errors.As(err, &none) {
			damaged = err
		} else if err != nil {
			return err
		}
	}
	return damaged
}
