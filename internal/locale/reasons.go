package locale

// reasons are what crawls, readings and searches say for themselves. The codes are stored in reports, in the frontier
// and in metadata records of the archive: a code keeps its meaning and its arguments for ever.
var reasons = map[string]message{
	// names that stand as arguments of others
	"name.title":     {"标题", "title"},
	"name.published": {"发布日期", "published"},
	"name.body":      {"正文", "body"},
	"name.source":    {"来源", "source"},
	"name.author":    {"作者", "author"},
	"name.column":    {"栏目", "column"},

	// whether an address belongs to the site
	"profile.none":      {"没有站点配置包含此网址", "no profile has this address in its scope"},
	"scope.seed":        {"种子网站的主机", "default: host of a seed"},
	"scope.foreign":     {"%s 不在种子网站之内", "default: %s is not a host of the seeds"},
	"requisite.none":    {"不取图片与样式", "requisites: none"},
	"requisite.all":     {"图片与样式：不限网站", "requisites: all"},
	"requisite.same":    {"图片与样式：属于本站 %s", "requisites: same-site: %s"},
	"requisite.foreign": {"图片与样式：%s 属于其他网站", "requisites: same-site: %s belongs to another site"},
	"requisite.beyond": {"此页有 %s 张图片超出前 %s 张，未取",
		"%s pictures of this page are beyond the first %s and were not fetched"},

	// robots.txt
	"robots.unfetched": {"尚未取得 robots.txt", "robots.txt not fetched yet"},
	"robots.unreachable": {"robots.txt 无法取得，因此一概不取：%s",
		"robots.txt unreachable, so nothing may be fetched: %s"},
	"robots.absent": {"没有 robots.txt（HTTP %s）", "no robots.txt (status %s)"},
	"robots.none":   {"没有相关规则", "no rule matches"},
	"robots.line":   {"第 %s 行：%s", "line %s: %s"},

	// what looks like a trap
	"trap.length":   {"网址长达 %s 字节", "address of %s bytes"},
	"trap.encoded":  {"%%25 不断增多：反复编码", "%%25 grows: encoded again and again"},
	"trap.depth":    {"路径有 %s 段", "path of %s segments"},
	"trap.path":     {"路径重复 %s", "path repeats %s"},
	"trap.query":    {"参数有 %s 个", "query of %s arguments"},
	"trap.argument": {"参数 %s 重复", "query repeats %s"},
	"trap.barren": {"%[3]s 这样的 %[2]s 个网页中只有 %[1]s 个有新内容",
		"%[1]s of %[2]s pages like %[3]s held anything new"},
	"trap.wayout": {"%s；可用 scope 规则指名放行", "%s; a scope rule that allows it by name is the way out"},

	// bounds of a crawl
	"limit.hops":  {"超出 limits.hops", "limits.hops"},
	"limit.pages": {"limits.pages：本次采集已满 %s 页", "limits.pages: %s pages in this crawl"},
	"limit.bytes": {"limits.bytes：本次采集已满 %s 字节", "limits.bytes: %s bytes in this crawl"},
	"limit.time":  {"limits.time：本次采集已满 %s", "limits.time: %s in this crawl"},

	// when a host may be asked again
	"pace.delay":       {"间隔", "delay"},
	"pace.crawl-delay": {"robots.txt 的 Crawl-delay", "Crawl-delay of robots.txt"},
	"pace.backoff":     {"连续失败 %s 次后退避", "backoff after %s failures"},
	"pace.breaker":     {"连续失败 %s 次后停访", "breaker open after %s failures"},
	"pace.retry-after": {"HTTP %s 的 Retry-After", "Retry-After of status %s"},
	"pace.busy":        {"忙", "busy"},
	"pace.until":       {"%s，至 %s", "%s, until %s"},
	"pace.alone":       {"地址 %s", "address %s"},
	"pace.address": {"地址 %s 与另外 %s 个主机共用（%s），同一时间只有一个请求",
		"address %s is shared with %s other hosts (%s): one request at a time among them"},
	"pace.group":    {"%s 组内同一时间只有一个请求", "one request at a time in the group %s"},
	"pace.range":    {"逐个请求，间隔 %s 至 %s", "a request at a time, %s to %s apart"},
	"window.closed": {"不在允许采集的时段", "outside the run window"},
	"window.always": {"不限", "always"},

	// what an exchange brought
	"http.status": {"HTTP %s", "status %s"},
	"fetch.none":  {"没有响应", "no response"},
	"fetch.nowhere": {"入口页没有列表，也没有可以跟进的链接",
		"entry page without a list or a link to follow: nothing is found from here"},
	"wall.cookie": {"每次都带着 cookie 转回自己，已试 %s 次",
		"redirects to itself with a cookie, however often it is brought back (%s times)"},
	"fetch.headless":  {"响应没有状态行", "no status line"},
	"fetch.broken":    {"传输中断", "broken off"},
	"fetch.truncated": {"传输不完整：%s", "truncated: %s"},
	"redirect.lost":   {"转向而没有目标", "redirect without a target"},
	"name.missing":    {"暂不可达", "missing"},
	"name.gone":       {"已删除", "gone"},
	"state.was":       {"此前%s", "was %s"},
	"wall.any":        {"验证页", "challenge"},
	"wall.challenge":  {"%s 验证页", "%s challenge"},
	"wall.firewall":   {"%s 拦截页", "%s wall"},
	"soft.any":        {"错误页", "error page"},
	"soft.title":      {"标题为“%s”", "title says %s"},
	"soft.page":       {"网页写着“%s”", "page says %s"},
	"soft.redirect":   {"转到 %s", "redirect to %s"},
	"soft.list":       {"转到列表 %s", "redirect to the list %s"},
	"soft.shared":     {"与其他消失的网页一样转到 %s", "redirect to %s, as other pages that are gone"},
	"soft.empty":      {"内容已清空", "emptied: the page has no content any more"},
	"soft.home":       {"转到首页", "redirect to the home page"},
	"refused.denied":  {"robots 禁止：%s", "denied: %s"},
	"refused.skipped": {"范围之外：%s", "skipped: %s"},

	"refused.quarantined": {"隔离：%s", "quarantined: %s"},

	// where an address stands in its queue
	"queue.unknown": {"从未发现：抓取过的网页都没有链接到它",
		"never found: no page that was visited links to it"},
	"queue.due":       {"已到期", "due"},
	"queue.alias":     {"现为 %s", "is %s now"},
	"queue.none":      {"不在队列", "not queued"},
	"queue.later":     {"未到期", "not due yet"},
	"queue.next":      {"上次之后 %s 再抓", "next visit %s after the last"},
	"history.visits":  {"抓取 %s 次，最近 HTTP %s", "%s visits, status %s"},
	"history.because": {"%s，%s", "%s, %s"},
	"history.missing": {"%s，自 %[3]s 起 %[2]s 次不可达", "%s, missing %s times since %s"},

	// doubts of a reading
	"read.missing": {"没有读出%s", "no %s"},
	"read.unread":  {"页面上的%s读不出来：%s", "the page's %s could not be read: %s"},
	"read.rule":    {"%s只凭规则 %s", "%s by rule %s only"},
	"read.low":     {"可信度低", "low confidence"},

	// why a capture could not be read as it should
	"finding.revisit-unresolved": {"重访记录的原始记录不在存档中 (unresolved)",
		"the capture that this revisit refers to is not in the archive (unresolved)"},
	"finding.unreadable": {"记录或其内容无法读取", "the record or its body cannot be read"},
	"finding.truncated": {"内容过大，只读取开头部分 (truncated)",
		"too large: only its beginning is read (truncated)"},
	"finding.reader-failed": {"解析程序出错", "the reader failed"},
	"finding.ended-process": {"两次使进程终止，已搁置", "ended the process twice: set aside"},

	// alarms
	"alarm.blocked": {"%[2]s 个网页中有 %[1]s 个返回验证页而非原页",
		"%s of %s pages answered with a challenge instead of the page"},
	"alarm.lists": {"%s 个列表页列出 %s 篇文章，此前 %s 个列出 %s 篇",
		"%s list pages name %s articles, before %s pages named %s"},
	"alarm.unread": {"%s 个新增或修改的网页中没有读出文章",
		"%s new or changed pages, but no article could be read out of them"},
	"alarm.failing": {"连续两次采集均未取得任何网页（%s 个地址失败）",
		"two crawls in a row got no page at all (%s addresses failed)"},
	"alarm.field": {"%[2]s%% 的文章读出%[1]s，此前为 %[3]s%%",
		"%s was found on %s%% of the articles, before on %s%%"},
	"alarm.sure": {"读取的可信度下降 %s", "confidence of the readings fell by %s"},

	// what is wrong with a query
	"query.at":        {"第 %s 个字符处：%s", "at character %s: %s"},
	"query.bracket":   {"这个括号没有对应的左括号", "this bracket closes nothing"},
	"query.unclosed":  {"这个括号没有闭合", "this bracket is not closed"},
	"query.quotation": {"这个引号没有闭合", "this quotation is not closed"},
	"query.quoted":    {"引号内没有内容", "there is nothing between the quotation marks"},
	"query.depth":     {"括号嵌套过深", "too many brackets in brackets"},
	"query.negations": {"否定过多", "too many negations"},
	"query.nothing":   {"此处缺少检索词", "something to search for is missing here"},
	"query.not":       {"此处缺少要排除的内容", "what to leave out is missing here"},
	"query.distance":  {"NEAR/ 后须为不超过 1000 的字数", "NEAR/ takes a number of characters up to 1000"},
	"query.nearby":    {"此处缺少与之邻近的检索词", "what is to be near is missing here"},
	"query.near":      {"NEAR/ 只能用于词或短语之间", "NEAR/ stands between words and phrases"},
	"query.near-row":  {"连用的 NEAR/ 须为同一距离", "one distance for a row of NEAR/"},
	"query.date": {"日期写作 2022、2022-10、2022-10-27 或 2020..2022-06",
		"a date is 2022, 2022-10, 2022-10-27 or a range like 2020..2022-06"},
	"query.field-value": {"此处缺少字段的值", "the value of the field is missing here"},
}
