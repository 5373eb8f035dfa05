package archive

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"cundang/archive/evidence"
)

// evidenceOf makes the evidence file of the i-th sample capture.
func evidenceOf(t *testing.T, dir string, ref Ref) []byte {
	t.Helper()
	s := mustOpen(t, dir, Options{ReadOnly: true})
	defer mustClose(t, s)
	var b bytes.Buffer
	if err := s.WriteEvidence(t.Context(), &b, ref, "科普办. 关于举办培训班的通知[EB/OL]."); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEvidence(t *testing.T) {
	dir, refs := sample(t)
	for i, want := range map[int]int{0: 1, 5: 1, 9: 2, 17: 1} { // 9 is a revisit of 0
		file := evidenceOf(t, dir, refs[i])
		r, err := evidence.Check(bytes.NewReader(file), int64(len(file)), "")
		if err != nil || len(r.Captures) != want || r.Captures[0].Ref != refs[i].String() || r.Index[0] != int64(i) {
			t.Errorf("capture %d: %d captures, entries %v: %v", i, len(r.Captures), r.Index, err)
		}
		if r, err = evidence.Check(bytes.NewReader(file), int64(len(file)), r.Keys[0].Key); err != nil {
			t.Errorf("with the key from elsewhere: %v", err)
		}
		if _, err = evidence.Check(bytes.NewReader(file), int64(len(file)), "log.example+00000000+AAAA"); err == nil {
			t.Error("another log's key is taken for the file's")
		}
		for _, part := range []string{"README.txt", "citation.txt"} {
			if f, err := must(zip.NewReader(bytes.NewReader(file), int64(len(file)))).Open(part); err != nil {
				t.Errorf("%s: %v", part, err)
			} else if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestEvidenceMutated changes evidence files in a thousand ways: each change of what is proven is refused.
func TestEvidenceMutated(t *testing.T) {
	dir, refs := sample(t)
	file := evidenceOf(t, dir, refs[9])
	z := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		victim := z.File[rnd.IntN(len(z.File))]
		if strings.HasSuffix(victim.Name, ".txt") || victim.Name == "evidence.json" { // said, not proven
			continue
		}
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, f := range z.File {
			out := must(w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store}))
			in := must(f.Open())
			var text bytes.Buffer
			must(text.ReadFrom(in))
			data := text.Bytes()
			if f == victim {
				from, to := 0, len(data)
				switch f.Name { // the metadata record behind a capture and the date of the first key are said, not proven
				case "records/1.warc.gz":
					to = int(refs[9].Length)
				case "records/2.warc.gz":
					to = int(refs[0].Length)
				case "keys.jsonl":
					from, to = len(`{"key":"`), bytes.Index(data, []byte(`","from"`))
				}
				if at := from + rnd.IntN(to-from); rnd.IntN(2) == 0 {
					data[at] ^= 1 << rnd.IntN(8)
				} else {
					data = append(data[:at:at], data[min(at+1+rnd.IntN(9), len(data)):]...)
				}
			}
			must(out.Write(data))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := evidence.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), ""); err == nil {
			t.Errorf("a change of %s is not found", victim.Name)
		}
	}
}

func FuzzEvidenceCheck(f *testing.F) {
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := evidence.Check(bytes.NewReader(b), int64(len(b)), ""); err == nil {
			t.Fatal("bytes made up are evidence")
		}
	})
}
