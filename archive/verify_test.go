package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample makes a closed archive of three files with a revisit in it.
func sample(t testing.TB) (dir string, refs []Ref) {
	t.Helper()
	dir = t.TempDir()
	s := mustOpen(t, dir, Options{MaxSize: 6000})
	var first Ref
	for i := range 18 {
		x := exchange("x", fmt.Sprintf("http://example.org/%d", i), i, fmt.Sprintf("page %d %s", i, strings.Repeat("x", i*10)))
		if i == 9 {
			x = exchange("x", "http://example.org/0", i, "page 0 ")
			x.RefersTo = &Capture{Ref: first}
		}
		if i == 5 {
			x.Response = strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
		}
		ref := mustAppend(t, s, x)
		if i == 0 {
			first = ref
		}
		refs = append(refs, ref)
		mustCommit(t, s)
	}
	mustClose(t, s)
	return dir, refs
}

func verify(t testing.TB, dir string, opts VerifyOptions) VerifyReport {
	t.Helper()
	s := mustOpen(t, dir, Options{ReadOnly: true})
	r, err := s.Verify(t.Context(), opts)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return r
}

func codes(r VerifyReport) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func edit(t testing.TB, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestVerifySoundArchive(t *testing.T) {
	dir, refs := sample(t)
	r := verify(t, dir, VerifyOptions{})
	if len(r.Findings) != 0 || !r.Complete || r.Damaged() {
		t.Errorf("findings in a sound archive: %+v", r)
	}
	if r.Captures != int64(len(refs)) || r.Revisits != 1 || r.Rows != r.Captures || r.Files < 3 || r.Journal == "" {
		t.Errorf("report %+v", r)
	}
}

func TestVerifyFinds(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, dir string, files []string)
		want   []string // all of these codes
	}{
		{"truncated file", func(t *testing.T, dir string, files []string) {
			edit(t, files[1], func(b []byte) []byte { return b[:len(b)-100] })
		}, []string{"file-size", "record-damaged"}},
		{"cut at a record's end", func(t *testing.T, dir string, files []string) {
			edit(t, files[1], func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte{0x1f, 0x8b, 8})] })
		}, []string{"file-size"}},
		{"missing file", func(t *testing.T, dir string, files []string) {
			if err := os.Remove(files[1]); err != nil {
				t.Fatal(err)
			}
		}, []string{"cdx-dangling", "file-missing"}},
		{"swapped files", func(t *testing.T, dir string, files []string) {
			for _, mv := range [][2]string{{files[0], files[0] + "~"}, {files[1], files[0]}, {files[0] + "~", files[1]}} {
				if err := os.Rename(mv[0], mv[1]); err != nil {
					t.Fatal(err)
				}
			}
		}, []string{"cdx-dangling", "cdx-missing", "file-name"}},
		{"file added", func(t *testing.T, dir string, files []string) {
			b, err := os.ReadFile(files[0])
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "x", "other.warc.gz"), b, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"file-unlisted"}},
		{"changed CDX row", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, indexName), func(b []byte) []byte {
				return bytes.Replace(b, []byte("http://example.org/3\""), []byte("http://example.org/4\""), 1)
			})
		}, []string{"cdx-differs"}},
		{"CDX row removed", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, indexName), func(b []byte) []byte {
				i := bytes.IndexByte(b, '\n') + 1
				return append(b[i:], []byte(strings.Repeat("org,example)/zzz 20261122080000 {\"url\": \"http://example.org/zzz\", \"length\": \"1\", \"offset\": \"1\", \"filename\": \"x\"}\n", 3))...)
			})
		}, []string{"cdx-dangling", "cdx-missing"}},
		{"CDX cut", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, indexName), func(b []byte) []byte { return b[:len(b)/2] })
		}, []string{"cdx-short"}},
		{"CDX out of order", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, indexName), func(b []byte) []byte {
				i := bytes.IndexByte(b, '\n') + 1
				return append(append([]byte{}, b[i:]...), b[:i]...)
			})
		}, []string{"cdx-order"}},
		{"CDX row torn", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, indexName), func(b []byte) []byte {
				return bytes.Replace(b, []byte("{\"url\""), []byte("[\"url\""), 1)
			})
		}, []string{"cdx-form", "cdx-missing"}},
		{"journal line removed", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, journalName), func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] })
		}, []string{"file-unlisted", "journal-chain"}},
		{"journal line in the middle removed", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, journalName), func(b []byte) []byte {
				l := bytes.SplitAfter(b, []byte("\n"))
				return bytes.Join(append(l[:1], l[2:]...), nil)
			})
		}, []string{"file-unlisted", "journal-chain"}},
		{"journal line changed", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, journalName), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"captures":`), []byte(`"captures":9`), 1)
			})
		}, []string{"journal-chain"}},
		{"last two journal lines and the last file removed", func(t *testing.T, dir string, files []string) {
			edit(t, filepath.Join(dir, journalName), func(b []byte) []byte {
				l := bytes.SplitAfter(b, []byte("\n"))
				return bytes.Join(l[:len(l)-3], nil)
			})
			if err := os.Remove(files[len(files)-2]); err != nil {
				t.Fatal(err)
			}
		}, []string{"cdx-dangling", "file-unlisted", "journal-head"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := sample(t)
			files, err := filepath.Glob(filepath.Join(dir, "x", "*.warc.gz"))
			if err != nil || len(files) < 3 {
				t.Fatalf("%v, %v", files, err)
			}
			c.damage(t, dir, files)
			r := verify(t, dir, VerifyOptions{})
			got := codes(r)
			for _, code := range c.want {
				if !slices.Contains(got, code) {
					t.Errorf("no %s among %v", code, r.Findings)
				}
			}
			if !r.Damaged() {
				t.Error("damage not recognised as such")
			}
		})
	}
}

// Every single bit of a file is covered: by the gzip checksums, the digests, or at the
// least the journal's hash of the file.
func TestVerifyFindsAFlippedBitAnywhere(t *testing.T) {
	step, coarse := 1, 211
	if testing.Short() {
		step, coarse = 97, 1711
	}
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	x := exchange("x", "http://example.org/", 0, "page")
	ref := mustAppend(t, s, x)
	x.Request, x.RefersTo = nil, &Capture{Ref: ref}
	x.Companions = []Companion{{CompanionDOM, "text/html", []byte("<p>")}}
	mustAppend(t, s, x)
	mustCommit(t, s)
	mustClose(t, s)
	flipBits(t, "each type of record we write", dir, ref.File, step)

	s = mustOpen(t, t.TempDir(), Options{})
	got, err := s.Import(t.Context(), write(t, "c.warc.gz", perRecord([]string{
		record("WARC/1.0", "conversion", id1, "WARC-Target-URI: http://old.example.org/a\r\nContent-Type: text/plain\r\n", "text"),
		record("WARC/1.1", "continuation", id2, "WARC-Target-URI: http://old.example.org/b\r\nWARC-Segment-Number: 2\r\nWARC-Segment-Origin-ID: <urn:uuid:"+id3+">\r\n", "rest"),
	})), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	flipBits(t, "the other types", s.Dir(), got[0].File, step)

	dir, refs := sample(t)
	flipBits(t, "a larger file", dir, refs[0].File, coarse)
}

// flipBits flips every step-th bit of a file, one at a time, and verifies the archive: in
// several copies of it side by side.
func flipBits(t *testing.T, name, dir, file string, step int) {
	const shards = 4
	for shard := range shards {
		t.Run(fmt.Sprintf("%s, %d of %d", name, shard+1, shards), func(t *testing.T) {
			t.Parallel()
			dir, from := copyOf(t, dir), shard*step
			path := filepath.Join(dir, file)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, dir, Options{ReadOnly: true})
			defer s.Close()
			byHash := 0
			for bit := from; bit < len(whole)*8; bit += step * shards {
				b := bytes.Clone(whole)
				b[bit/8] ^= 1 << (bit % 8)
				if err := os.WriteFile(path, b, 0o644); err != nil {
					t.Fatal(err)
				}
				r, err := s.Verify(t.Context(), VerifyOptions{Workers: 1})
				if err != nil {
					t.Fatalf("bit %d: %v", bit, err)
				}
				if !r.Damaged() {
					t.Fatalf("bit %d flipped, not found", bit)
				}
				if slices.Equal(codes(r), []string{"file-hash"}) {
					byHash++
				}
			}
			t.Logf("%d bytes; %d bits (fields of gzip headers, bits that fill up a byte) found by the journal's hash alone", len(whole), byHash)
		})
	}
}

func copyOf(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestVerifySelects(t *testing.T) {
	dir, _ := sample(t)
	edit(t, filepath.Join(dir, indexName), func(b []byte) []byte { return b })
	if r := verify(t, dir, VerifyOptions{Since: time.Now().Add(time.Hour)}); r.Files != 0 || !r.Partial || len(r.Findings) != 0 {
		t.Errorf("since the future: %+v", r)
	}
	some := 0
	for seed := range uint64(20) {
		r := verify(t, dir, VerifyOptions{Sample: 0.5, Seed: seed})
		if len(r.Findings) != 0 {
			t.Fatalf("sample: %+v", r)
		}
		some += r.Files
	}
	if all := verify(t, dir, VerifyOptions{}).Files * 20; some < all/4 || some > all*3/4 {
		t.Errorf("half of the files, drawn 20 times, are %d of %d", some, all)
	}
}

func TestVerifyResumes(t *testing.T) {
	dir, refs := sample(t)
	state := filepath.Join(t.TempDir(), "verify.json")
	edit(t, filepath.Join(dir, refs[0].File), func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
	s := mustOpen(t, dir, Options{ReadOnly: true})
	defer s.Close()
	whole, err := s.Verify(t.Context(), VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r, err := s.Verify(ctx, VerifyOptions{State: state, Workers: 1, Progress: func(p VerifyProgress) {
		if p.Files == 2 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) || r.Complete {
		t.Fatalf("interrupted: %+v, %v", r, err)
	}
	r, err = s.Verify(t.Context(), VerifyOptions{State: state})
	if err != nil {
		t.Fatal(err)
	}
	if r.Resumed != 2 || r.Files != whole.Files || r.Captures != whole.Captures || !slices.Equal(codes(r), codes(whole)) {
		t.Errorf("resumed: %+v\nwhole: %+v", r, whole)
	}
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("state file after a complete run: %v", err)
	}
}

// TestFindingsAreGroupedByTheirCause shows one cause once, with what follows from it.
func TestFindingsAreGroupedByTheirCause(t *testing.T) {
	find := func(code, file string, offset int64) Finding {
		return Finding{Code: code, Severity: Damage, File: file, Offset: offset, Message: "m"}
	}
	r := VerifyReport{Complete: true, Findings: []Finding{
		find("file-hash", "a", 0), find("record-damaged", "a", 10), find("cdx-dangling", "a", 10), find("record-damaged", "a", 90),
		find("file-missing", "b", 0), find("cdx-dangling", "b", 5), find("cdx-dangling", "b", 7),
		find("block-digest", "c", 1), find("cdx-dangling", "c", 5),
	}}
	want := []Group{
		{find("record-damaged", "a", 10), 1, map[string]int{"file-hash": 1, "cdx-dangling": 1}},
		{find("file-missing", "b", 0), 0, map[string]int{"cdx-dangling": 2}},
		{find("block-digest", "c", 1), 0, map[string]int{}},
		{find("cdx-dangling", "c", 5), 0, map[string]int{}},
	}
	if d := cmp.Diff(want, r.Groups()); d != "" {
		t.Error(d)
	}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "  1 more of them in this file, 1 × cdx-dangling follow from it, 1 × file-hash follow from it\n") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestOtherSchemesAreInTheCDX lists what is no page.
func TestOtherSchemesAreInTheCDX(t *testing.T) {
	data := record("WARC/1.0", "response", id1, "WARC-Target-URI: dns:m.example\r\nContent-Type: text/dns\r\n", "an address") +
		record("WARC/1.0", "metadata", id2, "WARC-Target-URI: metadata:m.example/x\r\nContent-Type: application/json\r\n", "{}") +
		record("WARC/1.0", "resource", id3, "WARC-Target-URI: file:///tmp/log\r\nContent-Type: text/plain\r\nWARC-Payload-Digest: "+digestOf([]byte("l"))+"\r\n", "l") +
		record("WARC/1.0", "metadata", id4, "WARC-Target-URI: dns:m.example\r\nContent-Type: application/warc-fields\r\n", "a: b\r\n") + page(0, "", "one")
	s := mustOpen(t, t.TempDir(), Options{})
	pages, got := imported(t, s, "o.warc", []byte(data))
	want := []string{"dns:m.example", "http://m.example/0", "file:///tmp/log", "metadata:m.example/x"}
	rows := cdxRows(t, s)
	slices.Sort(want)
	slices.Sort(rows)
	if d := cmp.Diff(want, rows); d != "" || got.Captures != 1 || len(pages) != 1 {
		t.Errorf("%s\n%+v %q", d, got, pages)
	}
	mustClose(t, s)
	ro := mustOpen(t, s.Dir(), Options{ReadOnly: true})
	defer mustClose(t, ro)
	if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || r.Damaged() {
		t.Errorf("%+v, %v", r.Findings, err)
	}
}
