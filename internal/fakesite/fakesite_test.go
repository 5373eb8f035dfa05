package fakesite

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var printTexts = flag.String("texts", "", "write all texts of the default web to this file, to be read by a person")

func TestTexts(t *testing.T) {
	w := New(Options{Seed: 1, Articles: 120})
	var b strings.Builder
	for _, s := range w.sites {
		titles := map[string]bool{}
		for _, a := range s.articles {
			if titles[a.title] {
				t.Errorf("%s: two articles have the title %s", s.ID, a.title)
			}
			titles[a.title] = true
			fmt.Fprintf(&b, "## %s %s [%s/%s] %s | 来源 %s 作者 %s 编辑 %s 供稿 %s\n", s.ID, a.title, a.kind.name,
				a.voice.variant,
				a.published.Format("2006-01-02 15:04"), a.source, a.author, a.editor, a.contrib)
			for _, bl := range a.blocks {
				if strings.ContainsAny(bl.text, "{}[]~@#|") || bl.text == "" {
					t.Errorf("%s: unexpanded text %q", a.title, bl.text)
				}
				fmt.Fprintf(&b, "%s  %s\n", bl.kind, bl.text)
			}
			for _, f := range a.files {
				fmt.Fprintf(&b, "+  %s.%s\n", f.title, f.kind)
			}
			fmt.Fprintf(&b, "%s\n\n", a.tail)
		}
	}
	for _, word := range []string{"科学素质", "科普", "三长", "学会", "院士", "青少年科技创新大赛"} {
		if !strings.Contains(b.String(), word) {
			t.Errorf("no text says %s", word)
		}
	}
	if *printTexts != "" {
		if err := os.WriteFile(*printTexts, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSameSeedSameWeb(t *testing.T) {
	a, b := New(Options{Seed: 7}), New(Options{Seed: 7})
	for range 3 {
		if d := cmp.Diff(a.Truth(), b.Truth()); d != "" {
			t.Fatal(d)
		}
		a.Age()
		b.Age()
	}
	if cmp.Equal(a.Truth(), New(Options{Seed: 8}).Truth()) {
		t.Error("another seed gives the same web")
	}
}

// start serves a web for the length of the test.
func start(t *testing.T, opts Options) *Web {
	t.Helper()
	w := New(opts)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// fetch gets one address without following redirects.
func fetch(t *testing.T, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// page returns a page as UTF-8.
func page(t *testing.T, s TruthSite, url string) string {
	t.Helper()
	resp, body := fetch(t, url)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: status %d", url, resp.StatusCode)
	}
	if s.Charset == "gbk" {
		b, err := simplifiedchinese.GBK.NewDecoder().Bytes(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return string(body)
}

func TestEveryPageOfTheTruthIsServed(t *testing.T) {
	w := start(t, Options{Seed: 3, Sites: 2 * len(systems), Articles: 20})
	for step := range 3 {
		if step > 0 {
			w.Age()
		}
		for _, s := range w.Truth().Sites {
			for _, a := range s.Articles {
				checkServed(t, s, a)
			}
			for _, url := range s.Missing {
				if resp, _ := fetch(t, url); resp.StatusCode != http.StatusNotFound {
					t.Errorf("%s: status %d", url, resp.StatusCode)
				}
			}
			for _, url := range append(s.Lists, s.Origin+"/", s.Origin+s.Disallowed[0]) {
				page(t, s, url)
			}
		}
	}
}

// answered is what the JSON answers of a site say about an article.
func answered(t *testing.T, s TruthSite, a TruthArticle) string {
	t.Helper()
	for _, list := range s.Lists {
		_, code, _ := strings.Cut(list, "?code=")
		_, body := fetch(t, s.Origin+"/api/article/page?pageNum=1&pageSize=1000&channel="+code)
		var answer struct{ Data struct{ Records []spaRow } }
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		for _, r := range answer.Data.Records {
			if s.Origin+r.URL == a.URL {
				return r.Title + r.Source + r.Author + r.Editor + r.Content
			}
		}
	}
	return ""
}

func checkServed(t *testing.T, s TruthSite, a TruthArticle) {
	t.Helper()
	if a.State != Live {
		resp, body := fetch(t, a.URL)
		if body := string(body); resp.StatusCode < 300 && !strings.Contains(body, "<h2>") {
			t.Errorf("%s: %s, but status %d", a.URL, a.State, resp.StatusCode)
		}
		return
	}
	text := page(t, s, a.URL)
	if _, src, ok := strings.Cut(text, "iframe id=\"contentHtmlIframe\" src=\""); ok {
		src, _, _ = strings.Cut(src, "\"")
		text += page(t, s, s.Origin+src)
	}
	if s.CMS == "spa" {
		text = answered(t, s, a)
	}
	for _, part := range a.Parts {
		text += page(t, s, part)
	}
	for _, want := range append([]string{a.Title, a.Source, a.Author, a.Editor}, a.Body...) {
		if !strings.Contains(text, strings.ReplaceAll(want, `"`, "&#34;")) {
			t.Errorf("%s does not say %q", a.URL, want)
		}
	}
	for _, f := range a.Attachments {
		if resp, body := fetch(t, f.URL); resp.StatusCode != http.StatusOK || len(body) < 100 {
			t.Errorf("%s: status %d, %d bytes", f.URL, resp.StatusCode, len(body))
		}
	}
	for _, url := range a.Images {
		if _, body := fetch(t, url); !bytes.HasPrefix(body, []byte("\x89PNG")) {
			t.Errorf("%s is no PNG", url)
		}
	}
}

func TestConditionalRequests(t *testing.T) {
	w := start(t, Options{Seed: 3})
	for _, s := range w.Truth().Sites {
		url := s.Articles[0].URL
		resp, first := fetch(t, url)
		_, second := fetch(t, url)
		tag := resp.Header.Get("ETag")
		switch noisy := w.Site(s.Site).style.noise != ""; {
		case noisy && bytes.Equal(first, second):
			t.Errorf("%s: no noise", url)
		case !noisy && !bytes.Equal(first, second):
			t.Errorf("%s: changes between visits", url)
		}
		if tag == "" {
			continue
		}
		for _, h := range [][]string{{"If-None-Match", tag}, {"If-Modified-Since", resp.Header.Get("Last-Modified")}} {
			if resp, body := fetch(t, url, h...); resp.StatusCode != http.StatusNotModified || len(body) > 0 {
				t.Errorf("%s with %s: status %d, %d bytes", url, h[0], resp.StatusCode, len(body))
			}
		}
	}
}

func TestLogCounts(t *testing.T) {
	w := start(t, Options{Seed: 3, Sites: 1})
	s := w.Sites()[0]
	fetch(t, s.Origin()+"/", "User-Agent", "probe")
	log := s.Requests()
	if len(log) != 1 || log[0].Path != "/" || log[0].Status != 200 || log[0].UserAgent != "probe" || log[0].Flying != 1 ||
		log[0].Bytes == 0 || log[0].End.Before(log[0].Start) {
		t.Errorf("log is %+v", log)
	}
	s.ClearLog()
	if len(s.Requests()) != 0 {
		t.Error("cleared log is not empty")
	}
}

func TestFrozenSiteThaws(t *testing.T) {
	w := start(t, Options{Seed: 3, Sites: 1})
	s := w.Sites()[0]
	s.SetFault(Frozen)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Origin()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Errorf("a frozen site answered %d", resp.StatusCode)
	}
	s.SetFault(Sound)
	if resp, _ := fetch(t, s.Origin()+"/"); resp.StatusCode != http.StatusOK {
		t.Errorf("a thawed site answered %d", resp.StatusCode)
	}
}

// found turns the truth into what a perfect reader finds.
func found(tr Truth) []Found {
	var all []Found
	for _, s := range tr.Sites {
		for _, a := range s.Articles {
			if a.State != Live {
				continue
			}
			f := Found{Site: s.Site, URL: a.URL, State: "live", Title: a.Title, Source: a.Source, Author: a.Author,
				Editor:      a.Editor,
				Contributor: a.Contributor, Published: a.Published, Column: a.Column, Body: append(a.Body, a.Optional...),
				Images: a.Images, Parts: a.Parts}
			for _, x := range a.Attachments {
				f.Attachments = append(f.Attachments, x.URL)
			}
			all = append(all, f)
		}
	}
	return all
}

func TestCheck(t *testing.T) {
	w := New(Options{Seed: 5})
	w.Age()
	tr := w.Truth()
	if d := tr.Check(found(tr), All...); len(d) > 0 {
		t.Fatalf("the truth differs from itself: %s", strings.Join(d, "\n"))
	}
	var gone TruthArticle
	for _, a := range tr.Sites[0].Articles {
		if a.State == Gone {
			gone = a
		}
	}
	for name, spoil := range map[string]func([]Found) []Found{
		"not found: ":         func(f []Found) []Found { return f[1:] },
		"found 2 times":       func(f []Found) []Found { return append(f, f[0]) },
		"no article":          func(f []Found) []Found { return append(f, Found{Site: "x", URL: "http://x/"}) },
		"title of ":           func(f []Found) []Found { f[0].Title = "x"; return f },
		"author of ":          func(f []Found) []Found { f[3].Author += "x"; return f },
		"published of ":       func(f []Found) []Found { f[3].Published = "2001-01-01"; return f },
		"ends before":         func(f []Found) []Found { f[0].Body = f[0].Body[:1]; return f },
		"does not belong":     func(f []Found) []Found { f[0].Body = append(f[0].Body, "责任编辑"); return f },
		"paragraph 1 is":      func(f []Found) []Found { f[0].Body = f[0].Body[1:]; return f },
		"the truth is \"gone": func(f []Found) []Found { return append(f, Found{URL: gone.URL, State: "live"}) },
		"site of":             func(f []Found) []Found { f[0].Site = "x"; return f },
		"state of":            func(f []Found) []Found { f[0].State = "gone"; return f },
	} {
		d := tr.Check(spoil(found(tr)), All...)
		if len(d) != 1 && name != "the truth is \"gone" || !strings.Contains(strings.Join(d, "\n"), name) {
			t.Errorf("want one difference with %q, got %q", name, d)
		}
	}
}

func TestAge(t *testing.T) {
	w := New(Options{Seed: 9})
	for range 2 {
		w.Age()
	}
	for _, s := range w.Truth().Sites {
		n := map[Change]int{}
		for _, a := range s.Articles {
			if a.State != Moved {
				n[a.Change]++
			}
		}
		want := map[Change]int{Added: 4, Edited: 2, Deleted: 2, MovedAway: 2, Reappeared: 1, Unchanged: n[Unchanged]}
		if d := cmp.Diff(want, n); d != "" {
			t.Errorf("%s: %s", s.Site, d)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Options{Seed: 1, Sites: 1, Articles: 1000})
	}
}

func BenchmarkServe(b *testing.B) {
	s := New(Options{Seed: 1, Sites: 1, Articles: 10000}).Sites()[0]
	path := s.articles[5000].path
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
}
