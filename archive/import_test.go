package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// record is a foreign WARC record.
func record(version, typ, id string, fields, block string) string {
	return fmt.Sprintf("%s\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: 2019-05-06T07:08:09Z\r\n%sContent-Length: %d\r\n\r\n%s\r\n\r\n",
		version, typ, id, fields, len(block), block)
}

const (
	id1 = "11111111-1111-4111-8111-111111111111"
	id2 = "22222222-2222-4222-8222-222222222222"
	id3 = "33333333-3333-4333-8333-333333333333"
	id4 = "44444444-4444-4444-8444-444444444444"
)

// foreign is a WARC in the manner of other writers: a dns record, brackets around the
// target URI (wget), SHA-1 over the chunked body (Heritrix before 2026), the request
// behind the response.
func foreign() []string {
	return []string{
		record("WARC/1.0", "warcinfo", id1, "Content-Type: application/warc-fields\r\n", "software: Heritrix/3.4\r\n"),
		record("WARC/1.0", "response", id2, "WARC-Target-URI: dns:old.example.org\r\nContent-Type: text/dns\r\n", "20190506070809\nold.example.org. 300 IN A 192.0.2.1\n"),
		record("WARC/1.0", "response", id3, "WARC-Target-URI: <http://old.example.org/a>\r\nContent-Type: application/http; msgtype=response\r\n"+
			"WARC-Payload-Digest: sha1:FPKJFAEPEIMEFSS2G2SDNSN5YKX3N5JX\r\n",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
		record("WARC/1.0", "request", id4, "WARC-Target-URI: <http://old.example.org/a>\r\nWARC-Concurrent-To: <urn:uuid:"+id3+">\r\nContent-Type: application/http; msgtype=request\r\n", "GET /a HTTP/1.1\r\n\r\n"),
		record("WARC/1.0", "metadata", "55555555-5555-4555-8555-555555555555", "WARC-Target-URI: http://old.example.org/a\r\nWARC-Concurrent-To: <urn:uuid:"+id3+">\r\nContent-Type: application/warc-fields\r\n", "via: http://old.example.org/\r\nhopsFromSeed: L\r\n"),
		record("WARC/1.0", "resource", "66666666-6666-4666-8666-666666666666", "WARC-Target-URI: http://old.example.org/file.pdf\r\nContent-Type: application/pdf\r\n", "%PDF"),
	}
}

func perRecord(records []string) []byte {
	var b bytes.Buffer
	for _, r := range records {
		w := gzip.NewWriter(&b)
		w.Write([]byte(r)) // to memory
		w.Close()
	}
	return b.Bytes()
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportForeignWARC(t *testing.T) {
	plain := []byte(strings.Join(foreign(), ""))
	torn := perRecord(foreign())
	for _, c := range []struct {
		name      string
		data      []byte
		rewritten bool
		captures  int
		problems  bool
	}{
		{"a member a record", perRecord(foreign()), false, 2, false},
		{"uncompressed", plain, true, 2, false},
		{"one member for all", perRecord([]string{string(plain)}), true, 2, true},
		{"line ends with LF only", []byte(strings.ReplaceAll(string(plain[:len(foreign()[0])]), "\r\n", "\n") + string(plain[len(foreign()[0]):])), true, 2, true},
		{"torn", torn[:len(torn)-20], true, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, "old.warc.gz", c.data)
			s := mustOpen(t, t.TempDir(), Options{})
			var pos Position
			mustAppend(t, s, exchange("old", "http://example.org/new", 0, "new"))
			mustCommit(t, s)
			_, pos = follow(t, s, pos)
			got, err := s.Import(t.Context(), path, ImportOptions{Site: "old"})
			if err != nil {
				t.Fatal(err)
			}
			g := got[0]
			if g.Rewritten != c.rewritten || g.Captures != c.captures || (len(g.Problems) > 0) != c.problems || g.File == "" {
				t.Errorf("import: %+v", g)
			}
			want := []string{"http://old.example.org/a hello", "http://old.example.org/file.pdf %PDF"}[:c.captures]
			have, pos := follow(t, s, pos) // a follower that was at the end gets what was imported
			if d := cmp.Diff(want, have); d != "" {
				t.Error(d)
			}
			mustAppend(t, s, exchange("old", "http://example.org/newer", 1, "newer"))
			mustCommit(t, s)
			if have, _ = follow(t, s, pos); len(have) != 1 {
				t.Errorf("after the import: %q", have)
			}
			if again, err := s.Import(t.Context(), path, ImportOptions{Site: "old"}); err != nil || again[0].Known != g.File {
				t.Errorf("again: %+v, %v", again, err)
			}
			for v, err := range s.Versions(t.Context(), "http://old.example.org/a") {
				if err != nil {
					t.Fatal(err)
				}
				if v.Site != "old" || v.Fields[FieldVia] != "http://old.example.org/" || v.Fields[FieldHops] != "L" {
					t.Errorf("capture %+v", v)
				}
			}
			if !c.rewritten {
				kept, err := os.ReadFile(filepath.Join(s.Dir(), g.File))
				if err != nil || !bytes.Equal(kept, c.data) {
					t.Errorf("not kept byte for byte: %v", err)
				}
			}
			mustClose(t, s)
			r := verify(t, s.Dir(), VerifyOptions{})
			if r.Damaged() || r.Captures != int64(c.captures)+2 || r.RawDigests != 1 {
				t.Errorf("verify: %+v", r)
			}
			if err := os.Remove(filepath.Join(s.Dir(), journalName)); err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, s.Dir(), Options{})
			if again, err := s.Import(t.Context(), path, ImportOptions{}); err != nil || again[0].Known != g.File {
				t.Errorf("without journal: %+v, %v", again, err)
			}
			mustClose(t, s)
		})
	}
}

