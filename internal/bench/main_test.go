package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, ok := parse("BenchmarkWrite/20-KB-2   	       5	  812 ns/op	  1.2 x-gzip	  3 allocs/op")
	if !ok {
		t.Fatal("not understood")
	}
	want := row{name: "Write/20-KB", values: []string{"812 ns/op", "1.2 x-gzip", "3 allocs/op"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{"ok  	cundang/archive	1.2s", "PASS", "BenchmarkX-2"} {
		if _, ok := parse(line); ok {
			t.Errorf("%q is no figure", line)
		}
	}
}
