package crawler_test

import (
	"context"
	"io"
	"testing"
	"time"

	"cundang/archive"
	"cundang/crawler"
	"cundang/crawler/wire"
	"cundang/crawler/wire/wiretest"
	"cundang/site"
)

// TestArchivedBytes crawls odd and malformed answers: the block of each record is what was on
// the wire, byte for byte.
func TestArchivedBytes(t *testing.T) {
	var cases []wiretest.Case
	for _, c := range wiretest.Cases() {
		if c.Method == "" {
			cases = append(cases, c)
		}
	}
	s := wiretest.NewServer(t, cases)
	p := &site.Profile{ID: "odd", Politeness: site.Politeness{MinDelay: 1, MaxDelay: 1, Private: true}}
	for i := range cases {
		p.Seeds = append(p.Seeds, site.Seed{URL: s.URL(i)})
	}
	r := newRig(t)
	r.crawl([]*site.Profile{p}, func(o *crawler.Options) {
		o.Limits = wire.Limits{Linger: 200 * time.Millisecond, Idle: time.Second}
		o.Wait = time.Millisecond
	})
	byURL := map[string]archive.Capture{}
	for _, c := range r.captures() {
		byURL[c.URL] = c
	}
	for i, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			capture, ok := byURL[s.URL(i)]
			if !ok {
				t.Fatal("not archived")
			}
			block, err := r.store.Block(context.Background(), capture.Ref)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(block)
			if err != nil {
				t.Fatal(err)
			}
			if err := block.Close(); err != nil {
				t.Error(err)
			}
			if string(got) != c.Expect() {
				t.Errorf("archived %d bytes, want %d: %.300q, want %.300q", len(got), len(c.Expect()), got, c.Expect())
			}
			if c.Body == "" {
				return
			}
			b, err := capture.Body()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(b)
			if err != nil || string(body) != c.Body {
				t.Errorf("body %q (%v), want %q", body, err, c.Body)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
