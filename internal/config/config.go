// Package config reads the configuration of cundang: flags over environment over file over default. It reads neither
// flags nor environment itself; the command hands them in.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"cundang/web/token"

	"github.com/goccy/go-yaml"
)

// Config is the whole configuration. Each field is a key of cundang.yaml, a variable CUNDANG_KEY and, where a flag of
// that name exists, a flag.
type Config struct {
	Lang       string `yaml:"lang" json:"lang"`             // language of messages, zh or en
	LogFormat  string `yaml:"log_format" json:"log_format"` // log format, text or json
	Contact    string `yaml:"contact" json:"contact"`       // contact put into the User-Agent
	Operator   string `yaml:"operator" json:"operator"`     // operator named in warcinfo
	Workers    int    `yaml:"workers" json:"workers"`       // hosts crawled at the same time
	MinFree    int    `yaml:"min_free" json:"min_free"`     // MB of the disk to leave free; below it nothing is written
	Listen     string `yaml:"listen" json:"listen"`         // address that serve listens on
	Dictionary string `yaml:"dictionary" json:"dictionary"` // the operator's own dictionary file
	Synonyms   string `yaml:"synonyms" json:"synonyms"`     // the operator's own file of synonyms
	Index      Index  `yaml:"index" json:"index"`
	Bucket     Bucket `yaml:"bucket" json:"bucket"`

	Publishing `yaml:",inline"`
}

// Bucket is where closed WARC files may lie beside the data directory; see docs/cluster.md. The secret key is no part
// of it: it comes from a file or from the variable CUNDANG_BUCKET_SECRET.
type Bucket struct {
	URL        string `yaml:"url" json:"url"`                 // https://HOST/BUCKET/PREFIX or file:///DIRECTORY
	Region     string `yaml:"region" json:"region"`           // of the bucket
	AccessKey  string `yaml:"access_key" json:"access_key"`   // whose secret is in SecretFile
	SecretFile string `yaml:"secret_file" json:"secret_file"` // file with the secret key in its first line
	// MB kept in DATA/cache of what was read from the bucket; 0: nothing
	Cache int `yaml:"cache" json:"cache"`
}

// Index says where the index is: in the data directory, or in an OpenSearch cluster; see docs/cluster.md.
type Index struct {
	Engine       string   `yaml:"engine" json:"engine"`               // bleve or opensearch
	Addresses    []string `yaml:"addresses" json:"addresses"`         // of nodes, https://host:9200
	Name         string   `yaml:"name" json:"name"`                   // of the index
	User         string   `yaml:"user" json:"user"`                   // of the cluster
	PasswordFile string   `yaml:"password_file" json:"password_file"` // file with the user's password
	CA           string   `yaml:"ca" json:"ca"`                       // PEM file of the authority of the certificates
	Shards       int      `yaml:"shards" json:"shards"`               // of an index that is made
}

// Engines of Index.
const (
	EngineBleve      = "bleve"
	EngineOpenSearch = "opensearch"
)

// Publishing is how serve is reached from other machines and who may come in; see docs/publishing.md.
type Publishing struct {
	Hosts []string `yaml:"hosts" json:"hosts"` // host names to answer to; others get 421
	// path below which a proxy publishes, e.g. /archive
	BasePath  string `yaml:"base_path" json:"base_path"`
	TokenHash string `yaml:"token_hash" json:"token_hash"` // sha256:… of a token of an operator
	// header in which a reverse proxy names the user
	ProxyUser string `yaml:"proxy_user" json:"proxy_user"`
	// networks of proxies to believe (default: this machine)
	TrustedProxies []string `yaml:"trusted_proxies" json:"trusted_proxies"`
	CuratorUsers   []string `yaml:"curator_users" json:"curator_users"`     // users of the proxy who are curators
	OperatorUsers  []string `yaml:"operator_users" json:"operator_users"`   // users of the proxy who are operators
	TLSCert        string   `yaml:"tls_cert" json:"tls_cert"`               // TLS certificate file
	TLSKey         string   `yaml:"tls_key" json:"tls_key"`                 // TLS key file
	MaxConnections int      `yaml:"max_connections" json:"max_connections"` // connections at the same time
	Public         string   `yaml:"public" json:"public"`                   // yes: strangers may read open sites
	SiteReaders    []string `yaml:"site_readers" json:"site_readers"`       // USER:SITE, restricted sites of proxy users
	Hidden         string   `yaml:"hidden" json:"hidden"`                   // absent or notice: what readers are told
}

// Default returns the configuration of an installation that says nothing.
func Default() Config {
	return Config{LogFormat: "text", Workers: 8, MinFree: 64, Listen: "127.0.0.1:8787",
		Index:      Index{Engine: EngineBleve, Name: "cundang", Shards: 1},
		Bucket:     Bucket{Cache: 1024},
		Publishing: Publishing{MaxConnections: 512, Public: "no", Hidden: "absent"}}
}

// Origins says where each value of a Config came from: "default", "file", "environment", "flag".
type Origins map[string]string

// Error says what is wrong with the configuration.
type Error struct{ Err error }

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func wrong(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }

