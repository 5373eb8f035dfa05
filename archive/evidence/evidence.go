// Package evidence hands out one capture with the proof that it stands in the transparency log, as a ZIP file that
// anybody can check without an archive: the WARC record as it was received, the entry of the log, its inclusion proof
// with the signed head (C2SP tlog-proof), the keys, time stamps, and a page that says in Chinese and English what it
// is.
package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"cundang/archive/tlog"
	"cundang/archive/warc"
	"cundang/internal/zone"
)

// Names within an evidence file. Everything is stored, not compressed, so that a few lines of any language read it.
const (
	manifestName = "evidence.json"
	keysName     = "keys.jsonl"
	readmeName   = "README.txt"
	citationName = "citation.txt"
)

// maxFile bounds an evidence file and each part of it, in bytes: a capture of a video may be large.
const maxFile = 4 << 30

// Manifest is evidence.json.
type Manifest struct {
	Format   string    `json:"format"` // "cundang evidence v1"
	Made     time.Time `json:"made"`
	Software string    `json:"software"`
	Origin   string    `json:"origin"` // of the log
	// Captures are the capture and, if it is a revisit, the one with its body.
	Captures []Part `json:"captures"`
	// Timestamps are RFC 3161 responses over the signed head; see docs/proofs.md.
	Timestamps []string `json:"timestamps,omitempty"`
}

// Part is one capture in an evidence file.
type Part struct {
	URL    string    `json:"url"`
	Time   time.Time `json:"time"`
	Ref    string    `json:"ref"`    // where it lies in the archive: FILE:OFFSET:LENGTH
	Record string    `json:"record"` // name of the WARC in the ZIP
	Length int64     `json:"length"` // how many bytes of it the log commits to; what follows is its metadata record
	Entry  string    `json:"entry"`  // name of the log's entry
	Proof  string    `json:"proof"`  // name of its tlog-proof
}

const format = "cundang evidence v1"

// Capture is what Write needs of a capture.
type Capture struct {
	Leaf   tlog.Leaf
	Proof  []byte    // C2SP tlog-proof
	Record io.Reader // the record at Ref and what belongs to it
	Length int64     // of the record at Ref in bytes
}

// Input is what an evidence file is made of.
type Input struct {
	Software   string
	Made       time.Time
	Keys       []byte // keys.jsonl of the log
	Captures   []Capture
	Citation   string
	Timestamps map[string][]byte // by name
}

// Write writes an evidence file.
func Write(w io.Writer, in Input) error {
	z := zip.NewWriter(w)
	put := func(name string, r io.Reader) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: in.Made.UTC()})
		if err == nil {
			_, err = io.Copy(f, r)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		return nil
	}
	m := Manifest{Format: format, Made: in.Made.UTC().Truncate(time.Second), Software: in.Software}
	var errs []error
	for i, c := range in.Captures {
		p := Part{URL: c.Leaf.URL, Time: c.Leaf.Time, Ref: c.Leaf.Ref, Length: c.Length,
			Record: fmt.Sprintf("records/%d.warc.gz", i+1),
			Entry:  fmt.Sprintf("proofs/%d.entry", i+1), Proof: fmt.Sprintf("proofs/%d.tlog-proof", i+1)}
		m.Captures = append(m.Captures, p)
		errs = append(errs, put(p.Record, c.Record), put(p.Entry, bytes.NewReader(c.Leaf.Marshal())),
			put(p.Proof, bytes.NewReader(c.Proof)))
	}
	for name, b := range in.Timestamps {
		m.Timestamps = append(m.Timestamps, "timestamps/"+path.Base(name))
		errs = append(errs, put("timestamps/"+path.Base(name), bytes.NewReader(b)))
	}
	if keys, err := tlog.ParseKeys(in.Keys); err == nil {
		m.Origin, _, _ = strings.Cut(keys[0].Key, "+")
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	errs = append(errs, put(keysName, bytes.NewReader(in.Keys)), put(citationName, strings.NewReader(in.Citation+"\n")),
		put(readmeName, strings.NewReader(readme(m))), put(manifestName, bytes.NewReader(append(text, '\n'))), z.Close())
	return errors.Join(errs...)
}

