package archive

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cundang/archive/warc"
)

// page is a response record of a made-up site; fields are added as they are.
func page(n int, fields, body string) string {
	return record("WARC/1.1", "response", fmt.Sprintf("%08d-1111-4111-8111-111111111111", n),
		fmt.Sprintf("WARC-Target-URI: http://m.example/%d\r\nContent-Type: application/http; msgtype=response\r\n%s", n, fields),
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"+body)
}

// withLength replaces what a record says of its length.
func withLength(rec, length string) string {
	head, rest, _ := strings.Cut(rec, "Content-Length: ")
	_, rest, _ = strings.Cut(rest, "\r\n")
	if length == "" {
		return head + rest
	}
	return head + "Content-Length: " + length + "\r\n" + rest
}

// imported returns "URL body" of what an import of data brings, and what the import reports.
func imported(t *testing.T, s *Store, name string, data []byte) ([]string, Imported) {
	t.Helper()
	got, err := s.Import(t.Context(), write(t, name, data), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pages, _ := follow(t, s, "")
	return pages, got[0]
}

// cdxRows returns the URLs of the CDX.
func cdxRows(t *testing.T, s *Store) (out []string) {
	t.Helper()
	for r, err := range s.Rows(t.Context(), Lookup{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r.URL)
	}
	return out
}

func TestImportGoesOnBehindBadRecords(t *testing.T) {
	quoting := "see:\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n"
	all := []string{"one", "two", "three"}
	for _, c := range []struct {
		name string
		data string
		want []string // bodies
	}{
		{"length too short", withLength(page(0, "", all[0]), "45") + page(1, "", all[1]) + page(2, "", all[2]), all},
		{"length too long", page(0, "", all[0]) + withLength(page(1, "", all[1]), "77") + page(2, "", all[2]), all},
		{"length beyond the file", page(0, "", all[0]) + withLength(page(1, "", all[1]), "777777") + page(2, "", all[2]), all},
		{"no length", page(0, "", all[0]) + withLength(page(1, "", all[1]), "") + page(2, "", all[2]), all},
		{"length is a word", withLength(page(0, "", all[0]), "many") + page(1, "", all[1]) + page(2, "", all[2]), all},
		{"length of the last too long", page(0, "", all[0]) + page(1, "", all[1]) + withLength(page(2, "", all[2]), "99"), all},
		{"NUL block", page(0, "", all[0]) + strings.Repeat("\x00", 512) + page(1, "", all[1]) + page(2, "", all[2]), all},
		{"foreign lines", page(0, "", all[0]) + "a line of a log\r\nand another\n" + page(1, "", all[1]) + page(2, "", all[2]), all},
		{"half a record in front", page(9, "", "lost")[60:] + page(0, "", all[0]) + page(1, "", all[1]) + page(2, "", all[2]), all},
		{"a head in a sound block", page(0, "", quoting) + page(1, "", all[1]), []string{quoting, all[1]}},
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s packed=%v", c.name, packed), func(t *testing.T) {
				data := []byte(c.data)
				if packed {
					data = perRecord([]string{c.data})
				}
				s := mustOpen(t, t.TempDir(), Options{})
				pages, got := imported(t, s, "bad.warc", data)
				var bodies []string
				for _, p := range pages {
					_, body, _ := strings.Cut(p, " ")
					bodies = append(bodies, body)
				}
				if d := cmp.Diff(c.want, bodies); d != "" {
					t.Error(d)
				}
				if rows := cdxRows(t, s); len(rows) != got.Captures || !got.Rewritten {
					t.Errorf("%d rows, import says %+v", len(rows), got)
				}
				if whole := c.name == "a head in a sound block" && !packed; (len(got.Problems) == 0) != whole {
					t.Errorf("problems: %q", got.Problems)
				}
				mustClose(t, s)
				ro := mustOpen(t, s.Dir(), Options{ReadOnly: true})
				if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() {
					t.Errorf("verify: %+v, %v", r.Findings, err)
				}
				mustClose(t, ro)
			})
		}
	}
}

