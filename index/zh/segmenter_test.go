package zh

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-ego/gse"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var openDocs = flag.String("docs", "",
	"more texts for TestSegmentersAgree, JSON lines with a \"text\", gzip by the name")

// wholeDict is gse's Segmenter of the whole dictionary.
var wholeDict = sync.OnceValue(func() *gse.Segmenter {
	d, err := Builtin()
	if err != nil {
		panic(err)
	}
	return wholeOf(d)
})

func wholeOf(d *Dict) *gse.Segmenter {
	s := &gse.Segmenter{SkipLog: true, NotLoadHMM: true, Dict: gse.NewDict()}
	for _, m := range d.layers {
		m.each(func(word string, v uint32) { add(s, word, float64(v>>8), m.pos[v&0xFF]) })
	}
	s.CalcToken()
	return s
}

// cutterOn returns a Cutter that uses a Segmenter for a text, whatever the text has.
func cutterOn(d *Dict, s *gse.Segmenter, text string) *Cutter {
	c := NewCutter(d)
	c.known.of[text], c.known.seg = true, s
	return c
}

func allWords(c *Cutter, text string) []Word {
	var out []Word
	c.Words(text, true, func(w Word) { out = append(out, w) })
	return out
}

// agree holds the Segmenter of a text's own words to that of the whole dictionary: bounds and parts of speech.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, d *Dict, whole *gse.Segmenter, text string) {
	t.Helper()
	if diff := cmp.Diff(allWords(cutterOn(d, whole, text), text), allWords(NewCutter(d), text)); diff != "" {
		t.Fatalf("%.300q: -whole +own words\n%s", text, diff)
	}
}

// TestSegmentersAgree gives both Segmenters the texts and queries of the fixtures, every text by itself and,
// as the index does, announced together with others.
func TestSegmentersAgree(t *testing.T) {
	d, whole := builtinDict(t), wholeDict()
	texts := fixtures(t)
	n := 0
	for some := range slices.Chunk(texts, 64) {
		c := NewCutter(d)
		c.Learn(some...)
		for i, text := range some {
			want := allWords(cutterOn(d, whole, text), text)
			if diff := cmp.Diff(want, allWords(c, text)); diff != "" {
				t.Fatalf("announced: %.300q: -whole +own words\n%s", text, diff)
			}
			if i%8 == 0 {
				agree(t, d, whole, text)
			}
			n += len(want)
		}
	}
	t.Logf("%d texts, %d words", len(texts), n)
	if len(texts) < 1000 || n < 100_000 {
		t.Errorf("%d texts, %d words: the fixtures were not found", len(texts), n)
	}
}

// fixtures are the texts of the project: articles and queries, profiles and made-up pages as they are, markup
// and all, and the lines of the documents.
func fixtures(t *testing.T) []string {
	t.Helper()
	root := filepath.Join("..", "..")
	var texts []string
	for _, dir := range []string{"testdata", "docs", "internal/fakesite/texts", "site"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".jsonl", ".json", ".yaml", ".html", ".md", ".txt":
			default:
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			texts = append(texts, strings.Split(string(b), "\n")...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if *openDocs != "" {
		more, err := readTexts(*openDocs)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, more...)
	}
	return texts
}

func readTexts(file string) (texts []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var r io.Reader = bufio.NewReader(f)
	if strings.HasSuffix(file, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			return nil, err
		}
	}
	dec := json.NewDecoder(r)
	for {
		var d struct{ Text string }
		if err := dec.Decode(&d); errors.Is(err, io.EOF) {
			return texts, nil
		} else if err != nil {
			return nil, err
		}
		texts = append(texts, d.Text)
	}
}

