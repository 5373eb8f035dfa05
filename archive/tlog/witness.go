package tlog

import (
	"bufio"
	"bytes"
	"crypto/rand"
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
	"sync"

	"cundang/archive/disk"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Witness cosigns the heads of other logs: a C2SP tlog-witness. It remembers the last head of each and cosigns no head
// that does not continue it. Its handler is safe for concurrent use.
type Witness struct {
	dir    string
	signer *cosign.Signer
	vkey   string
	logs   map[string][]Key // by origin

	mu sync.Mutex
}

const (
	witnessKeyName = "witness-key"
	// maxRequest bounds the body of a request to cosign, in bytes.
	maxRequest = 64 << 10
	maxProof   = 63
)

// OpenWitness opens the witness that keeps its key and what it has cosigned in dir, making the key of that name on
// first use. It cosigns the logs whose verifier keys are given.
func OpenWitness(dir, name string, logs []string) (*Witness, error) {
	w := &Witness{dir: dir, logs: map[string][]Key{}}
	for _, k := range logs {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, fmt.Errorf("key of a log to cosign: %w", err)
		}
		w.logs[v.Name()] = append(w.logs[v.Name()], Key{Key: k})
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	skey, err := os.ReadFile(filepath.Join(dir, witnessKeyName))
	if errors.Is(err, fs.ErrNotExist) {
		skey, err = makeWitnessKey(dir, name)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the witness: %w", err)
	}
	lines := strings.Fields(string(skey))
	if len(lines) != 2 {
		return nil, fmt.Errorf("key of the witness: %s is damaged", filepath.Join(dir, witnessKeyName))
	}
	if w.signer, err = cosign.NewSignerForCosignatureV1(lines[0]); err != nil {
		return nil, fmt.Errorf("key of the witness: %w", err)
	}
	w.vkey, err = cosign.VKeyToCosignatureV1(lines[1])
	return w, err
}

func makeWitnessKey(dir, name string) ([]byte, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, err
	}
	text := []byte(skey + "\n" + vkey + "\n")
	f, err := os.OpenFile(filepath.Join(dir, witnessKeyName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	return text, errors.Join(err, f.Sync(), f.Close())
}

// Key returns the verifier key of the witness, for those who want its cosignatures.
func (w *Witness) Key() string { return w.vkey }

// ServeHTTP answers POST …/add-checkpoint.
func (w *Witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		rw.Header().Set("Allow", http.MethodPost)
		http.Error(rw, "POST a checkpoint", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxRequest))
	if err != nil {
		http.Error(rw, "request too large or cut off", http.StatusBadRequest)
		return
	}
	old, proof, signed, err := parseAddCheckpoint(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	line, known, status, err := w.cosign(old, proof, signed)
	switch {
	case status == http.StatusConflict && err == nil:
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(status)
		fmt.Fprintf(rw, "%d\n", known)
	case err != nil:
		http.Error(rw, err.Error(), status)
	default:
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		rw.Write(line)
	}
}

func parseAddCheckpoint(body []byte) (old int64, proof tlog.TreeProof, signed []byte, err error) {
	head, signed, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok {
		return 0, nil, nil, errors.New("no empty line before the checkpoint")
	}
	in := bufio.NewScanner(bytes.NewReader(head))
	in.Scan()
	size, ok := strings.CutPrefix(in.Text(), "old ")
	old, err = strconv.ParseInt(size, 10, 64)
	if !ok || err != nil || old < 0 || strconv.FormatInt(old, 10) != size {
		return 0, nil, nil, fmt.Errorf("%q is no old size", in.Text())
	}
	for in.Scan() {
		h, err := base64.StdEncoding.DecodeString(in.Text())
		if err != nil || len(h) != tlog.HashSize || len(proof) == maxProof {
			return 0, nil, nil, errors.New("a line of the proof is no hash, or there are too many")
		}
		proof = append(proof, tlog.Hash(h))
	}
	return old, proof, signed, in.Err()
}

// cosign checks a head against the last one of its log and cosigns it. Status 409 without an error means that old is
// not the size known.
func (w *Witness) cosign(old int64, proof tlog.TreeProof,
	signed []byte) (line []byte, known int64, status int, err error) {
	origin, _, _ := strings.Cut(string(signed), "\n")
	keys := w.logs[origin]
	if len(keys) == 0 {
		return nil, 0, http.StatusNotFound, fmt.Errorf("this witness does not know the log %q", origin)
	}
	head, err := ParseCheckpoint(signed, keys)
	if err != nil {
		return nil, 0, http.StatusForbidden, err
	}
	if old > head.Size {
		return nil, 0, http.StatusBadRequest, errors.New("the old size is larger than the checkpoint's")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.last(origin, keys)
	if err != nil {
		return nil, 0, http.StatusInternalServerError, err
	}
	switch {
	case old != last.Size:
		return nil, last.Size, http.StatusConflict, nil
	case old == head.Size && old > 0 && head.Root != last.Root:
		return nil, last.Size, http.StatusConflict, nil
	case old > 0 && old < head.Size:
		if err := tlog.CheckTree(proof, head.Size, head.Root, last.Size, last.Root); err != nil {
			return nil, 0, http.StatusUnprocessableEntity,
				fmt.Errorf("the checkpoint does not continue that of %d entries: %w", old, err)
		}
	case len(proof) > 0:
		return nil, 0, http.StatusUnprocessableEntity, errors.New("there is a proof where none is needed")
	}
	_, err = note.Open(signed, note.VerifierList()) // takes text and signatures apart
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return nil, 0, http.StatusInternalServerError, err
	}
	sig, err := w.signer.Sign([]byte(unverified.Note.Text))
	if err != nil {
		return nil, 0, http.StatusInternalServerError, err
	}
	if err := disk.Replace(w.path(origin), signed, true); err != nil { // before anybody is told
		return nil, 0, http.StatusInternalServerError, err
	}
	hash := w.signer.KeyHash()
	raw := append([]byte{byte(hash >> 24), byte(hash >> 16), byte(hash >> 8), byte(hash)}, sig...)
	return fmt.Appendf(nil, "— %s %s\n", w.signer.Name(), base64.StdEncoding.EncodeToString(raw)), 0, http.StatusOK, nil
}

func (w *Witness) path(origin string) string {
	return filepath.Join(w.dir, fmt.Sprintf("%x.checkpoint", tlog.RecordHash([]byte(origin))))
}

// last returns the head of a log that was cosigned last; its size is 0 if none was.
func (w *Witness) last(origin string, keys []Key) (Checkpoint, error) {
	signed, err := os.ReadFile(w.path(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, nil
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return ParseCheckpoint(signed, keys)
}
