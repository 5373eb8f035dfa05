package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"cundang/internal/config"
	"cundang/internal/node"

	"github.com/prometheus/client_golang/prometheus"
)

// TestMetrics crawls a small site with a meter: what a scrape then says is what happened.
func TestMetrics(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			w.Write([]byte("User-agent: *\nDisallow: /no/\n"))
		case "/":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte(`<title>首页</title><img src="/a.png"><a href="/no/1.html">1</a><a href="/gone.html">2</a>`))
		case "/a.png":
			w.Header().Set("Content-Type", "image/png")
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	var out, errs bytes.Buffer
	a := &app{stdio: stdio{strings.NewReader(""), &out, &errs}, env: func(string) string { return "" },
		cfg: config.Default(), data: t.TempDir(), quiet: true}
	a.log = a.newLogger()
	profiles, err := a.options().ChooseProfiles(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), a.options(), true)
	if err != nil {
		t.Fatal(err)
	}
	n.Meter = node.NewMeter()
	if _, err := n.Crawl(t.Context(), node.CrawlRequest{Profiles: profiles}); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(n.Collectors()...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range families {
		text.WriteString(f.String() + "\n")
	}
	for _, want := range []string{
		`cundang_crawl_responses_total.*"2xx".*"page".*value:2`, `"4xx".*"page".*value:1`, `"2xx".*"requisite".*value:1`,
		`cundang_crawl_events_total.*"denied".*value:1`, `cundang_archive_captures_total.*value:4`,
		`cundang_archive_sync_seconds`,
		`cundang_crawl_received_bytes_total`, `cundang_crawl_fetch_seconds.*sample_count:4`,
		`cundang_queue_urls.*"all".*value:[1-9]`,
		`cundang_frontier_bytes`, `cundang_archive_bytes.*value:[1-9]`,
		`cundang_site_last_success_timestamp_seconds.*value:1`,
		`cundang_site_alarms.*value:1`, // no article was ever read
	} {
		if !regexp.MustCompile(want).MatchString(text.String()) {
			t.Errorf("no %s in\n%s", want, text.String())
		}
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}
