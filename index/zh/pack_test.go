package zh

import (
	"bytes"
	"strings"
	"testing"
)

const packSample = "10月20日，自治区科协召开会议，传達學習黨的二十大精神。\n第37届青少年“科技创新大赛”：C919、5G；㗎𠮷é\xff\xfe。"

func FuzzPack(f *testing.F) {
	f.Add(packSample)
	f.Add(strings.Repeat("é", 300))
	f.Add("\xff\n\\n")
	f.Fuzz(func(t *testing.T, s string) {
		packed, err := Pack(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Unpack(nil, packed)
		if err != nil || string(got) != s {
			t.Fatalf("%q comes back as %q, %v", s, got, err)
		}
		if _, err := Unpack(nil, []byte(s)); err != nil && err != errPacked {
			t.Fatal(err)
		}
	})
}

func TestPackTable(t *testing.T) {
	if n := len(packWords()); n != packEntries {
		t.Errorf("%d entries, %d codes", n, packEntries)
	}
	packed, err := Pack(nil, packSample)
	if err != nil {
		t.Fatal(err)
	}
	if len(packed)*10 > len(packSample)*6 {
		t.Errorf("%d bytes of %d after packing", len(packed), len(packSample))
	}
	for n := range packed {
		got, err := Unpack(nil, packed[:n])
		if err == nil && !bytes.HasPrefix([]byte(packSample), got) {
			t.Errorf("cut after %d: %q", n, got)
		}
	}
}
