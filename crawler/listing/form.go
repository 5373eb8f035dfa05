package listing

import "strings"

// formed reports whether an address looks like an article's in one of the CMSes we know:
//
//	t20221027_123.html · /art/2024/10/14/art_1_2.html · /2022/1027/c123.html · content_123.htm
//	/info/1021/4000.htm · /c12a100/page.htm · NewsShow.aspx?ID=3 · show-123.html
func formed(clean string) bool {
	_, rest, _ := strings.Cut(clean, "://")
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return false
	}
	path, query, hasQuery := strings.Cut(strings.ToLower(rest[slash:]), "?")
	if hasQuery {
		return dynamic(path, query)
	}
	if strings.Contains(path, "/art/") || strings.Contains(path, "/art_") {
		return true
	}
	cut := strings.LastIndexByte(path, '/')
	folder, file := path[:cut], path[cut+1:]
	name, ext, _ := strings.Cut(file, ".")
	if name == "page" && (ext == "htm" || ext == "psp") {
		return true
	}
	if ext != "htm" && ext != "html" && ext != "shtml" && ext != "shtm" && ext != "jhtml" {
		return false
	}
	switch tail := trailingDigits(name); {
	case tail >= 3, tail > 0 && strings.HasPrefix(name, "content"):
		return true
	case len(name) > 10 && name[0] == 't' && digits(name[1:9]) && name[9] == '_' && tail > 0:
		return true
	case tail == len(name) && tail > 0 && strings.Contains(folder, "/info/"):
		return true
	}
	return false
}

var (
	articleWords = []string{"show", "view", "detail", "content", "article", "info", "read", "display"}
	articleArgs  = map[string]bool{"id": true, "aid": true, "newsid": true, "articleid": true, "contentid": true,
		"infoid": true, "wbnewsid": true, "nid": true, "docid": true}
)

func dynamic(path, query string) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for _, word := range articleWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	for arg := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(arg, "="); articleArgs[k] && v != "" {
			return true
		}
	}
	return false
}

func digits(s string) bool { return s != "" && trailingDigits(s) == len(s) }

func trailingDigits(s string) int {
	n := 0
	for n < len(s) && s[len(s)-1-n] >= '0' && s[len(s)-1-n] <= '9' {
		n++
	}
	return n
}
