package zh

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Names are the people, places and organisations a text names, each once, as they are written
// in it, the most frequent first.
type Names struct {
	People, Places, Orgs []string
}

// surnames are the common family names; a person's name begins with one.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐庞颜倪伍牟殷翟温习栗汲俞娄柴柳詹裴冉路祁蓝涂宫鲍舒曲华辛骆管盛童梅季阮凌岳尤穆欧关焦巴左项霍翁柯兰毕宗聂单迟游耿占甘卓车褚米申费鲁臧卫纪吉苗闵戚屈解苟简项喻桂靳"

// doubled are the family names of two characters.
var doubled = []string{"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯"}

// roles stand right before or after a person's name.
var roles = wordSet(`主席 副主席 常务副主席 书记 副书记 党组书记 总书记 院士 教授 副教授 局长 副局长 处长 副处长 部长 副部长 会长 副会长
理事长 副理事长 秘书长 副秘书长 主任 副主任 研究员 副研究员 工程师 高级工程师 馆长 副馆长 校长 副校长 院长 副院长 所长 副所长 记者 同志 先生 女士
调研员 巡视员 总经理 董事长 市长 副市长 县长 副县长 区长 副区长 省长 副省长 厅长 副厅长 总理 副总理 总统 委员 常委 党组成员 博士 专家 作者 摄影 通讯员
责任编辑 编辑 队长 组长 站长 科长 司长 副司长 首席科学家 科学家 老师 医生 主持人 代表 村支书 支书 主任委员 发言人 外长 首相 司令员 参赞 大使`)

// notPeople are words gse takes for people's names.
var notPeople = wordSet(`高峰 高尚 高明 文明 文静 和平 平安 安宁 安静 安康 安全 康复 金融 金属 金沙 金山 金秋 金牌 金奖 石油 白天 白云 江山 江河 江湖
万里 万众 方方面面 方圆 方正 温馨 温柔 温暖 华夏 华人 华为 龙头 龙门 龙江 马上 马力 马路 黄金 黄河 黄土 林地 林业 林木 田园 田野 毛毛 严寒 严明 路透 明明 何时 何处
余额 任重道远 任何 曾经 曾任 向阳 向上 向好 石化 石家庄 文化 文山 项目 项目组 左右 关键 关爱 关怀 关心 解放 解决 申请 费用 管理 管道 管控 盛会 盛典 童心 季度 宗旨
单位 单独 游客 占地 车间 米兰 鲁迅文学院 卫星 卫生 纪念 纪委 吉祥 简单 桂花 夏日 夏季 秦岭 武警 戴维 莫大 孔雀 汤圆 施工 牛奶 安徽 齐心 齐全 严格 于是 许多 常委 经济 兴农 小康 丰收 明珠 金鸡 周年 周边 周末 周期 周日 周一 周二 周三 周四 周五 周六 时代 时光 马克思 列宁 毛泽东思想 邓小平理论 凌晨 华北 华南 华东 华中 文艺 陆海空 陆空 金砖 金华 荣誉 钟楼 石墨 石材 程度 程序 丁香 严峻 严密 余热 余万 高新 高官 高考 高位 高效 安定 安居 安装 江南 江西 江苏 罗马 唐山 贺兰 贺信 成龙配套 阳光 曲目 欧盟 欧元 康养 康庄 顾客 顾问 史料 史诗 史册 文件 文物 文旅 文创 文献 文本 文字 文章 文学 文体 莫斯科 王子 王族 熊猫 王室 王国 金额 安装 康乃馨 高铁 高温 高速 高端 高质量 高级 温度 温室 温泉 关系 关税 关口 程控 金星 安理会 明天 明年 万元 钱财`)