// TestSegmentersAgreeOnAnything makes texts of words that compete for the same characters, of Latin, marks and bytes
// that are no text, and wants the same from both, with and without the operator's words.
func TestSegmentersAgreeOnAnything(t *testing.T) {
	own, err := Load([]string{"科普大篷 3", "学习 1", "研究生命 900000 nz", "c++ 7", "5g手机", "结合成"})
	if err != nil {
		t.Fatal(err)
	}
	ownWhole := wholeOf(own)
	if own.total != ownWhole.Dict.TotalFreq() {
		t.Errorf("total frequency %v, gse has %v", own.total, ownWhole.Dict.TotalFreq())
	}
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"自治区科协召开", "全民科学素质工作会议", "的", "与会代表",
			"南京市长江大桥", "研究生命起源",
			"结合成分子时", "他说的确实在理", "乒乓球拍卖完了", "不", "工信处女干事",
			"科普大篷车", "5G手机", "T恤", "卡拉OK", "AA制", "at&t", "c++",
			"covid-19", "3.5万", "1,000", "m²", "①", "Ⅳ", "中國科學技術協會", "カラオケ", "한국", "é",
			"e\u0301", "ß", "İ", "สวัสดี", "𠮷野家"}),
		rapid.SampledFrom([]string{" ", "，", "。", "\n", "\x00", "\x01", "\xff", "\xed\xa0\x80", "\ufffd", "\u200d", "-",
			".", "_", "/", "'", "\ue000", "\U0010ffff"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("中国人民大学生活动员工会科技协学院士的了在和一二三")),
			1, 12, -1),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "text"), "")
		agree(t, builtinDictOf(t), wholeDict(), text)
		agree(t, own, ownWhole, text)
	})
}

func builtinDictOf(t *rapid.T) *Dict {
	d, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestLongText cuts a text of 300,000 characters without any punctuation as the same text in short pieces: gse adds up
// distances in 32 bits, which lose the difference between two paths on the way.
func TestLongText(t *testing.T) {
	d := builtinDict(t)
	const sentence = "研究生命起源的学者在南京市长江大桥参加全民科学素质工作会议"
	want := cutWords(d, sentence, false)
	const times = 10_000
	got := cutWords(d, strings.Repeat(sentence, times), false)
	if len(got) != times*len(want) {
		t.Fatalf("%d words, want %d", len(got), times*len(want))
	}
	for i, w := range got {
		if w != want[i%len(want)] {
			t.Fatalf("word %d is %s, want %s", i, w, want[i%len(want)])
		}
	}
	for _, unit := range []string{strings.Repeat("a", 5000), strings.Repeat("7-", 3000) + "x",
		strings.Repeat("é", 2500)} {
		if got := cutWords(d, "前"+unit+"后", false); !slices.Equal(got, []string{"前", unit, "后"}) {
			t.Errorf("%d characters of %.8s: %d pieces", len(unit), unit, len(got))
		}
	}
}

// TestOffsets wants every word where the text has it, in characters, whatever stands around it.
func TestOffsets(t *testing.T) {
	d := builtinDict(t)
	rng := rand.New(rand.NewPCG(3, 1))
	around := []string{"", " ", "\x00", "\xff\xfe", "ＡＢｃ", "É", "İ", "𠮷", "。", "covid-19", "1,000",
		"\ufeff", "e\u0301"}
	for range 500 {
		a, b := around[rng.IntN(len(around))], around[rng.IntN(len(around))]
		text := a + "，科学技术，" + b
		at := len([]rune(a)) + 1
		found := false
		for _, w := range allWords(NewCutter(d), text) {
			found = found || w.Start == at && w.End == at+4 && w.Text == "科学技术"
		}
		if !found {
			t.Fatalf("%q: %+v", text, allWords(NewCutter(d), text))
		}
	}
}

// TestUnannounced mixes texts that were announced with others.
func TestUnannounced(t *testing.T) {
	d, whole := builtinDict(t), wholeDict()
	c := NewCutter(d)
	c.Learn("自治区科协召开全民科学素质工作会议", "南京市长江大桥")
	for i, text := range []string{"工作会议", "研究生命起源", "南京市长江大桥", "全民科学素质", "",
		"乒乓球拍卖完了", "南京市长", "2022年C919"} {
		if diff := cmp.Diff(allWords(cutterOn(d, whole, text), text), allWords(c, text)); diff != "" {
			t.Errorf("%d %s: -whole +own words\n%s", i, text, diff)
		}
	}
}
