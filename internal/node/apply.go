package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"cundang/crawler"
	"cundang/crawler/frontier"
	"cundang/index"
	"cundang/internal/locale"
	"cundang/site"
)

// What a profile drops from addresses, denies or calls an alias holds for what was archived before as well: the queue
// follows as its addresses come up, the index at the next crawl, before anything is fetched. Nothing leaves the
// archive.

// appliedPrefix names the stored fingerprint of the rules that the index of a site was made under.
const appliedPrefix = "applied/"

// fingerprint sums up the rules of a profile that decide which articles there are.
func fingerprint(p *site.Profile) string {
	text, err := json.Marshal([]any{p.URLs, p.Aliases, p.Scope})
	if err != nil {
		return "" // cannot be: strings
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// withLearnt returns the profiles with what crawls learnt of each site, that the profile does not say itself.
func (n *Node) withLearnt(profiles []*site.Profile) ([]*site.Profile, error) {
	out := slices.Clone(profiles)
	for i, p := range profiles {
		names, err := crawler.LearntDrops(n.Frontier, p.ID)
		if err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			return p.Keeps(name) || slices.Contains(p.URLs.Drop, name)
		})
		if len(names) == 0 {
			continue
		}
		more := *p
		more.URLs.Drop = append(slices.Clone(p.URLs.Drop), names...)
		if out[i], err = site.New(more); err != nil {
			return nil, fmt.Errorf("take up what was learnt of %s: %w", p.ID, err)
		}
	}
	return out, nil
}

// applyProfiles brings the index in line with profiles that have changed since the last crawl of their sites. It is
// made anew from the archive when an article of it goes or becomes another.
func (n *Node) applyProfiles(ctx context.Context, profiles []*site.Profile) error {
	values := map[string][]byte{}
	affected := 0
	for _, p := range profiles {
		now := fingerprint(p)
		was, err := n.Frontier.Value(appliedPrefix + p.ID)
		if err != nil {
			return err
		}
		if string(was) == now {
			continue
		}
		values[appliedPrefix+p.ID] = []byte(now)
		if was == nil {
			continue
		}
		for a, err := range n.Index.All(ctx, index.Query{Sites: []string{p.ID}}) {
			if err != nil {
				return err
			}
			if goes(p, a.URL) != "" {
				affected++
			}
		}
	}
	if affected > 0 {
		n.Log.Info("profiles changed: the index is made anew", "articles", affected)
		if _, err := n.Rebuild(ctx, RebuildOptions{}); err != nil {
			return fmt.Errorf("apply changed profiles to the index: %w", err)
		}
	}
	if len(values) == 0 {
		return nil
	}
	_, err := n.Frontier.Commit(frontier.Change{Values: values})
	return err
}

// goes says why the page at an address is no article of its own under a profile, as a reason; "" when it may be one.
func goes(p *site.Profile, url string) string {
	if id := p.Identity(url); id != url {
		return locale.Reason("double.of", id)
	}
	if rule := p.Denied(url); rule != "" {
		return rule
	}
	return ""
}
