package export

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cundang/extract"

	"github.com/xuri/excelize/v2"
)

func sheetText(t *testing.T, b []byte) string {
	t.Helper()
	x, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var s strings.Builder
	for _, name := range x.GetSheetList() {
		rows, err := x.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			for j := range r {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if f, err := x.GetCellFormula(name, cell); err != nil || f != "" {
					t.Errorf("%s!%s is the formula %q (%v)", name, cell, f, err)
				}
				r[j] = strings.NewReplacer("\n", "⏎", "\t", "⇥").Replace(r[j])
			}
			s.WriteString(strings.Join(r, "\t") + "\n")
		}
	}
	return s.String()
}

func TestXLSXLongBodyAndManyRows(t *testing.T) {
	long := full()
	long.Body = extract.Text(strings.Repeat("字𠮷", cellUnits)) // 3 units each: 98,301 units
	var b bytes.Buffer
	if _, err := Write(&b, "xlsx", streamOf(long), Options{}); err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	rows, err := x.GetRows("articles")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[1][len(fields)-1:], ""); got != string(long.Body) {
		t.Errorf("%d bytes of %d", len(got), len(long.Body))
	}
	long.Title = long.Body
	if _, err := Write(io.Discard, "xlsx", streamOf(long), Options{}); err == nil {
		t.Error("a title that does not fit was cut")
	}
}

func TestXLSXFurtherSheet(t *testing.T) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	out, err := openXLSX(w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out.(*xlsxWriter).rows = 3
	for range 5 {
		if err := out.put(whole(bare())); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.finish(), w.Flush(), out.discard()); err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var got []int
	for _, s := range x.GetSheetList() {
		rows, err := x.GetRows(s)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, len(rows)-1)
	}
	if d := cmp.Diff([]int{2, 2, 1}, got); d != "" {
		t.Error(d)
	}
}
