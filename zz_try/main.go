package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cundang/extract"
)

func main() {
	urls := map[string]string{}
	if b, err := os.ReadFile("/work/shared/eval/extract/manifest.jsonl"); err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		for {
			var m struct{ File, URL string }
			if d.Decode(&m) != nil {
				break
			}
			urls[m.File] = m.URL
		}
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	for _, f := range os.Args[1:] {
		b, _ := os.ReadFile(f)
		t := time.Now()
		u := urls[filepath.Base(f)]
		if os.Getenv("NOURL") != "" {
			u = ""
		}
		a, err := (&extract.Reader{}).Read(context.Background(), extract.Page{URL: u, Body: b})
		if err != nil {
			fmt.Fprintln(os.Stderr, f, err)
		}
		enc.Encode(struct {
			File string  `json:"file"`
			MS   float64 `json:"ms"`
			extract.Article
		}{f, float64(time.Since(t).Microseconds()) / 1000, a})
	}
}
