package charset

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const page = "科协召开座谈会，部署学术年会筹备工作。"

func encode(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func meta(charset string) string {
	return `<html><head><META http-equiv=Content-Type content="text/html; charset=` + charset + `"><title>`
}

func TestDecode(t *testing.T) {
	gbk, big5 := simplifiedchinese.GBK, traditionalchinese.Big5
	traditional := "科學技術協會召開座談會"
	long := strings.Repeat(page, 20)
	for _, tt := range []struct {
		name   string
		body   []byte
		header string
		want   Decoded
	}{
		{"ascii", []byte("<p>a</p>"), "text/html", Decoded{[]byte("<p>a</p>"), "utf-8", "valid-utf8", ""}},
		{"empty", nil, "", Decoded{nil, "utf-8", "valid-utf8", ""}},
		{"utf-8", []byte(page), "text/html; charset=utf-8", Decoded{[]byte(page), "utf-8", "valid-utf8", "utf-8"}},
		{"utf-8 that says gb2312", []byte(meta("gb2312") + page), "text/html", Decoded{[]byte(meta("gb2312") + page), "utf-8", "valid-utf8", "gb2312"}},
		{"utf-8 with BOM that says gbk", []byte("\xEF\xBB\xBF" + page), "text/html;charset=GBK", Decoded{[]byte(page), "utf-8", "bom", "gbk"}},
		{"gbk by header", encode(t, gbk, page), "text/html;charset=GBK", Decoded{[]byte(page), "gb18030", "header", "gbk"}},
		{"gbk by meta", encode(t, gbk, meta("gb2312")+page), "text/html", Decoded{[]byte(meta("gb2312") + page), "gb18030", "meta", "gb2312"}},
		{"gbk undeclared", encode(t, gbk, page), "", Decoded{[]byte(page), "gb18030", "fallback", ""}},
		{"gbk under a header of utf-8", encode(t, gbk, page), "text/html; charset=utf-8", Decoded{[]byte(page), "gb18030", "fallback", "utf-8"}},
		{"gbk under a header of latin-1", encode(t, gbk, meta("gbk")+page), "text/html; charset=ISO-8859-1", Decoded{[]byte(meta("gbk") + page), "gb18030", "meta", "iso-8859-1"}},
		{"gbk under latin-1 alone", encode(t, gbk, page), "text/html; charset=iso-8859-1", Decoded{[]byte(page), "gb18030", "fallback", "iso-8859-1"}},
		{"gbk under an unknown name", encode(t, gbk, page), "text/html; charset=chinese_prc", Decoded{[]byte(page), "gb18030", "fallback", "chinese_prc"}},
		{"gb18030 beyond gbk, declared gb2312", encode(t, simplifiedchinese.GB18030, page+"㙍𠮷"), "text/html; charset=gb2312", Decoded{[]byte(page + "㙍𠮷"), "gb18030", "header", "gb2312"}},
		{"big5", encode(t, big5, meta("big5")+traditional), "", Decoded{[]byte(meta("big5") + traditional), "big5", "meta", "big5"}},
		{"latin-1", encode(t, charmap.Windows1252, "café © 2024 naïve"), "text/html; charset=iso-8859-1", Decoded{[]byte("café © 2024 naïve"), "windows-1252", "header", "iso-8859-1"}},
		{"utf-16le with BOM", encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), page), "", Decoded{[]byte(page), "utf-16le", "bom", ""}},
		{"utf-16be with BOM", encode(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), page), "text/html; charset=gbk", Decoded{[]byte(page), "utf-16be", "bom", "gbk"}},
		{"utf-16le without BOM", encode(t, utf16le, "<html>"+page), "", Decoded{[]byte("<html>" + page), "utf-16le", "fallback", ""}},
		{"utf-16be by header", encode(t, utf16be, "<html>"+page), "text/html; charset=utf-16be", Decoded{[]byte("<html>" + page), "utf-16be", "header", "utf-16be"}},
		{"meta of utf-16 is utf-8", []byte(meta("utf-16") + page), "", Decoded{[]byte(meta("utf-16") + page), "utf-8", "valid-utf8", "utf-8"}},
		{"utf-8 cut in a character", []byte(long[:len(long)-1]), "text/html; charset=utf-8", Decoded{[]byte(long[:len(long)-3] + "\uFFFD"), "utf-8", "header", "utf-8"}},
		{"utf-8 cut, undeclared", []byte(long[:len(long)-1]), "", Decoded{[]byte(long[:len(long)-3] + "\uFFFD"), "utf-8", "fallback", ""}},
		{"utf-8 cut, declared gbk", []byte(long[:len(long)-1]), "text/html; charset=gbk", Decoded{[]byte(long[:len(long)-3] + "\uFFFD"), "utf-8", "fallback", "gbk"}},
		{"gbk with a broken byte", append(encode(t, gbk, page), 0xFF), "", Decoded{[]byte(page + "\uFFFD"), "gb18030", "fallback", ""}},
		{"xml declaration", encode(t, gbk, `<?xml version="1.0" encoding="GB2312"?><a>`+page), "text/xml", Decoded{[]byte(`<?xml version="1.0" encoding="GB2312"?><a>` + page), "gb18030", "meta", "gb2312"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Decode(tt.body, tt.header)
			if string(got.Text) != string(tt.want.Text) {
				t.Errorf("text %q, want %q", got.Text, tt.want.Text)
			}
			got.Text, tt.want.Text = nil, nil
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDeclared(t *testing.T) {
	for _, tt := range []struct{ header, body, want string }{
		{"text/html;charset=GBK", "", "gbk"},
		{"text/html; charset=\"utf-8\"", "", "utf-8"},
		{"text/html; charset='utf-8'", "", "utf-8"},
		{"text/html;; charset = gb2312 ;x", "", "gb2312"},
		{"text/html; charset=", "", ""},
		{"charset", "", ""},
		{"", `<meta charset=gbk>`, "gbk"},
		{"", `<meta charset="GB18030"/>`, "gb18030"},
		{"", `<META content='text/html;charset=gb2312' http-equiv=content-type>`, "gb2312"},
		{"", `<meta name="x" content="a"><meta http-equiv="Content-Type" content="text/html; charset=&quot;" charset=big5>`, "big5"},
		{"", `<!-- <meta charset=big5> --><meta charset=gbk>`, "gbk"},
		{"", `<!-- ` + strings.Repeat("licence ", 1000) + `--><meta charset=gbk>`, "gbk"},
		{"", `<script>var a = "<b>"</script><meta charset=gbk>`, "gbk"},
		{"", `<body><meta charset=gbk>`, ""},
		{"", `<metadata charset=big5><meta charset=gbk>`, "gbk"},
		{"", `<meta charset=`, ""},
		{"", `<meta charset="gbk`, "gbk"},
		{"", `<meta / charset = "gbk" >`, "gbk"},
		{"", ` <?xml version='1.0' encoding='GBK' ?>`, "gbk"},
		{"", `<?xml version="1.0"?><meta charset=gbk>`, "gbk"},
		{"text/html; charset=utf-8", `<meta charset=gbk>`, "utf-8"},
	} {
		if got := Decode([]byte(tt.body), tt.header).Declared; got != tt.want {
			t.Errorf("header %q body %.60q: declared %q, want %q", tt.header, tt.body, got, tt.want)
		}
	}
}

// Whatever the bytes, the text is UTF-8; and text written in a charset and declared
// so is read back.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{page, "\xFF\xFE\x00", "\xFE\xFF\xD8\x00", "<\x00a", "\xEF\xBB\xBF\xFF", meta("gbk") + "\xBF\xC6\xD0", "<meta charset=iso-2022-jp>\x1b$B\xff", "<meta charset=x-user-defined>\xff", "\x84\x31\xa4\x37"} {
		f.Add([]byte(body), "text/html; charset=gbk")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		before := bytes.Clone(body)
		d := Decode(body, header)
		if !utf8.Valid(d.Text) {
			t.Fatalf("Decode(%q, %q): text %q is no UTF-8", body, header, d.Text)
		}
		if d.Name == "" || d.By == "" {
			t.Fatalf("Decode(%q, %q) = %+v", body, header, d)
		}
		if !bytes.Equal(before, body) {
			t.Fatal("Decode altered its input")
		}
		if utf8.Valid(body) && !bytes.ContainsRune(body, 0) {
			gbk := encoding.ReplaceUnsupported(simplifiedchinese.GB18030.NewEncoder())
			b, err := gbk.Bytes(body)
			if err != nil {
				t.Fatal(err)
			}
			if r := Decode(b, "text/html; charset=gb18030"); r.Name == "gb18030" && r.By == "header" && !bytes.Equal(r.Text, body) && !bytes.ContainsAny(body, odd) {
				t.Fatalf("round trip of %q through GB18030: %q", body, r.Text)
			}
		}
	})
}

