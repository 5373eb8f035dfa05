package web

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"cundang/web/listfile"
)

// SavedSearch is a search somebody wants to come back to; its feed is /feeds/saved/ID.
type SavedSearch struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Query   string    `json:"query" doc:"the search as the query string of its address"`
	Created time.Time `json:"created"`
}

// SavedSearches keeps saved searches. Its methods are safe for concurrent use.
type SavedSearches interface {
	Load(ctx context.Context) ([]SavedSearch, error)
	// Change hands the list to f and stores what f returns, as one step.
	Change(ctx context.Context, f func([]SavedSearch) ([]SavedSearch, error)) error
}

type memorySearches struct {
	mu   sync.Mutex
	list []SavedSearch
}

func (m *memorySearches) Load(context.Context) ([]SavedSearch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.list), nil
}

func (m *memorySearches) Change(_ context.Context, f func([]SavedSearch) ([]SavedSearch, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	list, err := f(slices.Clone(m.list))
	if err == nil {
		m.list = list
	}
	return err
}

// SavedFile keeps saved searches in a JSON file, which need not exist yet. Each change
// replaces the file as a whole.
func SavedFile(path string) SavedSearches { return &fileSearches{path: path} }

type fileSearches struct{ path string }

func (f *fileSearches) Load(context.Context) ([]SavedSearch, error) {
	list, err := listfile.Read[SavedSearch](f.path)
	if err != nil {
		return nil, fmt.Errorf("read saved searches: %w", err)
	}
	return list, nil
}

func (f *fileSearches) Change(_ context.Context, change func([]SavedSearch) ([]SavedSearch, error)) error {
	return listfile.Change(f.path, change)
}
