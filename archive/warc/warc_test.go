package warc

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// text is a record as it stands uncompressed.
func text(version string, fields []string, block string) string {
	return version + "\r\n" + strings.Join(fields, "\r\n") + "\r\n\r\n" + block + "\r\n\r\n"
}

var sound = []string{
	"WARC-Type: resource", "WARC-Record-ID: <urn:uuid:11111111-1111-4111-8111-111111111111>",
	"WARC-Date: 2026-11-22T08:00:00Z", "WARC-Target-URI: http://example.org/", "Content-Length: 5",
}

// with returns the sound fields with one replaced (by name), added or, for "Name:", removed.
func with(field string) []string {
	name, value, _ := strings.Cut(field, ":")
	out := slices.DeleteFunc(slices.Clone(sound), func(f string) bool { return strings.HasPrefix(f, name+":") })
	if value != "" {
		out = append(out, field)
	}
	return out
}

type got struct {
	block    string
	problems int
}

// read reads all records of data.
func read(data string, policy Policy) (all []got, err error) {
	r := NewReader(strings.NewReader(data), "f.warc", 0, policy)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		b, err := io.ReadAll(rec.Block)
		if err != nil {
			return all, err
		}
		if err := r.Finish(); err != nil {
			return all, err
		}
		all = append(all, got{string(b), len(rec.Problems)})
	}
}

func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		name, data string
		clause     string // of the error under Strict, "" if there is none
		tolerant   bool   // readable under Tolerant
	}{
		{"1.1", text("WARC/1.1", sound, "hello"), "", true},
		{"1.0", text("WARC/1.0", sound, "hello"), "", true},
		{"0.18", text("WARC/0.18", sound, "hello"), "§4", true},
		{"not a WARC", text("HTTP/1.1", sound, "hello"), "§4", false},
		{"line ends with LF", strings.ReplaceAll(text("WARC/1.1", sound, "hello"), "\r\n", "\n"), "§4", true},
		{"one line end behind", strings.TrimSuffix(text("WARC/1.1", sound, "hello"), "\r\n"), "§4", true},
		{"none behind", strings.TrimSuffix(text("WARC/1.1", sound, "hello"), "\r\n\r\n"), "§4", true},
		{"three behind", text("WARC/1.1", sound, "hello") + "\r\n", "§4", true},
		{"folded field", text("WARC/1.1", append(slices.Clone(sound), "X: a", "\tb"), "hello"), "", true},
		{"blank before colon", text("WARC/1.1", append(slices.Clone(sound), "X : a"), "hello"), "§4", true},
		{"no colon", text("WARC/1.1", append(slices.Clone(sound), "garbage"), "hello"), "§4", true},
		{"no record ID", text("WARC/1.1", with("WARC-Record-ID:"), "hello"), "§5.2", true},
		{"record ID without brackets", text("WARC/1.1", with("WARC-Record-ID: urn:uuid:1"), "hello"), "§5.2", true},
		{"no date", text("WARC/1.1", with("WARC-Date:"), "hello"), "§5.4", true},
		{"odd date", text("WARC/1.1", with("WARC-Date: 22.11.2026"), "hello"), "§5.4", true},
		{"local date", text("WARC/1.1", with("WARC-Date: 2026-11-22T16:00:00+08:00"), "hello"), "§5.4", true},
		{"nanoseconds", text("WARC/1.1", with("WARC-Date: 2026-11-22T08:00:00.123456789Z"), "hello"), "", true},
		{"a year", text("WARC/1.1", with("WARC-Date: 2026"), "hello"), "", true},
		{"no type", text("WARC/1.1", with("WARC-Type:"), "hello"), "§5.5", true},
		{"unknown type", text("WARC/1.1", with("WARC-Type: x-new"), "hello"), "", true},
		{"no target", text("WARC/1.1", with("WARC-Target-URI:"), "hello"), "§6", true},
		{"brackets around the target in 1.1", text("WARC/1.1", with("WARC-Target-URI: <http://example.org/>"), "hello"),
			"§5.13", true},
		{"brackets around the target in 1.0", text("WARC/1.0", with("WARC-Target-URI: <http://example.org/>"),
			"hello"), "", true},
		{"revisit without profile", text("WARC/1.1", with("WARC-Type: revisit"), "hello"), "§6", true},
		{"warcinfo with target", text("WARC/1.1", with("WARC-Type: warcinfo"), "hello"), "§5.13", true},
		{"type given twice", text("WARC/1.1", append(slices.Clone(sound), "WARC-Type: resource"), "hello"), "§5.1", true},
		{"no length", text("WARC/1.1", with("Content-Length:"), "hello"), "§5.3", false},
		{"negative length", text("WARC/1.1", with("Content-Length: -5"), "hello"), "§5.3", false},
		{"length too large", text("WARC/1.1", with("Content-Length: 500"), "hello"), "§5.3", false},
		{"length beyond 64 bits", text("WARC/1.1", with("Content-Length: 99999999999999999999"), "hello"), "§5.3", false},
		{"length too small", text("WARC/1.1", with("Content-Length: 2"), "hello"), "§4", false},
		{"header breaks off", "WARC/1.1\r\nWARC-Type: res", "§4", false},
		{"two records", text("WARC/1.1", sound, "hello") + text("WARC/1.1", sound, "world"), "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(c.data, Strict)
			var e *Error
			switch {
			case c.clause == "" && err != nil:
				t.Errorf("strict: %v", err)
			case c.clause != "" && (!errors.As(err, &e) || e.Clause != c.clause || e.File != "f.warc"):
				t.Errorf("strict: %v, want clause %s", err, c.clause)
			}
			all, err := read(c.data, Tolerant)
			if (err == nil) != c.tolerant {
				t.Errorf("tolerant: %v", err)
			}
			if c.tolerant && (len(all) == 0 || all[0].block != "hello" || (all[0].problems > 0) != (c.clause != "")) &&
				c.name != "three behind" {
				t.Errorf("tolerant: %+v", all)
			}
		})
	}
}

