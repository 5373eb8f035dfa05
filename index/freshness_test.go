package index

import (
	"math"
	"testing"
	"time"

	"cundang/internal/zone"
)

func TestFreshnessHalves(t *testing.T) {
	now := time.Date(2022, 10, 27, 12, 0, 0, 0, zone.China)
	for _, c := range []struct {
		ago  time.Duration
		want float64
	}{{0, 1}, {-time.Hour, 1}, {time.Hour, 0.5}, {2 * time.Hour, 0.25}, {1000 * time.Hour, 0}} {
		if got := freshness(now.Add(-c.ago).UnixNano(), now, time.Hour); math.Abs(float64(got)-c.want) > 1e-6 {
			t.Errorf("%v ago: %v, want %v", c.ago, got, c.want)
		}
	}
	if got := freshness(NoTime, now, time.Hour); got != 0 {
		t.Errorf("undated: %v", got)
	}
}
