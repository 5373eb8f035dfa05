package web

import "regexp"

// reasons are the sentences in which the other rooms say why: of a crawl's outcome, of an alarm, of a doubtful
// reading. They are written into reports in English, once; here is how they read in Chinese.
var reasons = []struct {
	english *regexp.Regexp
	chinese string
}{
	{regexp.MustCompile(`^status (\d+)$`), "HTTP $1"},
	{regexp.MustCompile(`^default: (.+) is not a host of the seeds$`), "$1 不在种子网站之内"},
	{regexp.MustCompile(`^no response$`), "没有响应"},
	{regexp.MustCompile(`^no status line$`), "响应没有状态行"},
	{regexp.MustCompile(`^broken off$`), "传输中断"},
	{regexp.MustCompile(`^truncated: (.+)$`), "传输不完整：$1"},
	{regexp.MustCompile(`^no title$`), "没有读出标题"},
	{regexp.MustCompile(`^no published$`), "没有读出发布日期"},
	{regexp.MustCompile(`^no body$`), "没有读出正文"},
	{regexp.MustCompile(`^title by rule (\S+) only$`), "标题只凭规则 $1"},
	{regexp.MustCompile(`^published by rule (\S+) only$`), "发布日期只凭规则 $1"},
	{regexp.MustCompile(`^body by rule (\S+) only$`), "正文只凭规则 $1"},
	{regexp.MustCompile(`^source by rule (\S+) only$`), "来源只凭规则 $1"},
	{regexp.MustCompile(`^author by rule (\S+) only$`), "作者只凭规则 $1"},
	{regexp.MustCompile(`^low confidence$`), "可信度低"},
	{regexp.MustCompile(`^(\d+) of (\d+) pages answered with a challenge instead of the page$`), "$2 个网页中有 $1 个返回验证页而非原页"},
	{regexp.MustCompile(`^(\d+) list pages name (\d+) articles, before (\d+) pages named (\d+)$`), "$1 个列表页列出 $2 篇文章，此前 $3 个列出 $4 篇"},
	{regexp.MustCompile(`^(\d+) new or changed pages, but no article could be read out of them$`), "$1 个新增或修改的网页中没有读出文章"},
	{regexp.MustCompile(`^title was found on (\d+%) of the articles, before on (\d+%)$`), "$1 的文章读出标题，此前为 $2"},
	{regexp.MustCompile(`^published was found on (\d+%) of the articles, before on (\d+%)$`), "$1 的文章读出发布日期，此前为 $2"},
	{regexp.MustCompile(`^body was found on (\d+%) of the articles, before on (\d+%)$`), "$1 的文章读出正文，此前为 $2"},
	{regexp.MustCompile(`^source was found on (\d+%) of the articles, before on (\d+%)$`), "$1 的文章读出来源，此前为 $2"},
	{regexp.MustCompile(`^author was found on (\d+%) of the articles, before on (\d+%)$`), "$1 的文章读出作者，此前为 $2"},
	{regexp.MustCompile(`^column was found on (\d+%) of the articles, before on (\d+%)$`), "$1 的文章读出栏目，此前为 $2"},
	{regexp.MustCompile(`^confidence of the readings fell by ([\d.]+)$`), "读取的可信度下降 $1"},
}

// reason says in the language of a page why; a sentence that is not known stays as it is.
func reason(lang, text string) string {
	if lang != "zh" {
		return text
	}
	for _, r := range reasons {
		if m := r.english.FindStringSubmatchIndex(text); m != nil {
			return string(r.english.ExpandString(nil, r.chinese, text, m))
		}
	}
	return text
}
