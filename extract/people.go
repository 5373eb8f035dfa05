package extract

import (
	"strings"
)

// people is what a value of credits says, read by one grammar at the head and at the tail of
// an article: names, each with the role that stands before or behind it, the offices and
// titles of those named, and what is neither.
type people struct {
	writers []string // names of those who wrote: no role, or one of writerRoles
	others  []string // names with another role: pictures, editing
	offices int      // 青岚大学教授, 省科协党组书记
	roles   int
	strange int  // pen names, media, sentences
	cut     bool // names had to be cut out of longer pieces
}

// known reports whether a value holds names, and beside them nothing but roles and offices.
func (p people) known() bool { return len(p.writers)+len(p.others) > 0 && p.strange == 0 }

// writerRoles are the words for those who wrote, otherRoles for those who did other work.
// Both stand before names or behind them: 记者 秦岭, 秦岭/文, 摄影 秦岭.
var (
	writerRoles = wordSet(`
	记者 本报记者 本网记者 本刊记者 本台记者 本社记者 见习记者 实习记者 特约记者
	全媒体记者 融媒体记者 首席记者 高级记者 通讯员 特约通讯员 评论员 特约评论员
	本报评论员 实习生 作者 撰文 撰稿 撰稿人 采写 执笔 文 文字 文图 图文 报道 摄影报道
	综合报道 报道员 特约撰稿人 撰写 整理 記者 通訊員 本報記者 特約記者 撰寫 執筆 等`)
	otherRoles = wordSet(`
	图 摄 摄影 攝影 图片 供图 配图 制图 绘图 插图 摄像 视频 剪辑 编辑 责编 责任编辑
	校对 审核 编发 编审 编校 审校 初审 复审 终审 审签 签发 监制 供稿 制作 设计 排版
	美编 翻译 编译 播音 指导 指导老师 策划 统筹 摄影记者 圖 編輯`)
)

// titles end the words for someone's office: 教授, 副主席, 党组书记.
var titles = []string{"教授", "讲师", "研究员", "院士", "主任", "院长", "所长", "校长", "书记",
	"主席", "会长", "理事长", "秘书长", "局长", "处长", "科长", "部长", "厅长", "主编",
	"工程师", "高工", "博士", "硕士", "博士生", "硕士生", "研究生", "本科生", "学生", "律师",
	"医师", "医生", "药师", "专家", "委员", "代表", "总编", "站长", "馆长", "馆员", "学者", "导师",
	"教师", "老师", "农艺师", "畜牧师", "兽医师", "技术员", "技师", "干部", "董事长", "经理",
	"总裁", "负责人", "评论员", "理事", "顾问", "常委", "主管", "县长", "市长", "镇长", "乡长",
	"区长", "记者", "通讯员", "职员", "员工", "作家", "院士团队", "教授級", "研究員",
	"主任委員", "理事長", "秘書長", "館長", "博士後", "博士后", "教练", "校友", "特派员",
	"辅导员", "干事", "科员", "队长", "社长", "台长", "司长", "副校", "农民",
	"巡视员", "调研员", "研究所", "系主任"}

func endsInTitle(s string) bool {
	s = strings.TrimRight(s, "。")
	for _, t := range titles {
		if strings.HasSuffix(s, t) {
			return true
		}
	}
	return false
}

// creditMarks part the pieces of credits as blanks do.
var creditMarks = strings.NewReplacer("（", " ", "）", " ", "(", " ", ")", " ", "：", " ", ":", " ", "丨", " ")

// parsePeople reads a value of credits.
func parsePeople(s string) people {
	var p people
	var ps []creditPiece
	for _, t := range splitNames(creditMarks.Replace(s)) {
		role := strings.TrimSuffix(t, "。")
		switch {
		case t == "和" || t == "与" || t == "。":
		case writerRoles[role] || otherRoles[role]:
			ps = append(ps, creditPiece{role: role})
			p.roles++
		case isPerson(role):
			ps = append(ps, creditPiece{name: role})
			p.cut = p.cut || role != t
		case hasPrefixAny(t, []string{"系", "现为", "单位", "作者单位", "作者系"}) != "":
			p.offices++
		default:
			if role, name, ok := gluedRole(t); ok {
				if role != "" {
					ps = append(ps, creditPiece{role: role})
					p.roles++
				}
				ps = append(ps, creditPiece{name: name})
				p.cut = true
			} else if endsInTitle(t) || isOrg(t) {
				p.offices++
			} else {
				p.strange++
			}
		}
	}
	behind := len(ps) > 0 && ps[len(ps)-1].role != "" && ps[0].name != "" // 罗松/文 蒋丰收/图
	other := false
	for k := range ps {
		switch {
		case ps[k].role != "":
			other = otherRoles[ps[k].role]
		case behind && !rolesWrite(ps[k+1:]), !behind && other:
			p.others = append(p.others, ps[k].name)
		default:
			p.writers = append(p.writers, ps[k].name)
		}
	}
	return p
}

