package node

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"cundang/internal/curation"
	"cundang/site"
)

// AllProfiles returns the profiles of DATA/profiles over those that come with the program.
func (o Options) AllProfiles() ([]*site.Profile, error) {
	base, err := site.Embedded()
	if err != nil {
		return nil, fmt.Errorf("load the built-in profiles: %w", err)
	}
	own, err := o.OwnProfiles()
	if err != nil {
		return nil, err
	}
	return site.Merge(base, own), nil
}

// ProfileDir returns the folder of the operator's own profiles.
func (o Options) ProfileDir() string { return o.Path("profiles") }

// OwnProfiles returns the profiles of DATA/profiles. Errors: *ProfileError.
func (o Options) OwnProfiles() ([]*site.Profile, error) {
	own, err := site.LoadFS(os.DirFS(o.ProfileDir()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &ProfileError{BadProfile, fmt.Errorf("%s: %w", o.ProfileDir(), err)}
	}
	return own, nil
}

// ReadProfile reads one profile file. Errors: *ProfileError.
func ReadProfile(file string) (*site.Profile, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &ProfileError{NoFile, fmt.Errorf("read profile: %w", err)}
	}
	p, err := site.Load(file, text)
	if err != nil {
		return nil, &ProfileError{BadID, err}
	}
	return p, nil
}

// ChooseProfiles returns the profiles that are named, by ID or by URL; if none is, those of
// DATA/profiles. The built-in ones are chosen only by name. Errors: *ProfileError.
func (o Options) ChooseProfiles(names ...string) ([]*site.Profile, error) {
	if len(names) == 0 {
		own, err := o.OwnProfiles()
		if err == nil && len(own) == 0 {
			err = &ProfileError{NoProfiles, fmt.Errorf("no profile in %s and no site named", o.ProfileDir())}
		}
		return own, err
	}
	all, err := o.AllProfiles()
	if err != nil {
		return nil, err
	}
	var chosen []*site.Profile
	for _, name := range names {
		p, err := chooseProfile(all, name)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func chooseProfile(all []*site.Profile, name string) (*site.Profile, error) {
	if !strings.Contains(name, "://") {
		if p := site.ByID(all, name); p != nil {
			return p, nil
		}
		return nil, &ProfileError{UnknownSite, fmt.Errorf("no site profile %q", name)}
	}
	if p := site.ForURL(all, name); p != nil {
		return p, nil
	}
	p, err := site.Generic(name)
	if err != nil {
		return nil, &ProfileError{BadURL, err}
	}
	return p, nil
}

// SaveProfile writes a profile to DATA/profiles and returns the file. One of that name is
// replaced only if force is set.
func (o Options) SaveProfile(p *site.Profile, force bool) (file string, err error) {
	text, err := site.Marshal(p)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(o.ProfileDir(), 0o755); err != nil {
		return "", err
	}
	file = filepath.Join(o.ProfileDir(), site.FileName(p))
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		mode |= os.O_EXCL
	}
	f, err := os.OpenFile(file, mode, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return "", &ProfileError{Exists, fmt.Errorf("%s: %w", file, fs.ErrExist)}
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	return file, errors.Join(err, f.Close())
}

// profileSet is the profiles of an open node by ID. It is safe for concurrent use.
type profileSet struct {
	mu   sync.RWMutex
	byID map[string]*site.Profile

	all    []*site.Profile
	closed map[string]curation.Access // of sites that are not open
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
	s.all, s.closed = s.all[:0:0], map[string]curation.Access{}
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		p := s.byID[id]
		s.all = append(s.all, p)
		if a := curation.Access(p.Access); a != "" && a != curation.Everybody {
			s.closed[id] = a
		}
	}
}

func (o Options) loadProfiles() (*profileSet, error) {
	all, err := o.AllProfiles()
	if err != nil {
		return nil, err
	}
	set := &profileSet{byID: make(map[string]*site.Profile, len(all))}
	set.add(all...)
	return set, nil
}

// Profile returns the profile of a site of this node, nil if it has none.
func (n *Node) Profile(id string) *site.Profile { return n.profiles.get(id) }
