package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"cundang/web/token"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"
)

// config is the whole configuration. Each field is a key of cundang.yaml, a variable
// CUNDANG_KEY and, where a flag of that name exists, a flag: flags over environment over
// file over default.
type config struct {
	Lang       string `yaml:"lang" json:"lang" zh:"界面语言 zh 或 en" en:"language of messages, zh or en"`
	LogFormat  string `yaml:"log_format" json:"log_format" zh:"日志格式 text 或 json" en:"log format, text or json"`
	Contact    string `yaml:"contact" json:"contact" zh:"写入 User-Agent 的联系方式" en:"contact put into the User-Agent"`
	Operator   string `yaml:"operator" json:"operator" zh:"写入 warcinfo 的采集机构" en:"operator named in warcinfo"`
	Workers    int    `yaml:"workers" json:"workers" zh:"并行抓取的主机数" en:"hosts crawled at the same time"`
	MinFree    int    `yaml:"min_free" json:"min_free" zh:"磁盘至少保留的空间（MB），不足则停止写入" en:"MB of the disk to leave free; below it nothing is written"`
	Listen     string `yaml:"listen" json:"listen" zh:"serve 的监听地址" en:"address that serve listens on"`
	Dictionary string `yaml:"dictionary" json:"dictionary" zh:"自定义词典文件" en:"the operator's own dictionary file"`
	Synonyms   string `yaml:"synonyms" json:"synonyms" zh:"自定义同义词文件" en:"the operator's own file of synonyms"`

	Publishing `yaml:",inline"`
}

// Publishing is how serve is reached from other machines and who may come in; see docs/publishing.md.
type Publishing struct {
	Hosts          []string `yaml:"hosts" json:"hosts" zh:"对外的主机名，其他名称得 421" en:"host names to answer to; others get 421"`
	BasePath       string   `yaml:"base_path" json:"base_path" zh:"反向代理发布的路径，如 /archive" en:"path below which a proxy publishes, e.g. /archive"`
	TokenHash      string   `yaml:"token_hash" json:"token_hash" zh:"管理者令牌的哈希 sha256:…（另有 cundang token new）" en:"hash sha256:… of an operator's token, beside cundang token new"`
	ProxyUser      string   `yaml:"proxy_user" json:"proxy_user" zh:"反向代理写入用户名的请求头" en:"header in which a reverse proxy names the user"`
	TrustedProxies []string `yaml:"trusted_proxies" json:"trusted_proxies" zh:"可信代理的网段（默认本机）" en:"networks of proxies to believe (default: this machine)"`
	CuratorUsers   []string `yaml:"curator_users" json:"curator_users" zh:"代理用户中的编辑" en:"users of the proxy who are curators"`
	OperatorUsers  []string `yaml:"operator_users" json:"operator_users" zh:"代理用户中的管理者" en:"users of the proxy who are operators"`
	TLSCert        string   `yaml:"tls_cert" json:"tls_cert" zh:"TLS 证书文件" en:"TLS certificate file"`
	TLSKey         string   `yaml:"tls_key" json:"tls_key" zh:"TLS 私钥文件" en:"TLS key file"`
	MaxConnections int      `yaml:"max_connections" json:"max_connections" zh:"同时连接数上限" en:"connections at the same time"`
}

func defaults() config {
	return config{LogFormat: "text", Workers: 8, MinFree: 64, Listen: "127.0.0.1:8787", Publishing: Publishing{MaxConnections: 512}}
}

// origins says where each value of a config came from: "default", "file", "environment", "flag".
type origins map[string]string

