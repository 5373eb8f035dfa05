package diff

import "strings"

// compare is Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its Variations",
// 1986) over tokens, behind the common head and tail.
func compare(a, b []string) []Span {
	var head, tail []Span
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, Span{Equal, a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, Span{Equal, a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	out := append(head, middle(a, b)...)
	for i := len(tail) - 1; i >= 0; i-- {
		out = append(out, tail[i])
	}
	return out
}

func middle(a, b []string) []Span {
	trace, ok := search(a, b)
	if !ok {
		return []Span{{Delete, strings.Join(a, "")}, {Insert, strings.Join(b, "")}}
	}
	// Walk the trace backwards from the end of both texts.
	var rev []Span
	x, y := len(a), len(b)
	for d := len(trace) - 1; d >= 0; d-- {
		v, k := trace[d], x-y
		prev := k - 1
		if k == -d || k != d && v.at(k-1) < v.at(k+1) {
			prev = k + 1
		}
		px := v.at(prev)
		py := px - prev
		if d == 0 {
			px, py = 0, 0
		}
		for x > px && y > py && a[x-1] == b[y-1] {
			rev = append(rev, Span{Equal, a[x-1]})
			x, y = x-1, y-1
		}
		switch {
		case d == 0:
		case x == px:
			rev = append(rev, Span{Insert, b[y-1]})
			y--
		default:
			rev = append(rev, Span{Delete, a[x-1]})
			x--
		}
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev
}

// frontier holds the furthest x on each diagonal -d…d before round d.
type frontier struct {
	d int
	x []int32
}

func (f frontier) at(k int) int {
	i := k + f.d + 1
	if i < 0 || i >= len(f.x) {
		return -1
	}
	return int(f.x[i])
}

// search returns the frontier before each round, or false when more than maxEdits rounds
// would be needed.
func search(a, b []string) ([]frontier, bool) {
	n, m := len(a), len(b)
	limit := min(n+m, maxEdits)
	v := make([]int32, 2*limit+3)
	off := limit + 1
	var trace []frontier
	for d := 0; d <= limit; d++ {
		trace = append(trace, frontier{d, append([]int32(nil), v[off-d-1:off+d+2]...)})
		for k := -d; k <= d; k += 2 {
			var x int
			if k == -d || k != d && v[off+k-1] < v[off+k+1] {
				x = int(v[off+k+1])
			} else {
				x = int(v[off+k-1]) + 1
			}
			y := x - k
			for x < n && y < m && a[x] == b[y] {
				x, y = x+1, y+1
			}
			v[off+k] = int32(x)
			if x >= n && y >= m {
				return trace, true
			}
		}
	}
	return nil, false
}
