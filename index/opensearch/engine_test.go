package opensearch

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"testing"
	"time"

	"cundang/index"
	"cundang/index/enginetest"
)

// cluster returns the options of an index of the cluster that CUNDANG_OPENSEARCH names (addresses, comma between),
// empty and for this test alone; without one the test is skipped. `make cluster` starts one.
func cluster(t *testing.T, dir string) Options {
	t.Helper()
	addresses := os.Getenv("CUNDANG_OPENSEARCH")
	if addresses == "" {
		t.Skip("CUNDANG_OPENSEARCH names no cluster; `make cluster` starts one")
	}
	h := fnv.New64a()
	h.Write([]byte(dir))
	o := Options{Addresses: strings.Split(addresses, ","), Name: fmt.Sprintf("cundang-test-%x", h.Sum64()), Shards: 2}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		c, err := newClient(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.call(ctx, "DELETE", "/"+o.Name+"-*", nil, nil); err != nil {
			t.Error(err)
		}
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func openEngine(t *testing.T, o Options) *Engine {
	t.Helper()
	e, err := open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil && !errors.Is(err, index.ErrClosed) {
			t.Error(err)
		}
	})
	return e
}

// TestEngine holds this engine to the contract.
func TestEngine(t *testing.T) {
	options := map[string]Options{}
	enginetest.Run(t, func(t *testing.T, dir string) index.Engine {
		o, known := options[dir]
		if !known {
			o = cluster(t, dir)
			options[dir] = o
		}
		return openEngine(t, o)
	})
}
