package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"cundang/archive"
	"cundang/extract"
	"cundang/index"
)

// learntPages is how many articles of a site, the newest first, a model is learnt from.
const learntPages = 400

// modelSet is what was learnt about sites, as DATA/models keeps it. It is safe for concurrent use.
type modelSet struct {
	mu   sync.RWMutex
	dir  string
	site map[string]*extract.Model // nil: looked for and not there
}

// newModelSet returns the models kept in a folder, none if dir is "".
func newModelSet(dir string) *modelSet { return &modelSet{dir: dir, site: map[string]*extract.Model{}} }

// Model returns what was learnt about a site, nil if nothing was. Errors: *ModelError.
func (o Options) Model(site string) (*extract.Model, error) {
	return newModelSet(o.Path("models")).get(site)
}

func (m *modelSet) file(site string) string { return filepath.Join(m.dir, site+".json") }

// get returns the model of a site, nil if nothing was learnt about it.
func (m *modelSet) get(site string) (*extract.Model, error) {
	m.mu.RLock()
	model, known := m.site[site]
	m.mu.RUnlock()
	if known || site == "" || m.dir == "" {
		return model, nil
	}
	text, err := os.ReadFile(m.file(site))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if model, err = extract.ParseModel(text); err != nil {
			return nil, &ModelError{site, m.file(site), err}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.site[site] = model
	return model, nil
}

// put keeps a model, durably.
func (m *modelSet) put(model *extract.Model) error {
	text, err := json.MarshalIndent(model, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return err
	}
	tmp := m.file(model.Site) + ".new"
	if err := os.WriteFile(tmp, append(bytes.TrimSpace(text), '\n'), 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp, m.file(model.Site)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.site[model.Site] = model
	return nil
}

// Learn learns about the named sites, about all that have articles if none is named.
func (n *Node) Learn(ctx context.Context, sites []string) ([]extract.Model, error) {
	if len(sites) == 0 {
		res, err := n.Index.Search(ctx, index.Query{Limit: 1, Facets: []string{"site"}})
		if err != nil {
			return nil, err
		}
		for _, v := range res.Facets["site"].Values {
			sites = append(sites, v.Value)
		}
		slices.Sort(sites)
	}
	models := []extract.Model{}
	for _, site := range sites {
		pages, err := n.newestPages(ctx, site)
		if err != nil {
			return nil, err
		}
		before, err := n.models.get(site)
		if err != nil {
			return nil, err
		}
		model := extract.Learn(site, pages, before)
		if before == nil || before.Digest != model.Digest {
			if err := n.models.put(&model); err != nil {
				return nil, fmt.Errorf("keep what was learnt about %s: %w", site, err)
			}
		}
		models = append(models, model)
	}
	return models, nil
}

// newestPages are the pages behind the newest articles of a site.
func (n *Node) newestPages(ctx context.Context, site string) ([]extract.Page, error) {
	var pages []extract.Page
	for article, err := range n.Index.All(ctx, index.Query{Sites: []string{site}, Sort: "-fetched"}) {
		if err != nil {
			return nil, err
		}
		if article.Capture == nil {
			continue
		}
		ref, err := archive.ParseRef(article.Capture.Ref)
		if err != nil {
			return nil, err
		}
		c, err := n.Store.Read(ctx, ref)
		if err != nil {
			return nil, err
		}
		page, _, err := n.page(c)
		if err != nil {
			return nil, err
		}
		if page, err = n.shown(ctx, page); err != nil {
			return nil, err
		}
		page.Model = nil // it is learnt from the generic reading
		if pages = append(pages, page); len(pages) == learntPages {
			break
		}
	}
	return pages, nil
}
