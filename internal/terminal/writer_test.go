package terminal

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWriter(t *testing.T) {
	for in, want := range map[string]string{
		"关于\u009b31m征集\u0085的通知\x7f":          "关于31m征集的通知",
		"\x1b[32m绿\x1b[0m\r\x1b[2K下一行\n":      "\x1b[32m绿\x1b[0m\r\x1b[2K下一行\n",
		"\x1b]0;标题\x07正文\x1b[2J":              "]0;标题正文[2J",
		"令\u202e反\u202c写\u2066隔\u2069离\u200f": "令反写隔离",
		"表\t格\n":      "表\t格\n",
		"坏\xff字节\x9b": "坏\ufffd字节\ufffd",
	} {
		var b strings.Builder
		if n, err := (Writer{&b}).Write([]byte(in)); err != nil || n != len(in) {
			t.Fatal(n, err)
		}
		if b.String() != want {
			t.Errorf("%q is written as %q, want %q", in, b.String(), want)
		}
	}
}

func TestJSONWriterKeepsValues(t *testing.T) {
	in := map[string]string{"title": "令\u202e反写\u009b31m\u007f", "body": "一\n二\t三"}
	var b strings.Builder
	enc := NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(in); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(b.String(), obeyed) {
		t.Errorf("%q", b.String())
	}
	var out map[string]string
	if err := json.Unmarshal([]byte(b.String()), &out); err != nil || out["title"] != in["title"] ||
		out["body"] != in["body"] {
		t.Errorf("%q, %v", out, err)
	}
}
