package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// meter counts what the crawls of this process do. Its labels are names of sites, classes of
// status and outcomes: their number does not grow with what is crawled.
type meter struct {
	responses *prometheus.CounterVec
	bytes     *prometheus.CounterVec
	fetch     prometheus.Histogram
	events    *prometheus.CounterVec
	captures  prometheus.Counter
	sync      prometheus.Histogram
}

func newMeter() *meter {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return &meter{
		responses: counter("cundang_crawl_responses_total", "Responses by class of status; none: no response came.", "site", "class", "kind"),
		bytes:     counter("cundang_crawl_received_bytes_total", "Bytes of responses, on the wire.", "site"),
		fetch: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cundang_crawl_fetch_seconds",
			Help: "Time from the request to the end of the response.", Buckets: []float64{.01, .03, .1, .3, 1, 3, 10, 30, 100}}),
		events: counter("cundang_crawl_events_total", "Outcomes of the report (new, changed, gone, failed, denied by robots.txt, …), and backoff, breaker and retry-after of hosts.", "site", "event"),
		captures: prometheus.NewCounter(prometheus.CounterOpts{Name: "cundang_archive_captures_total",
			Help: "Captures made durable."}),
		sync: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cundang_archive_sync_seconds",
			Help: "Time to make a group of captures durable.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3}}),
	}
}

func (m *meter) Exchange(site string, status int, requisite bool, bytes int64, took time.Duration) {
	class, kind := "none", "page"
	if status > 0 {
		class = strconv.Itoa(status/100) + "xx"
		m.fetch.Observe(took.Seconds())
	}
	if requisite {
		kind = "requisite"
	}
	m.responses.WithLabelValues(site, class, kind).Inc()
	m.bytes.WithLabelValues(site).Add(float64(bytes))
}

func (m *meter) Event(site, what string) { m.events.WithLabelValues(site, what).Inc() }

func (m *meter) Commit(captures int, sync time.Duration) {
	m.captures.Add(float64(captures))
	m.sync.Observe(sync.Seconds())
}

// parts are the collectors of the crawls and of the state they leave.
func (m *meter) parts(lib *library) []prometheus.Collector {
	return []prometheus.Collector{m.responses, m.bytes, m.fetch, m.events, m.captures, m.sync, gauges{lib}}
}

// gauges tell how sites, frontier and archive stand, looked up when they are asked for.
type gauges struct{ lib *library }

var (
	gaugeQueue    = prometheus.NewDesc("cundang_queue_urls", "URLs in a site's queue: due now, or all.", []string{"site", "state"}, nil)
	gaugeFrontier = prometheus.NewDesc("cundang_frontier_bytes", "Size of the frontier on disk.", nil, nil)
	gaugeArchive  = prometheus.NewDesc("cundang_archive_bytes", "Size of the WARC files.", nil, nil)
	gaugeSuccess  = prometheus.NewDesc("cundang_site_last_success_timestamp_seconds", "End of the last crawl of a site that fetched a page and ended by itself.", []string{"site"}, nil)
	gaugeAlarms   = prometheus.NewDesc("cundang_site_alarms", "Alarms of a site's last crawl.", []string{"site"}, nil)
)

// Describe sends what Collect may send.
func (gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{gaugeQueue, gaugeFrontier, gaugeArchive, gaugeSuccess, gaugeAlarms} {
		to <- d
	}
}

// Collect looks up how things stand. What cannot be read becomes an invalid metric, which the
// answer to the scrape names.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	send(gaugeFrontier, float64(g.lib.frontier.Size()))
	if n, err := warcBytes(g.lib.store.Dir()); err != nil {
		to <- prometheus.NewInvalidMetric(gaugeArchive, err)
	} else {
		send(gaugeArchive, float64(n))
	}
	runs, err := loadRuns(g.lib.frontier, 0)
	if err != nil {
		to <- prometheus.NewInvalidMetric(gaugeSuccess, err)
		return
	}
	last, succeeded := map[string]bool{}, map[string]bool{}
	for _, r := range runs {
		for _, site := range siteNames(r.Report) {
			if !last[site] {
				last[site] = true
				n := 0
				for _, al := range r.Alarms {
					if al.Site == site {
						n++
					}
				}
				send(gaugeAlarms, float64(n), site)
				due, all, err := g.lib.frontier.Queued(site, time.Now())
				if err != nil {
					to <- prometheus.NewInvalidMetric(gaugeQueue, err)
					continue
				}
				send(gaugeQueue, float64(due), site, "due")
				send(gaugeQueue, float64(all), site, "all")
			}
			if !succeeded[site] && r.Error == "" && r.Sites[site].Status["200"]+r.Sites[site].Status["304"] > 0 {
				succeeded[site] = true
				send(gaugeSuccess, float64(r.Finished.Unix()), site)
			}
		}
	}
}

// warcBytes adds up the WARC files of an archive.
func warcBytes(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(d.Name(), ".warc") {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // renamed just now
			return nil
		}
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// serveMetrics answers scrapes at http://ADDR/metrics until stop.
func (a *app) serveMetrics(ctx context.Context, lib *library, addr string) (stop func() error, err error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, &problem{statusError, err, "--metrics 127.0.0.1:0"}
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(a.meter.parts(lib)...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- serveUntil(ctx, mux, ln) }()
	a.log.Info("metrics", "url", "http://"+ln.Addr().String()+"/metrics")
	return func() error { cancel(); return <-done }, nil
}
