// Package token keeps the tokens that let people and programs in: random, shown once, stored as hashes in one file
// that only its owner reads.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cundang/web/listfile"
)

// Role says what somebody may do; each role may do what those before it may.
type Role string

// The roles.
const (
	Reader   Role = "reader"   // search, read, export, replay
	Curator  Role = "curator"  // also review and change what readers see: saved searches
	Operator Role = "operator" // also start and stop crawls
)

var roles = []Role{Reader, Curator, Operator}

// ParseRole reads the name of a role.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains(roles, r) {
		return r, nil
	}
	return "", fmt.Errorf("no role %q: reader, curator or operator", name)
}

// May reports whether a role allows what needs another.
func (r Role) May(need Role) bool {
	return slices.Index(roles, r) >= slices.Index(roles, need) && slices.Contains(roles, r)
}

// Token is what is kept of a token. The secret itself is not.
type Token struct {
	ID      string    `json:"id"` // short, names the token in lists and logs
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Hash    string    `json:"hash"` // "sha256:" and 64 hex digits
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Sites   []string  `json:"sites,omitempty"`  // restricted sites that a reader may read
}

// Valid reports whether a token lets in at a moment.
func (t Token) Valid(now time.Time) bool { return t.Expires.IsZero() || now.Before(t.Expires) }

// Hash returns the form in which a secret is kept. Secrets are random with 128 bits and more, so that a plain hash
// cannot be searched.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ParseHash checks the form of a hash.
func ParseHash(hash string) error {
	digest, ok := strings.CutPrefix(hash, "sha256:")
	if sum, err := hex.DecodeString(digest); !ok || err != nil || len(sum) != sha256.Size {
		return errors.New(`a token hash is "sha256:" and 64 hex digits`)
	}
	return nil
}

// ParseLifetime reads 12h, 90d or never, which is 0.
func ParseLifetime(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36_500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no lifetime: write 12h, 90d or never", text)
	}
	return d, nil
}

// ErrNotFound says that no token has a name or ID.
var ErrNotFound = errors.New("no such token")

// Store is the file of tokens. It is read again when it has changed, so that what another process writes holds at once.
// It is safe for concurrent use.
type Store struct {
	path string
	more []Token // kept nowhere: from the configuration

	mu     sync.Mutex
	stamp  string // of the file that tokens were read from
	tokens []Token
}

// Open returns the store of a file, which need not exist, and of further tokens.
func Open(path string, more ...Token) *Store { return &Store{path: path, more: more} }

// current returns the tokens, from memory as long as the file is the same.
func (s *Store) current() ([]Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp := ""
	if info, err := os.Stat(s.path); err == nil {
		stamp = fmt.Sprintf("%d %d", info.ModTime().UnixNano(), info.Size())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	if stamp != s.stamp || stamp == "" {
		list, err := listfile.Read[Token](s.path)
		if err != nil {
			return nil, fmt.Errorf("read tokens: %w", err)
		}
		s.tokens, s.stamp = list, stamp
	}
	return slices.Concat(s.tokens, s.more), nil
}

// List returns all tokens, also those that have expired.
func (s *Store) List() ([]Token, error) { return s.current() }

// ByHash returns the token with a hash that is valid at a moment.
func (s *Store) ByHash(hash string, now time.Time) (Token, bool, error) {
	list, err := s.current()
	if err != nil {
		return Token{}, false, err
	}
	for _, t := range list {
		if t.Hash == hash && t.Valid(now) { // of hashes the time of a comparison tells nothing
			return t, true, nil
		}
	}
	return Token{}, false, nil
}

// Add makes a token that lives for a time, 0 for ever, and returns its secret, which is kept nowhere. sites are the
// restricted ones that its reader may read.
func (s *Store) Add(name string, role Role, life time.Duration, now time.Time, sites ...string) (secret string, t Token,
	err error) {
	if _, err := ParseRole(string(role)); err != nil {
		return "", t, err
	}
	secret = rand.Text()
	t = Token{ID: strings.ToLower(rand.Text()[:8]), Name: name, Role: role, Hash: Hash(secret),
		Created: now.UTC().Truncate(time.Second), Sites: sites}
	if life > 0 {
		t.Expires = t.Created.Add(life)
	}
	err = listfile.Change(s.path, func(list []Token) ([]Token, error) {
		for _, old := range list {
			if name != "" && old.Name == name {
				return nil, fmt.Errorf("there is a token named %s already", name)
			}
		}
		return append(list, t), nil
	})
	return secret, t, err
}

// Revoke takes the token with an ID or name away.
func (s *Store) Revoke(which string) (t Token, err error) {
	err = listfile.Change(s.path, func(list []Token) ([]Token, error) {
		i := slices.IndexFunc(list, func(t Token) bool { return t.ID == which || t.Name == which && which != "" })
		if i < 0 {
			return nil, fmt.Errorf("%w: %s", ErrNotFound, which)
		}
		t = list[i]
		return slices.Delete(list, i, i+1), nil
	})
	return t, err
}
