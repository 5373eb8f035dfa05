package token

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	s, other := Open(path), Open(path) // two processes
	secret, made, err := s.Add("library", Reader, time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || strings.Contains(string(text), secret) {
		t.Errorf("%v %v\n%s", info.Mode(), err, text)
	}
	found := func(secret string, at time.Time) string {
		got, ok, err := other.ByHash(Hash(secret), at)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return ""
		}
		return got.Name
	}
	if got := found(secret, now); got != "library" {
		t.Errorf("found %q", got)
	}
	if found(secret, now.Add(time.Hour)) != "" || found("wrong", now) != "" || found("", now) != "" {
		t.Error("an expired, wrong or empty secret opens")
	}
	if _, _, err := s.Add("library", Operator, 0, now); err == nil {
		t.Error("two tokens of one name")
	}
	if _, _, err := s.Add("x", "king", 0, now); err == nil {
		t.Error("a role that does not exist")
	}
	if _, err := other.Revoke(made.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.ByHash(made.Hash, now); ok || err != nil {
		t.Errorf("a revoked token opens: %v", err)
	}
	if _, err := s.Revoke("library"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// Tokens made at the same time are all kept.
func TestAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, _, err := Open(path).Add("", Reader, 0, now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list, err := Open(path).List(); err != nil || len(list) != 8 {
		t.Errorf("%d tokens, %v", len(list), err)
	}
}

func TestRoles(t *testing.T) {
	for _, tt := range []struct {
		have, need Role
		may        bool
	}{
		{Reader, Reader, true}, {Reader, Curator, false}, {Reader, Operator, false}, {Curator, Reader, true},
		{Curator, Curator, true},
		{Curator, Operator, false}, {Operator, Reader, true}, {Operator, Operator, true}, {"", Reader, false},
		{"king", Reader, false},
	} {
		if tt.have.May(tt.need) != tt.may {
			t.Errorf("%q for what needs %q: %v", tt.have, tt.need, !tt.may)
		}
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(path)
	if _, _, err := s.ByHash("x", now); err == nil {
		t.Error("a damaged file is read")
	}
	if _, _, err := s.Add("a", Reader, 0, now); err == nil {
		t.Error("a damaged file is overwritten")
	}
}
