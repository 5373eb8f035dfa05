package tlog

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
)

// group is what one append put into the log: the entries that follow its line in the write-ahead log.
type group struct {
	First  int64    `json:"first"` // index of the first entry
	Count  int      `json:"count"`
	Bytes  int      `json:"bytes"`  // of the entries, as bundles hold them
	SHA256 string   `json:"sha256"` // of those bytes
	Runs   []runRow `json:"runs,omitempty"`

	data []byte
}

// runRow says that the captures of a WARC up to End are in the log, the last of them as entries First to First+Count-1.
type runRow struct {
	File  string `json:"file"`
	First int64  `json:"first"`
	Count int    `json:"count"`
	End   int64  `json:"end"` // offset behind the last capture
}

// marshal returns the group as it stands in the write-ahead log.
func (g *group) marshal() ([]byte, error) {
	g.Bytes, g.SHA256 = len(g.data), fmt.Sprintf("%x", sha256.Sum256(g.data))
	line, err := json.Marshal(g)
	if err != nil {
		return nil, err
	}
	return append(append(line, '\n'), g.data...), nil
}

// maxGroup bounds what is believed of a group's line, in bytes of entries.
const maxGroup = 256 << 20

// readGroups reads the whole groups of a write-ahead log and says where they end. What follows is what a kill or a
// power cut left of an append that never returned.
func readGroups(r io.Reader) (groups []group, end int64, err error) {
	in := bufio.NewReader(r)
	next := int64(-1)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return groups, end, nil
		}
		if err != nil {
			return nil, 0, err
		}
		var g group
		if json.Unmarshal(line, &g) != nil || g.Bytes < 0 || g.Bytes > maxGroup || g.Count < 0 ||
			next >= 0 && g.First != next {
			return groups, end, nil
		}
		var data bytes.Buffer // grows with what is there, not with what the line says
		if _, err := io.CopyN(&data, in, int64(g.Bytes)); err == io.EOF {
			return groups, end, nil
		} else if err != nil {
			return nil, 0, err
		}
		g.data = data.Bytes()
		if fmt.Sprintf("%x", sha256.Sum256(g.data)) != g.SHA256 {
			return groups, end, nil
		}
		if _, err := parseBundle(g.data, g.Count); err != nil {
			return groups, end, nil
		}
		groups = append(groups, g)
		next = g.First + int64(g.Count)
		end += int64(len(line)) + int64(g.Bytes)
	}
}
