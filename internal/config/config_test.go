package config

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A flag wins over the environment, that over the file, that over the default.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	text := "workers: 2\nhosts: [a.example, b.example]\nlisten: 127.0.0.1:1\n" +
		"index:\n  engine: opensearch\n  addresses:\n    - https://a:9200\n    - https://b:9200\n"
	if err := os.WriteFile(filepath.Join(dir, "cundang.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"CUNDANG_LISTEN": "127.0.0.1:2", "CUNDANG_WORKERS": "3",
		"CUNDANG_TRUSTED_PROXIES": "10.0.0.0/8, ::1", "CUNDANG_INDEX_USER": "cundang"}
	flags := map[string]string{"workers": "4"}
	cfg, from, err := Load(dir, "", func(k string) string { return env[k] },
		func(name string) (string, bool) { v, ok := flags[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Workers, want.Listen, want.Hosts = 4, "127.0.0.1:2", []string{"a.example", "b.example"}
	want.Index.Engine, want.Index.User = EngineOpenSearch, "cundang"
	want.Index.Addresses = []string{"https://a:9200", "https://b:9200"}
	want.TrustedProxies = []string{"10.0.0.0/8", "::1"}
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Error(diff)
	}
	for key, origin := range map[string]string{"workers": "flag", "listen": "environment", "hosts": "file",
		"lang": "default", "index.engine": "file", "index.user": "environment", "index.name": "default"} {
		if from[key] != origin {
			t.Errorf("%s comes from %s, want %s", key, from[key], origin)
		}
	}
	proxies, err := cfg.Proxies()
	if diff := cmp.Diff([]string{"10.0.0.0/8", "::1/128"}, texts(proxies)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, s := range cfg.Settings() {
		if s.Key == "trusted_proxies" && (s.Flag() != "trusted-proxies" || s.Text() != "10.0.0.0/8,::1") {
			t.Errorf("%s is --%s %s", s.Key, s.Flag(), s.Text())
		}
	}
}

func texts(list []netip.Prefix) (out []string) {
	for _, p := range list {
		out = append(out, p.String())
	}
	return out
}

// What is wrong is said with the key, or with the line of the file.
func TestWrong(t *testing.T) {
	for text, want := range map[string]string{
		"langg: zh":                   "cundang.yaml:1:1]",
		"lang: fr":                    "lang",
		"log_format: xml":             "log_format",
		"workers: 0":                  "workers",
		"workers: many":               "cundang.yaml:1:10]",
		"max_connections: 0":          "max_connections",
		"tls_cert: a.pem":             "tls_key",
		"base_path: archive":          "base_path",
		"base_path: /":                "base_path",
		"base_path: /a<b":             "base_path",
		"token_hash: secret":          "token_hash",
		"trusted_proxies: [example]":  "trusted_proxies",
		"index: {engine: solr}":       "index.engine",
		"index: {engine: opensearch}": "index.addresses",
		"index: {shards: 0}":          "index.shards",
		"index: {adress: x}":          "cundang.yaml:1:9]",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "cundang.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Load(dir, "", func(string) string { return "" }, func(string) (string, bool) { return "", false })
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	none := func(string) (string, bool) { return "", false }
	if _, _, err := Load("", filepath.Join(t.TempDir(), "none.yaml"), func(string) string { return "" },
		none); err == nil {
		t.Error("a file that was named may be missing")
	}
	number := func(k string) string { return map[string]string{"CUNDANG_WORKERS": "x"}[k] }
	if _, _, err := Load(t.TempDir(), "", number, none); err == nil || !strings.Contains(err.Error(), "CUNDANG_WORKERS") {
		t.Error(err)
	}
}
