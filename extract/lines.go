package extract

import (
	"strings"
	"unicode/utf8"
)

// lineKind says what a short line of a page is by its words alone.
type lineKind uint8

const (
	linePlain   lineKind = iota
	lineTool             // 打印, 关闭, 分享, 字号 …: buttons around an article
	lineEnd              // 相关阅读, 上一篇, 网友评论 …: what comes behind is another thing
	lineLegal            // 版权所有, ICP备, 未经授权不得转载 …
	lineCredits          // 责任编辑, 来源, 审核 …: labels only
	lineOrigin           // 原标题：…
)

// toolWords are whole lines (punctuation aside) that are buttons or notes of the page.
var toolWords = wordSet(`
	打印 打印本页 打印文章 关闭 关闭窗口 关闭本页 关闭当前页面 关闭页面
	打印本页关闭窗口 打印关闭 分享 分享到 分享至 分享让更多人看到
	扫一扫在手机打开当前页 扫一扫在手机打开当前页面 扫一扫 扫一扫分享 扫码分享
	返回顶部 返回首页 返回列表 返回 回到顶部 收藏 收藏本页 加入收藏 我要评论
	我有话说 我要纠错 纠错 点赞 赞 复制链接 字号 字体 大 中 小 大中小 超大 标准 特大
	默认 繁体 简体 无障碍 无障碍浏览 适老版 长者模式 语音播报 播报 朗读 收听 微信
	微博 新浪微博 QQ QQ空间 朋友圈 微信扫一扫 用微信扫码二维码 分享至好友和朋友圈
	加载更多 查看更多 更多 点击查看更多 展开全文 展开 阅读全文 阅读原文 点击阅读原文
	查看原文 正文 用户中心 智能问答 智能咨询 网站地图 站点地图 联系我们 关于我们
	设为首页 举报 投诉 评论 写评论 发表评论 转发 转发此文至微博 已有0人参与
	已有0条评论 theend end 完 复制 下载 朗读本文 上一页 下一页 首页 尾页 末页 扫描二维码
	手机版 返回上一页 返回上页 举报反馈 有用 没用 微信公众号 官方微信 官方微博
	客户端 扫码关注 列印 友善列印 回上頁 回首頁 分享至 轉寄 阅读剩余全文
	点击展开全文 欢迎发表评论 保存网页 我要反馈 收起 视频加载中 图集 您此时的心情
	此文章对您有用吗 您看完此文感受如何 新闻表情排行 查看大图 点击查看大图
	点击图片查看大图 分享到微信 关注新华网 分享至手机 不感兴趣 ad 广告 点击进入专题
	进入专题 点击进入 打印此文 打印本文 关闭本窗口 打印文本 打印页面 收藏此页
	发送给好友 推荐给好友 我要纠错 网页纠错 保存 返回上级 上一条 下一条 大号 中号
	小号 大字体 中字体 小字体 语音阅读 全文阅读`)

// endWords begin lines that open what follows an article.
var endWords = newLexicon(strings.Fields(`
	相关阅读 相关链接 相关新闻 相关文章 相关报道 相关信息 相关推荐 相关资讯 相关稿件
	相关专题 相关内容 相关政策 相关解读 相关图片 相关评论 相关视频 延伸阅读 扩展阅读
	拓展阅读 推荐阅读 阅读推荐 热门推荐 热点推荐 精彩推荐 为您推荐 为你推荐 猜你喜欢
	猜您喜欢 今日推荐 编辑推荐 往期推荐 往期回顾 更多阅读 更多新闻 更多精彩 更多相关
	上一篇 下一篇 上一条 下一条 上篇 下篇 上一则 下一则 前一篇 后一篇 上一頁 網友評論
	网友评论 网友留言 最新评论 热门评论 全部评论 评论列表 发表评论 我来说两句
	我要评论 跟帖 网友跟贴 热门跟贴 网易跟贴 精彩跟贴 文章关键词 关键词 关键字 标签
	tags 本文标签 文章标签 热门标签 友情链接 热点新闻 热门新闻 热门文章 最新文章
	最新新闻 最新资讯 最新消息 热点排行 新闻排行 点击排行 热门点击 热门排行 排行榜
	阅读排行 一周排行 一周热点 24小时 48小时 新闻推荐 图片新闻 图片推荐 推荐图片
	推荐新闻 推荐文章 推荐视频 大家都在看 大家还在看 其他人还在看 你可能喜欢
	您可能感兴趣 你可能感兴趣 相關新聞 相關文章 延伸閱讀 相關閱讀 推薦閱讀 熱門新聞
	你可能也想看 看更多 上一則 下一則 上一篇文章 下一篇文章 站内搜索 专题推荐
	收藏此文 栏目导航 频道推荐 头条推荐 查看评论 已有 扫描下方二维码关注
	扫描二维码关注 长按二维码 长按识别 扫码关注 关注公众号 更多猛料 更多资讯
	更多内容 下载客户端 进入 欢迎关注 关于作者 作者简介 分享文章 分享本文 分享到
	您的评论 文章评论 本栏目 热点搜索 换一换 收录于合集 预览时标签不可点 功能介绍
	微信扫一扫 热词 新闻热搜 精彩图文 视频推荐 视觉焦点 阅读下一篇 关注我们 專題報導
	當週熱門`))

