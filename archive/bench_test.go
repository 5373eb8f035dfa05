package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// pageText makes a page of about 20 KB as association sites have them: a template that is
// the same everywhere and a text that is not. It compresses about 5 : 1.
func pageText(rnd *rand.Rand) string {
	words := strings.Fields("学会 科协 关于 举办 通知 培训班 会议 召开 自治区 党的二十大 精神 学习 贯彻 科技 工作者 代表 大会 理事长 秘书处 年度 总结 创新 发展 服务 各 市 县 单位 请 于 月 日 前 报名 联系人 电话 附件 下载")
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>")
	for i := range 40 {
		fmt.Fprintf(&b, "<li class=\"nav-item\"><a href=\"/col/col%d/index.html\" target=\"_blank\">栏目%d</a></li>\n", i*37, i)
	}
	for b.Len() < 20000 {
		b.WriteString("<p style=\"text-indent: 2em;\">")
		for range 30 + rnd.IntN(60) {
			b.WriteString(words[rnd.IntN(len(words))])
		}
		fmt.Fprintf(&b, "%d</p>\n", rnd.IntN(1e6))
	}
	return b.String()
}

// benchExchanges makes n exchanges.
func benchExchanges(n int) []Exchange {
	rnd := rand.New(rand.NewPCG(1, 1))
	out := make([]Exchange, n)
	for i := range out {
		out[i] = exchange("bench", fmt.Sprintf("http://www.example.org/art/2026/%d.html", i), i, pageText(rnd))
	}
	return out
}

// cpu is the processor time this process has used.
func cpu(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// members returns the records of an archive as they are before compression.
func members(tb testing.TB, s *Store) [][]byte {
	tb.Helper()
	files, err := s.Files()
	if err != nil {
		tb.Fatal(err)
	}
	var out [][]byte
	for _, f := range files {
		fd, err := s.openRead(tb.Context(), f.File)
		if err != nil {
			tb.Fatal(err)
		}
		src := bufio.NewReader(io.NewSectionReader(fd, 0, f.Size))
		z := new(gzip.Reader)
		for {
			err := z.Reset(src)
			if err == io.EOF {
				break
			}
			if err != nil {
				tb.Fatal(err)
			}
			z.Multistream(false)
			b, err := io.ReadAll(z)
			if err != nil {
				tb.Fatal(err)
			}
			out = append(out, b)
		}
		if err := fd.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return out
}

// BenchmarkWrite appends captures of 20 KB, digests, CDX rows and an fsync for each 64 of
// them included, and compares the CPU time with klauspost gzip of the same records.
func BenchmarkWrite(b *testing.B) {
	const round = 640
	xs := benchExchanges(round)
	s := mustOpen(b, b.TempDir(), Options{})
	for _, x := range xs {
		mustAppend(b, s, x)
	}
	mustCommit(b, s)
	records := members(b, s)[1:] // without the warcinfo
	each := len(records) / round
	var ours, bare time.Duration
	z := gzip.NewWriter(io.Discard)
	for b.Loop() {
		for i, x := range xs { // in turn, so that both meet the same caches and neighbours
			from := cpu(b)
			mustAppend(b, s, x)
			if i%64 == 63 {
				mustCommit(b, s)
			}
			mid := cpu(b)
			for _, r := range records[i*each : (i+1)*each] {
				z.Reset(io.Discard)
				if _, err := z.Write(r); err != nil {
					b.Fatal(err)
				}
				if err := z.Close(); err != nil {
					b.Fatal(err)
				}
			}
			ours += mid - from
			bare += cpu(b) - mid
		}
	}
	b.StopTimer()
	mustClose(b, s)
	b.ReportMetric(float64(ours)/float64(bare), "x-gzip")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N*round), "cpu-µs/capture")
}

// benchArchive makes a closed archive of n captures.
func benchArchive(tb testing.TB, n int) (*Store, []Ref) {
	tb.Helper()
	dir := tb.TempDir()
	s := mustOpen(tb, dir, Options{MaxSize: 16 << 20})
	var refs []Ref
	for i, x := range benchExchanges(n) {
		refs = append(refs, mustAppend(tb, s, x))
		if i%64 == 63 {
			mustCommit(tb, s)
		}
	}
	mustCommit(tb, s)
	mustClose(tb, s)
	s = mustOpen(tb, dir, Options{ReadOnly: true})
	tb.Cleanup(func() { mustClose(tb, s) })
	return s, refs
}

