package charset

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
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
		{"utf-8 that says gb2312", []byte(meta("gb2312") + page), "text/html",
			Decoded{[]byte(meta("gb2312") + page), "utf-8", "valid-utf8", "gb2312"}},
		{"utf-8 with BOM that says gbk", []byte("\xEF\xBB\xBF" + page), "text/html;charset=GBK",
			Decoded{[]byte(page), "utf-8", "bom", "gbk"}},
		{"gbk by header", encode(t, gbk, page), "text/html;charset=GBK", Decoded{[]byte(page), "gb18030", "header", "gbk"}},
		{"gbk by meta", encode(t, gbk, meta("gb2312")+page), "text/html",
			Decoded{[]byte(meta("gb2312") + page), "gb18030", "meta", "gb2312"}},
		{"gbk undeclared", encode(t, gbk, page), "", Decoded{[]byte(page), "gb18030", "fallback", ""}},
		{"gbk under a header of utf-8", encode(t, gbk, page), "text/html; charset=utf-8",
			Decoded{[]byte(page), "gb18030", "fallback", "utf-8"}},
		{"gbk under a header of latin-1", encode(t, gbk, meta("gbk")+page), "text/html; charset=ISO-8859-1",
			Decoded{[]byte(meta("gbk") + page), "gb18030", "meta", "iso-8859-1"}},
		{"gbk under latin-1 alone", encode(t, gbk, page), "text/html; charset=iso-8859-1",
			Decoded{[]byte(page), "gb18030", "fallback", "iso-8859-1"}},
		{"gbk under an unknown name", encode(t, gbk, page), "text/html; charset=chinese_prc",
			Decoded{[]byte(page), "gb18030", "fallback", "chinese_prc"}},
		{"gb18030 beyond gbk, declared gb2312", encode(t, simplifiedchinese.GB18030, page+"㙍𠮷"),
			"text/html; charset=gb2312", Decoded{[]byte(page + "㙍𠮷"), "gb18030", "header", "gb2312"}},
		{"big5", encode(t, big5, meta("big5")+traditional), "",
			Decoded{[]byte(meta("big5") + traditional), "big5", "meta", "big5"}},
		{"latin-1", encode(t, charmap.Windows1252, "café © 2024 naïve"), "text/html; charset=iso-8859-1",
			Decoded{[]byte("café © 2024 naïve"), "windows-1252", "header", "iso-8859-1"}},
		{"utf-16le with BOM", encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), page), "",
			Decoded{[]byte(page), "utf-16le", "bom", ""}},
		{"utf-16be with BOM", encode(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), page), "text/html; charset=gbk",
			Decoded{[]byte(page), "utf-16be", "bom", "gbk"}},
		{"utf-16le without BOM", encode(t, utf16le, "<html>"+page), "",
			Decoded{[]byte("<html>" + page), "utf-16le", "fallback", ""}},
		{"utf-16be by header", encode(t, utf16be, "<html>"+page), "text/html; charset=utf-16be",
			Decoded{[]byte("<html>" + page), "utf-16be", "header", "utf-16be"}},
		{"meta of utf-16 is utf-8", []byte(meta("utf-16") + page), "",
			Decoded{[]byte(meta("utf-16") + page), "utf-8", "valid-utf8", "utf-8"}},
		{"utf-8 cut in a character", []byte(long[:len(long)-1]), "text/html; charset=utf-8",
			Decoded{[]byte(long[:len(long)-3] + "\uFFFD"), "utf-8", "header", "utf-8"}},
		{"utf-8 cut, undeclared", []byte(long[:len(long)-1]), "",
			Decoded{[]byte(long[:len(long)-3] + "\uFFFD"), "utf-8", "fallback", ""}},
		{"utf-8 cut, declared gbk", []byte(long[:len(long)-1]), "text/html; charset=gbk",
			Decoded{[]byte(long[:len(long)-3] + "\uFFFD"), "utf-8", "fallback", "gbk"}},
		{"gbk with a broken byte", append(encode(t, gbk, page), 0xFF), "",
			Decoded{[]byte(page + "\uFFFD"), "gb18030", "fallback", ""}},
		{"xml declaration", encode(t, gbk, `<?xml version="1.0" encoding="GB2312"?><a>`+page), "text/xml",
			Decoded{[]byte(`<?xml version="1.0" encoding="GB2312"?><a>` + page), "gb18030", "meta", "gb2312"}},
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
	for _, body := range []string{page, "\xFF\xFE\x00", "\xFE\xFF\xD8\x00", "<\x00a", "\xEF\xBB\xBF\xFF",
		meta("gbk") + "\xBF\xC6\xD0", "<meta charset=iso-2022-jp>\x1b$B\xff", "<meta charset=x-user-defined>\xff",
		"\x84\x31\xa4\x37"} {
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
			if r := Decode(b, "text/html; charset=gb18030"); r.Name == "gb18030" && r.By == "header" &&
				!bytes.Equal(r.Text, body) && !bytes.ContainsAny(body, odd) {
				t.Fatalf("round trip of %q through GB18030: %q", body, r.Text)
			}
		}
	})
}

// Characters whose GB18030 mapping differs between the standard's editions.
const odd = "\uFFFD\u1E3F\uE5E5\uE7C7\u20AC"