// Load reads the configuration. file is "" for DATA/cundang.yaml, which may be missing; env returns a variable, "" if
// it is not set, and flag the value of a flag that was given.
func Load(dataDir, file string, env func(string) string,
	flag func(name string) (string, bool)) (Config, Origins, error) {
	cfg, from := Default(), Origins{}
	all := cfg.Settings()
	for _, s := range all {
		from[s.Key] = "default"
	}
	if err := cfg.readFile(dataDir, file, from); err != nil {
		return cfg, from, err
	}
	for _, s := range all {
		name := "CUNDANG_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
		if text := env(name); text != "" {
			if err := set(s.value, text); err != nil {
				return cfg, from, wrong("environment %s=%q: %w", name, text, err)
			}
			from[s.Key] = "environment"
		}
		if text, given := flag(s.Flag()); given {
			if err := set(s.value, text); err != nil {
				return cfg, from, wrong("--%s %q: %w", s.Flag(), text, err)
			}
			from[s.Key] = "flag"
		}
	}
	return cfg, from, cfg.validate()
}

// Setting is one key of a configuration; one in a section has its name and a dot before it.
type Setting struct {
	Key   string
	value reflect.Value
}

// Flag returns the name of the flag for a key, where a command has one.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Key, "_", "-") }

// Text returns the value as it is written in a variable or flag.
func (s Setting) Text() string {
	if list, ok := s.value.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(s.value.Interface())
}

// Settings returns the keys of the configuration in their order.
func (c *Config) Settings() []Setting { return settings(reflect.ValueOf(c).Elem()) }

// Settings returns the keys that concern publishing.
func (p *Publishing) Settings() []Setting { return settings(reflect.ValueOf(p).Elem()) }

func settings(v reflect.Value) (list []Setting) {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous {
			list = append(list, settings(v.Field(i))...)
		} else if key := f.Tag.Get("yaml"); f.Type.Kind() == reflect.Struct {
			for _, s := range settings(v.Field(i)) {
				list = append(list, Setting{key + "." + s.Key, s.value})
			}
		} else {
			list = append(list, Setting{key, v.Field(i)})
		}
	}
	return list
}

func (c *Config) readFile(dataDir, file string, from Origins) error {
	path := file
	if path == "" {
		path = filepath.Join(dataDir, "cundang.yaml")
	}
	text, err := os.ReadFile(path)
	if file == "" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return wrong("read configuration: %w", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		return wrong("%s:%s", path, strings.TrimPrefix(yaml.FormatError(err, false, true), "["))
	}
	var keys map[string]any
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return wrong("%s: %w", path, err)
	}
	for k, v := range keys {
		section, ok := v.(map[string]any)
		if !ok {
			from[k] = "file"
		}
		for inner := range section {
			from[k+"."+inner] = "file"
		}
	}
	return nil
}

func set(v reflect.Value, s string) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
		return nil
	case reflect.Slice:
		var list []string
		for item := range strings.SplitSeq(strings.Trim(s, "[]"), ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		v.Set(reflect.ValueOf(list))
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return errors.New("not a number")
	}
	v.SetInt(int64(n))
	return nil
}

// basePath is a path below which a proxy may publish: it stands in pages as it is.
var basePath = regexp.MustCompile(`^/[^"'<>?#%& ]*[^"'<>?#%& /]$`)

func (c Config) validate() error {
	switch {
	case c.Lang != "" && c.Lang != "zh" && c.Lang != "en":
		return wrong("lang is %q, must be zh or en", c.Lang)
	case c.LogFormat != "text" && c.LogFormat != "json":
		return wrong("log_format is %q, must be text or json", c.LogFormat)
	case c.Workers < 1 || c.Workers > 256:
		return wrong("workers is %d, must be 1 to 256", c.Workers)
	case c.MaxConnections < 1:
		return wrong("max_connections is %d, must be 1 or more", c.MaxConnections)
	case c.Bucket.Cache < 0:
		return wrong("bucket.cache is %d, must be 0 or more", c.Bucket.Cache)
	case c.Public != "yes" && c.Public != "no":
		return wrong("public is %q, must be yes or no", c.Public)
	case c.Hidden != "absent" && c.Hidden != "notice":
		return wrong("hidden is %q, must be absent or notice", c.Hidden)
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return wrong("tls_cert and tls_key go together")
	case c.Index.Engine != EngineBleve && c.Index.Engine != EngineOpenSearch:
		return wrong("index.engine is %q, must be bleve or opensearch", c.Index.Engine)
	case c.Index.Engine == EngineOpenSearch && len(c.Index.Addresses) == 0:
		return wrong("index.addresses: the address of a node of OpenSearch is needed")
	case c.Index.Shards < 1:
		return wrong("index.shards is %d, must be 1 or more", c.Index.Shards)
	case c.BasePath != "" && !basePath.MatchString(c.BasePath):
		return wrong("base_path is %q, must be like /archive", c.BasePath)
	}
	if c.TokenHash != "" {
		if err := token.ParseHash(c.TokenHash); err != nil {
			return wrong("token_hash: %w", err)
		}
	}
	_, proxies := c.Proxies()
	_, grants := c.SitesOfUsers()
	return errors.Join(proxies, grants)
}

// SitesOfUsers returns the restricted sites that users of the proxy may read.
func (c Config) SitesOfUsers() (map[string][]string, error) {
	sites := map[string][]string{}
	for _, grant := range c.SiteReaders {
		i := strings.LastIndexByte(grant, ':')
		if i < 1 || i == len(grant)-1 {
			return nil, wrong("site_readers: %q is not USER:SITE", grant)
		}
		sites[grant[:i]] = append(sites[grant[:i]], grant[i+1:])
	}
	return sites, nil
}

// Proxies returns the networks of trusted proxies; an address alone is a network of one.
func (c Config) Proxies() (list []netip.Prefix, err error) {
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, wrong("trusted_proxies: %q is no network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, p)
	}
	return list, nil
}
