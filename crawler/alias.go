package crawler

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"cundang/crawler/frontier"
	"cundang/internal/locale"
)

// aliasOf is the entry under which a page goes on whose identity is another address now. Its history goes with it, so
// that it is neither new nor changed.
func aliasOf(e frontier.Entry, id string) frontier.Entry {
	n := e
	n.URL, n.Retry = id, false
	n.History.RefURL = or(e.History.RefURL, e.URL)
	n.History.Reason = ""
	return n
}

// identityValues names the stored fingerprint of the rules under which the queue of a site was made.
const identityValues = "identity/"

// rulesOf sums up what decides which addresses of a site are pages of their own.
func (c *crawl) rulesOf(pl *place) string {
	p := pl.profile
	text, err := json.Marshal([]any{p.URLs, p.Aliases, p.Scope, c.doubles.learnt[p.ID]})
	if err != nil {
		return "" // cannot be: strings
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// realign brings the queue of each site in line with rules that have changed since its last crawl: what is another
// page's address hands its history on, what is denied leaves the queue. Both can change back.
func (c *crawl) realign(now time.Time) error {
	for id, pl := range c.sites {
		rules := c.rulesOf(pl)
		was, err := c.opts.Frontier.Value(identityValues + id)
		if err != nil {
			return err
		}
		if string(was) == rules {
			continue
		}
		if err := c.realignSite(pl, now); err != nil {
			return err
		}
		values := map[string][]byte{identityValues + id: []byte(rules)}
		if _, err := c.opts.Frontier.Commit(frontier.Change{Values: values}); err != nil {
			return err
		}
	}
	return nil
}

func (c *crawl) realignSite(pl *place, now time.Time) error {
	var ch frontier.Change
	flush := func() error {
		_, err := c.opts.Frontier.Commit(ch)
		ch = frontier.Change{}
		return err
	}
	for e, err := range c.opts.Frontier.All(pl.profile.ID) {
		if err != nil {
			return err
		}
		refused := e.Due.IsZero() && locale.Code(e.History.Reason) == "refused.skipped"
		if e.Target != "" || e.Kind == frontier.Robots || e.Due.IsZero() && !refused {
			continue
		}
		id := c.identity(pl, e.URL)
		rule := pl.profile.Denied(e.URL)
		switch {
		case refused && id == e.URL && rule == "": // by rules that are gone
			e.Due, e.History.Reason = now, ""
			ch.Done = append(ch.Done, e)
			continue
		case refused:
			continue
		case id != e.URL:
			ch.Found = append(ch.Found, aliasOf(e, id))
			e.History.Reason = locale.Reason("refused.skipped", locale.Reason("queue.alias", id))
		case rule != "" && e.Kind != frontier.Requisite:
			e.History.Reason = locale.Reason("refused.skipped", rule)
		default:
			continue
		}
		e.Due = time.Time{}
		ch.Done = append(ch.Done, e)
		if len(ch.Done) >= 1000 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
