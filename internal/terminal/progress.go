package terminal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"cundang/crawler"
	"cundang/internal/node"

	"github.com/jedib0t/go-pretty/v6/text"
)

// logEvery is how often progress is logged where there is no terminal.
const logEvery = 10 * time.Second

// Progress shows how a crawl stands: a line a site on a terminal, redrawn in place; a log
// line now and then elsewhere. It is safe for concurrent use.
type Progress struct {
	*Printer
	mu     sync.Mutex
	drawn  int // lines on the screen
	logged time.Time
}

// NewProgress returns the progress of a crawl that begins.
func (p *Printer) NewProgress() *Progress { return &Progress{Printer: p, logged: time.Now()} }

// Update is called about twice a second by the crawler.
func (p *Progress) Update(now crawler.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Redraw && !p.Quiet {
		p.draw(now)
		return
	}
	if time.Since(p.logged) < logEvery || p.Quiet {
		return
	}
	p.logged = time.Now()
	for _, s := range now.Sites {
		fmt.Fprintf(p.Err, "%s %s\n", time.Now().Format(time.TimeOnly), p.line(s))
	}
}

// draw goes back over the lines drawn last and writes them anew.
func (p *Progress) draw(now crawler.Progress) {
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn)
	}
	for _, s := range now.Sites {
		fmt.Fprintf(&b, "\r\x1b[2K%s\n", p.line(s))
	}
	p.drawn = len(now.Sites)
	fmt.Fprint(p.Err, b.String())
}

func (p *Progress) line(s crawler.SiteProgress) string {
	eta := ""
	if s.Queued > 0 && s.ETA > 0 {
		eta = p.Tr("ETA ", "剩余 ") + s.ETA.Round(time.Second).String()
	}
	return fmt.Sprintf(p.Tr("%s %5.1f pages/s %5d fetched %5d queued %3d failed  %s",
		"%s %5.1f 页/秒  已抓 %5d  待抓 %5d  失败 %3d  %s"),
		text.Pad(s.Site, 12, ' '), s.Rate, s.Fetched, s.Queued, s.Failed, eta)
}

// End lets what is printed next stand below.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drawn = 0
}

// Crawl crawls and shows how it stands meanwhile.
func (p *Printer) Crawl(ctx context.Context, n *node.Node, req node.CrawlRequest) (node.Run, error) {
	progress := p.NewProgress()
	defer progress.End()
	req.Progress = progress.Update
	return n.Crawl(ctx, req)
}
