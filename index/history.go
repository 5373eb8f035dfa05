package index

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cundang/extract"
)

// A version of an article is a run of captures with the same content. Captures come in any
// order; sorted by time they always give the same runs.

// run is one version: its content and its captures, oldest first.
type run struct {
	content string
	seen    []observation
}

// runs sorts observations into versions. State-only observations before any content are
// returned apart: they wait for it.
func runs(all []observation) (versions []run, waiting []observation) {
	slices.SortFunc(all, func(a, b observation) int {
		return cmp.Or(cmp.Compare(a.At, b.At),
			strings.Compare(b.Content, a.Content), // "" last: a page is seen, then seen to be gone
			strings.Compare(a.Ref, b.Ref), strings.Compare(a.State, b.State))
	})
	for _, o := range all {
		last := len(versions) - 1
		switch {
		case o.Content == "" && last < 0:
			waiting = append(waiting, o)
		case o.Content == "" || last >= 0 && versions[last].content == o.Content:
			versions[last].seen = append(versions[last].seen, o)
		default:
			versions = append(versions, run{o.Content, []observation{o}})
		}
	}
	return versions, waiting
}

// key names the document of a version: the article's ID, a space, the time it was first
// seen and its content, so that keys sort as versions do.
func (r run) key(id string) string {
	at := strconv.FormatUint(uint64(r.seen[0].At)^1<<63, 36) // 13 digits for any time after 1970
	return id + " " + strings.Repeat("0", 13-len(at)) + at + " " + r.content
}

// waitingKey names the document that holds states seen before any content.
func waitingKey(id string) string { return id + " -" }

// last returns the newest capture with content not later than at (0: newest), and the state then.
func (r run) last(at int64) (capture observation, state string) {
	for _, o := range r.seen {
		if at != 0 && o.At > at && capture.At != 0 {
			break
		}
		if o.Content != "" {
			capture = o
		}
		state = o.State
	}
	if state == "" {
		state = string(extract.StateLive)
	}
	return capture, state
}

// stateOnly says whether an article reports nothing but a state.
func stateOnly(a extract.Article) bool {
	return (a.State == extract.StateMissing || a.State == extract.StateGone) &&
		a.Title == "" && a.Body == "" && len(a.Paragraphs) == 0 && len(a.Attachments) == 0
}

// observe makes the observation an article stands for.
func observe(a extract.Article) (observation, error) {
	o := observation{At: a.Fetched.UnixNano()}
	if a.Fetched.IsZero() {
		o.At = time.Unix(0, 0).UnixNano()
	}
	if a.State != extract.StateLive {
		o.State = string(a.State)
	}
	if a.Capture != nil {
		o.Ref, o.Digest = a.Capture.Ref, a.Capture.Digest
	}
	if stateOnly(a) {
		return o, nil
	}
	var err error
	o.Content, err = contentHash(a)
	return o, err
}

// contentHash names what a reader sees of an article: when it changes there is a new version.
func contentHash(a extract.Article) (string, error) {
	a.ID, a.URL, a.Site = "", "", ""
	a.Fetched, a.Since, a.Capture, a.Version, a.Versions, a.State = time.Time{}, time.Time{}, nil, 0, 0, ""
	a.Confidence, a.Provenance, a.Rules = 0, nil, ""
	a.People, a.Places, a.Organizations = nil, nil, nil
	b, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("article %s: %w", a.ID, err)
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:9]), nil
}
