package node

import (
	"os"
	"time"
)

// Status is what is due, queued and failing.
type Status struct {
	Data  string      `json:"data"`
	Owner int         `json:"owner"` // pid of the process that answers
	Sites []SiteQueue `json:"sites"`

	Findings map[string]int `json:"findings,omitempty"` // captures that could not be read, by code

	Rebuild *RebuildStatus `json:"rebuild,omitempty"` // of the index, while it is under way
}

// SiteQueue is how the queue of one site stands and what its last crawl brought.
type SiteQueue struct {
	Site   string          `json:"site"`
	Due    int             `json:"due"`
	Queued int             `json:"queued"`
	Last   time.Time       `json:"last_run,omitzero"`
	Run    string          `json:"last_run_id,omitempty"`
	Failed int             `json:"failed"`
	Alarms []StandingAlarm `json:"alarms"` // that nobody has acknowledged
}

// Status gathers every site that was ever crawled.
func (n *Node) Status(now time.Time) (Status, error) {
	st := Status{Data: n.Dir, Owner: os.Getpid(), Sites: []SiteQueue{}, Rebuild: n.Rebuilding()}
	var err error
	if st.Findings, err = n.CountFindings(); err != nil {
		return st, err
	}
	standing, err := n.Alarms(false)
	if err != nil {
		return st, err
	}
	runs, err := n.Runs(0)
	if err != nil {
		return st, err
	}
	seen := map[string]bool{}
	for _, r := range runs {
		for _, name := range SiteNames(r.Report) {
			if seen[name] {
				continue
			}
			seen[name] = true
			s := SiteQueue{Site: name, Last: r.Started, Run: r.Crawl, Failed: len(r.Report.Sites[name].Failed)}
			s.Alarms = []StandingAlarm{}
			if s.Due, s.Queued, err = n.Frontier.Queued(name, now); err != nil {
				return st, err
			}
			for _, al := range standing {
				if al.Site == name {
					s.Alarms = append(s.Alarms, al)
				}
			}
			st.Sites = append(st.Sites, s)
		}
	}
	return st, nil
}
