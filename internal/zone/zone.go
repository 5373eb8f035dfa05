// Package zone knows the time zone of the sites. All of China keeps Beijing time, without summer
// time since 1991, so no database of time zones is needed.
package zone

import "time"

// China is China Standard Time, +08:00.
var China = time.FixedZone("CST", 8*60*60)

// ParseDay reads a day, a month or a year, 2022-10-27, 2022-10 or 2022, as its first day in China; last asks for the
// last.
func ParseDay(s string, last bool) (t time.Time, ok bool) {
	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {"2006-1-2", 0, 0, 1}} {
		t, err := time.ParseInLocation(form.layout, s, China)
		if err != nil {
			continue
		}
		if last {
			t = t.AddDate(form.years, form.months, form.days).AddDate(0, 0, -1)
		}
		return t, true
	}
	return time.Time{}, false
}

// ParseMoment reads a time of RFC 3339, or a day, month or year as its last second in China.
func ParseMoment(s string) (t time.Time, ok bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, ok = ParseDay(s, true)
	if ok {
		t = t.AddDate(0, 0, 1).Add(-time.Second)
	}
	return t, ok
}