// creditPiece is a piece of credits: a name or a role.
type creditPiece struct{ name, role string }

// rolesWrite reports whether the first roles in rest hold one of writing (文/图 behind a name).
func rolesWrite(rest []creditPiece) bool {
	for k := range rest {
		if writerRoles[rest[k].role] {
			return true
		}
		if rest[k].role != "" && k+1 < len(rest) && rest[k+1].role == "" {
			return false
		}
	}
	return false
}

// gluedRole parts a name from the role, office or title written directly before it
// (通讯员秦岭, 青岚大学教授秦岭), or from what 系 says of it (秦岭系青岚大学教授).
func gluedRole(t string) (role, name string, ok bool) {
	if i := strings.Index(t, "系"); i > 0 && isPerson(t[:i]) && i+len("系") < len(t) {
		return "", t[:i], true
	}
	best := ""
	for w := range writerRoles {
		if len(w) > 3 && len(w) > len(best) && strings.HasPrefix(t, w) && isPerson(t[len(w):]) {
			best = w
		}
	}
	for w := range otherRoles {
		if len(w) > 3 && len(w) > len(best) && strings.HasPrefix(t, w) && isPerson(t[len(w):]) {
			best = w
		}
	}
	if best != "" {
		return best, t[len(best):], true
	}
	for _, w := range titles {
		if i := strings.LastIndex(t, w); i > 0 && isPerson(t[i+len(w):]) {
			return "", t[i+len(w):], true
		}
	}
	return "", "", false
}

// authorsOf returns the writers' names in a value of credits as the page shows them; when
// offices, titles or other roles stand among them, the names alone. A value that is no list
// of names (an office, a pen name) is returned as it is.
func authorsOf(s string) string {
	p := parsePeople(s)
	switch {
	case !p.known() || len(p.writers) == 0 && p.roles == 0:
		return s
	case p.offices == 0 && p.roles == 0 && !p.cut:
		return s
	}
	return strings.Join(p.writers, " ")
}

// allPeople reports whether s holds names with their roles and nothing else.
func allPeople(s string) bool {
	p := parsePeople(s)
	return p.known() && p.offices == 0 && len(p.writers) > 0
}

// splitSource parts a source's value from the writers named with it: 青岚日报 记者 秦岭,
// 青岚日报（记者 秦岭 通讯员 何山）, 青岚日报|秦岭. A medium may have 记者 in its name.
func splitSource(s string) (source, authors string) {
	s = strings.TrimSpace(s)
	if open := strings.LastIndexAny(s, "（("); open > 0 && (strings.HasSuffix(s, "）") || strings.HasSuffix(s, ")")) {
		_, w := firstRuneLen(s[open:])
		_, last := lastRuneLen(s)
		if in := s[open+w : len(s)-last]; allPeople(in) {
			return strings.TrimSpace(s[:open]), authorsOf(cleanAuthor(in))
		}
	}
	at := 0
	for w := range writerRoles {
		if i := strings.Index(s, w); len(w) >= 6 && i > 0 && (at == 0 || i < at) && allPeople(s[i:]) {
			at = i
		}
	}
	if at > 0 {
		return strings.TrimRight(s[:at], " /／|｜（(·-，,"), authorsOf(cleanAuthor(s[at:]))
	}
	for _, sep := range []string{"|", "｜", "/", "／", "-", "－", " "} {
		i := strings.Index(s, sep)
		if i <= 0 {
			continue
		}
		head, tail := strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+len(sep):])
		if isOrg(head) && allNames(tail) && !allNames(head) && (sep != " " || runes(tail) > 2) {
			return head, tail
		}
		j := strings.LastIndex(s, sep)
		head, tail = strings.TrimSpace(s[:j]), strings.TrimSpace(s[j+len(sep):])
		if isOrg(tail) && allNames(head) && !allNames(tail) {
			return tail, head
		}
	}
	return s, ""
}

func lastRuneLen(s string) (rune, int) {
	r := lastRune(s)
	return r, len(string(r))
}
