package extract

import (
	"strings"
	"unicode/utf8"
)

// labelKind says which field a label introduces.
type labelKind uint8

const (
	labelNone labelKind = iota
	labelSource
	labelPublisher // 发布单位: the office that put it on the site, a source when nothing better is shown
	labelAuthor
	labelReporter // 记者, 通讯员: an author in a byline, part of the story in a dateline
	labelEditor
	labelContributor
	labelDate
	labelUpdated // 更新时间: a date when no other is shown
	labelOther   // ends a value, is no field: 浏览次数, 字体, 摄影, 审核 …
	labelIssuer  // fields of official documents (公文)
	labelNumber
	labelSigned
	labelIndex
	labelDocOther
	labelTitle
	labelContent // ends a value and is part of the text: 联系人, 地点, 附件 …
)

// labelWords are the labels seen in bylines, tails and document headers of Chinese sites,
// simplified and traditional.
var labelWords = map[labelKind]string{
	labelSource: "来源 信息来源 文章来源 稿件来源 新闻来源 内容来源 本文来源 " +
		"原文来源 消息来源 发布来源 供稿来源 作品来源 来源于 来源自 本文来源于 " +
		"本文来源自 文章来源于 内容来自 本文来自 文章来自 来源网站 来源媒体 来源单位 " +
		"来源部门 媒体来源 稿源 出处 文章出处 信息出处 来自 转自 转载自 摘自 來源 " +
		"文章來源 新聞來源 稿件來源 資訊來源 訊息來源 出處 信息来源单位 稿件来源单位 " +
		"采编来源 本文转自 source from",
	labelPublisher: "发布单位 发布机构 发布部门 信息提供 信息提供单位 信息发布 " +
		"提供单位 供稿部门 发稿单位 發布單位 發佈單位 發布機關 发布者 责任部门 " +
		"公开单位 单位 部门 发布处室",
	labelAuthor: "作者 文章作者 撰文 撰稿 撰稿人 撰写 撰写人 执笔 执笔人 采写 采写人 " +
		"文字 文 原创作者 作者姓名 原作者 本文作者 撰寫 執筆 文章作者姓名 采编 采写整理 " +
		"文字整理 编写 文图 图文 文/图 图/文 文／图 图／文 文|图 文丨图 文、图 图、" +
		"文 摄影报道 author 作者/来源",
	labelReporter: "记者 本报记者 本网记者 本刊记者 见习记者 特约记者 实习记者 " +
		"采访记者 通讯员 特约通讯员 全媒体记者 記者 本報記者 特約記者 通訊員 评论员 " +
		"本报评论员 本台记者",
	labelEditor: "责任编辑 责编 编辑 网络编辑 值班编辑 本文编辑 本期编辑 文章编辑 " +
		"实习编辑 新媒体编辑 图文编辑 微信编辑 选稿 网编 小编 责任编审 責任編輯 責編 " +
		"編輯 選稿 核稿編輯 美编 编辑人 编辑者 editor",
	labelContributor: "供稿 供稿人 供稿单位 供稿者 投稿 投稿人 投稿单位 来稿 稿件提供 " +
		"文稿提供 供稿單位 来稿单位 报送单位 报送人",
	labelDate: "发布时间 发布日期 发布于 发布 发表时间 发表日期 发表于 发稿时间 " +
		"发稿日期 时间发布 日期发布 时间 日期 录入时间 添加时间 添加日期 提交时间 " +
		"上传时间 公布日期 公布时间 刊登日期 刊发时间 信息时间 信息日期 创建时间 " +
		"创建日期 加入时间 稿件时间 新闻时间 文章时间 编辑时间 撰稿时间 上网时间 " +
		"上网日期 出版时间 刊出日期 發布時間 發布日期 發佈時間 發佈日期 發表時間 " +
		"發表日期 時間 刊登時間 張貼日期 上稿時間 建立日期 公告日期 发帖时间 入库时间 " +
		"播出时间 date 时间日期 published posted 公开日期 公开时间 發稿時間 發佈時間 張貼時間 " +
		"公布日期 公佈日期 刊登时间 发布时刻 信息发布时间 文章发布时间",
	labelUpdated: "更新时间 更新日期 最后更新 最近更新 修改时间 更新于 更新時間 " +
		"更新日期 最後更新 最后更新时间 最后修改 最後異動 生成日期 生成时间 updated " +
		"最後更新日期 最近更新日期 修改日期",
	labelIssuer: "发文机关 发文机构 发文单位 制发机关 制定机关 发布机关 公开机关 " +
		"公开责任部门 文件来源 發文機關 發文單位 发文部门 颁布单位 印发机关",
	labelNumber: "发文字号 文号 文件编号 發文字號 文件字号 公文文号 发布文号 文件号",
	labelSigned: "成文日期 成文时间 发文日期 发文时间 签发日期 印发日期 印发时间 " +
		"颁布日期 發文日期 制发日期",
	labelIndex: "索引号 信息索引 信息索引号 索取号 公开索引号 索引號",
	labelDocOther: "主题分类 公文种类 体裁 体裁分类 组配分类 有效性 时效性 效力状态 " +
		"主题词 公开方式 公开范围 公开形式 公开时限 公开类别 内容概述 内容概要 " +
		"废止日期 失效日期 生效日期 实施日期 信息类别 信息分类 所属主题 服务对象 " +
		"服务对象分类 公开属性 文件类型 有效期 信息名称 是否有效 公开目录 所属分类 " +
		"载体类型 存放位置 分类 名称 统一编号 文件状态 语种",
	labelContent: "电话 联系电话 地址 邮编 邮箱 电子邮箱 联系人 联系方式 传真 网址 " +
		"附件 摘要 导读 核心提示 提要 文章摘要 翻译 地点 参考资料 编号 地区 类别 副标题 " +
		"主标题 肩标题 引题 副题 正文 报料 热线 资料来源 数据来源 作者单位 作者简介 " +
		"工作单位 版本 版本号",
	labelTitle: "标题 文章标题 标题名称 信息标题",
	labelOther: "浏览次数 浏览量 浏览数 浏览 点击次数 点击数 点击量 点击率 点击 " +
		"阅读次数 阅读量 阅读数 阅读 访问量 访问次数 访问 人气 热度 次数 查看 查看次数 " +
		"字体 字号 字体大小 文字大小 视力保护色 保护视力色 背景色 分享 分享到 分享至 " +
		"打印 收藏 评论 评论数 转发 收听 语音播报 摄影 摄影记者 摄 图片 图 图源 图片来源 " +
		"图片摄影 供图 配图 制图 视频 视频来源 剪辑 音频 审核 审核人 审稿 审稿人 审签 " +
		"审签人 审校 校对 校审 校核 一审 二审 三审 一校 二校 三校 初审 复审 终审 监审 " +
		"监制 签发 签发人 核发 编审 主编 总编 总编辑 值班主任 值班编委 值班总编 出品 " +
		"策划 统筹 排版 设计 录入 录入人 录入者 发布人 发布者姓名 上传 上传者 关键词 " +
		"关键字 标签 tag tags 栏目 所属栏目 专题 版次 版面 版权 统稿 播音 主播 主持 编译 " +
		"译者 人氣 瀏覽 瀏覽次數 點閱 點擊 閱讀 字級 字體 分享 列印 攝影 審核 校對 " +
		"關鍵字 瀏覽數 點閱數 圖 原标题 原题 标签词 网站编辑 站内搜索 所属地区 扫一扫 " +
		"编发 编发人 编校 摄像 供图单位 责任校对 页码 浏览人数 已阅 已浏览 阅",
}

