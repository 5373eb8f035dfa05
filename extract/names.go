package extract

import (
	"strings"
	"unicode/utf8"
)

// surnames are the common Chinese family names, simplified and traditional: a value
// without a label is read as a person's name only when it begins with one.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾" +
	"肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹" +
	"熊白孟秦邱丘侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔" +
	"赖文樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂柴焦辛管祝左涂谷祁时舒耿牟詹" +
	"关苗凌费纪靳盛童欧甄项曲成游阳裴席卫屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵" +
	"解强丛华车冉房边净阴路郎岳初梅商佟池冷晏柳蓝仇古卜敖晋路楼蒙冼桑鞠蔚巩储燕滕" +
	"奚刁邢冀尚农惠麦匡丰衡苟应饶占党郁沙迟喻宫敬井木戚扈邬祖宗褚乐娄米虞占封寇岑" +
	"臧卓劳杭姬连练仲边从修保仝保种栾揭相粟简宿全幸明伏鹿修計谌邝厉吉查阙靖门宣展" +
	"官凤谈缪糜智盖逯赫海苍底晁涛弓巴信国朴阿才候付贵茅庞巫亓贡逄原丑来班佘柒荆郗" +
	"狄辜迪公丰於佴闻那和肇敦麻郜皇雍达锁衣栗秘续随郇游褟鄢禹邸战綦权" +
	"張劉陳楊黃趙吳孫馬鄭謝許韓鄧馮蕭葉蘇呂盧鍾譚陸賈鄒閻龍賀顧龔萬錢嚴湯喬賴蘭顏" +
	"倪溫蘆魯畢聶關費紀盛歐項陽衛鮑單閔叢華車齊蔣韋東賓興賞鄔應饒黨遲連練蓋國來鳳" +
	"談繆貢慶莊庄齐佘羅"

var compoundSurnames = []string{"欧阳", "上官", "司马", "诸葛", "皇甫", "令狐", "司徒", "夏侯",
	"东方", "慕容", "公孙", "尉迟", "长孙", "宇文", "端木", "南宫", "西门", "独孤", "范姜", "歐陽",
	"司馬", "諸葛", "東方", "呼延", "闻人", "申屠", "拓跋", "赫连", "澹台", "百里", "完颜", "第五",
	"轩辕", "鲜于"}

// notNames are words that begin with a surname's character and name no person.
var notNames = map[string]bool{
	"完": true, "成都": true, "武汉": true, "石家庄": true, "安徽": true, "江苏": true, "江西": true,
	"云南": true, "海南": true, "宁夏": true, "吉林": true, "广东": true, "广西": true, "甘肃": true,
	"时间": true, "时政": true, "文化": true, "文章": true, "文件": true, "文字": true, "方法": true,
	"方案": true, "金融": true, "高级": true, "高层": true, "白皮书": true, "马上": true, "关闭": true,
	"关注": true, "关于": true, "关于我们": true, "任务": true, "全文": true, "全部": true, "明天": true,
	"国内": true, "国际": true, "国家": true, "和讯": true, "和讯网": true, "来源": true, "来自": true,
	"原创": true, "原标题": true, "连载": true, "简介": true, "简体": true, "相关": true, "管理员": true,
	"安全": true, "易车": true, "游戏": true, "强国": true, "向上": true, "向下": true, "查看": true,
	"包括": true, "解读": true, "解放": true, "解放日报": true, "项目": true, "应急": true, "康养": true,
	"农业": true, "农村": true, "农民": true, "党建": true, "党员": true, "党政": true, "党史": true,
	"权威": true, "权威发布": true, "公告": true, "公示": true, "公开": true, "公司": true, "公益": true,
	"成立": true, "成果": true, "乐居": true, "展览": true, "展示": true, "官网": true, "官方": true,
	"海报": true, "海外": true, "海外网": true, "中国": true, "东方网": true, "东方": true,
	"南方网": true, "房产": true, "车讯": true, "教育": true, "体育": true, "科技": true, "财经": true,
	"新闻": true, "单位": true, "包头": true, "温州": true, "常州": true, "贵州": true, "贵阳": true,
	"沈阳": true, "洛阳": true, "郑州": true, "徐州": true, "长沙": true, "苏州": true, "杭州": true,
	"兰州": true, "石狮": true, "阳江": true, "万象": true, "段落": true, "龙头": true, "景区": true,
	"雷达": true, "白天": true, "牛市": true, "熊市": true, "路透社": true, "路透": true, "路况": true,
	"商务": true, "商业": true, "商报": true, "左右": true, "包含": true, "应用": true, "查询": true,
	"登录": true, "注册": true, "初稿": true, "信息": true, "信用": true, "种类": true, "门户": true,
	"储能": true, "盛大": true, "纪实": true, "纪委": true, "江南": true, "车辆": true, "古代": true,
	"阳光": true, "阳光网": true, "宣传": true, "宣传部": true, "组织部": true, "综合": true, "续": true,
	"和平": true, "相声": true, "和谐": true, "平安": true, "华商报": true, "华龙网": true,
	"华夏时报": true, "胶东在线": true, "路线图": true, "示意图": true, "金句": true, "全媒体": true,
	"智库": true, "印": true, "海都": true, "程序": true, "易地": true, "钟声": false,
}

