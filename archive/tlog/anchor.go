package tlog

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cundang/archive/disk"

	"github.com/digitorus/timestamp"
	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// anchorsName is the directory of the heads that somebody else vouches for: SIZE.checkpoint as the log signed it,
// SIZE.cosigned with the cosignatures of witnesses, SIZE-N.tsr with time stamps over SIZE.checkpoint.
const anchorsName = "anchors"

// maxResponse bounds what is read of an answer of a time stamping authority or a witness, in bytes.
const maxResponse = 1 << 20

// Anchor is a head that somebody else vouches for.
type Anchor struct {
	Checkpoint                   // Signed holds the cosignatures
	Files      map[string][]byte // the time stamps and what they are over, by name
}

// Vouched returns how many of the first entries of a log somebody else vouches for.
func Vouched(dir string, keys []Key) (int64, error) {
	a, ok, err := Anchored(dir, keys, -1)
	if err != nil || !ok {
		return 0, err
	}
	return a.Size, nil
}

// Anchored returns the newest anchor that has entry index below it; ok is false where there is none.
func Anchored(dir string, keys []Key, index int64) (a Anchor, ok bool, err error) {
	names, err := filepath.Glob(filepath.Join(dir, anchorsName, "*.checkpoint"))
	if err != nil {
		return a, false, err
	}
	for _, path := range names {
		signed, err := os.ReadFile(path)
		if err != nil {
			return a, false, err
		}
		c, err := ParseCheckpoint(signed, keys)
		if err != nil {
			return a, false, fmt.Errorf("%s: %w", path, err)
		}
		if c.Size > index && c.Size > a.Size {
			a.Checkpoint, ok = c, true
		}
	}
	if !ok {
		return a, false, nil
	}
	base := filepath.Join(dir, anchorsName, fmt.Sprint(a.Size))
	stamps, err := filepath.Glob(base + "-*.tsr")
	if err != nil {
		return a, false, err
	}
	if len(stamps) > 0 {
		a.Files = map[string][]byte{fmt.Sprintf("%d.checkpoint", a.Size): a.Signed}
	}
	for _, p := range stamps {
		if a.Files[filepath.Base(p)], err = os.ReadFile(p); err != nil {
			return a, false, err
		}
	}
	switch cosigned, err := os.ReadFile(base + ".cosigned"); {
	case err == nil:
		a.Signed = cosigned
	case !errors.Is(err, fs.ErrNotExist):
		return a, false, err
	}
	return a, true, nil
}

// keepHead keeps a head as an anchor and returns the path of its files without their endings.
func keepHead(dir string, head Checkpoint) (base string, err error) {
	base = filepath.Join(dir, anchorsName, fmt.Sprint(head.Size))
	if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
		return "", err
	}
	if _, err := os.Stat(base + ".checkpoint"); err == nil {
		return base, nil
	}
	return base, disk.Replace(base+".checkpoint", head.Signed, true)
}

// post sends body and returns the answer, of at most maxResponse bytes.
func post(ctx context.Context, client *http.Client, url, contentType string,
	body []byte) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	return resp, answer, errors.Join(err, resp.Body.Close())
}

// Stamp has the published head time-stamped (RFC 3161) by the authority at url, keeps the answer and returns its path
// and the time it tells. What is stamped is the checkpoint as the log signed it, byte for byte.
func Stamp(ctx context.Context, client *http.Client, dir, url string) (path string, at time.Time, err error) {
	head, _, err := Latest(Dir(dir))
	if err != nil {
		return "", at, err
	}
	base, err := keepHead(dir, head)
	if err != nil {
		return "", at, err
	}
	stamped, err := os.ReadFile(base + ".checkpoint")
	if err != nil {
		return "", at, err
	}
	request, err := timestamp.CreateRequest(bytes.NewReader(stamped),
		&timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		return "", at, fmt.Errorf("time stamp: %w", err)
	}
	resp, answer, err := post(ctx, client, url, "application/timestamp-query", request)
	if err != nil {
		return "", at, fmt.Errorf("time stamp: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", at, fmt.Errorf("time stamp: %s answers %s", url, resp.Status)
	}
	if at, err = CheckStamp(answer, stamped); err != nil {
		return "", at, err
	}
	for n := 1; ; n++ {
		path := fmt.Sprintf("%s-%d.tsr", base, n)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return path, at, disk.Replace(path, answer, true)
		}
	}
}

