package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cundang/internal/fakesite"
	"cundang/internal/node"
)

var (
	fakeSites = flag.Int("fakesites", 30, "made-up sites that sites add is tried on")
	fakeSeed  = flag.Uint64("fakeseed", 5, "seed of those sites")
)

// TestSitesAddReadsRight proposes a profile for a list of each made-up site; what it reads
// from the five articles is what the truth says.
func TestSitesAddReadsRight(t *testing.T) {
	w := fakesite.New(fakesite.Options{Seed: *fakeSeed, Sites: *fakeSites})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range w.Truth().Sites {
		t.Run(s.CMS+" "+s.Site, func(t *testing.T) {
			truth := map[string]fakesite.TruthArticle{}
			for _, x := range s.Articles {
				truth[x.URL] = x
			}
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"sites", "add", "--json", "--data", t.TempDir(), s.Lists[0]},
				stdio{strings.NewReader(""), &out, &errs}, func(string) string { return "" })
			if code != 0 {
				t.Errorf("exit status %d: %s", code, errs.String())
			}
			var p struct {
				File     string
				Articles []node.ProposedRead
			}
			if err := json.Unmarshal(out.Bytes(), &p); err != nil {
				t.Fatalf("%v: %s %s", err, out.String(), errs.String())
			}
			if len(p.Articles) != 5 || p.File == "" {
				t.Errorf("%d articles read, written to %q", len(p.Articles), p.File)
			}
			for _, got := range p.Articles {
				want, ok := truth[got.URL]
				if !ok {
					t.Errorf("%s is no article", got.URL)
					continue
				}
				if got.Title != want.Title || got.Source != want.Source || got.Author != want.Author ||
					got.Published != want.Published {
					t.Errorf("%s\n got %q %q %q %s\nwant %q %q %q %s", got.URL, got.Title, got.Source, got.Author, got.Published,
						want.Title, want.Source, want.Author, want.Published)
				}
				if len(got.Doubts) > 0 || got.Characters == 0 {
					t.Errorf("%s: %d characters read, confidence %.2f, %v", got.URL, got.Characters, got.Confidence, got.Doubts)
				}
			}
		})
	}
}

// A template that the generic reading takes the wrong title and date from: the same notice
// stands above every article. The list knows better, and selectors are learned from it.
func TestSitesAddLearnsSelectors(t *testing.T) {
	subjects := []string{"学术年会筹备会召开", "科普大篷车走进山村", "青年科技奖评选启动",
		"老科技工作者座谈会举行", "科技馆暑期活动开幕", "企业科协换届大会召开"}
	mux := http.NewServeMux()
	mux.HandleFunc("/list.html", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<html><head><meta charset="utf-8"><title>工作动态</title></head><body><ul class="l">`)
		for i, s := range subjects {
			fmt.Fprintf(w, `<li><a href="/a/show-%d.html">%s</a><span>2026-03-%02d</span></li>`, 100+i, s, 20-i)
		}
		fmt.Fprint(w, `</ul></body></html>`)
	})
	mux.HandleFunc("/a/", func(w http.ResponseWriter, r *http.Request) {
		var i int
		if _, err := fmt.Sscanf(r.URL.Path, "/a/show-%d.html", &i); err != nil || i-100 >= len(subjects) {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `<html><head><meta charset="utf-8"><title>在线阅读</title></head><body>
<h1>关于本站改版的公告</h1><div class="info">来源：网站管理员 发布时间：2019-01-02</div><p>本站已经改版，请收藏新的网址，旧网址将于年底停用。</p>
<table><tr><td class="wzbt">%s</td></tr><tr><td class="sj">2026/3/%d</td></tr><tr><td class="nr"><p>%s，有关负责同志到会讲话，会议交流了各单位的做法和经验，研究了今后一段时间的重点任务。</p></td></tr></table></body></html>`,
			subjects[i-100], 120-i, subjects[i-100])
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"sites", "add", "--dry-run", srv.URL + "/list.html"},
		stdio{strings.NewReader(""), &out, &errs}, func(string) string { return "" })
	t.Logf("%d\n%s%s", code, out.String(), errs.String())
	for _, want := range []string{"title: td.wzbt", "date: td.sj", "学术年会筹备会召开", "2026-03-20"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in the proposal", want)
		}
	}
	if strings.Contains(out.String(), "is not the list's") {
		t.Error("what was learned does not help")
	}
}
