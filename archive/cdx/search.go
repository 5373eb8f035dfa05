package cdx

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"sort"
)

// maxRow is the longest line that is read, in bytes.
const maxRow = 4 << 20

// Range yields the rows of a sorted CDXJ of size bytes whose lines are ≥ from and < to
// ("" is no bound). It finds the first by bisection: about log2(size) reads.
func Range(r io.ReaderAt, size int64, from, to string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		start, err := seek(r, size, []byte(from))
		if err != nil {
			yield(Row{}, err)
			return
		}
		for row, err := range lines(r, start, size, to) {
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func lines(r io.ReaderAt, start, size int64, to string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		br := bufio.NewReaderSize(io.NewSectionReader(r, start, size-start), 32<<10)
		at := start
		for {
			line, err := readLine(br)
			if err == io.EOF && len(line) == 0 {
				return
			}
			if err != nil && err != io.EOF {
				yield(Row{}, err)
				return
			}
			if to != "" && string(line) >= to {
				return
			}
			row, perr := Parse(line)
			if perr != nil {
				perr = fmt.Errorf("CDX at %d: %w", at, perr)
			}
			if !yield(row, perr) || perr != nil || err == io.EOF {
				return
			}
			at += int64(len(line)) + 1
		}
	}
}

// readLine returns a line without its end.
func readLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		long := append([]byte(nil), line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(long) > maxRow {
				return nil, errors.New("CDX line is longer than 4 MiB")
			}
			line, err = br.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	return bytes.TrimSuffix(line, []byte("\n")), err
}

// seek returns the offset of the first line ≥ key.
func seek(r io.ReaderAt, size int64, key []byte) (int64, error) {
	if len(key) == 0 {
		return 0, nil
	}
	const block = 4096
	var failed error
	// The first block whose first whole line is ≥ key; the answer starts in the one before.
	n := sort.Search(int((size+block-1)/block), func(i int) bool {
		if failed != nil {
			return true
		}
		_, line, err := lineAfter(r, size, int64(i)*block)
		if err != nil {
			failed = err
			return true
		}
		return line == nil || bytes.Compare(line, key) >= 0
	})
	if failed != nil {
		return 0, failed
	}
	at := int64(max(n-1, 0)) * block
	start, _, err := lineAfter(r, size, at)
	if err != nil {
		return 0, err
	}
	br := bufio.NewReaderSize(io.NewSectionReader(r, start, size-start), 16<<10)
	for {
		line, err := readLine(br)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if err == io.EOF && len(line) == 0 || bytes.Compare(line, key) >= 0 {
			return start, nil
		}
		start += int64(len(line)) + 1
		if err == io.EOF {
			return size, nil
		}
	}
}

// lineAfter returns the first line that starts at or after at; nil and size if there is none.
func lineAfter(r io.ReaderAt, size, at int64) (int64, []byte, error) {
	if at > 0 {
		at-- // a line that starts exactly at at is preceded by a line end
	}
	br := bufio.NewReaderSize(io.NewSectionReader(r, at, size-at), 4096)
	if at > 0 {
		skip, err := readLine(br)
		if err == io.EOF {
			return size, nil, nil
		}
		if err != nil {
			return 0, nil, err
		}
		at += int64(len(skip)) + 1
	}
	line, err := readLine(br)
	if err != nil && err != io.EOF {
		return 0, nil, err
	}
	if err == io.EOF && len(line) == 0 {
		return size, nil, nil
	}
	return at, line, nil
}