// loadConfig reads the configuration; file is "" for DATA/cundang.yaml, which may be missing.
func loadConfig(dataDir, file string, env func(string) string, flags *pflag.FlagSet) (config, origins, error) {
	cfg, from := defaults(), origins{}
	for _, f := range cfg.fields() {
		from[f.key] = "default"
	}
	if err := cfg.readFile(dataDir, file, from); err != nil {
		return cfg, from, err
	}
	for _, f := range cfg.fields() {
		name := "CUNDANG_" + strings.ToUpper(f.key)
		if s := env(name); s != "" {
			if err := set(f.value, s); err != nil {
				return cfg, from, usage("cundang config --origin", "environment %s=%q: %w", name, s, err)
			}
			from[f.key] = "environment"
		}
		if fl := flags.Lookup(f.flag()); fl != nil && fl.Changed {
			if err := set(f.value, fl.Value.String()); err != nil {
				return cfg, from, usage("", "--%s %q: %w", fl.Name, fl.Value, err)
			}
			from[f.key] = "flag"
		}
	}
	return cfg, from, cfg.validate()
}

// setting is one key of the configuration.
type setting struct {
	key, zh, en string
	value       reflect.Value
}

// flag is the name of the flag for a key, where a command has one.
func (s setting) flag() string { return strings.ReplaceAll(s.key, "_", "-") }

// text is the value as it is written in a variable or flag.
func (s setting) text() string {
	if list, ok := s.value.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(s.value.Interface())
}

// fields returns the keys of the configuration in their order.
func (c *config) fields() []setting { return fieldsOf(reflect.ValueOf(c).Elem()) }

func fieldsOf(v reflect.Value) (list []setting) {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous {
			list = append(list, fieldsOf(v.Field(i))...)
		} else {
			list = append(list, setting{f.Tag.Get("yaml"), f.Tag.Get("zh"), f.Tag.Get("en"), v.Field(i)})
		}
	}
	return list
}

func (c *config) readFile(dataDir, file string, from origins) error {
	path := file
	if path == "" {
		path = filepath.Join(dataDir, "cundang.yaml")
	}
	text, err := os.ReadFile(path)
	if file == "" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return usage("", "read configuration: %w", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		return usage("cundang config", "%s:%s", path, strings.TrimPrefix(yaml.FormatError(err, false, true), "["))
	}
	var keys map[string]any
	if err := yaml.Unmarshal(text, &keys); err != nil {
		return usage("cundang config", "%s: %w", path, err)
	}
	for k := range keys {
		from[k] = "file"
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

func (c config) validate() error {
	switch {
	case c.Lang != "" && c.Lang != "zh" && c.Lang != "en":
		return usage("cundang config --origin", "lang is %q, must be zh or en", c.Lang)
	case c.LogFormat != "text" && c.LogFormat != "json":
		return usage("cundang config --origin", "log_format is %q, must be text or json", c.LogFormat)
	case c.Workers < 1 || c.Workers > 256:
		return usage("cundang config --origin", "workers is %d, must be 1 to 256", c.Workers)
	case c.MaxConnections < 1:
		return usage("cundang config --origin", "max_connections is %d, must be 1 or more", c.MaxConnections)
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return usage("cundang config --origin", "tls_cert and tls_key go together")
	case c.BasePath != "" && (!strings.HasPrefix(c.BasePath, "/") || strings.HasSuffix(c.BasePath, "/") || strings.ContainsAny(c.BasePath, "\"'<>?#%& ")):
		return usage("cundang config --origin", "base_path is %q, must be like /archive", c.BasePath)
	}
	if c.TokenHash != "" {
		if err := token.ParseHash(c.TokenHash); err != nil {
			return usage("cundang config --origin", "token_hash: %w", err)
		}
	}
	_, err := c.proxies()
	return err
}

// proxies reads the networks of trusted proxies; an address alone is a network of one.
func (c config) proxies() (list []netip.Prefix, err error) {
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, usage("cundang config --origin", "trusted_proxies: %q is no network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, p)
	}
	return list, nil
}

// rows returns the configuration as key, value and origin in the order of the struct.
func (c config) rows(from origins) [][]string {
	var rows [][]string
	for _, f := range c.fields() {
		rows = append(rows, []string{f.key, f.text(), from[f.key]})
	}
	return rows
}
