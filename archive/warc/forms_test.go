package warc

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseDate(t *testing.T) {
	at := func(y, mo, d, h, mi, s, ns int) time.Time {
		return time.Date(y, time.Month(mo), d, h, mi, s, ns, time.UTC)
	}
	for _, c := range []struct {
		in     string
		want   time.Time
		strict bool
	}{
		{"2022-03-04T05:06:07Z", at(2022, 3, 4, 5, 6, 7, 0), true},
		{"2022-03-04T05:06:07.123456789Z", at(2022, 3, 4, 5, 6, 7, 123456789), true},
		{"2022-03-04T05:06:07.5Z", at(2022, 3, 4, 5, 6, 7, 500000000), true},
		{"2022-03-04T05:06Z", at(2022, 3, 4, 5, 6, 0, 0), true},
		{"2022-03-04", at(2022, 3, 4, 0, 0, 0, 0), true},
		{"2022-03", at(2022, 3, 1, 0, 0, 0, 0), true},
		{"2022", at(2022, 1, 1, 0, 0, 0, 0), true},
		{"2022-03-04T05:06:07", at(2022, 3, 4, 5, 6, 7, 0), false},
		{"2022-03-04T05:06", at(2022, 3, 4, 5, 6, 0, 0), false},
		{"2022-03-04 05:06:07Z", at(2022, 3, 4, 5, 6, 7, 0), false},
		{"2022-03-04 05:06:07 UTC", at(2022, 3, 4, 5, 6, 7, 0), false},
		{" 2022-03-04t05:06:07z ", at(2022, 3, 4, 5, 6, 7, 0), false},
		{"2022-03-04T05:06:07+08:00", at(2022, 3, 3, 21, 6, 7, 0), false},
		{"2022-03-04T05:06:07-0330", at(2022, 3, 4, 8, 36, 7, 0), false},
		{"2022-03-04T05:06:07+01", at(2022, 3, 4, 4, 6, 7, 0), false},
		{"20220304050607", at(2022, 3, 4, 5, 6, 7, 0), false},
		{"20220304050607123", at(2022, 3, 4, 5, 6, 7, 123000000), false},
		{"202203040506", at(2022, 3, 4, 5, 6, 0, 0), false},
		{"2022-12-31T23:59:60Z", at(2022, 12, 31, 23, 59, 59, 0), true}, // a leap second
		{"2020-02-29T00:00:00Z", at(2020, 2, 29, 0, 0, 0, 0), true},
		{"0002-01-01T00:00:00Z", at(2, 1, 1, 0, 0, 0, 0), true},
		{"0001-01-01T00:00:00Z", time.Time{}, true},
		{"2022-02-30T00:00:00Z", time.Time{}, true},
		{"2022-13-01", time.Time{}, true},
		{"2022-00-01", time.Time{}, true},
		{"2022-01-00", time.Time{}, true},
		{"2022-01-01T24:00:00Z", time.Time{}, true},
		{"2022-01-01T23:60:00Z", time.Time{}, true},
		{"2022-01-01T23:59:61Z", time.Time{}, true},
		{"2022-01-01T05", time.Time{}, false},
		{"yesterday", time.Time{}, false},
		{"", time.Time{}, false},
	} {
		got, err := ParseDate(c.in)
		if !got.Equal(c.want) || (err == nil) == c.want.IsZero() {
			t.Errorf("%q: %v, %v, want %v", c.in, got, err, c.want)
		}
		if strictDate.MatchString(c.in) != c.strict {
			t.Errorf("%q: strict is %v", c.in, !c.strict)
		}
	}
}

