package archive

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// nextRecord returns the offset, at or after from, where the next record can be read: a gzip member that begins with a
// version line, or such a line that follows a line end or NULs and begins a head. It returns to if there is none.
// The time is proportional to the bytes that are passed over.
func nextRecord(ctx context.Context, f io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, resyncWindow)
	for at := max(from, 0); at < to; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		// One byte before at, to see the line end there.
		back := min(at, 1)
		n, err := f.ReadAt(buf[:min(int64(len(buf)), to-at+back)], at-back)
		if err != nil && err != io.EOF {
			return 0, fmt.Errorf("look for the next record at %d: %w", at, err)
		}
		last := at-back+int64(n) >= to || int64(n) <= back
		i := firstRecord(ctx, buf[:n], int(back), at == 0, last)
		if i >= 0 {
			return at - back + int64(i), nil
		}
		if last {
			break
		}
		at += int64(n) - back - resyncOverlap
	}
	return to, ctx.Err()
}

const (
	resyncWindow  = 256 << 10
	resyncOverlap = 64 << 10 // room for a head that begins in one window and ends in the next
)

// firstRecord returns the index in b, from skip on, where a record begins, -1 if none does. start says that b begins the
// file, last that nothing follows it: else what begins in the overlap with the next window is left to that.
func firstRecord(ctx context.Context, b []byte, skip int, start, last bool) int {
	end := len(b)
	if !last {
		end -= resyncOverlap
	}
	gz, line := skip, skip // up to where neither has been found
	for tries := 0; ; tries++ {
		if tries%1000 == 999 && ctx.Err() != nil {
			return -1
		}
		gz = indexFrom(b, gz, "\x1f\x8b\x08")
		line = indexFrom(b, line, "WARC/1.")
		i := min(gz, line)
		switch {
		case i >= end:
			return -1
		case i == gz && holdsRecord(b[i:]):
			return i
		case i == line && (i == 0 && start || i > 0 && (b[i-1] == '\n' || b[i-1] == 0)) && beginsHead(b[i:]):
			return i
		}
		if i == gz {
			gz++
		}
		if i == line {
			line++
		}
	}
}

// indexFrom is bytes.Index from a place on, len(b) if there is none.
func indexFrom(b []byte, from int, what string) int {
	if from >= len(b) {
		return len(b)
	}
	if i := bytes.Index(b[from:], []byte(what)); i >= 0 {
		return from + i
	}
	return len(b)
}

// beginsHead says whether b begins with a version line and named fields that tell a type, up to the empty line.
func beginsHead(b []byte) bool {
	b = b[:min(len(b), resyncOverlap)]
	version, rest, ok := bytes.Cut(b, []byte{'\n'})
	if !ok || len(bytes.TrimRight(version, "\r")) != len("WARC/1.0") {
		return false
	}
	for {
		line, after, ok := bytes.Cut(rest, []byte{'\n'})
		name, _, colon := bytes.Cut(line, []byte{':'})
		switch {
		case colon && bytes.EqualFold(bytes.TrimSpace(name), []byte("WARC-Type")):
			return true
		case !ok || len(bytes.TrimRight(line, "\r")) == 0 || !colon && line[0] != ' ' && line[0] != '\t':
			return false
		}
		rest = after
	}
}

// probes are readers that look into members; their tables are dear.
var probes = sync.Pool{New: func() any { return &probe{in: bufio.NewReaderSize(nil, 512)} }}

type probe struct {
	in *bufio.Reader
	z  gzip.Reader
}

// holdsRecord says whether b begins with a gzip member that begins with a version line.
func holdsRecord(b []byte) bool {
	if len(b) < 10 || b[3]&0xe0 != 0 { // reserved flags (RFC 1952 §2.3.1.2)
		return false
	}
	p := probes.Get().(*probe)
	defer probes.Put(p)
	p.in.Reset(bytes.NewReader(b))
	if p.z.Reset(p.in) != nil {
		return false
	}
	p.z.Multistream(false)
	var head [5]byte
	_, err := io.ReadFull(&p.z, head[:])
	return err == nil && string(head[:]) == "WARC/"
}
