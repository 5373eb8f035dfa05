package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// stats are the numbers behind /metrics.
type stats struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	searches prometheus.Histogram
}

func newStats(more []prometheus.Collector) *stats {
	s := &stats{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cundang_http_request_seconds",
			Help: "Time to answer a request.", Buckets: prometheus.DefBuckets}, []string{"route", "status"}),
		searches: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cundang_search_seconds",
			Help: "Time of a search in the index.", Buckets: prometheus.DefBuckets}),
	}
	s.registry.MustRegister(s.requests, s.searches, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.registry.MustRegister(more...)
	return s
}

func (s *stats) request(route string, status int, dur time.Duration) {
	s.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(dur.Seconds())
}

func (s *stats) search(dur time.Duration) { s.searches.Observe(dur.Seconds()) }

func (s *stats) handler() http.Handler {
	return promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{})
}
