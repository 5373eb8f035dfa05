// Command bench runs the benchmarks behind docs/performance.md, one after the other, and
// prints their table. Ratios are taken within one run against a peer or the raw cost, so
// that a noisy machine does not decide.
//
//	go run ./internal/bench [-only archive]
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// figures are the benchmarks of the table in the order of docs/performance.md.
var figures = []figure{
	{"./archive", "Write$", "10x", "WARC writing: digests, gzip, group fsync"},
	{"./archive", "Read$", "50x", "one record by its Ref"},
	{"./archive", "Verify", "3x", "archive verify"},
	{"./archive", "Lookup$", "2000x", "captures of a URL from the CDX"},
	{"./crawler", "Peers$", "1x", "crawl to committed capture, beside bare colly and wget --warc-file"},
	{"./crawler/frontier", "Grow$", "1x", "new URLs into the frontier"},
	{"./extract", "Page", "5x", "reading a page, beside the x/net/html parse"},
	{"./index/bleve", "Indexing$", "1x", "indexing, beside bleve's built-in cjk analyzer"},
	{"./index/bleve", "BenchmarkSearch", "300x", "search"},
	{"./index/bleve", "HotSearch", "300x", "distinct queries one after the other"},
	{"./web", "ConcurrentSearches$", "6000x",
		"50 searches at once through the web pages, 100,000 articles, a crawl running"},
	{"./web", "SearchPage$", "3000x", "a search page without the index"},
	{"./internal/charset", "Decode", "200x", "charset decision and decoding"},
	{"./internal/urlkey", "Clean|Resolve|SURT", "20000x", "URL identity"},
}

// figure is one benchmark of the table.
type figure struct {
	pkg, bench, times, what string
}

func main() {
	only := flag.String("only", "", "run the packages whose path holds this")
	flag.Parse()
	if err := run(os.Stdout, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, only string) error {
	fmt.Fprintf(w, "%s, %s/%s, %d cores, %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), time.Now().Format(time.DateOnly))
	fmt.Fprintf(w, "| what | benchmark | figures |\n|---|---|---|\n")
	for _, f := range figures {
		if !strings.Contains(f.pkg, only) {
			continue
		}
		rows, err := f.measure()
		if err != nil {
			return err
		}
		for _, r := range rows {
			fmt.Fprintf(w, "| %s | `%s` | %s |\n", f.what, r.name, strings.Join(r.values, ", "))
		}
	}
	return nil
}

// row is one line that `go test -bench` prints.
type row struct {
	name   string
	values []string
}

func (f figure) measure() ([]row, error) {
	cmd := exec.Command("go", "test", f.pkg, "-run", "^$", "-bench", f.bench, "-benchtime", f.times, "-benchmem",
		"-timeout", "60m")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	var rows []row
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if r, ok := parse(lines.Text()); ok {
			rows = append(rows, r)
		}
	}
	return rows, lines.Err()
}

// parse reads "BenchmarkName-2  100  12.3 unit  4 B/op …".
func parse(line string) (row, bool) {
	f := strings.Fields(line)
	if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
		return row{}, false
	}
	name := strings.TrimPrefix(f[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[:i] // the number of cores
	}
	r := row{name: name}
	for i := 2; i+1 < len(f); i += 2 {
		r.values = append(r.values, f[i]+" "+f[i+1])
	}
	return r, true
}
