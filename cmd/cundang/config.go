package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

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
	Listen     string `yaml:"listen" json:"listen" zh:"serve 的监听地址" en:"address that serve listens on"`
	Dictionary string `yaml:"dictionary" json:"dictionary" zh:"自定义词典文件" en:"the operator's own dictionary file"`
}

func defaults() config {
	return config{LogFormat: "text", Workers: 8, Listen: "127.0.0.1:8787"}
}

// origins says where each value of a config came from: "default", "file", "environment", "flag".
type origins map[string]string

// loadConfig reads the configuration; file is "" for DATA/cundang.yaml, which may be missing.
func loadConfig(dataDir, file string, env func(string) string, flags *pflag.FlagSet) (config, origins, error) {
	cfg, from := defaults(), origins{}
	fields := reflect.TypeFor[config]()
	for i := range fields.NumField() {
		from[fields.Field(i).Tag.Get("yaml")] = "default"
	}
	if err := cfg.readFile(dataDir, file, from); err != nil {
		return cfg, from, err
	}
	v := reflect.ValueOf(&cfg).Elem()
	for i := range fields.NumField() {
		key := fields.Field(i).Tag.Get("yaml")
		if s := env("CUNDANG_" + strings.ToUpper(key)); s != "" {
			if err := set(v.Field(i), s); err != nil {
				return cfg, from, usage("cundang config --origin", "environment CUNDANG_%s=%q: %w", strings.ToUpper(key), s, err)
			}
			from[key] = "environment"
		}
		if f := flags.Lookup(strings.ReplaceAll(key, "_", "-")); f != nil && f.Changed {
			if err := set(v.Field(i), f.Value.String()); err != nil {
				return cfg, from, usage("", "--%s %q: %w", f.Name, f.Value, err)
			}
			from[key] = "flag"
		}
	}
	return cfg, from, cfg.validate()
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
	if v.Kind() == reflect.String {
		v.SetString(s)
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
	}
	return nil
}

// rows returns the configuration as key, value and origin in the order of the struct.
func (c config) rows(from origins) [][]string {
	var rows [][]string
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("yaml")
		rows = append(rows, []string{key, fmt.Sprint(v.Field(i).Interface()), from[key]})
	}
	return rows
}