func TestImportRefuses(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	for _, data := range []string{"", "x", "<html>", "PK\x03\x04", "\x1f\x8b\x08"} {
		if got, err := s.Import(t.Context(), write(t, "x", []byte(data)), ImportOptions{}); err == nil {
			t.Errorf("%q: %+v", data, got)
		}
	}
	if _, err := s.Import(t.Context(), filepath.Join(t.TempDir(), "none"), ImportOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if got, _ := follow(t, s, ""); len(got) != 0 {
		t.Errorf("captures %q", got)
	}
}

func TestTimeMap(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	u := "http://example.org/a"
	for i := range 3 {
		mustAppend(t, s, exchange("x", u, i*86400, fmt.Sprint(i)))
	}
	mustCommit(t, s)
	var b bytes.Buffer
	if err := s.WriteTimeMap(t.Context(), &b, u, MementoBase{Base: "/web/", TimeMap: "/web/timemap/link/"}); err != nil {
		t.Fatal(err)
	}
	want := `<http://example.org/a>; rel="original",
</web/timemap/link/http://example.org/a>; rel="self"; type="application/link-format"; from="Sun, 22 Nov 2026 08:00:00 GMT"; until="Tue, 24 Nov 2026 08:00:00 GMT",
</web/http://example.org/a>; rel="timegate",
</web/20261122080000/http://example.org/a>; rel="first memento"; datetime="Sun, 22 Nov 2026 08:00:00 GMT",
</web/20261123080000/http://example.org/a>; rel="memento"; datetime="Mon, 23 Nov 2026 08:00:00 GMT",
</web/20261124080000/http://example.org/a>; rel="last memento"; datetime="Tue, 24 Nov 2026 08:00:00 GMT"
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	b.Reset()
	if err := s.WriteTimeMapCDXJ(t.Context(), &b, u); err != nil || strings.Count(b.String(), "\norg,example)/a 2026112") != 2 {
		t.Errorf("%s, %v", b.String(), err)
	}
	if err := s.WriteTimeMap(t.Context(), &b, "http://example.org/none", MementoBase{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown URL: %v", err)
	}
}
