package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// ClusterEnv names the addresses, with commas between, of an OpenSearch cluster to test with. `make cluster` starts
// one.
const ClusterEnv = "CUNDANG_OPENSEARCH"

// Cluster returns the addresses of that cluster, nil when there is none, and the name of an index for dir, which is
// removed at the end of the test.
func Cluster(t *testing.T, dir string) (addresses []string, name string) {
	t.Helper()
	if os.Getenv(ClusterEnv) == "" {
		return nil, ""
	}
	addresses = strings.Split(os.Getenv(ClusterEnv), ",")
	h := fnv.New64a()
	h.Write([]byte(dir))
	name = fmt.Sprintf("cundang-test-%x", h.Sum64())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var indices map[string]json.RawMessage
		if err := ask(ctx, http.MethodGet, addresses[0]+"/"+name+"-*/_alias", &indices); err != nil {
			t.Error(err)
		}
		for made := range indices {
			if err := ask(ctx, http.MethodDelete, addresses[0]+"/"+made, nil); err != nil {
				t.Error(err)
			}
		}
	})
	return addresses, name
}

func ask(ctx context.Context, method, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, url, resp.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(into)
}
