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
	{regexp.MustCompile(`^requisites: same-site: (.+) belongs to another site$`), "图片与样式：$1 属于其他网站"},
	{regexp.MustCompile(`^limits\.hops$`), "超出 limits.hops"},
	{regexp.MustCompile(`^redirect to the home page$`), "转到首页"},
	{regexp.MustCompile(`^redirect to (.+)$`), "转到 $1"},
	{regexp.MustCompile(`^title says (.+)$`), "标题为“$1”"},
	{regexp.MustCompile(`^page says (.+)$`), "网页写着“$1”"},
	{regexp.MustCompile(`^was (missing|gone)$`), "此前已不可达"},
	{regexp.MustCompile(`^Disallow: (.*)$`), "robots.txt：Disallow: $1"},
	{regexp.MustCompile(`^outside the run window$`), "不在允许采集的时段"},
	{regexp.MustCompile(`^(.+), until (\S+)$`), "$1，至 $2"},
	{regexp.MustCompile(`^a request at a time, (\S+) to (\S+) apart$`), "逐个请求，间隔 $1 至 $2"},
	{regexp.MustCompile(`^always$`), "不限"},
	{regexp.MustCompile(`^default: host of a seed$`), "种子网站的主机"},
	{regexp.MustCompile(`^no rule matches$`), "没有相关规则"},
	{regexp.MustCompile(`^line (\d+): (.+)$`), "第 $1 行：$2"},
	{regexp.MustCompile(`^next visit (\S+) after the last$`), "上次之后 $1 再抓"},
	{regexp.MustCompile(`^not due yet$`), "未到期"},
	{regexp.MustCompile(`^due$`), "已到期"},
	{regexp.MustCompile(`^not queued$`), "不在队列"},
	{regexp.MustCompile(`^never found: no page that was visited links to it$`), "从未发现：抓取过的网页都没有链接到它"},
	{regexp.MustCompile(`^robots.txt not fetched yet$`), "尚未取得 robots.txt"},
	{regexp.MustCompile(`^(\d+) visits, status (\d+)$`), "抓取 $1 次，最近 HTTP $2"},
	{regexp.MustCompile(`^no profile has this address in its scope$`), "没有站点配置包含此网址"},
	{regexp.MustCompile(`^confidence of the readings fell by ([\d.]+)$`), "读取的可信度下降 $1"},
}

// Reason says in a language ("zh" or "en") why; a sentence that is not known stays as it is.
func Reason(lang, text string) string {
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