// orgEnds are the characters that names of offices, papers and groups end in.
var orgEnds = []string{"局", "委", "办", "部", "科", "处", "室", "院", "校", "会", "社", "站", "中心",
	"集团", "公司", "协", "网", "报", "台", "厅", "署", "所", "馆", "支部", "党委", "政府", "大学",
	"学会", "协会", "联合会", "委员会", "办公室", "人大", "政协", "县", "市", "区", "镇", "乡",
	"街道", "村", "社区", "法院", "检察院", "银行", "医院", "日报", "晚报", "时报", "商报", "周刊",
	"杂志", "组", "队", "基地", "论坛", "频道", "公众号", "在线", "传媒", "新闻", "研究院", "学院",
	"系", "工会", "妇联", "团委", "联盟", "园", "厂", "店", "行", "号", "端", "刊", "志愿者", "分会",
	"专委会", "秘书处", "科技", "财经", "博客", "专栏", "客户端", "发布", "社科联", "文联",
	"侨联", "残联", "科协", "商会", "版", "網", "報", "臺", "會", "處", "廳", "縣", "區", "醫院",
	"學院", "大學", "集團", "學會", "協會", "聞社", "讯"}

// isOrg reports whether a short value reads as the name of an organisation or medium.
func isOrg(s string) bool {
	s = strings.TrimRight(s, "》〉”\"')）】 ")
	if n := runes(s); n < 2 || n > 40 {
		return false
	}
	for _, e := range orgEnds {
		if strings.HasSuffix(s, e) {
			return utf8.RuneCountInString(s) > utf8.RuneCountInString(e) || utf8.RuneCountInString(e) > 1
		}
	}
	return false
}

// isPerson reports whether s reads as one Chinese personal name: a surname and one or two
// characters (two or three after a compound surname), no word of another kind.
func isPerson(s string) bool {
	if notNames[s] {
		return false
	}
	n := 0
	for _, r := range s {
		if !isHan(r) && r != '·' {
			return false
		}
		n++
	}
	if strings.Contains(s, "·") { // 阿卜杜拉·买买提
		return n >= 4 && n <= 12
	}
	for _, c := range compoundSurnames {
		if strings.HasPrefix(s, c) && n >= 3 && n <= 4 {
			return true
		}
	}
	return n >= 2 && n <= 3 && strings.ContainsRune(surnames, firstRune(s)) && !isOrgWord(s)
}

// isOrgWord catches three-character offices that begin with a surname's character (文联, 党委会).
func isOrgWord(s string) bool {
	switch lastRune(s) {
	case '局', '委', '部', '处', '室', '厅', '署', '馆', '网', '报', '社', '台', '县', '镇', '乡', '村',
		'区', '市', '省', '州', '厂', '司', '办', '会', '协', '站', '校', '院', '讯', '摄', '稿', '图', '电',
		'者', '联', '版', '刊':
		return true
	}
	return false
}

// allNames reports whether s is a list of personal names and nothing else.
func allNames(s string) bool {
	ns := splitNames(s)
	if len(ns) == 0 || len(ns) > 8 {
		return false
	}
	for _, n := range ns {
		if !isPerson(n) {
			return false
		}
	}
	return true
}

// splitNames splits a list of names and joins names padded with a blank ("方 敏").
func splitNames(s string) []string {
	f := strings.FieldsFunc(s, func(r rune) bool {
		return isBlank(r) || strings.ContainsRune("、,，;；/／|&＆", r)
	})
	out := f[:0]
	for i := 0; i < len(f); i++ {
		if oneHan(f[i]) && i+1 < len(f) && oneHan(f[i+1]) {
			out = append(out, f[i]+f[i+1])
			i++
			continue
		}
		out = append(out, f[i])
	}
	return out
}

func oneHan(s string) bool {
	return utf8.RuneCountInString(s) == 1 && isHan(firstRune(s))
}

// roleWords are the words for a writer's office that stand before names.
var roleWords = []string{"本报记者", "本网记者", "本刊记者", "本台记者", "见习记者", "实习记者",
	"特约记者", "全媒体记者", "融媒体记者", "首席记者", "记者", "通讯员", "特约通讯员",
	"评论员", "本报评论员", "特约评论员", "作者", "撰文", "撰稿", "采写", "文/", "文／", "文|",
	"实习生", "執筆", "执笔", "執筆/", "記者", "通訊員", "本報記者", "文字"}

// cleanAuthor strips the words around the names of an author's value: role words before
// names, brackets, closing words. It returns "" when nothing is left.
func cleanAuthor(s string) string {
	s = trimMarks(s)
	for range 4 {
		w := hasPrefixAny(s, roleWords)
		if w == "" || len(w) == len(s) {
			if w == s {
				return ""
			}
			break
		}
		s = strings.TrimLeft(s[len(w):], " :：/／|丨︱")
	}
	// role words between names: "记者 张三 通讯员 李四"
	for _, w := range []string{"特约通讯员", "通讯员", "见习记者", "实习记者", "本报记者", "记者",
		"实习生", "通訊員", "記者"} {
		if i := strings.Index(s, w); i > 0 {
			if r := lastRune(s[:i]); isBlank(r) || strings.ContainsRune("、,，;；/", r) {
				s = strings.TrimSpace(strings.TrimRight(s[:i], " 、,，;；/")) + " " + strings.TrimLeft(s[i+len(w):], " :：/")
			}
		}
	}
	if ns := splitNames(s); len(ns) > 0 && padded(s) {
		s = strings.Join(ns, " ")
	}
	return strings.TrimSpace(s)
}

// padded reports whether s holds a two-character name padded with a blank.
func padded(s string) bool {
	f := strings.Fields(s)
	for i := 0; i+1 < len(f); i++ {
		if oneHan(f[i]) && oneHan(f[i+1]) {
			return true
		}
	}
	return false
}
