package zone

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for s, want := range map[string][3]string{ // first day, last day, last second
		"2024":                 {"2024-01-01T00:00:00+08:00", "2024-12-31T00:00:00+08:00", "2024-12-31T23:59:59+08:00"},
		"2024-02":              {"2024-02-01T00:00:00+08:00", "2024-02-29T00:00:00+08:00", "2024-02-29T23:59:59+08:00"},
		"2024-2-3":             {"2024-02-03T00:00:00+08:00", "2024-02-03T00:00:00+08:00", "2024-02-03T23:59:59+08:00"},
		"2024-02-03":           {"2024-02-03T00:00:00+08:00", "2024-02-03T00:00:00+08:00", "2024-02-03T23:59:59+08:00"},
		"2024-02-03T04:05:06Z": {"", "", "2024-02-03T04:05:06Z"},
		"2024-02-30":           {},
		"昨天":                   {},
		"":                     {},
	} {
		first, ok1 := ParseDay(s, false)
		last, ok2 := ParseDay(s, true)
		moment, ok3 := ParseMoment(s)
		got := [3]string{text(first, ok1), text(last, ok2), text(moment, ok3)}
		if got != want {
			t.Errorf("%q is %v, want %v", s, got, want)
		}
	}
}

func text(t time.Time, ok bool) string {
	if !ok {
		return ""
	}
	return t.Format(time.RFC3339)
}
