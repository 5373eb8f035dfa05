package index

import (
	"strconv"
	"strings"
)

// dates reads a year, month or day or a range of them into the first and the last day.
func dates(s string) (lo, hi string, ok bool) {
	from, to, ranged := strings.Cut(s, "..")
	if !ranged {
		from, to = s, s
	}
	if from == "" && to == "" {
		return "", "", false
	}
	if from != "" {
		if lo, ok = dateStart(from); !ok {
			return "", "", false
		}
	}
	if to != "" {
		if _, ok = dateStart(to); !ok {
			return "", "", false
		}
		hi = normalDate(to) + "-99-99"[min(len(normalDate(to))-4, 6):]
	}
	return lo, hi, lo == "" || hi == "" || lo <= hi
}

// normalDate writes 2022年10月7日, 2022/10/7 and 2022-10-7 as 2022-10-07.
func normalDate(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	for i, p := range parts {
		if i > 0 && len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	return strings.Join(parts, "-")
}

func dateStart(s string) (string, bool) {
	if strings.Trim(s, "0123456789-/.年月日") != "" {
		return "", false
	}
	d := normalDate(s)
	parts := strings.Split(d, "-")
	if len(parts) > 3 || len(parts[0]) != 4 {
		return "", false
	}
	for i, limit := range []int{9999, 12, 31}[:len(parts)] {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < 1 || n > limit {
			return "", false
		}
	}
	return d, true
}
