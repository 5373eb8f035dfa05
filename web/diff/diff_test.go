package diff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBySentence(t *testing.T) {
	old := "大会于三月举行。共有二百人参加。会后发布了倡议书。"
	new := "大会于三月举行。共有三百人参加。会后发布了倡议书。"
	want := []Span{
		{Equal, "大会于三月举行。"},
		{Delete, "共有二百人参加。"},
		{Insert, "共有三百人参加。"},
		{Equal, "会后发布了倡议书。"},
	}
	if d := cmp.Diff(want, BySentence(old, new)); d != "" {
		t.Error(d)
	}
}

func TestByWord(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           []Span
	}{
		{"one character", "共有二百人参加。", "共有三百人参加。",
			[]Span{{Equal, "共有"}, {Delete, "二"}, {Insert, "三"}, {Equal, "百人参加。"}}},
		{"number stays whole", "定于2022年举行。", "定于2023年举行。",
			[]Span{{Equal, "定于"}, {Delete, "2022"}, {Insert, "2023"}, {Equal, "年举行。"}}},
		{"accidental match is absorbed", "会议由张的主持。", "会议由李的负责。",
			[]Span{{Equal, "会议由"}, {Delete, "张的主持"}, {Insert, "李的负责"}, {Equal, "。"}}},
		{"only inserted", "甲。", "甲。乙。", []Span{{Equal, "甲。"}, {Insert, "乙。"}}},
		{"nothing", "", "", nil},
		{"from nothing", "", "新文", []Span{{Insert, "新文"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, ByWord(tt.old, tt.new, nil)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSentences(t *testing.T) {
	got := Sentences("他说：“好！”然后走了。\n第二段？！没有句号")
	want := []string{"他说：“好！”", "然后走了。\n", "第二段？！", "没有句号"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Whatever the texts, both sides can be put together again from the spans.
func TestSpansRebuildBothTexts(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("科协会员大会。！\n ab12，")), 0, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		old, new := text.Draw(t, "old"), text.Draw(t, "new")
		for _, spans := range [][]Span{BySentence(old, new), ByWord(old, new, nil)} {
			if got := side(spans, Insert); got != old {
				t.Fatalf("old text: got %q want %q from %v", got, old, spans)
			}
			if got := side(spans, Delete); got != new {
				t.Fatalf("new text: got %q want %q from %v", got, new, spans)
			}
		}
	})
}

func side(spans []Span, without Op) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Op != without {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Two long unrelated texts must not cost quadratic memory.
func TestFarApart(t *testing.T) {
	old, new := strings.Repeat("甲乙丙丁。", 20_000), strings.Repeat("戊己庚辛。", 20_000)
	spans := ByWord(old, new, nil)
	if side(spans, Insert) != old || side(spans, Delete) != new {
		t.Error("texts do not come back")
	}
}

func FuzzByWord(f *testing.F) {
	f.Add("甲。乙", "甲。丙")
	f.Fuzz(func(t *testing.T, old, new string) {
		old, new = strings.ToValidUTF8(old, "?"), strings.ToValidUTF8(new, "?")
		if spans := ByWord(old, new, nil); side(spans, Insert) != old || side(spans, Delete) != new {
			t.Errorf("texts do not come back: %v", spans)
		}
	})
}
