package node

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cundang/archive"
)

// Meter counts what the crawls of this process do. Its labels are names of sites, classes of
// status and outcomes: their number does not grow with what is crawled.
type Meter struct {
	responses *prometheus.CounterVec
	bytes     *prometheus.CounterVec
	fetch     prometheus.Histogram
	events    *prometheus.CounterVec
	captures  prometheus.Counter
	sync      prometheus.Histogram
}

// NewMeter returns a meter that has counted nothing.
func NewMeter() *Meter {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	return &Meter{
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

// Exchange counts a response, or that none came (status 0).
func (m *Meter) Exchange(site string, status int, requisite bool, bytes int64, took time.Duration) {
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

// Event counts an outcome or what became of a host.
func (m *Meter) Event(site, what string) { m.events.WithLabelValues(site, what).Inc() }

// Commit counts captures made durable together.
func (m *Meter) Commit(captures int, sync time.Duration) {
	m.captures.Add(float64(captures))
	m.sync.Observe(sync.Seconds())
}

// Collectors returns what the crawls of this node count, if it has a meter, and the state they leave.
func (n *Node) Collectors() []prometheus.Collector {
	all := []prometheus.Collector{gauges{n}}
	if m := n.Meter; m != nil {
		all = append(all, m.responses, m.bytes, m.fetch, m.events, m.captures, m.sync)
	}
	return all
}

// gauges tell how sites, frontier and archive stand, looked up when they are asked for.
type gauges struct{ node *Node }

var (
	gaugeQueue    = prometheus.NewDesc("cundang_queue_urls", "URLs in a site's queue: due now, or all.", []string{"site", "state"}, nil)
	gaugeFrontier = prometheus.NewDesc("cundang_frontier_bytes", "Size of the frontier on disk.", nil, nil)
	gaugeArchive  = prometheus.NewDesc("cundang_archive_bytes", "Size of the WARC files.", nil, nil)
	gaugeSuccess  = prometheus.NewDesc("cundang_site_last_success_timestamp_seconds", "End of the last crawl of a site that fetched a page and ended by itself.", []string{"site"}, nil)
	gaugeFindings = prometheus.NewDesc("cundang_findings", "Captures that could not be read, by code.", []string{"code"}, nil)
	gaugeAlarms   = prometheus.NewDesc("cundang_site_alarms", "Alarms of a site that nobody has acknowledged.",
		[]string{"site"}, nil)
)

// Describe sends what Collect may send.
func (gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{gaugeQueue, gaugeFrontier, gaugeArchive, gaugeSuccess, gaugeAlarms, gaugeFindings} {
		to <- d
	}
}

// Collect looks up how things stand. What cannot be read becomes an invalid metric, which the
// answer to the scrape names.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	send(gaugeFrontier, float64(g.node.Frontier.Size()))
	if n, err := warcBytes(g.node.Store.Dir()); err != nil {
		to <- prometheus.NewInvalidMetric(gaugeArchive, err)
	} else {
		send(gaugeArchive, float64(n))
	}
	counts, err := g.node.CountFindings()
	if err != nil {
		to <- prometheus.NewInvalidMetric(gaugeFindings, err)
	}
	for _, code := range Faults {
		send(gaugeFindings, float64(counts[code]), code)
	}
	runs, err := g.node.Runs(0)
	if err != nil {
		to <- prometheus.NewInvalidMetric(gaugeSuccess, err)
		return
	}
	standing, err := g.node.Alarms(false)
	if err != nil {
		to <- prometheus.NewInvalidMetric(gaugeAlarms, err)
		return
	}
	last, succeeded := map[string]bool{}, map[string]bool{}
	for _, r := range runs {
		for _, site := range SiteNames(r.Report) {
			if !last[site] {
				last[site] = true
				n := 0
				for _, al := range standing {
					if al.Site == site {
						n++
					}
				}
				send(gaugeAlarms, float64(n), site)
				due, all, err := g.node.Frontier.Queued(site, time.Now())
				if err != nil {
					to <- prometheus.NewInvalidMetric(gaugeQueue, err)
					continue
				}
				send(gaugeQueue, float64(due), site, "due")
				send(gaugeQueue, float64(all), site, "all")
			}
			whole := r.Error == "" && r.Stopped == ""
			if !succeeded[site] && whole && r.Sites[site].Status["200"]+r.Sites[site].Status["304"] > 0 {
				succeeded[site] = true
				send(gaugeSuccess, float64(r.Finished.Unix()), site)
			}
		}
	}
}

// warcBytes adds up the WARC files of an archive.
func warcBytes(dir string) (n int64, err error) {
	err = archive.WalkFiles(dir, func(path string, info os.FileInfo) error {
		if strings.Contains(filepath.Base(path), ".warc") {
			n += info.Size()
		}
		return nil
	})
	return n, err
}