// legalWords occur in lines about rights and registrations.
var legalWords = newLexicon(strings.Fields(`
	版权所有 ICP备 ICP证 icp备 公网安备 网安备 Copyright copyright COPYRIGHT ©2 © 网站标识码
	未经授权 未经书面授权 未经许可 转载请注明 不得转载 谢绝转载 免责声明 版权声明
	特别声明 违法和不良信息 举报电话 请勿转载 违者必究 文责自负 仅代表作者
	不代表本网 不代表本站 不代表网易 不代表新浪 不代表平台 授权转载 经授权转载
	原创资讯请下载 自媒体平台 信息存储空间 信息存储服务 网络视听许可 增值电信
	备案号 建议使用IE 最佳分辨率 内容合作请联系 版權所有 不得轉載 All Rights Reserved all
	rights reserved 如需转载 欢迎转载 侵权 著作权 图片均来自网络 原创作品 图源网络`))

// wordSet makes a set of squeezed words.
func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// longestTool is the length of the longest tool line in bytes.
var longestTool = func() int {
	n := 0
	for w := range toolWords {
		n = max(n, len(w))
	}
	return n
}()

// squeeze drops everything but letters, digits and Han characters, into buf.
func squeeze(buf []byte, s string) []byte {
	buf = buf[:0]
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
				buf = append(buf, c)
			case c >= 'A' && c <= 'Z':
				buf = append(buf, c+'a'-'A')
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if isHan(r) || r >= 0x400 && r < 0x2000 || r >= 0xac00 && r < 0xd800 {
			buf = append(buf, s[i:i+n]...)
		} else if m := narrow(r); m < 0x80 && (m >= '0' && m <= '9' || m >= 'a' && m <= 'z' || m >= 'A' && m <= 'Z') {
			buf = append(buf, byte(m)|0x20)
		}
		i += n
	}
	return buf
}

// classifyLine reads a line of n characters by its words.
func classifyLine(s string, n int, buf []byte) lineKind {
	if n > 300 {
		return linePlain
	}
	if len(s) <= longestTool*2 {
		q := squeeze(buf, s)
		if len(q) == 0 {
			return lineTool // 》, |, - and the like
		}
		if toolWords[string(q)] {
			return lineTool
		}
	}
	t := strings.TrimLeft(s, "[【（(「·■●▲◆★◎○>》»-—_ 　*+△▼#")
	if n <= 60 {
		if w := endWords.at(t); w != "" && endFollows(t[len(w):]) {
			return lineEnd
		}
	}
	if strings.HasPrefix(t, "原标题") || strings.HasPrefix(t, "原题为") || strings.HasPrefix(t, "原題為") ||
		strings.HasPrefix(t, "本文原标题") || strings.HasPrefix(t, "原文标题") || strings.HasPrefix(t, "原標題") {
		return lineOrigin
	}
	if n <= 160 && asksVisitor(s) {
		return lineTool
	}
	if legalWords.in(s) != "" && legalLine(s, n) {
		return lineLegal
	}
	return linePlain
}

// asksVisitor recognises the notices that a site puts over its pages: on leaving it, on cookies, on
// the browser.
func asksVisitor(s string) bool {
	switch visitorWords.in(s) {
	case "":
		return false
	case "即将离开", "正在离开", "将离开", "外部网站", "第三方网站":
		return containsAny(s, []string{"网站", "链接", "页面", "平台", "本站"}) &&
			containsAny(s, []string{"您", "你", "继续", "跳转", "离开"})
	case "Cookie", "cookie", "COOKIE":
		return containsAny(s, []string{"本网站", "本站", "我们使用", "同意", "接受"})
	}
	return true
}

var visitorWords = newLexicon([]string{"外部网站", "第三方网站", "确定要离开", "确认离开", "cookies",
	"即将离开", "正在离开", "将离开", "Cookie", "cookie", "COOKIE", "是否继续访问", "是否继续浏览",
	"是否继续跳转", "是否确认离开", "浏览器版本过低", "浏览器不支持", "请启用JavaScript",
	"请开启JavaScript", "将跳转到第三方", "即将跳转到", "即将访问外部链接",
	"本网站已支持IPv6", "本网站支持IPv6"})

// endFollows reports whether what stands behind an end word still lets it be a heading:
// nothing, a colon, an arrow, a number or a short rest, but no sentence.
func endFollows(rest string) bool {
	r := firstRune(rest)
	if rest == "" || isColon(r) || isBlank(r) || !isHan(r) && !isASCIIWord(r) {
		return true
	}
	return utf8.RuneCountInString(rest) <= 6 && !strings.ContainsAny(rest, "，。")
}

// legalLine keeps sentences of an article that speak of rights (侵权案件审理 …,
// 参赛作品未经许可不得转载) from being taken for the page's own notes: those are short, or name the page
// itself.
func legalLine(s string, n int) bool {
	if n <= 24 && strings.Count(s, "。") <= 1 {
		return !strings.Contains(s, "侵权") && !strings.Contains(s, "著作权") || strings.Contains(s, "联系") ||
			strings.Contains(s, "必究") || strings.Contains(s, "删除")
	}
	if selfWords.in(s) == "" {
		return false
	}
	return n <= 160 || strings.Contains(s, "本网") || strings.Contains(s, "本站")
}

// selfWords are what pages call themselves and their own notes.
var selfWords = newLexicon([]string{"本网", "本站", "本报", "备案", "ICP", "icp", "安备", "opyright",
	"OPYRIGHT", "©", "ights", "本平台", "平台", "立场", "标识码", "版权声明", "免责", "声明", "本文",
	"原创", "专稿", "书面授权", "授权转载", "转载请", "转载须", "如需转载", "欢迎转载",
	"请勿转载", "谢绝转载", "版权所有", "版權所有", "APP", "图片均", "不代表", "举报", "IE",
	"分辨率", "文责自负", "轉載"})
