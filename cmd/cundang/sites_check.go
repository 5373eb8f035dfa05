package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cundang/archive"
	"cundang/crawler/listing"
	"cundang/extract"
	"cundang/internal/charset"
	"cundang/site"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// checkPages is how many stored pages of a site the selectors are tried on, the newest.
const checkPages = 300

// checkedSite is what `sites check --json` prints of a site.
type checkedSite struct {
	Site     string           `json:"site"`
	Captures int              `json:"captures"` // stored addresses the rules were tried on
	Pages    int              `json:"pages"`    // pages the selectors were tried on
	Rules    []site.TriedRule `json:"rules"`
}

func (a *app) sitesCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [SITE …]",
		Short: a.tr("try every rule of profiles on the stored captures", "用存档记录检验站点配置的每条规则"),
		Long: a.tr("Check the profiles (all of DATA/profiles without arguments) and try each of their rules on what is\nstored of the site. Exit status 3: a rule matched nothing.",
			"检查站点配置（不带参数时为 DATA/profiles 下全部），并用该站点的存档记录检验每条规则。\n退出码 3：有规则未匹配任何内容。"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(filepath.Join(a.data, "archive")); errors.Is(err, fs.ErrNotExist) && a.lib == nil {
				return a.checkSites(cmd.Context(), nil, args)
			}
			return a.reading(a.checkSites)(cmd, args)
		},
	}
}

func (a *app) checkSites(ctx context.Context, lib *library, args []string) error {
	profiles, err := a.profilesToCheck(args)
	if err != nil {
		return err
	}
	captures := map[string][]archive.Capture{}
	if lib != nil {
		if captures, err = lib.capturesOf(ctx, profiles); err != nil {
			return err
		}
	}
	checked := []checkedSite{}
	idle := false
	for _, p := range profiles {
		c, err := a.checkSite(p, captures[p.ID])
		if err != nil {
			return err
		}
		checked = append(checked, c)
		for _, r := range c.Rules {
			idle = idle || r.Tried > 0 && r.Matched == 0
		}
	}
	if err := a.printChecked(checked); err != nil {
		return err
	}
	if idle {
		return silent(statusPartly)
	}
	return nil
}

func (a *app) profilesToCheck(args []string) ([]*site.Profile, error) {
	if len(args) > 0 {
		return a.chosenProfiles(args)
	}
	own, err := a.ownProfiles()
	if err == nil && len(own) == 0 {
		err = usage("cundang sites check SITE, cundang sites add URL", a.tr("no profile in %s", "%s 下没有站点配置"), a.profileDir())
	}
	return own, err
}

// capturesOf returns the captures of each site, one an address, the newest, oldest first.
func (l *library) capturesOf(ctx context.Context, profiles []*site.Profile) (map[string][]archive.Capture, error) {
	latest := map[string]map[string]archive.Capture{}
	for _, p := range profiles {
		latest[p.ID] = map[string]archive.Capture{}
	}
	for f, err := range l.store.Since(ctx, "") {
		if err != nil {
			return nil, err
		}
		if urls := latest[f.Capture.Site]; urls != nil {
			urls[f.Capture.URL] = f.Capture
		}
	}
	all := map[string][]archive.Capture{}
	for id, urls := range latest {
		for _, c := range urls {
			all[id] = append(all[id], c)
		}
		slices.SortFunc(all[id], func(a, b archive.Capture) int {
			if d := a.Time.Compare(b.Time); d != 0 {
				return d
			}
			return strings.Compare(a.URL, b.URL)
		})
	}
	return all, nil
}

func (a *app) checkSite(p *site.Profile, captures []archive.Capture) (checkedSite, error) {
	trial := site.NewTrial(p)
	out := checkedSite{Site: p.ID, Captures: len(captures)}
	for _, c := range captures {
		trial.URL(c.URL)
	}
	for _, c := range slices.Backward(captures) {
		if len(p.Selectors()) == 0 || out.Pages == checkPages {
			break
		}
		if c.Status != 200 || !isPage(c) || c.Fields[archive.FieldState] != string(extract.StateLive) {
			continue
		}
		body, err := readBody(c)
		if err != nil {
			return out, err
		}
		header := c.Header.Get("Content-Type")
		text := charset.Decode(body, header)
		l, err := listing.Expand(listing.Page{URL: c.URL, ContentType: header, Charset: text.Name, Body: text.Text,
			Listed: p.IsList(c.URL), Row: p.Lists.Row, Date: p.Lists.Date, NextLink: p.Lists.Next, Link: p.Lists.Link})
		if err != nil {
			continue // not a text after all
		}
		if err := trial.Page(text.Text, p.IsList(c.URL) || l.IsList && !p.IsArticle(c.URL)); err != nil {
			return out, err
		}
		out.Pages++
	}
	out.Rules = trial.Rules()
	return out, nil
}

func (a *app) printChecked(checked []checkedSite) error {
	if a.json {
		return a.printJSON(checked)
	}
	t := a.table(a.tr("site", "站点"), a.tr("rule", "规则"), "", a.tr("matched", "匹配"), a.tr("tried", "检验"), a.tr("example", "示例"))
	for _, c := range checked {
		if c.Captures == 0 {
			if _, err := fmt.Fprintf(a.err, a.tr("%s: the profile is in order; nothing of the site is stored to try it on\n", "%s：配置无误；尚无该站点的存档可供检验\n"), c.Site); err != nil {
				return err
			}
			continue
		}
		for _, r := range c.Rules {
			matched := fmt.Sprint(r.Matched)
			if r.Tried > 0 && r.Matched == 0 {
				matched += a.tr(" (nothing)", "（无）")
			}
			t.AppendRow(table.Row{c.Site, r.Field, clip(r.Rule, 50), matched, r.Tried, clip(r.Example, 40)})
		}
	}
	if t.Length() > 0 {
		t.Render()
	}
	return nil
}
