package tlog

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Leaf is one capture as the log commits to it.
type Leaf struct {
	URL     string
	Time    time.Time // WARC-Date, UTC
	Payload string    // WARC-Payload-Digest, "sha256:hex" of the entity; "" where the record has none
	Record  string    // "sha256:hex" of the bytes at Ref as they lie in the file
	Ref     string    // FILE:OFFSET:LENGTH of the response or revisit record
}

// leafVersion is the first line of every entry.
const leafVersion = "cundang capture v1"

// maxURL is the longest URL in bytes that an entry holds; of a longer one (a data: URL of a foreign WARC) it
// holds the digest. An entry has to fit into the 16 bits of its length.
const maxURL = 32 << 10

// Marshal returns the entry of the log: six lines of UTF-8 (version, URL, time, payload digest, record digest,
// Ref), each ended by a line feed.
func (l Leaf) Marshal() []byte {
	url := oneLine.Replace(l.URL)
	if len(url) > maxURL {
		url = fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(url)))
	}
	b := make([]byte, 0, len(leafVersion)+len(url)+len(l.Payload)+len(l.Record)+len(l.Ref)+len(time.RFC3339Nano)+6)
	b = append(append(b, leafVersion...), '\n')
	b = append(append(b, url...), '\n')
	b = append(l.Time.UTC().AppendFormat(b, time.RFC3339Nano), '\n')
	for _, s := range [...]string{l.Payload, l.Record, l.Ref} {
		b = append(append(b, s...), '\n')
	}
	return b
}

var oneLine = strings.NewReplacer("\n", "%0A", "\r", "%0D")

// ParseLeaf parses what Marshal returns.
func ParseLeaf(entry []byte) (Leaf, error) {
	lines := strings.Split(string(entry), "\n")
	if len(lines) != 7 || lines[0] != leafVersion || lines[6] != "" {
		return Leaf{}, fmt.Errorf("entry is no %q", leafVersion)
	}
	t, err := time.Parse(time.RFC3339Nano, lines[2])
	if err != nil {
		return Leaf{}, fmt.Errorf("entry of %s: %w", lines[1], err)
	}
	l := Leaf{URL: lines[1], Time: t, Payload: lines[3], Record: lines[4], Ref: lines[5]}
	if string(l.Marshal()) != string(entry) {
		return Leaf{}, fmt.Errorf("entry of %s is not in its one canonical form", lines[1])
	}
	return l, nil
}

// appendEntry appends an entry with its length, as bundles hold it.
func appendEntry(b, entry []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(entry))), entry...)
}

var errBundle = errors.New("bundle of entries is cut off")

// parseBundle takes the n entries of a bundle apart; there is nothing behind them.
func parseBundle(b []byte, n int) ([][]byte, error) {
	entries, rest, err := cutEntries(b, n)
	if err == nil && len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes behind the last entry of a bundle", len(rest))
	}
	return entries, err
}

// cutEntries takes the first n entries off a bundle.
func cutEntries(b []byte, n int) (entries [][]byte, rest []byte, err error) {
	entries = make([][]byte, 0, min(n, tileWidth))
	for range n {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, nil, errBundle
		}
		size := int(binary.BigEndian.Uint16(b))
		entries = append(entries, b[2:2+size])
		b = b[2+size:]
	}
	return entries, b, nil
}
