package archive

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"cundang/archive/cdx"
)

// MementoBase is where mementos are served: a memento is at Base + yyyymmddhhmmss + "/" +
// URL, the TimeGate at Base + URL, the TimeMap at TimeMap + URL.
type MementoBase struct {
	Base    string // "http://127.0.0.1:8787/web/"
	TimeMap string // "http://127.0.0.1:8787/web/timemap/link/"
}

// WriteTimeMap writes the TimeMap of a URL in link format (RFC 7089 §5, RFC 6690).
// ErrNotFound if there is no capture.
func (s *Store) WriteTimeMap(ctx context.Context, w io.Writer, url string, base MementoBase) error {
	rows, err := s.exactRows(ctx, url)
	if err != nil {
		return fmt.Errorf("timemap of %s: %w", url, err)
	}
	if len(rows) == 0 {
		return fmt.Errorf("timemap of %s: %w", url, ErrNotFound)
	}
	times := make([]string, len(rows))
	for i, r := range rows {
		t, err := time.Parse("20060102150405", r.Time)
		if err != nil {
			return fmt.Errorf("timemap of %s: %w", url, err)
		}
		times[i] = t.UTC().Format(http.TimeFormat)
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "<%s>; rel=\"original\",\n", url)
	if base.TimeMap != "" {
		fmt.Fprintf(out, "<%s%s>; rel=\"self\"; type=\"application/link-format\"; from=\"%s\"; until=\"%s\",\n",
			base.TimeMap, url, times[0], times[len(times)-1])
	}
	fmt.Fprintf(out, "<%s%s>; rel=\"timegate\"", base.Base, url)
	for i, r := range rows {
		fmt.Fprintf(out, ",\n<%s%s/%s>; rel=\"%s\"; datetime=\"%s\"", base.Base, r.Time, r.URL, mementoRel(i, len(rows)), times[i])
	}
	fmt.Fprintln(out)
	return out.Flush()
}

func mementoRel(i, n int) string {
	switch {
	case n == 1:
		return "first last memento"
	case i == 0:
		return "first memento"
	case i == n-1:
		return "last memento"
	}
	return "memento"
}

// WriteTimeMapCDXJ writes the CDX rows of a URL, oldest first, as
// pywb serves them. ErrNotFound if there is no capture.
func (s *Store) WriteTimeMapCDXJ(ctx context.Context, w io.Writer, url string) error {
	rows, err := s.exactRows(ctx, url)
	if err != nil {
		return fmt.Errorf("timemap of %s: %w", url, err)
	}
	if len(rows) == 0 {
		return fmt.Errorf("timemap of %s: %w", url, ErrNotFound)
	}
	return writeRows(w, rows)
}

func writeRows(w io.Writer, rows []cdx.Row) error {
	out := bufio.NewWriter(w)
	for _, r := range rows {
		if _, err := out.WriteString(r.String() + "\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}
