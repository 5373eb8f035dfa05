package listing

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// TRS WCM prints the pager by a script: createPageHTML(COUNT, CURRENT, "index", "html"),
// sometimes with an element's name before or a row count behind. The pages are
// index.html, index_1.html … index_{COUNT-1}.html; CURRENT counts from 0.
var (
	createPage = regexp.MustCompile(`create_?[pP]age(?:HTML)?\w*\s*\(([^)]*)\)`)
	createVars = regexp.MustCompile(`(?i)var\s+(countPage|currentPage)\s*=\s*(\d+)`)
)

// createPageNext counts the pages of a createPageHTML call.
func createPageNext(x *page, l *Listing) ([]Request, error) {
	if code := x.scripts(); !strings.Contains(code, "HTML") && !strings.Contains(code, "Page") {
		return nil, nil
	}
	for _, m := range createPage.FindAllStringSubmatch(x.scripts(), -1) {
		var numbers []int
		var names []string
		for _, arg := range strings.Split(m[1], ",") {
			arg = strings.TrimSpace(arg)
			if n, err := strconv.Atoi(arg); err == nil {
				numbers = append(numbers, n)
			} else if quoted := strings.Trim(arg, `"'`); quoted != arg && quoted != "" {
				names = append(names, quoted)
			}
		}
		if len(names) == 3 {
			names = names[1:] // the element that the pager is written into
		}
		if len(numbers) < 2 || len(names) != 2 || strings.ContainsAny(names[0]+names[1], "/?#") {
			continue
		}
		count, current := numbers[0], numbers[1]
		l.Pages = count
		if len(numbers) > 2 {
			l.Total = numbers[2]
		}
		return x.indexed(names[0], names[1], current, count), nil
	}
	vars := map[string]int{}
	for _, m := range createVars.FindAllStringSubmatch(x.scripts(), -1) {
		vars[strings.ToLower(m[1])] = atoi(m[2])
	}
	if count := vars["countpage"]; count > 1 {
		name, ext := "index", "html"
		if file := path.Base(pathOf(x.URL)); strings.Contains(file, ".") && !strings.HasSuffix(pathOf(x.URL), "/") {
			name, ext, _ = strings.Cut(file, ".")
			name = strings.TrimSuffix(name, fmt.Sprintf("_%d", vars["currentpage"]))
		}
		l.Pages = count
		return x.indexed(name, ext, vars["currentpage"], count), nil
	}
	return nil, nil
}

func (x *page) indexed(name, ext string, current, count int) []Request {
	var next []Request
	for n := current + 1; n < count && len(next) < maxNext; n++ {
		next = append(next, x.get(fmt.Sprintf("%s_%d.%s", name, n, ext), n+1))
	}
	return next
}

func pathOf(clean string) string {
	_, rest, _ := strings.Cut(clean, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}

// webplus: list.htm, list2.htm … list{N}.htm; the pager says how many.
var webplusFile = regexp.MustCompile(`/list(\d*)\.(htm|psp)$`)

func webplusNext(x *page, l *Listing) ([]Request, error) {
	m := webplusFile.FindStringSubmatch(pathOf(x.URL))
	if m == nil {
		return nil, nil
	}
	pager := x.doc.Find(".wp_paging").First()
	if pager.Length() == 0 {
		return nil, nil
	}
	l.Pages = atoi(pager.Find(".all_pages").First().Text())
	l.Total = atoi(pager.Find(".all_count").First().Text())
	current := max(1, atoi(m[1]))
	var next []Request
	for n := current + 1; n <= l.Pages && len(next) < maxNext; n++ {
		next = append(next, x.get(fmt.Sprintf("list%d.%s", n, m[2]), n))
	}
	return next, nil
}

// 博达 VSB: xwzx.htm is the newest page, xwzx/12.htm the one before, and so down to
// xwzx/1.htm; the pager links the very next one.
func vsbNext(x *page, l *Listing) ([]Request, error) {
	file := pathOf(x.URL)
	if !strings.HasSuffix(file, ".htm") && !strings.HasSuffix(file, ".html") {
		return nil, nil
	}
	next, err := linkedNext(x, l)
	if err != nil || len(next) == 0 {
		return nil, err
	}
	ext := path.Ext(file)
	target := pathOf(next[0].URL)
	n := atoi(strings.TrimSuffix(path.Base(target), ext))
	folder := strings.TrimSuffix(file, ext)
	if atoi(path.Base(folder)) > 0 {
		folder = path.Dir(folder)
		if atoi(strings.TrimSuffix(path.Base(file), ext)) != n+1 {
			return nil, nil
		}
	}
	if n == 0 || path.Dir(target) != folder || !strings.HasSuffix(target, ext) {
		return nil, nil
	}
	base := strings.TrimSuffix(next[0].URL, path.Base(target))
	var all []Request
	for ; n >= 1 && len(all) < maxNext; n-- {
		all = append(all, x.get(base+strconv.Itoa(n)+ext, 0))
	}
	return all, nil
}
