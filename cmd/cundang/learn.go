package main

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

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// learntPages is how many articles of a site, the newest first, a model is learnt from.
const learntPages = 400

// modelSet is what was learnt about sites, as DATA/models keeps it. It is safe for concurrent use.
type modelSet struct {
	mu   sync.RWMutex
	dir  string
	site map[string]*extract.Model // nil: looked for and not there
}

func (m *modelSet) file(site string) string { return filepath.Join(m.dir, site+".json") }

// get returns the model of a site, nil if nothing was learnt about it.
func (m *modelSet) get(site string) (*extract.Model, error) {
	m.mu.RLock()
	model, known := m.site[site]
	m.mu.RUnlock()
	if known || site == "" {
		return model, nil
	}
	text, err := os.ReadFile(m.file(site))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if model, err = extract.ParseModel(text); err != nil {
			return nil, &problem{statusError, fmt.Errorf("%s: %w", m.file(site), err), "cundang sites learn " + site}
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

func (a *app) sitesLearnCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "learn [SITE …]",
		Short: a.tr("learn from stored pages what the pages of a site share", "从已存档网页学习站点的共同部分"),
		Long: a.tr("Read the newest articles of each site and learn what its pages share: repeated lines, the title's suffix,\nthe element around the text and the byline. What is accepted is kept in DATA/models and used for all\npages read from then on; `cundang index rebuild` applies it to those read before.",
			"读取各站点最新的文章，学习网页的共同部分：重复行、标题后缀、正文与署名所在元素。\n被采纳的内容保存在 DATA/models，用于此后读取的网页；cundang index rebuild 将其用于此前的网页。"),
	}
	cmd.RunE = a.owning(func(ctx context.Context, lib *library, args []string) error {
		models, err := lib.learn(ctx, args)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(models)
		}
		a.printModels(models)
		return nil
	})
	return cmd
}

// learn learns about the named sites, about all that have articles if none is named.
func (l *library) learn(ctx context.Context, sites []string) ([]extract.Model, error) {
	if len(sites) == 0 {
		res, err := l.index.Search(ctx, index.Query{Limit: 1, Facets: []string{"site"}})
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
		pages, err := l.newestPages(ctx, site)
		if err != nil {
			return nil, err
		}
		before, err := l.models.get(site)
		if err != nil {
			return nil, err
		}
		model := extract.Learn(site, pages, before)
		if before == nil || before.Digest != model.Digest {
			if err := l.models.put(&model); err != nil {
				return nil, fmt.Errorf("keep what was learnt about %s: %w", site, err)
			}
		}
		models = append(models, model)
	}
	return models, nil
}

// newestPages are the pages behind the newest articles of a site.
func (l *library) newestPages(ctx context.Context, site string) ([]extract.Page, error) {
	var pages []extract.Page
	for article, err := range l.index.All(ctx, index.Query{Sites: []string{site}, Sort: "-fetched"}) {
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
		c, err := l.store.Read(ctx, ref)
		if err != nil {
			return nil, err
		}
		page, err := l.page(c)
		if err != nil {
			return nil, err
		}
		if page, err = l.shown(ctx, page); err != nil {
			return nil, err
		}
		page.Model = nil // it is learnt from the generic reading
		if pages = append(pages, page); len(pages) == learntPages {
			break
		}
	}
	return pages, nil
}

// showModel says on stderr what was learnt about a site.
func (a *app) showModel(site string) error {
	model, err := (&modelSet{dir: filepath.Join(a.data, "models"), site: map[string]*extract.Model{}}).get(site)
	if err != nil || model == nil {
		return err
	}
	for _, g := range model.Groups {
		fmt.Fprintf(a.err, a.tr("learnt, version %d, pages like %s: text in %s, byline in %s, title ends in %q, %d repeated lines\n",
			"已学习（第 %d 版），网页类型 %s：正文在 %s，署名在 %s，标题后缀 %q，重复行 %d\n"),
			model.Version, g.Pattern, g.Container.Value, g.Byline.Value, g.Suffix.Value, len(g.Lines))
	}
	return nil
}

func (a *app) printModels(models []extract.Model) {
	t := a.table(a.tr("site", "站点"), a.tr("pages like", "网页类型"), a.tr("pages", "页数"), a.tr("text in", "正文元素"), a.tr("byline in", "署名元素"), a.tr("suffix", "标题后缀"), a.tr("repeated lines", "重复行"))
	for _, m := range models {
		for _, g := range m.Groups {
			t.AppendRow(table.Row{m.Site, g.Pattern, g.Pages, g.Container.Value, g.Byline.Value, g.Suffix.Value, len(g.Lines)})
		}
	}
	t.Render()
	if len(models) > 0 {
		fmt.Fprintln(a.err, a.tr("cundang index rebuild applies this to the articles read before", "用 cundang index rebuild 应用于此前的文章"))
	}
}