type labelEntry struct {
	word string
	kind labelKind
}

// labelTable finds the labels that begin with a character, longest first.
var labelTable = buildLabels()

func buildLabels() map[rune][]labelEntry {
	t := map[rune][]labelEntry{}
	for k := labelNone; k <= labelContent; k++ {
		for _, w := range strings.Fields(labelWords[k]) {
			r := firstRune(w)
			t[r] = append(t[r], labelEntry{w, k})
		}
	}
	for _, l := range t {
		for i := 1; i < len(l); i++ {
			for j := i; j > 0 && len(l[j].word) > len(l[j-1].word); j-- {
				l[j], l[j-1] = l[j-1], l[j]
			}
		}
	}
	return t
}

// weakLabel reports labels of one character, which mean a field only with a colon or slash
// directly behind them: as bare words they occur in every sentence.
func weakLabel(w string) bool { return utf8.RuneCountInString(w) < 2 }

// matchLabel returns the label that s begins with and the length in bytes of the label,
// blanks inside it ("来 源", "作　者") and the colon behind it. How the label is closed
// says how sure it is: closed by a colon, a slash or bar, or by nothing.
func matchLabel(s string) (k labelKind, word string, n int, closed labelClose) {
	for _, e := range labelTable[lowerFirst(s)] {
		n, ok := spelled(s, e.word)
		if !ok {
			continue
		}
		c, m := closeOf(s[n:])
		if c == closedBare && weakLabel(e.word) {
			continue
		}
		if c == closedSlash && e.kind == labelOther && utf8.RuneCountInString(e.word) > 2 {
			continue
		}
		return e.kind, e.word, n + m, c
	}
	return labelNone, "", 0, closedBare
}