func TestImportKeepsWhatIsThereOfTheLastRecord(t *testing.T) {
	sum := "WARC-Payload-Digest: " + digestOf([]byte(strings.Repeat("tail", 100))) + "\r\n"
	whole := page(0, "", "one") + page(1, "", "two") + page(2, sum, strings.Repeat("tail", 100))
	cut := whole[:len(whole)-100]
	for name, data := range map[string][]byte{"plain": []byte(cut), "one member": perRecord([]string{cut})[:0], "packed": nil} {
		t.Run(name, func(t *testing.T) {
			switch name {
			case "packed":
				data = perRecord([]string{page(0, "", "one"), page(1, "", "two"), page(2, sum, incompressible(4000))})
				data = data[:len(data)-500]
			case "one member":
				data = perRecord([]string{whole + incompressible(3000)})
				data = data[:len(data)-1000]
			}
			s := mustOpen(t, t.TempDir(), Options{})
			_, got := imported(t, s, "cut.warc", data)
			if got.Captures != 3 || len(cdxRows(t, s)) != 3 || len(got.Problems) == 0 {
				t.Errorf("import: %+v, CDX %q", got, cdxRows(t, s))
			}
			again, err := s.Import(t.Context(), write(t, "whole.warc", []byte(whole)), ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if g := again[0]; name == "plain" && (g.Captures != 1 || g.KnownRecords != 2 || len(cdxRows(t, s)) != 4) {
				t.Errorf("the whole file: %+v, CDX %q", g, cdxRows(t, s))
			}
			mustClose(t, s)
			ro := mustOpen(t, s.Dir(), Options{ReadOnly: true})
			if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() {
				t.Errorf("verify: %+v, %v", r.Findings, err)
			}
			mustClose(t, ro)
		})
	}
}

// incompressible is text that gzip does not make much shorter.
func incompressible(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(digestOf([]byte{byte(i), byte(i >> 8)})[7:])
	}
	return b.String()[:n]
}

func TestImportTakesNewRecordsOfKnownCaptures(t *testing.T) {
	capture := page(0, "", "one")
	request := record("WARC/1.1", "request", "00000001-2222-4222-8222-222222222222",
		"WARC-Target-URI: http://m.example/0\r\nContent-Type: application/http; msgtype=request\r\n", "GET /0 HTTP/1.1\r\n\r\n")
	conversion := record("WARC/1.1", "conversion", "00000002-2222-4222-8222-222222222222",
		"WARC-Target-URI: http://m.example/0\r\nContent-Type: text/plain\r\n", "made of it")
	s := mustOpen(t, t.TempDir(), Options{})
	defer mustClose(t, s)
	imported(t, s, "1.warc", []byte(capture))
	second := []byte(capture + request + conversion + page(1, "", "two"))
	pages, got := imported(t, s, "2.warc", second)
	if d := cmp.Diff([]string{"http://m.example/0 one", "http://m.example/1 two"}, pages); d != "" {
		t.Error(d)
	}
	kept := string(gunzip(t, filepath.Join(s.Dir(), got.File)))
	if got.KnownRecords != 1 || !strings.Contains(kept, "GET /0") || !strings.Contains(kept, "made of it") || strings.Contains(kept, "\r\n\r\none") {
		t.Errorf("import %+v\n%s", got, kept)
	}
	if _, again := imported(t, s, "2.warc", second); again.Known != got.File {
		t.Errorf("again: %+v", again)
	}
	if _, third := imported(t, s, "3.warc", []byte(capture+request)); third.Known == "" {
		t.Errorf("nothing new: %+v", third)
	}
}

func TestImportJoinsSegments(t *testing.T) {
	first := page(0, "WARC-Segment-Number: 1\r\n", "one ")
	next := func(n int, fields, block string) string {
		return record("WARC/1.1", "continuation", fmt.Sprintf("0000000%d-3333-4333-8333-333333333333", n),
			fmt.Sprintf("WARC-Target-URI: http://m.example/0\r\nWARC-Segment-Origin-ID: <urn:uuid:%08d-1111-4111-8111-111111111111>\r\nWARC-Segment-Number: %d\r\n%s", 0, n, fields), block)
	}
	total := len("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\none two three")
	last := next(3, fmt.Sprintf("WARC-Segment-Total-Length: %d\r\n", total), "three")
	for _, c := range []struct {
		name, data, want, truncated string
	}{
		{"whole", first + next(2, "", "two ") + last, "one two three", ""},
		{"out of order", first + last + next(2, "", "two "), "one two three", ""},
		{"one missing", first + last, "one ", "unspecified"},
		{"the last missing", first + next(2, "", "two "), "one two ", "unspecified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, t.TempDir(), Options{})
			defer mustClose(t, s)
			pages, got := imported(t, s, "s.warc.gz", perRecord([]string{c.data}))
			if d := cmp.Diff([]string{"http://m.example/0 " + c.want}, pages); d != "" || got.Captures != 1 || len(got.Problems) == 0 {
				t.Errorf("%s\n%+v", d, got)
			}
			kept := string(gunzip(t, filepath.Join(s.Dir(), got.File)))
			if strings.Contains(kept, "WARC-Truncated: unspecified") != (c.truncated != "") || strings.Contains(kept, "Segment-Number: 1") {
				t.Error(kept)
			}
		})
	}
}