func TestRoundTrip(t *testing.T) {
	var h Header
	h.Add(Type, Response)
	h.Add(RecordID, NewID())
	h.Add(Date, FormatDate(time.Date(2026, 11, 22, 8, 0, 0, 1000, time.FixedZone("CST", 8*3600))))
	h.Add(TargetURI, "http://example.org/\r\nX: injected")
	h.Add("X-Absent", "")
	var w Writer
	var file bytes.Buffer
	blocks := []string{"", "hello", strings.Repeat("数据\x00", 100000)}
	var ends []int64
	for _, b := range blocks {
		n, err := w.Write(&file, h, strings.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, n)
	}
	if _, err := w.Write(io.Discard, h, strings.NewReader("short"), 10); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a block that is too short: %v", err)
	}
	r := NewReader(&file, "f", 100, Strict)
	at := int64(100)
	for i, b := range blocks {
		rec, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(rec.Block)
		if err := errors.Join(err, r.Finish()); err != nil || string(got) != b {
			t.Fatalf("block %d: %v", i, err)
		}
		if rec.Offset != at || r.End() != at+ends[i] {
			t.Errorf("record %d is at %d–%d, want %d–%d", i, rec.Offset, r.End(), at, at+ends[i])
		}
		at = r.End()
		if d := cmp.Diff(h, rec.Header[:len(rec.Header)-1]); d != "" {
			t.Error(d)
		}
		if rec.Header.Value(TargetURI) != "http://example.org/ X: injected" ||
			rec.Header.Value(Date) != "2026-11-22T00:00:00.000001Z" {
			t.Errorf("header %v", rec.Header)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("behind the last record: %v", err)
	}
}

func TestSharedMember(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text("WARC/1.0", sound, "hello")+text("WARC/1.0", sound, "world")) // to memory
	w.Close()
	all, err := read(b.String(), Tolerant)
	if d := cmp.Diff([]got{{"hello", 0}, {"world", 1}}, all, cmp.AllowUnexported(got{})); d != "" || err != nil {
		t.Errorf("%s, %v", d, err)
	}
	if _, err := read(b.String(), Strict); err == nil {
		t.Error("strict reads two records in one member")
	}
}

func TestDamage(t *testing.T) {
	var w Writer
	var b bytes.Buffer
	h := Header{{Type, Resource}, {RecordID, NewID()}, {Date, "2026-11-22T08:00:00Z"}, {TargetURI, "http://example.org/"}}
	if _, err := w.Write(&b, h, strings.NewReader("hello"), 5); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	for cut := 1; cut < len(whole); cut++ {
		var e *Error
		if _, err := read(string(whole[:cut]), Tolerant); !errors.As(err, &e) {
			t.Errorf("cut at %d of %d: %v", cut, len(whole), err)
		}
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	if _, err := read(string(flipped), Tolerant); !errors.Is(err, gzip.ErrChecksum) && err == nil {
		t.Errorf("wrong checksum: %v", err)
	}
}

func TestDigests(t *testing.T) {
	for in, ok := range map[string]bool{
		"sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":                                   true,
		"SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709":                          true,
		"sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=":                                       true,
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": true,
		"sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ":             true,
		"md5:d41d8cd98f00b204e9800998ecf8427e":                                    true,
		"sha1:short":                                                              false, "nolabel": false,
		"crc:1234": false, "": false,
	} {
		if _, err := ParseDigest(in); (err == nil) != ok {
			t.Errorf("%q: %v", in, err)
		}
	}
	a, _ := ParseDigest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	b, _ := ParseDigest("sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ")
	if !bytes.Equal(a.Sum, b.Sum) || !a.Is(b.New()) {
		t.Error("hexadecimal and base32 of the same digest differ")
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(text("WARC/1.1", sound, "hello")))
	f.Add([]byte(text("WARC/1.0", sound, "hello") + text("WARC/1.0", sound, "hello")))
	var b bytes.Buffer
	var w Writer
	for range 2 {
		if _, err := w.Write(&b, Header{{Type, Resource}}, strings.NewReader("hello"), 5); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.Bytes())
	f.Add(append([]byte("\r\n\r\n"), b.Bytes()...))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, policy := range []Policy{Strict, Tolerant} {
			r := NewReader(bytes.NewReader(data), "f", 0, policy)
			last := int64(-1)
			for {
				rec, err := r.Next()
				if err != nil {
					var e *Error
					if err != io.EOF && !errors.As(err, &e) {
						t.Fatalf("an error without a place: %v", err)
					}
					break
				}
				if rec.Offset < last || rec.Offset == last && !rec.Shared {
					t.Fatalf("record at %d behind one at %d", rec.Offset, last)
				}
				last = rec.Offset
				n, err := io.Copy(io.Discard, rec.Block)
				if err == nil && n != rec.Length {
					t.Fatalf("block of %d bytes, length %d", n, rec.Length)
				}
				if err == nil {
					err = r.Finish()
				}
				if err == nil && !rec.Shared && (r.End() > int64(len(data)) || r.End() < last) {
					t.Fatalf("end %d of %d bytes", r.End(), len(data))
				}
			}
		}
	})
}
