package index

import (
	"math/rand/v2"
	"strings"
	"testing"

	"cundang/index/zh"
)

// TestProbeReadsPacked compares what a probe finds in packed texts with what it finds in the same
// texts unpacked and folded.
func TestProbeReadsPacked(t *testing.T) {
	d, err := zh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	pieces := []string{
		"全民科学素质", "行动规划纲要", "科技工作者之家", "。", "，", "\n", "5G", "COVID-19", "３．５％", "的", "9月9日", "學術年會", "㗎𠮷é", "\xff\xe4", "中华人民共和国全国人民代表大会",
		"Ａ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1", "", " ", "科", "技", "年", strings.Repeat("会议指出", 40),
	}
	some := func(n int) string {
		var b strings.Builder
		for range rng.IntN(n + 1) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return b.String()
	}
	read := 0
	for range 3000 {
		text := texts{title: some(4)}
		for range rng.IntN(5) {
			text.paras = append(text.paras, some(30))
		}
		text.body = strings.Join(text.paras, "\n")
		own := rng.IntN(4) == 0
		if own {
			text.body = some(60)
		}
		for range rng.IntN(3) {
			text.atts = append(text.atts, some(10))
		}
		block, err := text.encode(own)
		if err != nil {
			t.Fatal(err)
		}
		q := ask(zh.NewCutter(d), some(6))
		words, pairs := weights(rng, len(q.words)), weights(rng, len(q.pairs))
		var p page
		probe := newProbe(q, words, pairs)
		if err := probe.read(block, &p); err != nil {
			t.Fatal(err)
		}
		if len(p.raw) == 0 {
			read++
		}
		got := probe.end(100)
		probe.plain = true
		if err := probe.read(block, &p); err != nil {
			t.Fatal(err)
		}
		if want := probe.end(100); got != want {
			t.Fatalf("%q asked of %+v: %v, want %v", q.words, text, got, want)
		}
		probe.release()
	}
	if read < 1500 {
		t.Errorf("only %d of 3000 were read packed", read)
	}
}

func weights(rng *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = 1 + float32(rng.IntN(100))
	}
	return out
}
