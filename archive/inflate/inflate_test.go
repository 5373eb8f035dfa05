package inflate

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
)

func pack(t testing.TB, level int, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Name, w.Comment, w.Extra = "a.warc", "note", []byte("extra")
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// texts are data of every kind of block and match.
func texts() map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	words := strings.Fields("学会 科协 关于 举办 通知 <p> </p> class=\"item\" href=\"/col/ .html\" 2026 \n")
	var text strings.Builder
	for text.Len() < 400000 {
		text.WriteString(words[rnd.IntN(len(words))])
		if rnd.IntN(9) == 0 {
			fmt.Fprint(&text, rnd.IntN(1e6))
		}
	}
	out := map[string][]byte{
		"empty": {}, "one": {'x'}, "text": []byte(text.String()), "noise": noise,
		"zeros": make([]byte, 500000), "far": append(append(bytes.Clone(noise[:32768]), noise[:32768]...), noise[:40000]...),
	}
	for period := range 20 { // matches that overlap what they write
		out[fmt.Sprint("period", period+1)] = bytes.Repeat(noise[:period+1], 3000)
	}
	// Symbols whose frequencies fall so fast that codes are 15 bits long.
	var steep []byte
	for i := range 24 {
		steep = append(steep, bytes.Repeat([]byte{byte(i)}, 1<<min(i, 17))...)
	}
	rnd.Shuffle(len(steep), func(i, j int) { steep[i], steep[j] = steep[j], steep[i] })
	out["steep"] = steep
	return out
}

func TestReadsWhatWasPacked(t *testing.T) {
	for name, data := range texts() {
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, 1, 5, 9} {
			packed := pack(t, level, data)
			two := append(bytes.Clone(packed), pack(t, 1, []byte("next"))...)
			for how, src := range map[string]io.Reader{
				"whole": bytes.NewReader(two), "a byte at a time": iotest.OneByteReader(bytes.NewReader(two)), "halves": iotest.HalfReader(bytes.NewReader(two)),
			} {
				br := bufio.NewReaderSize(src, 4<<10)
				var z Reader
				for i, want := range [][]byte{data, []byte("next")} {
					if err := z.Reset(br); err != nil {
						t.Fatalf("%s %s %d: member %d: %v", name, how, level, i, err)
					}
					got, err := io.ReadAll(&z)
					if err != nil || !bytes.Equal(got, want) {
						t.Fatalf("%s %s %d: member %d: %d of %d bytes, %v", name, how, level, i, len(got), len(want), err)
					}
				}
				if err := z.Reset(br); err != io.EOF {
					t.Errorf("behind the last member: %v", err)
				}
			}
		}
	}
}

// What is cut off or changed never passes for the data.
func TestDamageIsFound(t *testing.T) {
	data := texts()["text"][:3000]
	packed := pack(t, 5, data)
	for n := range packed {
		if got, err := readAll(packed[:n]); err == nil || n > 0 && err == io.EOF {
			t.Fatalf("cut to %d bytes: %d bytes, %v", n, len(got), err)
		}
	}
	header := bytes.Index(packed, []byte("note\x00")) + 5
	for i := header; i < len(packed); i++ {
		for bit := range 8 {
			packed[i] ^= 1 << bit
			// Bits that fill up a byte mean nothing: they may change, the data may not.
			if got, err := readAll(packed); err == nil && !bytes.Equal(got, data) {
				t.Fatalf("bit %d of byte %d changed: %d bytes, no error", bit, i, len(got))
			}
			packed[i] ^= 1 << bit
		}
	}
}

func readAll(packed []byte) ([]byte, error) {
	var z Reader
	if err := z.Reset(bufio.NewReader(bytes.NewReader(packed))); err != nil {
		return nil, err
	}
	return io.ReadAll(&z)
}

// FuzzReader holds what comes out against klauspost's reader, for any bytes.
func FuzzReader(f *testing.F) {
	for _, data := range texts() {
		data = data[:min(len(data), 5000)]
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, 1, 9} {
			f.Add(pack(f, level, data))
		}
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		got, err := readAll(packed)
		z, werr := gzip.NewReader(bytes.NewReader(packed))
		var want []byte
		if werr == nil {
			z.Multistream(false)
			want, werr = io.ReadAll(io.LimitReader(z, 64<<20))
		}
		if (err == nil) != (werr == nil) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, %v; klauspost: %d bytes, %v", len(got), err, len(want), werr)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	data := texts()["text"][:20000]
	packed := pack(b, 5, data)
	for name, read := range map[string]func(*bufio.Reader) (int64, error){
		"ours": func() func(br *bufio.Reader) (int64, error) {
			var z Reader
			return func(br *bufio.Reader) (int64, error) {
				if err := z.Reset(br); err != nil {
					return 0, err
				}
				return io.Copy(io.Discard, &z)
			}
		}(),
		"klauspost": func() func(br *bufio.Reader) (int64, error) {
			z := new(gzip.Reader)
			return func(br *bufio.Reader) (int64, error) {
				if err := z.Reset(br); err != nil {
					return 0, err
				}
				return io.Copy(io.Discard, z)
			}
		}(),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			br := bufio.NewReader(nil)
			for b.Loop() {
				br.Reset(bytes.NewReader(packed))
				if n, err := read(br); err != nil || n != int64(len(data)) {
					b.Fatal(n, err)
				}
			}
		})
	}
}