// readme describes the file to whoever is handed it.
func readme(m Manifest) string {
	var b strings.Builder
	c := m.Captures[0]
	local := c.Time.In(zone.China).Format("2006-01-02 15:04:05 -07:00")
	fmt.Fprintf(&b, `网页存档证据

本文件证明：下列网址在所示时间返回的内容，已由存档日志“%[3]s”收录。
网址：%[1]s
采集时间：%[2]s
内容：%[4]s（WARC 记录，逐字节如服务器所发）
核验：cundang evidence check 本文件；无需任何存档，也可离线进行。说明见项目文档 docs/proofs.md。
它所能证明的：自日志签署该时刻的树头起，记录未被更改、删除或补插。它不能证明服务器所述属实，
也不能证明采集者从未作假：请将树头与您另行取得的树头、见证人联署或时间戳相比对。

Evidence of an archived web page

This file proves that what the address below answered at the time shown is in the archive's log %[3]q.
Address: %[1]s
Captured: %[2]s
Content: %[4]s (the WARC record, byte for byte as the server sent it)
To check: cundang evidence check FILE, offline, without any archive. See docs/proofs.md of the project.
What it proves: since the log signed this head the record has not been altered, removed or inserted later. It does
not prove that what the server said is true, nor that the archivist never cheated: compare the head with one that you
have from elsewhere, with cosignatures of witnesses, or with a time stamp.
`, c.URL, local, m.Origin, c.Record)
	return b.String()
}

// Report is what a check found.
type Report struct {
	Manifest
	Heads    []tlog.Checkpoint // of each capture's proof
	Index    []int64           // of each capture in the log
	Keys     []tlog.Key        // as the file has them: compare one with a copy from elsewhere
	Stamps   []time.Time       // of time stamps over the head of the proofs, as they tell
	Citation string
}

// CheckFile checks the evidence file at a path as Check does, and which of some witnesses, by their verifier keys, have
// cosigned the head of its proofs.
func CheckFile(path, trusted string, witnesses []string) (r Report, cosigned []tlog.Cosignature, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, nil, err
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err != nil {
		return r, nil, err
	}
	if r, err = Check(f, info.Size(), trusted); err != nil {
		return r, nil, err
	}
	cosigned, err = tlog.Cosignatures(r.Heads[0].Signed, witnesses)
	return r, cosigned, err
}

// Check checks an evidence file of so many bytes, offline. With trusted, a verifier key of C2SP signed-note, one of the
// file's keys has to be that one. The error says what does not hold.
func Check(r io.ReaderAt, size int64, trusted string) (Report, error) {
	var rep Report
	if size > maxFile {
		return rep, fmt.Errorf("a file of %d bytes is no evidence: at most %d are read", size, int64(maxFile))
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return rep, fmt.Errorf("not an evidence file: %w", err)
	}
	text, err := small(z, manifestName)
	if err != nil {
		return rep, err
	}
	if err := json.Unmarshal(text, &rep.Manifest); err != nil || rep.Format != format || len(rep.Captures) == 0 ||
		len(rep.Captures) > 2 {
		return rep, errors.Join(fmt.Errorf("%s is none of format %q", manifestName, format), err)
	}
	keys, err := small(z, keysName)
	if err != nil {
		return rep, err
	}
	if rep.Keys, err = tlog.ParseKeys(keys); err != nil {
		return rep, err
	}
	if citation, err := small(z, citationName); err == nil {
		rep.Citation = strings.TrimSpace(string(citation))
	}
	if !trusts(rep.Keys, trusted) {
		return rep, fmt.Errorf("none of the file's keys is %s", trusted)
	}
	var leaves []tlog.Leaf
	for _, p := range rep.Captures {
		leaf, err := rep.check(z, p)
		if err != nil {
			return rep, fmt.Errorf("%s: %w", p.URL, err)
		}
		leaves = append(leaves, leaf)
	}
	if err := rep.checkStamps(z); err != nil {
		return rep, err
	}
	if len(leaves) == 2 && (leaves[0].Payload == "" || leaves[0].Payload != leaves[1].Payload) {
		return rep, errors.New("the second capture does not have the body that the first refers to")
	}
	return rep, nil
}