// notPlaces are words gse takes for names of places that are not, or that say nothing.
var notPlaces = wordSet(`中华 中国 我国 全国 国内 国外 世界 西方 东方 南方 北方 西部 东部 中部 南部 北部 全球 海外 境外 境内 华夏 大陆 内地 两国 各国 多国 外国 大国 新春 偏远地区 大城市 深水 朝圣 热烈祝贺 建国 台盟 英雄 新建 海马 普京 横列 陆海 城镇 城市 大桥 长度 长达 美丽 喜庆 嘉宾 海关 沧桑 沧海 关联 治国 爱国 上岗 中断 馆内 馆里 惠及 大都市 长龙 港人治港 累累硕果 新鲜 共和国 河坝 关口 海湾 海洋 江河 河流 长空 山水 平原 高原 草原 中马 中美 中沙 中欧 中法 中印 中俄 中日 中韩 中德 中英 中泰 通州区域 首都 省会 城乡 市区 县城 城区 郊区 山区 地区 三农 中南海 人民大会堂 主城区 园区 社区 新城 老区 牧区 边疆 东西部 中西部 大西洋彼岸`)

// orgEnds end the name of an organisation.
var orgEnds = wordSet(`科协 科学技术协会 学会 协会 研究会 研究院 研究所 大学 学院 中学 小学 医院 委员会 公司 有限公司 中心 局 厅 部 馆 科技馆 博物馆 图书馆 集团 基金会 联合会 促进会
工会 党委 党组 政府 人民政府 法院 检察院 出版社 报社 电视台 通讯社 实验室 国家重点实验室 科学院 工程院 社科院 联盟 商会 银行 团委 妇联 总工会 文联 作协 残联 工商联 农技协 支部 理事会 管委会 办公室 办公厅 学校 幼儿园 合作社`)

// orgLong is how many characters the shortest name has that is put together.
const orgLong = 4

// orgLast are the characters a word of gse's nt must end with to be an organisation.
const orgLast = "会院所学校局部厅处委党团社台站馆行司盟队军府厂协联室网报央心织"

// notOrgs end like organisations.
var notOrgs = wordSet("新机会 好机会 大机会 全社会 新社会 旧社会 老百姓大会 中国共产党第 运动会 博览会 座谈会 发布会 交易会 大学习 新中心 总部 内部 全军 一部 三中全会 四中全会 五中全会 六中全会 七中全会 奥运会 冬奥会 残奥会 亚运会 世博会 全运会")

// endsWith says whether a word is one of a set, or ends with one of two characters or more.
func endsWith(set map[string]bool, word string) bool {
	if set[word] {
		return true
	}
	runes := []rune(word)
	for n := 2; n < len(runes); n++ {
		if set[string(runes[len(runes)-n:])] {
			return true
		}
	}
	return false
}

func endsOrg(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(orgLast, r) && !notOrgs[s]
}

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// Names finds names by gse's parts of speech (nr, ns, nt), cleaned: people need a family name, and
// a role beside them or to be known to the dictionary and named twice; organisations are also put together from a place and
// what follows it up to a word like 协会.
func (c *Cutter) Names(text string) Names {
	var words []Word
	c.Words(text, false, func(w Word) { words = append(words, w) })
	runes := []rune(text)
	type count struct{ n, first int }
	people, places, orgs := map[string]count{}, map[string]count{}, map[string]count{}
	add := func(m map[string]count, from, to, n int) {
		s := string(runes[from:to])
		k, ok := m[s]
		if !ok {
			k.first = from
		}
		k.n += n
		m[s] = k
	}
	for i := 0; i < len(words); i++ {
		if end := orgAt(words, i); end > i {
			add(orgs, words[i].Start, words[end-1].End, 1)
			for _, w := range words[i:end] {
				if isPlace(w) {
					add(places, w.Start, w.End, 1)
				}
			}
			i = end - 1
			continue
		}
		w := words[i]
		switch {
		case isPlace(w):
			add(places, w.Start, w.End, 1)
		default:
			if end, sure := personAt(words, i); end > i {
				n := 1
				if sure {
					n = 100 // once is enough
				}
				add(people, w.Start, words[end-1].End, n)
				i = end - 1
			}
		}
	}
	list := func(m map[string]count, least int) []string {
		out := []string{}
		for s, k := range m {
			if k.n >= least {
				out = append(out, s)
			}
		}
		slices.SortFunc(out, func(a, b string) int {
			return cmp.Or(cmp.Compare(m[b].n, m[a].n), cmp.Compare(m[a].first, m[b].first))
		})
		return out
	}
	return Names{People: list(people, 2), Places: list(places, 1), Orgs: list(orgs, 1)}
}

