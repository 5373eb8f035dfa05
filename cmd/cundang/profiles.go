package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"cundang/site"
)

// allProfiles returns the profiles of DATA/profiles over those that come with the program.
func (a *app) allProfiles() ([]*site.Profile, error) {
	base, err := site.Embedded()
	if err != nil {
		return nil, fmt.Errorf("load the built-in profiles: %w", err)
	}
	own, err := a.ownProfiles()
	if err != nil {
		return nil, err
	}
	return site.Merge(base, own), nil
}

func (a *app) profileDir() string { return filepath.Join(a.data, "profiles") }

func (a *app) ownProfiles() ([]*site.Profile, error) {
	own, err := site.LoadFS(os.DirFS(a.profileDir()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &problem{statusUsage, fmt.Errorf("%s: %w", a.profileDir(), err), a.tr("mend the file, then: cundang sites check", "修正该文件，然后：cundang sites check")}
	}
	return own, nil
}

// loadProfile reads one profile file.
func (a *app) loadProfile(file string) (*site.Profile, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, usage("cundang sites list", "read profile: %w", err)
	}
	p, err := site.Load(file, text)
	if err != nil {
		return nil, usage("", "%w", err)
	}
	return p, nil
}

// profileSet is the profiles of an open library by ID. It is safe for concurrent use.
type profileSet struct {
	mu   sync.RWMutex
	byID map[string]*site.Profile
}

func (s *profileSet) get(id string) *site.Profile {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id]
}

func (s *profileSet) add(profiles ...*site.Profile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range profiles {
		s.byID[p.ID] = p
	}
}

func (a *app) loadProfiles() (*profileSet, error) {
	all, err := a.allProfiles()
	if err != nil {
		return nil, err
	}
	set := &profileSet{byID: make(map[string]*site.Profile, len(all))}
	set.add(all...)
	return set, nil
}

// chosenProfiles are the profiles that the arguments of crawl name, by ID or by URL; without
// arguments those of DATA/profiles. The built-in ones are crawled only when named.
func (a *app) chosenProfiles(args []string) ([]*site.Profile, error) {
	if len(args) == 0 {
		own, err := a.ownProfiles()
		if err == nil && len(own) == 0 {
			err = usage("cundang crawl SITE|URL, cundang sites list", "no profile in %s and no site named", a.profileDir())
		}
		return own, err
	}
	all, err := a.allProfiles()
	if err != nil {
		return nil, err
	}
	var chosen []*site.Profile
	for _, arg := range args {
		p, err := a.chooseProfile(all, arg)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func (a *app) chooseProfile(all []*site.Profile, arg string) (*site.Profile, error) {
	if !strings.Contains(arg, "://") {
		if p := site.ByID(all, arg); p != nil {
			return p, nil
		}
		return nil, usage("cundang sites list", "no site profile %q", arg)
	}
	if p := site.ForURL(all, arg); p != nil {
		return p, nil
	}
	p, err := site.Generic(arg)
	if err != nil {
		return nil, usage("cundang crawl https://www.example.org/", "%w", err)
	}
	return p, nil
}