// TestBodyByDigest holds the payload of a response whose body was altered beside its head.
func TestBodyByDigest(t *testing.T) {
	const chunks = "5\r\nfirst\r\n0\r\n\r\n"
	pad := strings.Repeat("-", keepBlock) // too large to be kept in memory
	for _, c := range []struct {
		name, head, body, digested, want string
		damaged                          bool
	}{
		{"whole by its digest", "Content-Length: 4", "unpacked", "unpacked", "unpacked", false},
		{"shorter by its digest", "Content-Length: 2", "unpacked", "un", "un", false},
		{"no digest", "Content-Length: 4", "unpacked", "", "unpacked", false},
		{"digest of something else", "Content-Length: 4", "unpacked", "other", "unpacked", true},
		{"no chunks, no line end", "Transfer-Encoding: chunked", "plain text", "plain text", "plain text", false},
		{"no chunks, no digest", "Transfer-Encoding: chunked", "plain text", "", "plain text", false},
		{"no chunks, lines", "Transfer-Encoding: chunked", "plain\r\ntext\r\n", "", "plain\r\ntext\r\n", false},
		{"a number in front", "Transfer-Encoding: chunked", "2022\r\nthe year", "2022\r\nthe year", "2022\r\nthe year", false},
		{"chunks", "Transfer-Encoding: chunked", chunks, "first", "first", false},
		{"chunks, older digest", "Transfer-Encoding: chunked", chunks, chunks, "first", false},
		{"chunks with extensions", "Transfer-Encoding: chunked", "5;a=b\r\nfirst\r\n0\r\n\r\n", "first", "first", false},
		{"last chunk missing", "Transfer-Encoding: chunked", "5\r\nfirst\r\n6\r\nsec", "firstsec", "firstsec", false},
		{"size broken off", "Transfer-Encoding: chunked", "5\r\nfirst\r\n1", "first", "first", false},
	} {
		for _, large := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s large=%v", c.name, large), func(t *testing.T) {
				head := "HTTP/1.1 200 OK\r\n" + c.head + "\r\n"
				if large {
					for i := 0; i < len(pad); i += 200 << 10 { // a head is read up to 256 KiB
						head += fmt.Sprintf("X-%d: %s\r\n", i, pad[:min(len(pad)-i, 200<<10)])
					}
					head = "HTTP/1.1 200 OK\r\n" + c.head + "\r\nX: " + strings.Repeat("-", 250<<10) + "\r\n"
				}
				fields := "WARC-Target-URI: http://m.example/b\r\nContent-Type: application/http; msgtype=response\r\n"
				if c.digested != "" {
					fields += "WARC-Payload-Digest: " + digestOf([]byte(c.digested)) + "\r\n"
				}
				block := head + "\r\n" + c.body
				s := mustOpen(t, t.TempDir(), Options{})
				pages, _ := imported(t, s, "b.warc.gz", perRecord([]string{record("WARC/1.1", "response", id2, fields, block)}))
				if d := cmp.Diff([]string{"http://m.example/b " + c.want}, pages); d != "" {
					t.Error(d)
				}
				mustClose(t, s)
				ro := mustOpen(t, s.Dir(), Options{ReadOnly: true})
				defer mustClose(t, ro)
				got, err := ro.Closest(t.Context(), "http://m.example/b", time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				if b, err := ro.recordBody(got.Ref, false, got.recordedDigest(c.digested)); err != nil {
					t.Error(err)
				} else {
					var buf bytes.Buffer
					if _, err := buf.ReadFrom(b); err != nil || buf.String() != c.want {
						t.Errorf("streamed: %q, %v", buf.String(), err)
					}
					if err := b.Close(); err != nil {
						t.Error(err)
					}
				}
				if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() != c.damaged {
					t.Errorf("verify: %+v, %v", r.Findings, err)
				}
			})
		}
	}
}

