package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
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

// mutations yields evidence files that differ from file in what is proven, each with the part that was changed.
func mutations(file []byte, refs []Ref, n int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		z := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))
		rnd := rand.New(rand.NewPCG(1, 2))
		for n > 0 {
			victim := z.File[rnd.IntN(len(z.File))]
			if strings.HasSuffix(victim.Name, ".txt") || victim.Name == "evidence.json" { // said, not proven
				continue
			}
			n--
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			for _, f := range z.File {
				data := must(io.ReadAll(must(f.Open())))
				if f == victim {
					from, to := 0, len(data)
					switch f.Name { // the metadata record behind a capture and the date of the first key are said, not proven
					case "records/1.warc.gz":
						to = int(refs[0].Length)
					case "records/2.warc.gz":
						to = int(refs[1].Length)
					case "keys.jsonl":
						from, to = len(`{"key":"`), bytes.Index(data, []byte(`","from"`))
					}
					if at := from + rnd.IntN(to-from); rnd.IntN(2) == 0 {
						data[at] ^= 1 << rnd.IntN(8)
					} else {
						data = append(data[:at:at], data[min(at+1+rnd.IntN(9), len(data)):]...)
					}
				}
				must(must(w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})).Write(data))
			}
			if err := w.Close(); err != nil {
				panic(err)
			}
			if !yield(victim.Name, b.Bytes()) {
				return
			}
		}
	}
}

// TestEvidenceMutated changes an evidence file in a thousand ways: each change of what is proven is refused.
func TestEvidenceMutated(t *testing.T) {
	dir, refs := sample(t)
	for part, file := range mutations(evidenceOf(t, dir, refs[9]), []Ref{refs[9], refs[0]}, 1000) {
		if _, err := evidence.Check(bytes.NewReader(file), int64(len(file)), ""); err == nil {
			t.Errorf("a change of %s is not found", part)
		}
	}
}

// TestEvidenceInPython holds the second implementation to the same files.
func TestEvidenceInPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not there")
	}
	dir, refs := sample(t)
	check := func(file []byte) ([]byte, error) {
		path := filepath.Join(t.TempDir(), "evidence.zip")
		if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
		return exec.CommandContext(t.Context(), python, "evidence/check.py", path).CombinedOutput()
	}
	for _, ref := range refs {
		if out, err := check(evidenceOf(t, dir, ref)); err != nil {
			t.Errorf("%s: %v: %s", ref, err, out)
		}
	}
	for part, file := range mutations(evidenceOf(t, dir, refs[9]), []Ref{refs[9], refs[0]}, 40) {
		if _, err := check(file); err == nil {
			t.Errorf("a change of %s is not found", part)
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