func isPlace(w Word) bool {
	return w.Pos == "ns" && w.End-w.Start >= 2 && !notPlaces[w.Text]
}

// adjacent says whether word i follows the one before it without anything between.
func adjacent(words []Word, i int) bool { return i > 0 && words[i].Start == words[i-1].End }

// personAt finds where a person's name that begins at word i ends; sure when a role stands beside it.
func personAt(words []Word, i int) (end int, sure bool) {
	w := words[i]
	n := w.End - w.Start
	end = i
	switch {
	case (w.Pos == "nr" || w.Pos == "nrt" && hasSurname(w.Text)) && n >= 2 && n <= 4 && hasSurname(w.Text) && !notPeople[w.Text] && !roles[w.Text]:
		end = i + 1
		if n == 2 && end < len(words) && adjacent(words, end) && words[end].End-words[end].Start == 1 &&
			end+1 < len(words) && adjacent(words, end+1) && roles[words[end+1].Text] {
			end++ // 李建 | 国 | 主席
		}
	case n == 1 && hasSurname(w.Text):
		end = i + 1
		for end < len(words) && end < i+3 && adjacent(words, end) && words[end].End-words[end].Start == 1 && isGiven(words[end]) {
			end++
		}
		if end == i+1 && end < len(words) && adjacent(words, end) && words[end].End-words[end].Start == 2 &&
			(words[end].Pos == "nr" || words[end].Pos == "nz") {
			end++ // 王 | 志刚
		}
		if end == i+1 {
			return i, false
		}
	default:
		return i, false
	}
	before := i > 0 && adjacent(words, i) && endsWith(roles, words[i-1].Text)
	after := end < len(words) && adjacent(words, end) && roles[words[end].Text]
	sure = before || after
	if n == 1 && !sure {
		return i, false // characters that the dictionary does not know as a name
	}
	return end, sure
}

func isGiven(w Word) bool {
	switch w.Pos {
	case "u", "p", "c", "r", "d", "uj", "ul", "y", "m", "q", "f":
		return false
	}
	return !strings.Contains("的了在和与及等为是把被对从向到将已也就都并或但而由主党任说称讲作出来去会指到", w.Text)
}

func hasSurname(s string) bool {
	for _, d := range doubled {
		if strings.HasPrefix(s, d) {
			return true
		}
	}
	for _, r := range s {
		return strings.ContainsRune(surnames, r)
	}
	return false
}

// orgAt finds where an organisation's name that begins at word i ends.
func orgAt(words []Word, i int) int {
	w := words[i]
	best := i
	if w.Pos == "nt" && w.End-w.Start >= 3 && endsOrg(w.Text) {
		best = i + 1
	}
	if !isPlace(w) && w.Pos != "nt" && w.Text != "中国" && w.Text != "全国" && w.Pos != "nz" {
		return best
	}
	for j := i + 1; j < len(words) && j < i+7 && adjacent(words, j); j++ {
		switch words[j].Pos {
		case "n", "ns", "nz", "nt", "j", "vn", "b", "l", "an", "g", "":
		default:
			if words[j].Pos == "nr" && !hasSurname(words[j].Text) {
				continue // gse takes 青少年 for a person
			}
			if !endsWith(orgEnds, words[j].Text) && !(words[j].End-words[j].Start == 1 && strings.Contains("省市县区州乡镇", words[j].Text)) {
				return best
			}
		}
		if endsWith(orgEnds, words[j].Text) && words[j].End-w.Start >= orgLong {
			best = j + 1
		}
	}
	return best
}