func (c Capture) recordedDigest(digested string) string {
	if digested == "" {
		return ""
	}
	return digestOf([]byte(digested))
}

func TestImportReadsDatesInAllForms(t *testing.T) {
	for _, c := range []struct{ date, want string }{
		{"2021-02-03T04:05:06Z", "20210203040506"},
		{"2021-02-03T04:05:06", "20210203040506"},
		{"2021-02-03 04:05:06Z", "20210203040506"},
		{"2021-02-03T04:05", "20210203040500"},
		{"2021-02-03t04:05:06z", "20210203040506"},
		{"2021-02-03T12:05:06+08:00", "20210203040506"},
		{"20210203040506", "20210203040506"},
		{"when it was", "19700101000000"},
	} {
		s := mustOpen(t, t.TempDir(), Options{})
		rec := strings.Replace(page(0, "", "one"), "2019-05-06T07:08:09Z", c.date, 1)
		_, got := imported(t, s, "d.warc.gz", perRecord([]string{rec}))
		for r, err := range s.Rows(t.Context(), Lookup{}) {
			if err != nil || r.Time != c.want {
				t.Errorf("%s: %s, %v", c.date, r.Time, err)
			}
		}
		if strict := c.date == "2021-02-03T04:05:06Z"; strict != (len(got.Problems) == 0) || got.Captures != 1 {
			t.Errorf("%s: %+v", c.date, got)
		}
		mustClose(t, s)
	}
}

// arcDocument is a document of an ARC file.
func arcDocument(url, mime, body string) string {
	return fmt.Sprintf("%s 192.0.2.7 20010203040506 %s %d\n%s\n", url, mime, len(body), body)
}

func TestImportARC(t *testing.T) {
	desc := "1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
	docs := []string{
		fmt.Sprintf("filedesc://old.arc 0.0.0.0 20010203040506 text/plain %d\n%s\n", len(desc), desc),
		arcDocument("dns:m.example", "text/dns", "20010203040506\nm.example. 60 IN A 192.0.2.7\n"),
		arcDocument("http://m.example/a", "text/html", "HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=gb2312\r\n\r\nold page"),
		arcDocument("http://m.example/b c", "text/html; charset=utf-8", "HTTP/1.0 404 Not Found\r\n\r\ngone"),
		arcDocument("http://m.example/bare", "text/plain", "no head at all"),
	}
	v11 := strings.Replace(strings.Join(docs, ""), "1 0 InternetArchive", "1 1 InternetArchive", 1)
	whole := []string{"http://m.example/a old page", "http://m.example/b c gone", "http://m.example/bare no head at all"}
	for _, c := range []struct {
		name, file string
		data       []byte
		version    string
		want       []string
		problems   bool
	}{
		{"plain", "o.arc", []byte(strings.Join(docs, "")), "ARC/1.0", whole, false},
		{"a member a document", "o.arc.gz", perRecord(docs), "ARC/1.0", whole, false},
		{"one member", "o.arc.gz", perRecord([]string{v11}), "ARC/1.1", whole, false},
		{"named like a WARC", "o.warc.gz", perRecord(docs), "ARC/1.0", whole, false},
		{"foreign lines", "o.arc", []byte(docs[0] + "what is this\n" + docs[2]), "ARC/1.0", whole[:1], true},
		{"a damaged member", "o.arc.gz", bytes.Join([][]byte{perRecord(docs[:2]), perRecord(docs[3:4])[:40], perRecord(docs[2:3])}, nil), "ARC/1.0", whole[:1], true},
		{"cut off", "o.arc", []byte(docs[0] + docs[2][:len(docs[2])-4]), "ARC/1.0", []string{"http://m.example/a old p"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, t.TempDir(), Options{})
			pages, got := imported(t, s, c.file, c.data)
			if d := cmp.Diff(c.want, pages); d != "" || got.Converted != c.version || got.Captures != len(c.want) || (len(got.Problems) > 0) != c.problems {
				t.Errorf("%s\n%+v", d, got)
			}
			if _, again := imported(t, s, c.file, c.data); again.Known != got.File {
				t.Errorf("again: %+v", again)
			}
			mustClose(t, s)
			ro := mustOpen(t, s.Dir(), Options{ReadOnly: true})
			if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() {
				t.Errorf("verify: %+v, %v", r.Findings, err)
			}
			mustClose(t, ro)
		})
	}
}

