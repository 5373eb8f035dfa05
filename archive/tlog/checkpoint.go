package tlog

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cundang/archive/disk"

	formats "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a tree head: C2SP tlog-checkpoint.
type Checkpoint struct {
	Origin string // name of the log
	Size   int64
	Root   tlog.Hash
	Signed []byte // the signed note, with the cosignatures it has
}

func (c Checkpoint) sign(s note.Signer) ([]byte, error) {
	body := formats.Checkpoint{Origin: c.Origin, Size: uint64(c.Size), Hash: c.Root[:]}.Marshal()
	return note.Sign(&note.Note{Text: string(body)}, s)
}

// ParseCheckpoint reads a signed checkpoint. One of keys has to have signed it.
func ParseCheckpoint(signed []byte, keys []Key) (Checkpoint, error) {
	var vs []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k.Key)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("key of the log: %w", err)
		}
		vs = append(vs, v)
	}
	n, err := note.Open(signed, note.VerifierList(vs...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	var body formats.Checkpoint
	if _, err := body.Unmarshal([]byte(n.Text)); err != nil {
		return Checkpoint{}, err
	}
	if len(body.Hash) != tlog.HashSize || body.Size > 1<<62 {
		return Checkpoint{}, errors.New("checkpoint: size or root hash out of range")
	}
	if signer := n.Sigs[0].Name; signer != body.Origin {
		return Checkpoint{}, fmt.Errorf("checkpoint of %s is signed by %s", body.Origin, signer)
	}
	return Checkpoint{body.Origin, int64(body.Size), tlog.Hash(body.Hash), signed}, nil
}

const (
	keyName     = "key"
	keysName    = "keys.jsonl"
	historyName = "checkpoints.jsonl"
)

// Key is a public key of a log.
type Key struct {
	Key  string    `json:"key"` // verifier key of C2SP signed-note
	From time.Time `json:"from"`
	// Vouched is a note by the key before, which says that this one follows it; empty for the first.
	Vouched string `json:"vouched,omitempty"`
}

// keyNote is what a key says of its successor.
func keyNote(k Key) string {
	return "cundang log key v1\n" + k.Key + "\n" + k.From.UTC().Format(time.RFC3339) + "\n"
}

// ParseKeys reads keys.jsonl and checks that each key but the first is vouched for by the one before.
func ParseKeys(text []byte) ([]Key, error) {
	var keys []Key
	for line := range strings.Lines(string(text)) {
		var k Key
		if err := json.Unmarshal([]byte(line), &k); err != nil {
			return nil, fmt.Errorf("keys of the log, line %d: %w", len(keys)+1, err)
		}
		if len(keys) > 0 {
			v, err := note.NewVerifier(keys[len(keys)-1].Key)
			if err != nil {
				return nil, fmt.Errorf("keys of the log, line %d: %w", len(keys), err)
			}
			n, err := note.Open([]byte(k.Vouched), note.VerifierList(v))
			if err != nil || n.Text != keyNote(k) {
				return nil, fmt.Errorf("keys of the log, line %d: the key before does not vouch for it", len(keys)+1)
			}
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("keys of the log: there is none")
	}
	return keys, nil
}

// LoadKeys returns the public keys of the log in dir, the first one first.
func LoadKeys(src Source) ([]Key, error) {
	text, err := src.ReadFile(keysName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	return ParseKeys(text)
}

func loadKeys(dir string) (note.Signer, []Key, error) {
	keys, err := LoadKeys(Dir(dir))
	if err != nil {
		return nil, nil, err
	}
	skey, err := os.ReadFile(filepath.Join(dir, keyName))
	if err != nil {
		return nil, nil, fmt.Errorf("private key of the log: %w", err)
	}
	s, err := note.NewSigner(strings.TrimSpace(string(skey)))
	if err != nil {
		return nil, nil, fmt.Errorf("private key of the log: %w", err)
	}
	v, err := note.NewVerifier(keys[len(keys)-1].Key)
	if err != nil || v.Name() != s.Name() || v.KeyHash() != s.KeyHash() {
		return nil, nil, errors.Join(errors.New("private key of the log is not that of its last public key"), err)
	}
	return s, keys, nil
}

// makeKey draws a key for a log of that name, "" for a name drawn too.
func makeKey(dir, origin string, now time.Time) error {
	if origin == "" {
		origin = "cundang/" + strings.ToLower(rand.Text()[:12])
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return fmt.Errorf("key of the log %q: %w", origin, err)
	}
	return writeKeys(dir, skey, []Key{{Key: vkey, From: now.UTC().Truncate(time.Second)}})
}

// writeKeys writes the public keys, then the private one: a kill in between leaves keys that do not belong together,
// which open says, or none.
func writeKeys(dir, skey string, keys []Key) error {
	var text []byte
	for _, k := range keys {
		line, err := json.Marshal(k)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	tmp := filepath.Join(dir, keyName+".new")
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(skey + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := disk.Replace(filepath.Join(dir, keysName), text, true); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, keyName)); err != nil {
		return err
	}
	return disk.Disk{}.SyncDir(dir)
}

// Rotate gives the log a new key, which the present one vouches for, and signs its head with it.
func (l *Log) Rotate() (Key, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return Key{}, l.broken
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, l.signer.Name())
	if err != nil {
		return Key{}, err
	}
	k := Key{Key: vkey, From: l.now().UTC().Truncate(time.Second)}
	vouched, err := note.Sign(&note.Note{Text: keyNote(k)}, l.signer)
	if err != nil {
		return Key{}, err
	}
	k.Vouched = string(vouched)
	keys := append(l.keys[:len(l.keys):len(l.keys)], k)
	if err := writeKeys(l.dir, skey, keys); err != nil {
		return Key{}, fmt.Errorf("rotate the key of the log: %w", err)
	}
	if l.signer, l.keys, err = loadKeys(l.dir); err != nil {
		return Key{}, err
	}
	if err := os.Remove(l.path(checkpointName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Key{}, err
	}
	return k, l.publish()
}

// signedHead is a line of checkpoints.jsonl.
type signedHead struct {
	Time       time.Time `json:"time"`
	Checkpoint string    `json:"checkpoint"`
}

// remember notes a head that is about to be published.
func (l *Log) remember(signed []byte) error {
	line, err := json.Marshal(signedHead{l.now().UTC().Truncate(time.Second), string(signed)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.path(historyName), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// History returns every head that the log in dir has signed, the oldest first. A last line that a kill cut off is
// passed over.
func History(dir string) ([][]byte, error) {
	f, err := os.Open(filepath.Join(dir, historyName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading
	var heads [][]byte
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var h signedHead
		if json.Unmarshal(in.Bytes(), &h) == nil {
			heads = append(heads, []byte(h.Checkpoint))
		}
	}
	return heads, in.Err()
}

// Latest returns the head that the log publishes, checked against its keys.
func Latest(src Source) (Checkpoint, []Key, error) {
	keys, err := LoadKeys(src)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	signed, err := src.ReadFile(checkpointName)
	if err != nil {
		return Checkpoint{}, keys, fmt.Errorf("checkpoint of the log: %w", err)
	}
	c, err := ParseCheckpoint(signed, keys)
	return c, keys, err
}
