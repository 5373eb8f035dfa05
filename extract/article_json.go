package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"cundang/internal/zone"
)

// MarshalJSON writes null for the empty Text.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // whether < is escaped is the outer encoder's choice
	if err := e.Encode(string(t)); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// String returns what JSON has: 2022-10-27, or 2022-10-27T09:30:00+08:00 when the page shows
// a time of day, or "" for the zero Date.
func (d Date) String() string {
	switch {
	case d.Time.IsZero():
		return ""
	case d.HasClock:
		return d.Time.In(zone.China).Format(time.RFC3339)
	}
	return d.Time.In(zone.China).Format(time.DateOnly)
}

// MarshalJSON writes String, or null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) { return Text(d.String()).MarshalJSON() }

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read date: %w", err)
	}
	if s == "" {
		*d = Date{}
		return nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone.China); err == nil {
		*d = Date{Time: t}
		return nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("read date: %w", err)
	}
	*d = Date{Time: t.In(zone.China), HasClock: true}
	return nil
}