func TestImportRefusesPackagesWithoutWARC(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("datapackage.json")
	if err == nil {
		_, err = w.Write([]byte(`{"profile":"data-package","wacz_version":"1.1.1","resources":[]}`))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, t.TempDir(), Options{})
	defer mustClose(t, s)
	if got, err := s.Import(t.Context(), write(t, "n.wacz", b.Bytes()), ImportOptions{}); err == nil {
		t.Errorf("%+v", got)
	}
}

// TestManyEmptyMembers reads what has nothing in it without looking for records in each.
func TestManyEmptyMembers(t *testing.T) {
	var empty bytes.Buffer
	gzip.NewWriter(&empty).Close() // to memory
	data := append(perRecord([]string{page(0, "", "one")}), bytes.Repeat(empty.Bytes(), 20_000)...)
	data = append(data, perRecord([]string{page(1, "", "two")})...)
	s := mustOpen(t, t.TempDir(), Options{})
	defer mustClose(t, s)
	pages, got := imported(t, s, "e.warc.gz", data)
	if len(pages) != 2 || len(got.Problems) != 1 || !got.Rewritten {
		t.Errorf("%q %+v", pages, got)
	}
	path := write(t, "f.warc.gz", append(data, 0))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Import(ctx, path, ImportOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(s.Dir(), "*", "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestNextRecord(t *testing.T) {
	rec := page(0, "", "x")
	packed := string(perRecord([]string{rec}))
	far := strings.Repeat("-", resyncWindow-resyncOverlap-3)
	for _, c := range []struct {
		name, data string
		from, want int64
	}{
		{"at the start", rec, 0, 0},
		{"none", "nothing here", 0, 12},
		{"behind a line end", "x\n" + rec, 0, 2},
		{"within a line", "x" + rec, 0, int64(len(rec)) + 1},
		{"behind NULs", "\x00\x00" + rec, 0, 2},
		{"a member", "abc" + packed, 0, 3},
		{"a member of something else", "abc" + string(perRecord([]string{"no record"})) + packed, 0, 3 + int64(len(perRecord([]string{"no record"})))},
		{"magic alone", "\x1f\x8b\x08 \x1f\x8b" + packed, 0, 6},
		{"a version line alone", "\nWARC/1.0\r\n\r\n" + "\n" + rec, 0, 14},
		{"no version", "\nWARC/1.012\r\nWARC-Type: a\r\n\r\n\n" + rec, 0, 30},
		{"across windows", far + "\n" + rec, 0, int64(len(far)) + 1},
		{"in the next window", far + far + "\n" + rec, 0, 2*int64(len(far)) + 1},
		{"from behind", rec + rec, 1, int64(len(rec))},
	} {
		got, err := nextRecord(t.Context(), bytes.NewReader([]byte(c.data)), c.from, int64(len(c.data)))
		if err != nil || got != c.want {
			t.Errorf("%s: %d, %v, want %d", c.name, got, err, c.want)
		}
	}
}

func TestVerifyComparesDigestsByTheirBytes(t *testing.T) {
	body := "the same"
	sum := digestOf([]byte(body))
	spelled := "SHA-256:" + strings.ToUpper(sum[7:])
	revisit := record("WARC/1.1", "revisit", id3, "WARC-Target-URI: http://m.example/0\r\nContent-Type: application/http; msgtype=response\r\n"+
		"WARC-Profile: "+warc.IdenticalPayload+"\r\nWARC-Refers-To-Target-URI: http://m.example/0\r\nWARC-Refers-To-Date: 2019-05-06T07:08:09Z\r\n"+
		"WARC-Payload-Digest: "+spelled+"\r\n", "HTTP/1.1 200 OK\r\n\r\n")
	revisit = strings.Replace(revisit, "WARC-Date: 2019", "WARC-Date: 2020", 1)
	s := mustOpen(t, t.TempDir(), Options{})
	pages, _ := imported(t, s, "r.warc.gz", perRecord([]string{page(0, "WARC-Payload-Digest: "+sum+"\r\n", body), revisit}))
	if d := cmp.Diff([]string{"http://m.example/0 " + body, "http://m.example/0 " + body}, pages); d != "" {
		t.Error(d)
	}
	mustClose(t, s)
	ro := mustOpen(t, s.Dir(), Options{ReadOnly: true})
	defer mustClose(t, ro)
	if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() {
		t.Errorf("%+v, %v", r.Findings, err)
	}
}
