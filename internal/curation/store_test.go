package curation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// id makes the ID of a made-up article.
func id(n int) string { return fmt.Sprintf("%020x", n) }

// tester is what a test and a property have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func stateOf(t tester, s *Store) *State {
	t.Helper()
	state, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestActsAddUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "curation.jsonl")
	s := Open(path)
	must(t, s.Do(
		Act{Time: noon, By: "li", Do: Hide, Article: id(1), URL: "http://kx.example/1", Reason: "隐私", From: "王某",
			Until: noon.AddDate(1, 0, 0)},
		Act{Time: noon, By: "li", Do: Tag, Article: id(2), Tags: []string{"防灾", " 科普 ", "防灾"}},
		Act{Time: noon, By: "li", Do: Untag, Article: id(2), Tags: []string{"科普"}},
		Act{Time: noon, By: "li", Do: Merge, Article: id(3), Into: id(4)},
		Act{Time: noon, By: "li", Do: Merge, Article: id(4), Into: id(5)},
		Act{Time: noon, By: "li", Do: Note, Article: id(2), Note: "原件另存"},
		Act{Time: noon, By: "li", Do: Describe, Collection: "prevention", DC: map[string][]string{"title": {"防灾减灾"},
			"subject": {"地震", "洪水"}}, Owner: "资料室"},
		Act{Time: noon.Add(time.Hour), By: "wang", Do: Collect, Collection: "prevention", Articles: []string{id(9), id(2)},
			Sites: []string{"gz"}},
		Act{Time: noon.Add(time.Hour), By: "wang", Do: Describe, Collection: "prevention",
			DC: map[string][]string{"subject": {}}, Access: Readers},
		Act{Time: noon.Add(2 * time.Hour), By: "wang", Do: Drop, Collection: "prevention", Articles: []string{id(9)}},
	))
	for name, store := range map[string]*Store{"as it was written": s, "read again": Open(path)} {
		state := stateOf(t, store)
		if a, ok := state.Hidden(id(1), noon); !ok || a.From != "王某" {
			t.Errorf("%s: hidden %v, %+v", name, ok, a)
		}
		if _, ok := state.Hidden(id(1), noon.AddDate(1, 0, 0)); ok {
			t.Errorf("%s: hidden for longer than it should be", name)
		}
		if diff := cmp.Diff([]string{"防灾"}, state.Tags(id(2))); diff != "" {
			t.Error(name, diff)
		}
		if state.Resolve(id(3)) != id(5) || state.Resolve(id(7)) != id(7) {
			t.Errorf("%s: 3 is %s", name, state.Resolve(id(3)))
		}
		if diff := cmp.Diff([]string{id(3), id(4)}, state.MergedInto(id(5))); diff != "" {
			t.Error(name, diff)
		}
		want := []Collection{{ID: "prevention", DC: map[string][]string{"title": {"防灾减灾"}}, Owner: "资料室",
			Access:   Readers,
			Articles: []string{id(2)}, Sites: []string{"gz"}, Created: noon, Changed: noon.Add(2 * time.Hour)}}
		if diff := cmp.Diff(want, state.Collections()); diff != "" {
			t.Error(name, diff)
		}
		if n := len(state.Acts()); n != 10 || state.Acts()[9].Number != 10 {
			t.Errorf("%s: %d acts", name, n)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestWhatCannotBeDone(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "curation.jsonl"))
	must(t, s.Do(Act{Time: noon, By: "li", Do: Merge, Article: id(3), Into: id(4)}))
	for name, a := range map[string]Act{
		"no reason":            {Do: Hide, Article: id(1)},
		"no article":           {Do: Hide, Article: "x", Reason: "r"},
		"past":                 {Do: Hide, Article: id(1), Reason: "r", Until: noon.Add(-time.Hour)},
		"not hidden":           {Do: Unhide, Article: id(1)},
		"a circle":             {Do: Merge, Article: id(4), Into: id(3)},
		"into itself":          {Do: Merge, Article: id(4), Into: id(4)},
		"comma in a tag":       {Do: Tag, Article: id(1), Tags: []string{"a,b"}},
		"empty tag":            {Do: Tag, Article: id(1), Tags: []string{" "}},
		"no collection":        {Do: Collect, Collection: "none", Articles: []string{id(1)}},
		"no title":             {Do: Describe, Collection: "new"},
		"no such element":      {Do: Describe, Collection: "new", DC: map[string][]string{"title": {"x"}, "colour": {"red"}}},
		"no such access":       {Do: Describe, Collection: "new", DC: map[string][]string{"title": {"x"}}, Access: "some"},
		"bad name":             {Do: Describe, Collection: "../x", DC: map[string][]string{"title": {"x"}}},
		"no such act":          {Do: "burn", Article: id(1)},
		"a text without end":   {Do: Note, Article: id(1), Note: strings.Repeat("长", maxText+1)},
		"an address of no use": {Do: Hide, Article: id(1), Reason: "r", Also: []string{"javascript:1"}},
	} {
		a.Time, a.By = noon, "li"
		var bad *InvalidError
		if err := s.Do(Act{Time: noon, By: "li", Do: Note, Article: id(8), Note: "before"}, a); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(stateOf(t, s).Acts()); n != 1 {
		t.Errorf("%d acts are kept of what was refused", n-1)
	}
}

// What a process that died left of a line was never acknowledged; a line that cannot be read is an error, for it may
// hide
// something.
func TestTornAndBrokenFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "curation.jsonl")
	s := Open(path)
	must(t, s.Do(Act{Time: noon, By: "li", Do: Hide, Article: id(1), Reason: "r"}))
	whole, err := os.ReadFile(path)
	must(t, err)
	for cut := range len(whole) {
		must(t, os.WriteFile(path, append(append([]byte{}, whole...), whole[:cut]...), 0o600))
		s := Open(path)
		if n := len(stateOf(t, s).Acts()); n != 1 {
			t.Fatalf("cut at %d: %d acts", cut, n)
		}
		must(t, s.Do(Act{Time: noon, By: "li", Do: Hide, Article: id(2), Reason: "r"}))
		if n := len(stateOf(t, Open(path)).Acts()); n != 2 {
			t.Fatalf("cut at %d and appended to: %d acts", cut, n)
		}
	}
	for _, line := range []string{"{\n", "x\n",
		`{"time":"2026-05-04T12:00:00Z","by":"li","do":"veil","article":"` + id(1) + `"}` + "\n"} {
		must(t, os.WriteFile(path, append(append([]byte{}, whole...), line...), 0o600))
		if _, err := Open(path).State(); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// Two processes, or two stores, at one file lose nothing and see each other's acts.
func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "curation.jsonl")
	a, b := Open(path), Open(path)
	rapid.Check(t, func(t *rapid.T) {
		must(t, os.WriteFile(path, nil, 0o600))
		tags := map[string]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "acts") {
			s := rapid.SampledFrom([]*Store{a, b}).Draw(t, "store")
			tag := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "tag")
			do := rapid.SampledFrom([]Kind{Tag, Untag}).Draw(t, "do")
			must(t, s.Do(Act{Time: noon, By: "x", Do: do, Article: id(1), Tags: []string{tag}}))
			tags[tag] = do == Tag
			for _, s := range []*Store{a, b} {
				for _, tag := range []string{"a", "b", "c", "d"} {
					if got := len(stateOf(t, s).tagged(tag)) == 1; got != tags[tag] {
						t.Fatalf("%s: %v, want %v", tag, got, tags[tag])
					}
				}
			}
		}
	})
}