// Every two bytes are read as x/text reads them where that knows the pair, and never lose an ASCII character.
func TestPairsAgreeWithText(t *testing.T) {
	for name, e := range map[string]encoding.Encoding{
		"gb18030": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5, "shift_jis": japanese.ShiftJIS,
		"euc-kr": korean.EUCKR,
	} {
		dec := e.NewDecoder()
		known := 0
		for lead := range 256 {
			for second := range 256 {
				body := []byte{'a', byte(lead), byte(second), 'b'}
				got := decode(body, e, name)
				want, err := dec.Bytes(body)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.ContainsRune(want, utf8.RuneError) {
					known++
					if !bytes.Equal(got, want) {
						t.Fatalf("%s: % x is %q, want %q", name, body, got, want)
					}
				}
				if second < 0x80 && bytes.ContainsRune(got, utf8.RuneError) && !bytes.Contains(got, []byte{byte(second), 'b'}) {
					t.Errorf("%s: % x loses the second byte: %q", name, body, got)
				}
			}
		}
		if known < 15000 && name != "shift_jis" || known < 6000 {
			t.Errorf("%s: %d pairs are known", name, known)
		}
	}
}

// What GB18030-2022 moved out of the private use area, what is there still, and what is ill-formed.
func TestGB18030(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"\xA6\xD9\xA6\xDA\xA6\xDB\xA6\xDC\xA6\xDD\xA6\xDE\xA6\xDF\xA6\xEC\xA6\xED\xA6\xF3",
			"\uFE10\uFE12\uFE11\uFE13\uFE14\uFE15\uFE16\uFE17\uFE18\uFE19"},
		{"\xA8\xBC\xFE\x59\xFE\x61\xFE\x66\xFE\x67\xFE\x6D\xFE\x7E\xFE\x90\xFE\xA0",
			"\u1E3F\u9FB4\u9FB5\u9FB6\u9FB7\u9FB8\u9FB9\u9FBA\u9FBB"},
		{"\xAA\xA1\xAF\xFE\xF8\xA1\xFE\xFE\xA1\x40\xA7\xA0", "\uE000\uE233\uE234\uE4C5\uE4C6\uE765"}, // user-defined
		{"\xA2\x7E\xA2\x80\xA3\xA0", "\uE564\uE565\u3000"},
		{"\xA2\xAB\xD7\xFE\xFE\x51\xFE\x91\xA9\xA3", "\uE766\uE814\uE816\uE855\uE800"},
		{"\x80\x81\x35\xF4\x37\x95\x32\x90\x31", "\u20AC\uE7C7\U00020087"},
		{"\x81<\xFF<\x81\xFF<", "\uFFFD<\uFFFD<\uFFFD<"},
		{"\x81\x30\x81<", "\uFFFD0\uFFFD<"},
		{"\x81\x30<b", "\uFFFD0<b"},
		{"\xFE\x39\xFE\x39", "\uFFFD"},
		{"a\x81", "a\uFFFD"}, {"a\x81\x30", "a\uFFFD"}, {"a\x81\x30\x81", "a\uFFFD"}, {"\x81\x30<", "\uFFFD0<"},
	} {
		for _, label := range []string{"gb18030", "gb2312", "gbk", "x-gbk"} {
			if got := string(DecodeAs([]byte(c.in), label)); got != c.want {
				t.Errorf("%s % x: %+q, want %+q", label, c.in, got, c.want)
			}
		}
	}
	holes := 0
	for _, r := range gbPairs() {
		if r == 0 {
			holes++
		}
	}
	if holes != 126 { // 0x7F is the second byte of none
		t.Errorf("%d pairs are no characters", holes)
	}
}

func TestIllFormedPairs(t *testing.T) {
	for _, c := range []struct{ label, in, want string }{
		{"big5", `title="` + "\xA4\xA4\xFE\x22>", `title="中` + "\uFFFD\">"},
		{"big5", "\x88\x62\x88\xA5", "\u00CA\u0304\u00EA\u030C"},
		{"shift_jis", "\x88\x9F\xB1\x85<\xFD<", "亜ｱ\uFFFD<\uFFFD<"},
		{"shift_jis", "\xF0\x40\xF0\x80\xF9\xFC", "\uE000\uE03F\uE757"},
		{"euc-kr", "\xB0\xA1\xC9<", "가\uFFFD<"},
		{"no such label", "caf\xE9", "café"},
		{"utf-8", "a\xFFb", "a\uFFFDb"},
	} {
		if got := string(DecodeAs([]byte(c.in), c.label)); got != c.want {
			t.Errorf("%s %+q: %+q, want %+q", c.label, c.in, got, c.want)
		}
	}
}

func TestSecondDeclaration(t *testing.T) {
	for in, want := range map[string]string{
		`<meta charset="nonsense"><meta charset="big5">`:                                               "big5",
		`<meta charset="x-none"><meta http-equiv=Content-Type content="text/html; charset=shift_jis">`: "shift_jis",
		`<meta charset="x-none" content="text/html; charset=gbk">`:                                     "gbk",
		`<?xml version="1.0" encoding="x-none"?><meta charset="euc-kr">`:                               "euc-kr",
		`<meta charset="x-first"><meta charset="x-second"></head><meta charset="big5">`:                "x-first",
		`<meta charset="big5"><meta charset="gbk">`:                                                    "big5",
	} {
		if got := metaCharset([]byte(in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func FuzzPairs(f *testing.F) {
	f.Add([]byte("\xBF\xC6\xD0\xAD abc"))
	f.Add([]byte("\x81\x30\x81\x30\x80"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, label := range []string{"gb18030", "big5", "shift_jis", "euc-kr"} {
			text := DecodeAs(body, label)
			// it is the second byte of no pair
			if !utf8.Valid(text) || bytes.Count(text, []byte("<")) != bytes.Count(body, []byte("<")) {
				t.Errorf("%s: % x is %q", label, body, text)
			}
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
