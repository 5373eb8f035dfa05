package node

import (
	"context"
	"slices"
	"strings"

	"cundang/archive"
	"cundang/crawler/listing"
	"cundang/extract"
	"cundang/internal/charset"
	"cundang/internal/locale"
	"cundang/site"
)

// checkPages is how many stored pages of a site the selectors are tried on, the newest.
const checkPages = 300

// CheckedSite is how the rules of one site fared.
type CheckedSite struct {
	Site     string           `json:"site"`
	Captures int              `json:"captures"` // stored addresses the rules were tried on
	Pages    int              `json:"pages"`    // pages the selectors were tried on
	Rules    []site.TriedRule `json:"rules"`
	// Goes says which stored pages the next crawl takes out of the index because they are denied or another page's,
	// by reason.
	Goes []Going `json:"goes"`
}

// Going is how many stored pages go for one reason.
type Going struct {
	Reason   string   `json:"reason"` // as internal/locale stores it; of an alias without its address
	Pages    int      `json:"pages"`
	Examples []string `json:"examples"`
}

// goingExamples is how many examples are named of each reason.
const goingExamples = 3

// going counts the stored pages that go under a profile.
func going(p *site.Profile, captures []archive.Capture) []Going {
	all := []Going{}
	for _, c := range captures {
		if c.Fields[archive.FieldState] != archive.StateLive || !isPage(c.MediaType()) {
			continue
		}
		why := goes(p, c.URL)
		if why == "" {
			continue
		}
		example := c.URL
		if locale.Code(why) == "double.of" {
			example += " → " + p.Identity(c.URL)
			why = locale.Reason("double.joins")
		}
		i := slices.IndexFunc(all, func(g Going) bool { return g.Reason == why })
		if i < 0 {
			i = len(all)
			all = append(all, Going{Reason: why, Examples: []string{}})
		}
		all[i].Pages++
		if len(all[i].Examples) < goingExamples {
			all[i].Examples = append(all[i].Examples, example)
		}
	}
	return all
}

// CheckProfiles tries every rule of the profiles on what is stored of their sites.
func (n *Node) CheckProfiles(ctx context.Context, profiles []*site.Profile) ([]CheckedSite, error) {
	captures, err := n.capturesOf(ctx, profiles)
	if err != nil {
		return nil, err
	}
	return checkProfiles(profiles, captures)
}

// CheckProfiles checks profiles where nothing is archived to try their rules on.
func CheckProfiles(profiles []*site.Profile) ([]CheckedSite, error) {
	return checkProfiles(profiles, nil)
}

func checkProfiles(profiles []*site.Profile, captures map[string][]archive.Capture) ([]CheckedSite, error) {
	checked := []CheckedSite{}
	for _, p := range profiles {
		c, err := checkSite(p, captures[p.ID])
		if err != nil {
			return nil, err
		}
		checked = append(checked, c)
	}
	return checked, nil
}

// Idle says whether a rule of the site was tried and matched nothing.
func (c CheckedSite) Idle() bool {
	return slices.ContainsFunc(c.Rules, func(r site.TriedRule) bool { return r.Tried > 0 && r.Matched == 0 })
}

// capturesOf returns the captures of each site, one an address, the newest, oldest first.
func (n *Node) capturesOf(ctx context.Context, profiles []*site.Profile) (map[string][]archive.Capture, error) {
	latest := map[string]map[string]archive.Capture{}
	for _, p := range profiles {
		latest[p.ID] = map[string]archive.Capture{}
	}
	for f, err := range n.Store.Since(ctx, "") {
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

func checkSite(p *site.Profile, captures []archive.Capture) (CheckedSite, error) {
	trial := site.NewTrial(p)
	out := CheckedSite{Site: p.ID, Captures: len(captures), Goes: going(p, captures)}
	for _, c := range captures {
		trial.URL(c.URL)
	}
	for _, c := range slices.Backward(captures) {
		if len(p.Selectors()) == 0 || out.Pages == checkPages {
			break
		}
		if c.Status != 200 || !isPage(c.MediaType()) || c.Fields[archive.FieldState] != string(extract.StateLive) {
			continue
		}
		body, _, err := c.ReadBody(archive.MaxPage)
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
