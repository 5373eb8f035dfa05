package bleve

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"cundang/index"
	"cundang/index/enginetest"
	"cundang/index/zh"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/registry"
)

// TestEngine holds this engine to the contract.
func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, dir string) index.Engine {
		e, err := open(filepath.Join(dir, "index.bleve"), index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	})
}

// TestAnalyzerIsInThePath makes an index whose mapping names an analyzer that panics: indexing then fails, since
// what is indexed is what the mapping's analyzer makes; in other indexes that is the one package zh registers.
func TestAnalyzerIsInThePath(t *testing.T) {
	e, x := engineOf(t, filepath.Join(t.TempDir(), "index.bleve"))
	if err := x.Put(t.Context(), "1", enginetest.Corpus()...); err != nil {
		t.Fatal(err)
	}
	if a, ok := e.b.Mapping().AnalyzerNamed(analyzer).(*zh.TextAnalyzer); !ok {
		t.Fatalf("the mapping's analyzer is a %T", a)
	}

	dir := filepath.Join(t.TempDir(), "index.bleve")
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer(analyzer, map[string]any{"type": "broken"}); err != nil {
		t.Fatal(err)
	}
	b, err := bleve.NewUsing(dir, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := json.Marshal(build{format, zh.Version, e.dict.Hash()})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(b.SetInternal(keyBuild, made), b.Close()); err != nil {
		t.Fatal(err)
	}
	y := openIndex(t, dir)
	if err := y.Put(t.Context(), "2", enginetest.Corpus()...); err == nil || !strings.Contains(err.Error(), "analyzer is broken") {
		t.Errorf("put: %v", err)
	}
	if r := find(t, y, index.Query{}); r.Total != 0 {
		t.Errorf("%d articles are there all the same", r.Total)
	}
}

func init() {
	err := registry.RegisterAnalyzer("broken", func(map[string]any, *registry.Cache) (analysis.Analyzer, error) { return broken{}, nil })
	if err != nil {
		panic(err)
	}
}

type broken struct{}

func (broken) Analyze([]byte) analysis.TokenStream { panic("analyzer is broken") }