// CheckStamp checks that an RFC 3161 response is over these bytes and signed by the certificate in it, and returns the
// time it tells. Whether that certificate is to be trusted is for the reader to say: openssl ts -verify -CAfile.
func CheckStamp(response, stamped []byte) (time.Time, error) {
	ts, err := timestamp.ParseResponse(response)
	if err != nil {
		return time.Time{}, fmt.Errorf("time stamp: %w", err)
	}
	sum := sha256.Sum256(stamped)
	if ts.HashAlgorithm != crypto.SHA256 || !bytes.Equal(ts.HashedMessage, sum[:]) {
		return time.Time{}, errors.New("time stamp: it is over other bytes")
	}
	return ts.Time.UTC(), nil
}

// Cosign asks a C2SP tlog-witness at url, whose verifier key is vkey, to cosign the published head, and keeps its
// cosignature. The witness refuses a head that does not continue the one that it cosigned last.
func Cosign(ctx context.Context, client *http.Client, dir, url, vkey string) (head Checkpoint, err error) {
	v, err := OpenView(dir)
	if err != nil {
		return head, err
	}
	witness, err := cosign.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		return head, fmt.Errorf("key of the witness: %w", err)
	}
	old := int64(0)
	for range 3 { // the size that it knows may grow in between
		body, err := addCheckpoint(v, old)
		if err != nil {
			return head, err
		}
		resp, answer, err := post(ctx, client, strings.TrimSuffix(url, "/")+"/add-checkpoint", "text/plain", body)
		if err != nil {
			return head, fmt.Errorf("witness %s: %w", url, err)
		}
		switch {
		case resp.StatusCode == http.StatusOK:
			return v.Checkpoint, v.keepCosignature(dir, witness, answer)
		case resp.StatusCode == http.StatusConflict && resp.Header.Get("Content-Type") == "text/x.tlog.size":
			known, err := strconv.ParseInt(strings.TrimSuffix(string(answer), "\n"), 10, 64)
			if err != nil || known < 0 {
				return head, fmt.Errorf("witness %s: %q is no size of a log", url, answer)
			}
			if known > v.Tree.Size {
				return head, &ForkError{known,
					fmt.Sprintf("the witness %s has cosigned it, here are only %d entries", witness.Name(), v.Tree.Size)}
			}
			old = known
		default:
			return head, fmt.Errorf("witness %s answers %s: %s", url, resp.Status,
				strings.TrimSpace(string(answer[:min(len(answer), 200)])))
		}
	}
	return head, fmt.Errorf("witness %s does not settle on a size", url)
}

// addCheckpoint returns the body of a request to cosign a view's head.
func addCheckpoint(v *View, old int64) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	if old > 0 && old < v.Tree.Size {
		proof, err := v.ProveOld(old)
		if err != nil {
			return nil, err
		}
		for _, h := range proof {
			b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
		}
	}
	b.WriteByte('\n')
	b.Write(v.Signed)
	return b.Bytes(), nil
}

// keepCosignature keeps the signature lines of an answer that are the witness's.
func (v *View) keepCosignature(dir string, witness note.Verifier, answer []byte) error {
	base, err := keepHead(dir, v.Checkpoint)
	if err != nil {
		return err
	}
	n, err := note.Open(append(bytes.Clone(v.Signed), answer...), note.VerifierList(witness))
	if err != nil {
		return fmt.Errorf("answer of the witness %s: %w", witness.Name(), err)
	}
	now, err := os.ReadFile(base + ".cosigned")
	if errors.Is(err, fs.ErrNotExist) {
		now, err = v.Signed, nil
	}
	if err != nil {
		return err
	}
	for _, s := range n.Sigs {
		line := fmt.Sprintf("— %s %s\n", s.Name, s.Base64)
		if !bytes.Contains(now, []byte(line)) {
			now = append(now, line...)
		}
	}
	return disk.Replace(base+".cosigned", now, true)
}

// Cosignature is what a witness said of a head.
type Cosignature struct {
	Witness string
	Time    time.Time
}

// Cosignatures returns those of a signed head that verify with the keys of witnesses given.
func Cosignatures(signed []byte, vkeys []string) ([]Cosignature, error) {
	var vs []note.Verifier
	for _, k := range vkeys {
		v, err := cosign.NewVerifierForCosignatureV1(k)
		if err != nil {
			return nil, fmt.Errorf("key of a witness: %w", err)
		}
		vs = append(vs, v)
	}
	n, err := note.Open(signed, note.VerifierList(vs...))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) || len(vs) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Cosignature
	for _, s := range n.Sigs {
		t, err := cosign.CoSigV1Timestamp(s)
		if err != nil {
			return nil, err
		}
		out = append(out, Cosignature{s.Name, t.UTC()})
	}
	return out, nil
}
