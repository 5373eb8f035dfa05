package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"cundang/crawler"

	"github.com/jedib0t/go-pretty/v6/text"
)

// logEvery is how often progress is logged where there is no terminal.
const logEvery = 10 * time.Second

// progress shows how a crawl stands: a line a site on a terminal, redrawn in place; a log
// line now and then elsewhere.
type progress struct {
	a        *app
	mu       sync.Mutex
	terminal bool
	drawn    int // lines on the screen
	logged   time.Time
}

func (a *app) newProgress() *progress {
	return &progress{a: a, terminal: a.isTerminal(a.err) && !a.quiet, logged: time.Now()}
}

// update is called about twice a second by the crawler.
func (p *progress) update(now crawler.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		p.draw(now)
		return
	}
	if time.Since(p.logged) < logEvery || p.a.quiet {
		return
	}
	p.logged = time.Now()
	for _, s := range now.Sites {
		fmt.Fprintf(p.a.err, "%s %s\n", time.Now().Format(time.TimeOnly), p.line(s))
	}
}

// draw goes back over the lines drawn last and writes them anew.
func (p *progress) draw(now crawler.Progress) {
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn)
	}
	for _, s := range now.Sites {
		fmt.Fprintf(&b, "\r\x1b[2K%s\n", p.line(s))
	}
	p.drawn = len(now.Sites)
	fmt.Fprint(p.a.err, b.String())
}

func (p *progress) line(s crawler.SiteProgress) string {
	eta := ""
	if s.Queued > 0 && s.ETA > 0 {
		eta = p.a.tr("ETA ", "剩余 ") + s.ETA.Round(time.Second).String()
	}
	return fmt.Sprintf(p.a.tr("%s %5.1f pages/s %5d fetched %5d queued %3d failed  %s", "%s %5.1f 页/秒  已抓 %5d  待抓 %5d  失败 %3d  %s"),
		text.Pad(s.Site, 12, ' '), s.Rate, s.Fetched, s.Queued, s.Failed, eta)
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn = 0
}
