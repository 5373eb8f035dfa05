package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"cundang/archive/evidence"
)

// maxHead bounds a file with a head of the log.
const maxHead = 64 << 20

// EarlierHead reads a head of the log that somebody kept: a signed checkpoint, a tlog-proof or an evidence file, or the
// address of one, which client asks.
func EarlierHead(ctx context.Context, client *http.Client, name string) ([]byte, error) {
	b, err := readNamed(ctx, client, name)
	if err != nil {
		return nil, err
	}
	if r, err := evidence.Check(bytes.NewReader(b), int64(len(b)), ""); err == nil {
		return r.Heads[0].Signed, nil
	}
	proof := []byte("c2sp.org/tlog-proof@v1\n")
	if _, head, ok := bytes.Cut(b, []byte("\n\n")); ok && bytes.HasPrefix(b, proof) {
		return head, nil
	}
	return b, nil
}

// readNamed reads a file, or what an address answers with.
func readNamed(ctx context.Context, client *http.Client, name string) (b []byte, err error) {
	var src io.ReadCloser
	if strings.Contains(name, "://") {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
		if err != nil {
			return nil, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, errors.Join(fmt.Errorf("%s answers %s", name, resp.Status), resp.Body.Close())
		}
		src = resp.Body
	} else if src, err = os.Open(name); err != nil {
		return nil, err
	}
	b, err = io.ReadAll(io.LimitReader(src, maxHead+1))
	if err == nil && len(b) > maxHead {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxHead)
	}
	return b, errors.Join(err, src.Close())
}
