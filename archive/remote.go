package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"cundang/archive/blob"
	"cundang/archive/warc"
)

// stub stands for a closed WARC that lies elsewhere: FILE.remote, JSON. Everything else about the file is as if it
// were here: the journal, the CDX and the log know it, and it is read through Options.Remote.
type stub struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
	Place  string `json:"place"`  // the store, for people
}

// remoteDir is where WARCs lie in a store, under their Ref.File.
const remoteDir = "archive/"

// readStub reads a stub; an error that is fs.ErrNotExist says that there is none.
func readStub(path string) (st stub, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return stub{}, err
	}
	if err := json.Unmarshal(raw, &st); err != nil || st.Bytes <= 0 || len(st.SHA256) != 64 {
		return stub{}, fmt.Errorf("%s is damaged (%.80q): delete it and run cundang archive pull --stubs", path, raw)
	}
	return st, nil
}

// openRemote opens a WARC that lies elsewhere. It is read when somebody asks.
func (s *Store) openRemote(ctx context.Context, name string, st stub, cache *blob.Cache) (warcFile, error) {
	if s.opts.Remote == nil {
		return nil, fmt.Errorf("open %s: it %w: %s", name, ErrElsewhere, st.Place)
	}
	src := blob.Source{Name: remoteDir + name, Size: st.Bytes, SHA256: st.SHA256}
	return blob.Open(ctx, s.opts.Remote, src, cache), nil
}

// damage returns the damage of a record that err tells of, nil if it tells of none: a store that does not answer is
// none.
func damage(err error) *warc.Error {
	var bad *warc.Error
	if !errors.As(err, &bad) || Unreachable(err) {
		return nil
	}
	return bad
}

// Unreachable says of an error of reading that nothing is known about what is read: the store where it lies does
// not answer, or is not configured. That a file is not there is known.
func Unreachable(err error) bool {
	var transfer *blob.TransferError
	return errors.As(err, &transfer) && !errors.Is(err, blob.ErrNotFound) || errors.Is(err, ErrElsewhere)
}

// remoteThere checks that a file which lies elsewhere is there, with its size, and reports it if not.
func (v *verifier) remoteThere(ctx context.Context, info FileInfo) (bool, error) {
	if v.s.opts.Remote == nil {
		return false, fmt.Errorf("verify %s: it %w", info.File, ErrElsewhere)
	}
	there, err := v.s.opts.Remote.Stat(ctx, remoteDir+info.File)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		v.damage("file-missing", info.File, 0, "is not in %s", v.s.opts.Remote)
	case err != nil:
		return false, fmt.Errorf("verify %s: %w", info.File, err)
	case there.Size != info.Size:
		v.damage("file-size", info.File, 0, "%d bytes in %s, %d were put there", there.Size, v.s.opts.Remote, info.Size)
	default:
		return true, nil
	}
	return false, nil
}

// modTime returns when an open file was last written, in Unix nanoseconds; 0 for one that lies elsewhere, which nobody
// writes again.
func modTime(f warcFile) (int64, error) {
	local, ok := f.(*os.File)
	if !ok {
		return 0, nil
	}
	info, err := local.Stat()
	if err != nil {
		return 0, err
	}
	return info.ModTime().UnixNano(), nil
}
