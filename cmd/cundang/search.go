package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"cundang/index"
	"cundang/internal/curation"
	"cundang/internal/node"
	"cundang/internal/zone"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// filters are the flags that search and export share, so that an export equals the screen.
type filters struct {
	sites, sources, authors, columns, people, places, orgs, states []string
	tags, collections                                              []string
	from, to, asOf, sort                                           string
	freshness                                                      int // days
	literal                                                        bool
	collapse                                                       string // "" is none
}

func (a *app) filterFlags(f *pflag.FlagSet, to *filters) {
	f.StringSliceVar(&to.sites, "site", nil, a.tr("only these sites", "限定站点"))
	f.StringSliceVar(&to.sources, "source", nil, a.tr("only these sources", "限定来源"))
	f.StringSliceVar(&to.authors, "author", nil, a.tr("only these authors", "限定作者"))
	f.StringSliceVar(&to.columns, "column", nil, a.tr("only these columns", "限定栏目"))
	f.StringSliceVar(&to.people, "person", nil, a.tr("only articles that name these people", "限定人名"))
	f.StringSliceVar(&to.places, "place", nil, a.tr("only articles that name these places", "限定地名"))
	f.StringSliceVar(&to.orgs, "org", nil, a.tr("only articles that name these organisations", "限定机构"))
	f.StringSliceVar(&to.states, "state", nil,
		a.tr("only articles in these states: live, missing, gone", "限定状态：live、missing、gone"))
	f.StringSliceVar(&to.tags, "tag", nil,
		a.tr("only articles with each of these tags", "限定标签（须全部具有）"))
	f.StringSliceVar(&to.collections, "collection", nil, a.tr("only articles of these collections", "限定专题集"))
	f.StringVar(&to.from, "from", "",
		a.tr("published from: 2022, 2022-10 or 2022-10-27", "发布日期起：2022、2022-10 或 2022-10-27"))
	f.StringVar(&to.to, "to", "", a.tr("published up to and with", "发布日期止（含）"))
	f.StringVar(&to.asOf, "as-of", "", a.tr("the archive as it stood on that day", "按当日存档状态检索"))
	f.StringVar(&to.sort, "sort", "relevance", a.tr("relevance, published, -published, fetched, -fetched",
		"排序：relevance、published、-published、fetched、-fetched"))
	f.BoolVar(&to.literal, "no-synonyms", false,
		a.tr("only the words as written: no abbreviations, full names or other synonyms of them",
			"只按所写的词检索，不含简称、全称等同义词"))
	if to.collapse == "" {
		to.collapse = "none"
	}
	f.StringVar(&to.collapse, "collapse", to.collapse,
		a.tr("list articles with the same text once: none, site (those of one site), all",
			"同文只列一次：none、site（同一站点内）、all"))
	f.IntVar(&to.freshness, "freshness", 0,
		a.tr("prefer newer articles: the half-life of the date's weight in days, e.g. 365 (0: the date makes no difference)",
			"按相关度排序时偏重新文章：日期权重的半衰期（天），如 365；0 为不计日期"))
}

// sorts are the orders that --sort takes.
var sorts = []string{"relevance", "published", "-published", "fetched", "-fetched"}

// states are what --state takes.
var states = map[string]string{"live": "live", "missing": "missing", "gone": "gone", "在线": "live",
	"失联": "missing", "已删除": "gone"}

func (f filters) query(text string) (q index.Query, err error) {
	for i, s := range f.states {
		if states[s] == "" {
			return q, usage("--state live|missing|gone", "--state %q is not a state", s)
		}
		f.states[i] = states[s]
	}
	q = index.Query{Text: text, Sites: f.sites, Sources: f.sources, Authors: f.authors, Columns: f.columns,
		People: f.people, Places: f.places, Orgs: f.orgs, States: f.states, Sort: f.sort, Literal: f.literal,
		Lists: curation.Lists(f.tags, f.collections)}
	if !slices.Contains(sorts, f.sort) {
		return q, usage("--sort "+strings.Join(sorts, "|"), "--sort %q is not an order", f.sort)
	}
	switch f.collapse {
	case "none":
	case index.CollapseSite, index.CollapseAll:
		q.Collapse = f.collapse
	default:
		return q, usage("--collapse none|site|all", "--collapse %q is none of them", f.collapse)
	}
	if q.From, err = dayFlag("from", f.from, false); err != nil {
		return q, err
	}
	if q.To, err = dayFlag("to", f.to, true); err != nil {
		return q, err
	}
	if f.freshness < 0 {
		return q, usage("--freshness 365", "--freshness %d must not be negative", f.freshness)
	}
	q.Freshness = time.Duration(f.freshness) * 24 * time.Hour
	q.AsOf, err = momentFlag("as-of", f.asOf)
	return q, err
}

// dayFlag reads a day, month or year; last takes the last day of it.
func dayFlag(name, s string, last bool) (time.Time, error) {
	t, ok := zone.ParseDay(s, last)
	return t, wrongDate(ok || s == "", name, s)
}

// momentFlag reads a date, as its end, or an RFC 3339 time.
func momentFlag(name, s string) (time.Time, error) {
	t, ok := zone.ParseMoment(s)
	return t, wrongDate(ok || s == "", name, s)
}

func wrongDate(ok bool, name, s string) error {
	if ok {
		return nil
	}
	return usage("--"+name+" 2022-10-27", "--%s %q is not a date", name, s)
}

func (a *app) searchCommand() *cobra.Command {
	f := filters{collapse: index.CollapseSite}
	var q index.Query
	var limit, offset int
	var facets []string
	var explain bool
	cmd := &cobra.Command{
		Use:   a.tr("search QUERY", "search 检索式"),
		Short: a.tr("search the archive", "检索存档"),
		Example: `  cundang search 科学素质
  cundang search '"全民科学素质行动" 来源:省科协 -培训' --from 2022 --facet year,source`,
		Args: cobra.ArbitraryArgs,
		PreRunE: func(_ *cobra.Command, args []string) (err error) {
			if q, err = f.query(strings.Join(args, " ")); err != nil {
				return err
			}
			if limit < 1 || limit > 10000 || offset < 0 {
				return usage("--limit 10 --offset 0", "--limit must be 1 to 10000 and --offset not negative")
			}
			q.Limit, q.Offset, q.Facets, q.Explain, q.Lang = limit, offset, facets, explain, a.cfg.Lang
			return nil
		},
	}
	cmd.RunE = a.reading(func(ctx context.Context, n *node.Node, _ []string) error {
		res, err := n.Articles.Search(ctx, q)
		if err != nil {
			return err
		}
		if err := a.printer().Result(res, q); err != nil {
			return err
		}
		if res.Total == 0 {
			return silent(statusNoResults)
		}
		return nil
	})
	a.filterFlags(cmd.Flags(), &f)
	cmd.Flags().IntVar(&limit, "limit", 10, a.tr("hits to print", "显示条数"))
	cmd.Flags().IntVar(&offset, "offset", 0, a.tr("hits to skip", "跳过条数"))
	cmd.Flags().StringSliceVar(&facets, "facet", nil,
		a.tr("count by: site, source, column, author, year, month, people, places, orgs, state",
			"分面统计：site、source、column、author、year、month、people、places、orgs、state"))
	cmd.Flags().BoolVar(&explain, "explain", false, a.tr("tell how the query was understood and what made each score",
		"说明检索式如何理解、各条得分由何而来"))
	return cmd
}
