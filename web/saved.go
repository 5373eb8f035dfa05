package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
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

type fileSearches struct {
	mu   sync.Mutex
	path string
}

func (f *fileSearches) Load(context.Context) ([]SavedSearch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read()
}

func (f *fileSearches) read() ([]SavedSearch, error) {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read saved searches: %w", err)
	}
	var list []SavedSearch
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read saved searches in %s: %w", f.path, err)
	}
	return list, nil
}

func (f *fileSearches) Change(_ context.Context, change func([]SavedSearch) ([]SavedSearch, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	list, err := f.read()
	if err != nil {
		return err
	}
	if list, err = change(list); err != nil {
		return err
	}
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("write saved searches: %w", err)
	}
	return replaceFile(f.path, append(data, '\n'))
}

// replaceFile writes a file so that a crash leaves the old or the new one.
func replaceFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".saved-*")
	if err != nil {
		return fmt.Errorf("write saved searches: %w", err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write saved searches: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}