func trusts(keys []tlog.Key, trusted string) bool {
	for _, k := range keys {
		if trusted == "" || k.Key == strings.TrimSpace(trusted) {
			return true
		}
	}
	return false
}

// check checks one capture: entry against record, proof against entry.
func (rep *Report) check(z *zip.Reader, p Part) (leaf tlog.Leaf, err error) {
	entry, err := small(z, p.Entry)
	if err != nil {
		return leaf, err
	}
	if leaf, err = tlog.ParseLeaf(entry); err != nil {
		return leaf, err
	}
	if leaf.URL != p.URL || !leaf.Time.Equal(p.Time) || leaf.Ref != p.Ref {
		return leaf, fmt.Errorf("%s and %s name different captures", manifestName, p.Entry)
	}
	proof, err := small(z, p.Proof)
	if err != nil {
		return leaf, err
	}
	index, head, err := tlog.CheckProof(proof, entry, rep.Keys)
	if err != nil {
		return leaf, err
	}
	rep.Index, rep.Heads = append(rep.Index, index), append(rep.Heads, head)
	return leaf, checkRecord(z, p, leaf)
}

// checkStamps checks the time stamps, which are over the head that the proofs end at.
func (rep *Report) checkStamps(z *zip.Reader) error {
	var stamped []byte
	for _, name := range rep.Timestamps {
		if !strings.HasSuffix(name, ".checkpoint") {
			continue
		}
		var err error
		if stamped, err = small(z, name); err != nil {
			return err
		}
		head, err := tlog.ParseCheckpoint(stamped, rep.Keys)
		if err != nil {
			return err
		}
		for _, h := range rep.Heads {
			if h.Size != head.Size || h.Root != head.Root {
				return fmt.Errorf("%s is not the head of the proofs", name)
			}
		}
	}
	for _, name := range rep.Timestamps {
		if !strings.HasSuffix(name, ".tsr") {
			continue
		}
		response, err := small(z, name)
		if err != nil {
			return err
		}
		at, err := tlog.CheckStamp(response, stamped)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rep.Stamps = append(rep.Stamps, at)
	}
	return nil
}

// checkRecord holds the record to the log's entry: its bytes, then URL, time and payload as it says them itself.
func checkRecord(z *zip.Reader, p Part, leaf tlog.Leaf) error {
	f, err := z.Open(p.Record)
	if err != nil {
		return err
	}
	defer f.Close() // opened for reading
	sum := sha256.New()
	if n, err := io.Copy(sum, io.LimitReader(f, p.Length)); err != nil || n != p.Length {
		return errors.Join(fmt.Errorf("%s has %d bytes, not %d", p.Record, n, p.Length), err)
	}
	if got := fmt.Sprintf("sha256:%x", sum.Sum(nil)); got != leaf.Record {
		return fmt.Errorf("the record is %s, the log has %s", got, leaf.Record)
	}
	again, err := z.Open(p.Record)
	if err != nil {
		return err
	}
	defer again.Close() // opened for reading
	rec, err := warc.NewReader(again, p.Record, 0, warc.Tolerant).Next()
	if err != nil {
		return err
	}
	if h := rec.Header; h.URI() != leaf.URL || !h.Time().Equal(leaf.Time) || h.Value(warc.PayloadDigest) != leaf.Payload {
		return fmt.Errorf("the record says %s of %s, the log %s of %s", h.URI(), h.Time(), leaf.URL, leaf.Time)
	}
	_, err = io.Copy(io.Discard, rec.Block) // the gzip member is whole
	return err
}

// small reads a part that is text.
func small(z *zip.Reader, name string) ([]byte, error) {
	f, err := z.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("not an evidence file: there is no %s in it", name)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading
	const most = 1 << 20
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s is longer than %d bytes", name, most)
	}
	return b, err
}
