package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// longList is a site with a list of a thousand articles; asked tells of each article that was asked for.
func longList(t *testing.T) (url string, asked <-chan struct{}) {
	each := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/art/" {
			fmt.Fprint(w, "<!DOCTYPE html><html><head><title>科普简报</title></head><body><ul>")
			for n := range 1000 {
				fmt.Fprintf(w, "<li><a href=\"%d.html\">第%d期科普简报</a> 2024-03-05</li>", n, n)
			}
			return
		}
		select {
		case each <- struct{}{}:
		case <-r.Context().Done():
		}
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/art/"), ".html"))
		fmt.Fprintf(w, `<!DOCTYPE html><html><head><title>第%d期简报</title></head><body><h1>第%d期简报</h1>
<div class="info">发布时间：2024-03-05 来源：青峪县科协</div><div class="content">%s</div>
</body></html>`, n, n,
			strings.Repeat("<p>各乡镇科协组织科技工作者到田间地头讲解节水灌溉技术，"+
				"并在月底前报送总结材料。</p>", 6))
	}))
	t.Cleanup(srv.Close)
	return srv.URL, each
}

// command runs the program with --data dir and returns what it prints.
func command(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "cundang", append([]string{"--data", dir, "--lang", "en", "-q"}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cundang %s: %v: %s%s", strings.Join(args, " "), err, out, errs.String())
	}
	return out
}

// rows returns the CDX of an archive, a row a line.
func rows(t *testing.T, dir, url string) []string {
	t.Helper()
	return strings.Split(strings.TrimSpace(string(command(t, dir, "archive", "cdx", "--prefix", url+"/art/"))), "\n")
}

// exported returns the articles that a search finds, by URL, as JSON lines.
func exported(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(string(command(t, dir, "export", "-f", "jsonl", "节水灌溉"))) {
		var a struct{ URL string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		out[a.URL] = line
	}
	return out
}

// TestBackupUnderLoad: two backups are made while a crawl commits, then the crawl is killed. Each backup verifies, and
// restored it holds every capture that was committed before the backup began and none that the original does not have,
// and answers searches as the original does about them.
func TestBackupUnderLoad(t *testing.T) {
	url, asked := longList(t)
	top := t.TempDir()
	dir, safe := filepath.Join(top, "data"), filepath.Join(top, "safe")
	if err := os.MkdirAll(filepath.Join(dir, "profiles"), 0o755); err != nil {
		t.Fatal(err)
	}
	profile := "site: kx\nname: 科协\nseeds:\n  - url: " + url +
		"/art/\npoliteness:\n  private: true\n  min_delay: 1ms\n"
	if err := os.WriteFile(filepath.Join(dir, "profiles", "kx.yaml"), []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	crawl := exec.CommandContext(t.Context(), "cundang", "--data", dir, "-q", "crawl", "kx")
	crawl.Stderr = os.Stderr
	if err := crawl.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- crawl.Wait() }()
	crawlOn := func(pages int) { // pages are only handed out here and while a command runs
		for range pages {
			select {
			case <-asked:
			case err := <-ended:
				t.Fatal("the crawl ended by itself: ", err)
			}
		}
	}
	var before [][]string
	for range 2 {
		crawlOn(120)
		before = append(before, rows(t, dir, url))
		stop := make(chan struct{})
		var going sync.WaitGroup
		going.Go(func() { // the crawl commits on
			for {
				select {
				case <-asked:
				case <-stop:
					return
				}
			}
		})
		command(t, dir, "backup", safe)
		close(stop)
		going.Wait()
	}
	crawlOn(80)
	if err := crawl.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	command(t, dir, "backup", "--verify", safe)
	original, answers := rows(t, dir, url), exported(t, dir)
	for i, had := range before {
		to := filepath.Join(top, "restored"+strconv.Itoa(i))
		command(t, to, "restore", safe, to, "--version", "v"+strconv.Itoa(i+1))
		command(t, to, "archive", "verify")
		got := rows(t, to, url)
		for _, row := range had {
			if !slices.Contains(got, row) {
				t.Errorf("version %d lacks what was committed before it: %s", i+1, row)
			}
		}
		for _, row := range got {
			if !slices.Contains(original, row) {
				t.Errorf("version %d has what the archive does not: %s", i+1, row)
			}
		}
		found := exported(t, to)
		if len(found) < len(had)/2 { // all pages but robots.txt are articles
			t.Errorf("version %d answers with %d articles of %d captures", i+1, len(found), len(got))
		}
		for page, line := range found {
			if line != answers[page] {
				t.Errorf("version %d answers otherwise:\n%s\n%s", i+1, line, answers[page])
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "snapshot-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
