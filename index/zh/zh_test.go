package zh

import (
	"crypto/sha256"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-ego/gse"
)

func builtinDict(t testing.TB) *Dict {
	t.Helper()
	d, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func cutWords(d *Dict, s string, subs bool) []string {
	var out []string
	NewCutter(d).Words(s, subs, func(w Word) { out = append(out, w.Text) })
	return out
}

func TestWordsInsideWords(t *testing.T) {
	got := " " + strings.Join(cutWords(builtinDict(t), "全民科学素质行动规划纲要", true), " ") + " "
	for _, w := range []string{"科学", "科学素质", "全民科学素质", "规划", "纲要",
		"全民科学素质行动规划纲要"} {
		if !strings.Contains(got, " "+w+" ") {
			t.Errorf("%s is not in%s", w, got)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range [][2]string{
		{"中國科學技術協會", "中国科学技术协会"},
		{"ＡＢＣ　１２３，", "abc 123,"},
		{"臺灣裏的著名學者", "台湾里的著名学者"},
		{"看着著作", "看着著作"},
		{"é𠮷\xff", "é𠮷�"},
	} {
		if got := Fold(c[0]); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
		if a, b := utf8.RuneCountInString(c[0]), utf8.RuneCountInString(Fold(c[0])); a != b {
			t.Errorf("%s: %d characters become %d", c[0], a, b)
		}
	}
	for r := range rune(0x10000) {
		if again := FoldRune(FoldRune(r)); again != FoldRune(r) && r < 0xD800 {
			t.Errorf("%c folds to %c and that to %c", r, FoldRune(r), again)
		}
	}
}

func TestCutMixed(t *testing.T) {
	d := builtinDict(t)
	for _, c := range []struct{ text, want string }{
		{"5G和C919、COVID-19", "5g 和 c919 covid-19"},
		{"3.5万人，1,000元", "3.5 万 人 1,000 元"},
		{"2022年10月27日", "2022 年 10 月 27 日"},
		{"Ｗｉ－Ｆｉ信号", "wi-fi 信号"},
		{"", ""},
		{"，。！", ""},
		{"\xff\xfe中国\x00", "中国"},
	} {
		if got := strings.Join(cutWords(d, c.text, false), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"COVID-19", "covid 19 covid-19"},
		{"采用2017MV方案", "采用 2017 mv 2017mv 方案"},
		{"iPhone15Pro", "iphone 15 pro iphone15pro"},
		{"维生素B12", "维生 维生素 12 b12"},
		{"C919", "919 c919"},
		{"ISO9001-2015", "iso9001 iso 9001 2015 iso9001-2015"},
		{"5G", "5g"},
		{"3.5", "3.5"},
	} {
		if got := strings.Join(cutWords(d, c.text, true), " "); got != c.want {
			t.Errorf("parts of %s: %s, want %s", c.text, got, c.want)
		}
	}
}

// TestDomainStaysWhole wants every word of domain.txt back as one word, alone and in a sentence.
func TestDomainStaysWhole(t *testing.T) {
	d := builtinDict(t)
	b, err := os.ReadFile("data/domain.txt")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := ParseWords(strings.Split(string(b), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 200 {
		t.Errorf("%d words", len(entries))
	}
	for _, e := range entries {
		for _, frame := range []string{"%s", "会议强调，%s。", "关于印发%s的通知"} {
			text := fmt.Sprintf(frame, e.Word)
			found := false
			for _, w := range cutWords(d, text, true) {
				found = found || w == Fold(e.Word)
			}
			if !found {
				t.Errorf("%s in %q: %v", e.Word, text, cutWords(d, text, true))
			}
		}
	}
}

// TestImageIsFresh fails when domain.txt or gse's dictionary changed and `go generate` was not run.
func TestImageIsFresh(t *testing.T) {
	var s gse.Segmenter
	s.SkipLog, s.NotLoadHMM = true, true
	if err := s.LoadDictEmbed("zh"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("data/domain.txt")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := ParseWords(strings.Split(string(b), "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tok := range s.Dict.Tokens {
		entries = append(entries, Entry{tok.Text(), int(tok.Freq()), tok.Pos()})
	}
	img, err := Compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(img) != sha256.Sum256(builtinImage) {
		t.Error("data/dict.img is not what go generate makes")
	}
}

func TestOwnWords(t *testing.T) {
	d, err := Load([]string{"# ours", "", "沙坡头治沙所", "贺兰山岩画 5000 nz"})
	if err != nil {
		t.Fatal(err)
	}
	if got := cutWords(d, "参观贺兰山岩画和沙坡头治沙所",
		false); !reflect.DeepEqual(got, []string{"参观", "贺兰山岩画", "和", "沙坡头治沙所"}) {
		t.Errorf("%v", got)
	}
	if d.Hash() == builtinDict(t).Hash() {
		t.Error("another dictionary has the same hash")
	}
	for _, bad := range []string{"词 x", "词 0", "词 1 n extra", "词\x00", "\x01", "\xff"} {
		if _, err := Load([]string{"好", bad}); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := openImage([]byte("nonsense")); err == nil {
		t.Error("nonsense opens as an image")
	}
	for _, n := range []int{len(imageMagic), 60, 100, len(builtinImage) - 1} {
		if _, err := openImage(builtinImage[:n]); err == nil {
			t.Errorf("an image of %d bytes opens", n)
		}
	}
}

func FuzzCut(f *testing.F) {
	for _, s := range []string{"自治区科协COVID-19，3.5万", "\xff\xfe", "ａ－ｂ", "\u0301\u200d",
		strings.Repeat("-a", 50), "𠮷野家", "0,0.0:0"} {
		f.Add(s)
	}
	d := builtinDict(f)
	f.Fuzz(func(t *testing.T, s string) {
		c := NewCutter(d)
		runes := FoldRunes(nil, s)
		covered := make([]bool, len(runes))
		end := 0
		c.Words(s, true, func(w Word) {
			if w.Start < 0 || w.End > len(runes) || w.Start >= w.End || w.Text != string(runes[w.Start:w.End]) {
				t.Fatalf("%q: word %+v", s, w)
			}
			if w.Sub {
				return
			}
			if w.Start < end {
				t.Fatalf("%q: %+v overlaps the word before", s, w)
			}
			end = w.End
			for i := w.Start; i < w.End; i++ {
				covered[i] = true
			}
		})
		for i, r := range runes {
			if !covered[i] && Content(r) {
				t.Fatalf("%q: %q at %d is in no word", s, r, i)
			}
		}
		c.Pairs(s, func(p Pair) {
			if b := p.Bucket(); b < 0 || b >= Buckets || len(BucketTerm(b)) != 2 {
				t.Fatalf("%q: pair %+v in bucket %d", s, p, b)
			}
		})
		c.Names(s)
	})
}

func BenchmarkCut(b *testing.B) {
	c := NewCutter(builtinDict(b))
	text := strings.Repeat("10月20日，自治区科协召开会议，传达学习党的二十大精神，"+
		"部署全民科学素质工作。", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		c.Words(text, true, func(Word) {})
	}
}