func TestDigestSpellings(t *testing.T) {
	s256, s1 := fmt.Sprintf("%x", sha256.Sum256([]byte("a"))), fmt.Sprintf("%x", sha1.Sum([]byte("a")))
	base := CanonicalDigest("sha1:" + s1)
	for _, c := range []struct{ in, want string }{
		{"sha256:" + s256, "sha256:" + s256},
		{"sha-256:" + s256, "sha256:" + s256},
		{"SHA-256:" + strings.ToUpper(s256), "sha256:" + s256},
		{"sha256:" + strings.ToUpper(s256), "sha256:" + s256},
		{"sha-1:" + s1, base},
		{"SHA1:" + strings.ToLower(base[5:]), base},
		{base[5:], base}, // as indexes have it, without label
		{base[5:36], base[5:36]},
		{"sha256:" + s256[1:], "sha256:" + s256[1:]},
		{"crc32:00", "crc32:00"},
		{"", ""},
	} {
		if got := CanonicalDigest(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	if len(base) != 5+32 || !strings.HasPrefix(base, "sha1:") {
		t.Error(base)
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"sha256:" + s256, "SHA-256:" + strings.ToUpper(s256), true},
		{"sha1:" + s1, base, true},
		{"sha256:" + s256, base, false},
		{"unknown:A", "unknown:a", true},
		{"", "", false},
		{"", base, false},
	} {
		if got := SameDigest(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
	}
	for algorithm, n := range map[string]int{"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64} {
		sum := bytes.Repeat([]byte{0xA5}, n)
		d, err := ParseDigest(fmt.Sprintf("%s:%x", algorithm, sum))
		if err != nil || !bytes.Equal(d.Sum, sum) || d.New().Size() != n || d.String() == "" {
			t.Errorf("%s: %v, %v", algorithm, d, err)
		}
		h := d.New()
		d.Sum = h.Sum(nil)
		if !d.Is(d.New()) {
			t.Errorf("%s: an empty digest is not that of nothing", algorithm)
		}
	}
}

func TestFoldedFields(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []Field
	}{
		{"a: b\r\n  c\r\n\td \r\ne: f\r\n", []Field{{"a", "b c d"}, {"e", "f"}}},
		{"a: b\n c\n\nd: e", []Field{{"a", "b c"}, {"d", "e"}}},
		{" a: b\r\n", []Field{{"a", "b"}}},
		{"no colon\r\na:b\r\n", []Field{{"a", "b"}}},
		{"a: b:c\r\n", []Field{{"a", "b:c"}}},
	} {
		if d := cmp.Diff(c.want, ParseFields([]byte(c.in))); d != "" {
			t.Errorf("%q: %s", c.in, d)
		}
	}
	many := strings.Repeat(" x\r\n", 200_000) // joined once, not line by line
	if got := ParseFields([]byte("a: b\r\n" + many)); len(got) != 1 || len(got[0].Value) != 1+2*200_000 {
		t.Errorf("%d fields", len(got))
	}
}

// mending is a record of some length, as it is said and as it is.
func mending(length string) string {
	return "WARC/1.0\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2022-03-04T05:06:07Z\r\n" + length +
		"\r\nblock\r\n\r\n"
}

func TestMendingReader(t *testing.T) {
	for _, c := range []struct {
		name, in string
		length   int64
		err      bool // of Finish
	}{
		{"sound", mending("Content-Length: 5\r\n"), 5, false},
		{"none", mending(""), -1, true},
		{"a word", mending("Content-Length: many\r\n"), -1, true},
		{"negative", mending("Content-Length: -5\r\n"), -1, true},
		{"short, before text", mending("Content-Length: 3\r\n"), 3, true},
		{"short, at a line end", strings.Replace(mending("Content-Length: 3\r\n"), "block", "blo\r\nck", 1), 3, true},
		{"one line end", strings.TrimSuffix(mending("Content-Length: 5\r\n"), "\r\n"), 5, false},
		{"no line end", strings.TrimSuffix(mending("Content-Length: 5\r\n"), "\r\n\r\n"), 5, false},
		{"no line end before the next", strings.TrimSuffix(mending("Content-Length: 5\r\n"), "\r\n\r\n") +
			mending("Content-Length: 5\r\n"), 5, false},
	} {
		r := NewReader(strings.NewReader(c.in), "f", 10, Mending)
		rec, err := r.Next()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if want := int64(10 + strings.Index(c.in, "\r\n\r\n") + 4); rec.Length != c.length || rec.BlockAt != want ||
			rec.Offset != 10 {
			t.Errorf("%s: length %d, block at %d, want %d at %d", c.name, rec.Length, rec.BlockAt, c.length, want)
		}
		if err := r.Finish(); (err != nil) != c.err {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.length < 0 {
			if _, err := NewReader(strings.NewReader(c.in), "f", 0, Tolerant).Next(); err == nil ||
				!strings.Contains(err.Error(), "f at 0: Content-Length: ") {
				t.Errorf("%s: tolerant: %v", c.name, err)
			}
		}
	}
}

func TestEmptyMembers(t *testing.T) {
	var empty, rec bytes.Buffer
	gzip.NewWriter(&empty).Close() // to memory
	z := gzip.NewWriter(&rec)
	z.Write([]byte(mending("Content-Length: 5\r\n")))
	z.Close()
	data := append(bytes.Repeat(empty.Bytes(), 3), rec.Bytes()...)
	data = append(data, empty.Bytes()...)
	r := NewReader(bytes.NewReader(data), "f", 0, Tolerant)
	got, err := r.Next()
	if err != nil || got.Offset != int64(3*empty.Len()) || r.Empty() != 3 || got.BlockAt != 0 {
		t.Fatalf("%+v, %v, %d empty", got, err, r.Empty())
	}
	if _, err := r.Next(); err != io.EOF || r.Empty() != 4 || r.End() != int64(len(data)) {
		t.Errorf("%v, %d empty, end %d of %d", err, r.Empty(), r.End(), len(data))
	}
	var bad *Error
	if _, err := NewReader(bytes.NewReader(data), "f", 0, Strict).Next(); !errors.As(err, &bad) || bad.Offset != 0 {
		t.Errorf("strict: %v", err)
	}
}

func TestUnpack(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte("content"))
	z.Close()
	member := b.Len()
	b.WriteString("behind")
	for _, c := range []struct {
		name       string
		in         []byte
		limit      int64
		n, length  int64
		err        error
		wantPrefix string
	}{
		{"whole", b.Bytes(), 100, 7, int64(member), nil, "content"},
		{"limited", b.Bytes(), 3, 3, -1, nil, "con"},
		{"cut", b.Bytes()[:member-1], 100, 7, -1, io.ErrUnexpectedEOF, "content"},
		{"nothing", nil, 100, 0, 0, io.ErrUnexpectedEOF, ""},
		{"no member", []byte("no gzip at all"), 100, 0, -1, gzip.ErrHeader, ""},
	} {
		var out bytes.Buffer
		n, length, err := Unpack(&out, bytes.NewReader(c.in), c.limit)
		if n != c.n || c.length >= 0 && length != c.length || (err == nil) != (c.err == nil) || out.String() != c.wantPrefix {
			t.Errorf("%s: %d, %d, %v, %q", c.name, n, length, err, out.String())
		}
		if c.err == io.ErrUnexpectedEOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestErrorText(t *testing.T) {
	cause := errors.New("cause")
	for _, c := range []struct {
		e    Error
		want string
	}{
		{Error{File: "f", Offset: 3, Clause: "§4", Msg: "m", Err: cause}, "f at 3: m: cause (§4)"},
		{Error{Offset: 3, Msg: "m"}, "record at 3: m"},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if e := (&Error{Err: cause}); !errors.Is(e, cause) {
		t.Error("the cause is lost")
	}
}

// TestHeadLimits reads heads up to the limits and refuses what is beyond.
func TestHeadLimits(t *testing.T) {
	rec := func(fields string) string {
		return "WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2022-03-04T05:06:07Z\r\n" +
			fields + "Content-Length: 0\r\n\r\n\r\n\r\n"
	}
	for _, c := range []struct {
		name, fields string
		want         string // of the error
	}{
		{"a long line", "X: " + strings.Repeat("x", 200<<10) + "\r\n", ""},
		{"too long a line", "X: " + strings.Repeat("x", 400<<10) + "\r\n", "line is longer"},
		{"many fields", strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 1000), ""},
		{"too many fields", strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 1100), "header is longer"},
	} {
		_, err := NewReader(strings.NewReader(rec(c.fields)), "f", 0, Tolerant).Next()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