func lowerFirst(s string) rune {
	r := firstRune(s)
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

type labelClose uint8

const (
	closedBare labelClose = iota
	closedSlash
	closedColon
)

// closeOf reads what stands behind a label's word.
func closeOf(s string) (labelClose, int) {
	n := 0
	for n < len(s) {
		r, w := utf8.DecodeRuneInString(s[n:])
		switch {
		case isBlank(r):
			n += w
			continue
		case isColon(r):
			n += w
			for n < len(s) { // "来源：：" and "来源： "
				r, w := utf8.DecodeRuneInString(s[n:])
				if !isColon(r) && !isBlank(r) {
					break
				}
				n += w
			}
			return closedColon, n
		case strings.ContainsRune("/／|｜丨︱│", r):
			return closedSlash, n + w
		}
		break
	}
	return closedBare, 0
}

// spelled reports whether s begins with word, blanks between its characters allowed, and
// how many bytes of s that takes.
func spelled(s, word string) (int, bool) {
	if strings.HasPrefix(s, word) {
		return len(word), true
	}
	i, first := 0, true
	for _, want := range word {
		for !first && i < len(s) {
			r, w := utf8.DecodeRuneInString(s[i:])
			if !isBlank(r) {
				break
			}
			i += w
		}
		if i >= len(s) {
			return 0, false
		}
		r, w := utf8.DecodeRuneInString(s[i:])
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r != want {
			return 0, false
		}
		i += w
		first = false
	}
	return i, true
}

// labelAt matches a label at the beginning of s, after opening brackets.
func labelAt(s string) (labelKind, string, int, labelClose) {
	skip := 0
	for skip < len(s) {
		r, w := utf8.DecodeRuneInString(s[skip:])
		if !strings.ContainsRune("([（【［〔 *·■●▲△★☆◆◎○→-—", r) {
			break
		}
		skip += w
	}
	k, word, n, closed := matchLabel(s[skip:])
	return k, word, n + skip, closed
}

// unknownLabel returns the length of a word that a colon makes a label though no table knows it
// (… 编务：李明): two to six Chinese characters.
func unknownLabel(s string) int {
	n := 0
	for i, r := range s {
		if isColon(r) {
			if n < 2 || n > 6 {
				return 0
			}
			return i + utf8.RuneLen(r)
		}
		if !isHan(r) {
			return 0
		}
		n++
	}
	return 0
}

// nextLabel returns where the value that s begins with ends: at a label with a colon. A
// label may follow a value without a blank only inside a byline (open); then it must not
// be the tail of a longer word (数据来源 is no 来源).
func nextLabel(s string, open bool) int {
	prev := rune(0)
	for i, r := range s {
		if i > 0 {
			edge := isBlank(prev) || !isHan(prev) && !isASCIIWord(prev) || prev >= '0' && prev <= '9'
			if open && edge && unknownLabel(s[i:]) > 0 {
				return i
			}
			if _, listed := labelTable[r]; listed && (edge || open) {
				k, word, _, closed := matchLabel(s[i:])
				if k != labelNone && (closed == closedColon && (edge || utf8.RuneCountInString(word) > 1) ||
					closed == closedSlash && edge && (utf8.RuneCountInString(word) > 1 || allNames(s[:i]))) {
					for i > 0 { // leave the opening bracket to the label
						q, w := utf8.DecodeLastRuneInString(s[:i])
						if !strings.ContainsRune("([（【［〔 ", q) {
							break
						}
						i -= w
					}
					if i > 0 {
						return i
					}
				}
			}
		}
		prev = r
	}
	return len(s)
}