// BenchmarkRead reads single captures in random order: header, metadata and whole body. It compares
// the processor time with that of gunzip alone, of the response record and of both records read.
func BenchmarkRead(b *testing.B) {
	s, refs := benchArchive(b, 2000)
	rnd := rand.New(rand.NewPCG(3, 4))
	var ours, one, both time.Duration
	buf := make([]byte, 64<<10)
	var z gzip.Reader
	const round = 100 // captures between two looks at the clock
	some := make([]Ref, round)
	for b.Loop() {
		for i := range some {
			some[i] = refs[rnd.IntN(len(refs))]
		}
		from := cpu(b)
		for _, ref := range some {
			readWhole(b, s, ref)
		}
		ours += cpu(b) - from
		b.StopTimer()
		for members, spent := range map[int]*time.Duration{1: &one, 2: &both} {
			from := cpu(b)
			for _, ref := range some {
				gunzipAt(b, s, ref, members, &z, buf)
			}
			*spent += cpu(b) - from
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(ours.Nanoseconds())/1000/float64(b.N*round), "cpu-µs/read")
	b.ReportMetric(float64(ours)/float64(one), "x-gunzip")
	b.ReportMetric(float64(ours)/float64(both), "x-gunzip-both")
}

func readWhole(b *testing.B, s *Store, ref Ref) {
	b.Helper()
	c, err := s.Read(b.Context(), ref)
	if err != nil {
		b.Fatal(err)
	}
	r, err := c.Body()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		b.Fatal(err)
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
}

// gunzipAt opens the file, reads the record's bytes and decompresses as many gzip members, nothing else.
func gunzipAt(b *testing.B, s *Store, ref Ref, members int, z *gzip.Reader, buf []byte) {
	b.Helper()
	f, err := os.Open(filepath.Join(s.Dir(), ref.File))
	if err != nil {
		b.Fatal(err)
	}
	n, err := f.ReadAt(buf[:ref.Length+tailSize], ref.Offset)
	if err != nil && err != io.EOF {
		b.Fatal(err)
	}
	src := bytes.NewReader(buf[:n])
	for range members {
		if err := z.Reset(src); err != nil {
			b.Fatal(err)
		}
		z.Multistream(false)
		if _, err := io.Copy(io.Discard, z); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkVerify verifies an archive and compares its speed with gunzip of the same files on
// one processor: with one worker by processor time, with one for each processor by the clock.
func BenchmarkVerify(b *testing.B) {
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			s, _ := benchArchive(b, 4000)
			files, err := s.Files()
			if err != nil {
				b.Fatal(err)
			}
			now := func() time.Duration { return cpu(b) }
			if workers > 1 {
				start := time.Now()
				now = func() time.Duration { return time.Since(start) }
			}
			var ours, bare time.Duration
			var plain int64
			for b.Loop() {
				from := now()
				r, err := s.Verify(b.Context(), VerifyOptions{Workers: workers})
				if err != nil || len(r.Findings) > 0 {
					b.Fatalf("%+v, %v", r, err)
				}
				b.SetBytes(r.Bytes)
				ours += now() - from
				b.StopTimer()
				plain = 0
				from = now()
				for _, f := range files {
					plain += gunzipFile(b, filepath.Join(s.Dir(), f.File))
				}
				bare += now() - from
				b.StartTimer()
			}
			b.ReportMetric(float64(bare)/float64(ours), "x-gunzip-speed")
			b.ReportMetric(float64(plain)/1e6/(ours.Seconds()/float64(b.N)), "plain-MB/s")
		})
	}
}

func gunzipFile(b *testing.B, path string) int64 {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	n, err := io.Copy(io.Discard, z)
	if err := errors.Join(err, f.Close()); err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkLookup finds a URL among 2,000 rows on disk.
func BenchmarkLookup(b *testing.B) {
	s, refs := benchArchive(b, 2000)
	rnd := rand.New(rand.NewPCG(3, 4))
	for b.Loop() {
		if _, err := s.exactRows(b.Context(), fmt.Sprintf("http://www.example.org/art/2026/%d.html", rnd.IntN(len(refs)))); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan reads records one after the other, as followers and rebuilds do.
func BenchmarkScan(b *testing.B) {
	s, refs := benchArchive(b, 2000)
	for b.Loop() {
		n := 0
		for _, err := range s.Since(b.Context(), "") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != len(refs) {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(refs)), "µs/capture")
}

var large = flag.Float64("large", 0.1, "GB of responses that TestMemoryIsFlat writes")

// TestMemoryIsFlat writes and verifies an archive and looks whether memory grows with it.
// The 10 GB run is: go test ./archive -run TestMemoryIsFlat -large 10 -timeout 1h -v
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large archive")
	}
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxSize: 64 << 20})
	const each = 256 << 10
	text := []byte(strings.Repeat(pageText(rand.New(rand.NewPCG(1, 1))), each/20000))
	total := int(*large * 1e9 / float64(len(text)))
	early := uint64(0)
	peak := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for i := range total {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		copy(text[10+i%1000:], fmt.Sprintf("%x", sum))
		mustAppend(t, s, exchange("x", fmt.Sprintf("http://example.org/%d", i), i, string(text)))
		if i%64 == 63 {
			mustCommit(t, s)
		}
		if i == total/4 {
			early = peak()
		}
	}
	mustCommit(t, s)
	late := peak()
	t.Logf("%d captures: heap %.1f MB after a quarter, %.1f MB at the end", total, float64(early)/1e6, float64(late)/1e6)
	// CDX rows not merged yet stay in memory, 20,000 of them at most.
	if late > early+24<<20 {
		t.Errorf("heap grew from %d to %d bytes", early, late)
	}
	mustClose(t, s)
	ro := mustOpen(t, dir, Options{ReadOnly: true})
	top := uint64(0)
	r, err := ro.Verify(t.Context(), VerifyOptions{Workers: 1, Progress: func(VerifyProgress) { top = max(top, peak()) }})
	if err := errors.Join(err, ro.Close()); err != nil {
		t.Fatal(err)
	}
	t.Logf("verify: %d files, %d bytes in %.1f s: heap at most %.1f MB", r.Files, r.Bytes, r.Finished.Sub(r.Started).Seconds(), float64(top)/1e6)
	if len(r.Findings) > 0 || r.Captures != int64(total) {
		t.Errorf("verify: %+v", r)
	}
	if top > late+64<<20 {
		t.Errorf("heap of %d bytes while verifying", top)
	}
}