// Characters whose GB18030 mapping differs between the standard's editions.
const odd = "\uFFFD\u1E3F\uE5E5\uE7C7\u20AC"

// The fast path for GB18030 agrees with x/text on every pair of bytes and on any text.
func TestDecodePairs(t *testing.T) {
	dec := simplifiedchinese.GB18030.NewDecoder()
	fast := 0
	for lead := range 256 {
		for second := range 256 {
			body := []byte{'a', byte(lead), byte(second), 'b'}
			got, ok := decodePairs(body)
			if !ok {
				continue
			}
			fast++
			want, err := dec.Bytes(body)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("% x is %q, want %q, %v", body, got, want, err)
			}
		}
	}
	if fast < 20000 {
		t.Errorf("the fast path knows %d pairs", fast)
	}
}

func FuzzDecodePairs(f *testing.F) {
	f.Add([]byte("\xBF\xC6\xD0\xAD abc"))
	f.Add([]byte("\x81\x30\x81\x30\x80"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := decodePairs(body)
		if !ok {
			return
		}
		want, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("% x is %q, want %q, %v", body, got, want, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	text := "<html><head><meta charset=\"utf-8\"></head><body>" + strings.Repeat("<p>"+page+"</p>", 500)
	utf := []byte(text)
	gbk := encode(b, simplifiedchinese.GBK, strings.Replace(text, "utf-8", "gbk", 1))
	b.Run("utf-8", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			Decode(utf, "text/html")
		}
	})
	b.Run("gbk", func(b *testing.B) {
		b.SetBytes(int64(len(gbk)))
		for b.Loop() {
			Decode(gbk, "text/html")
		}
	})
}
