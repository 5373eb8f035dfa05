package fakesite

import (
	"hash/fnv"
	"math/rand/v2"
	"sort"
	"strconv"
	"sync"
	"time"

	"cundang/internal/zone"
)

// Site is one association's web site.
type Site struct {
	ID   string
	Name string // 青岚省科学技术协会
	CMS  string // name of its system: "jcms", "trs", "api", …

	seed    uint64
	opts    Options
	system  system
	style   style
	tricks  tricks
	bound   map[string]string // slots that hold for the whole site
	editors []string
	titles  map[string]bool
	decks   map[string][]*kind // kinds still to be dealt, by column key
	columns []*column

	mu       sync.Mutex // guards what follows
	origin   string
	now      time.Time
	articles []*article          // oldest first
	paths    map[string]*article // by every address they have or had; nil: to be made anew
	next     int                 // number of the next article
	fault    Fault
	frozen   chan struct{} // closed when a frozen site thaws
	log      []Request
	flying   int
	visits   int
	// redirects: old addresses of moved articles answer 301
	redirects bool
}

// column is a 栏目.
type column struct {
	id   int
	key  string // class in the grammar: 要闻 通知 科普 学会 基层
	name string // as this site calls it
	slug string
}

// style is how a site's pages are written.
type style struct {
	skin    string // templates to use
	charset string // utf-8, gbk
	header  bool   // charset also in the Content-Type
	clock   bool   // dates with a time of day
	date    string // layout of the date in bylines
	author  bool   // bylines name an author
	editor  bool   // bylines name an editor
	metas   bool   // government meta tags
	noise   string // what changes on each visit: "counter", "clock", ""
	etag    bool   // answers conditional requests
	group   string // the level between 首页 and the column, if any
	crumb   string // separator in the breadcrumb
	accent  string // CSS colour
	soft    bool   // what is deleted answers 200 with an error page
	br      bool   // paragraphs are lines of one element
	// charset that the page declares falsely: gb2312 in the meta tag of UTF-8, iso-8859-1 in the header of GBK
	liar string
}

// regions are the made-up provinces: name, stem, kind.
var regions = []struct{ id, stem, kind string }{
	{"qinglan", "青岚", "省"}, {"yuanling", "沅岭", "省"}, {"yunze", "云泽", "自治区"},
	{"shuoyuan", "朔原", "省"},
	{"bichuan", "碧川", "省"}, {"jizhou", "霁州", "省"}, {"canghuai", "苍淮", "省"}, {"lanting", "澜汀", "市"},
	{"qizhou", "栖洲", "省"}, {"hongye", "鸿野", "省"}, {"cuigang", "翠岗", "自治区"},
	{"haochuan", "皓川", "省"},
	{"mujin", "沐津", "市"}, {"tingan", "汀安", "省"}, {"ruiling", "瑞岭", "省"}, {"langxi", "朗溪", "省"},
	{"fengyuan", "枫原", "省"}, {"yingchuan", "映川", "省"}, {"luohe", "珞河", "市"}, {"jinlan", "锦岚", "省"},
	{"xiangyu", "湘屿", "省"}, {"beichen", "北宸", "市"}, {"nanzhou", "楠州", "省"},
	{"tianxiu", "天岫", "自治区"},
	{"songze", "嵩泽", "省"}, {"yuchuan", "榆川", "省"}, {"hailan", "海岚", "省"}, {"zhaoye", "昭野", "省"},
	{"wuling", "梧岭", "省"}, {"xiuyuan", "秀原", "省"}, {"danze", "丹泽", "省"}, {"liuzhou", "琉州", "省"},
}

var columnNames = []struct {
	key, slug string
	names     []string
}{
	{"要闻", "kxyw", []string{"科协要闻", "要闻动态", "工作要闻", "本会要闻"}},
	{"通知", "tzgg", []string{"通知公告", "公告公示", "公示公告", "通知公示"}},
	{"科普", "kpzc", []string{"科普之窗", "科学普及", "科普天地", "科普活动"}},
	{"学会", "xhxs", []string{"学会学术", "学会动态", "学术交流", "学会风采"}},
	{"基层", "jcdt", []string{"基层动态", "市县科协", "基层之声", "地方科协"}},
}

func newSite(opts Options, i int) *Site {
	region := regions[i%len(regions)]
	id := region.id
	if i >= len(regions) {
		id += strconv.Itoa(i/len(regions) + 1)
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	s := &Site{ID: id, seed: opts.Seed ^ h.Sum64(), opts: opts, titles: map[string]bool{}, decks: map[string][]*kind{},
		now: opts.Now, origin: "http://127.0.0.1", next: 1}
	rng := rand.New(rand.NewPCG(s.seed, 0))
	s.name(region.stem, region.kind, rng)
	s.system, s.style = pickSystem(i, rng)
	if opts.Quiet {
		s.style.noise, s.style.etag = "", true
	}
	s.CMS = s.system.name()
	if opts.Tricks {
		s.tricks = tricksOf(i, s.CMS)
	}
	for j, c := range columnNames {
		s.columns = append(s.columns,
			&column{id: 101 + 7*j + i, key: c.key, slug: c.slug, name: c.names[rng.IntN(len(c.names))]})
	}
	s.publish(opts.Articles, rng)
	return s
}

func (s *Site) name(stem, kind string, rng *rand.Rand) {
	whole := map[string]string{"省": "全省", "自治区": "全区", "市": "全市"}[kind]
	province := stem + kind
	v := &voice{rng: rng, bound: map[string]string{}}
	s.Name = province + "科学技术协会"
	s.bound = map[string]string{
		"地": stem, "省": province, "全省": whole, "本会": kind + "科协", "简称": province + "科协",
		"主席": v.person(), "副主席1": v.person(), "副主席2": v.person(), "副主席3": v.person(),
	}
	s.bound["教育厅"] = map[string]string{"省": "省教育厅", "自治区": "自治区教育厅",
		"市": "市教育委员会"}[kind]
	s.bound["会址"] = v.slot("市") + "科技路" + v.number("6-188") + "号"
	s.bound["邮编"], s.bound["区号"] = v.number("420000-869000/1000"), "0"+v.number("310-990")
	for range 3 {
		s.editors = append(s.editors, v.person())
	}
}

// publish writes the first n articles, oldest first, over the months before now.
func (s *Site) publish(n int, rng *rand.Rand) {
	span := min(420*24*time.Hour, time.Duration(n)*60*time.Hour)
	for i := range n {
		back := time.Duration(float64(span) * float64(n-i) / float64(n))
		at := workingTime(s.now.Add(-back-time.Duration(rng.IntN(36))*time.Hour), rng)
		s.add(at, rng)
	}
	s.sortArticles()
	s.everyday(rng)
}

// workingTime moves t into office hours.
func workingTime(t time.Time, rng *rand.Rand) time.Time {
	y, m, d := t.In(zone.China).Date()
	return time.Date(y, m, d, 8+rng.IntN(10), rng.IntN(60), 0, 0, zone.China)
}

func (s *Site) add(at time.Time, rng *rand.Rand) *article {
	if !s.style.clock {
		y, m, d := at.Date()
		at = time.Date(y, m, d, 0, 0, 0, 0, zone.China)
	}
	k := s.pickKind(rng)
	a := s.write(s.next, at, s.columnOf(k.column), k)
	s.next++
	a.path = s.system.article(s, a)
	for i, f := range a.files {
		f.path = s.system.file(s, a, i, f.kind)
	}
	for i, p := range a.pictures {
		p.path = s.system.file(s, a, 10+i, "png")
	}
	s.articles = append(s.articles, a)
	return a
}

func (s *Site) sortArticles() {
	sort.SliceStable(s.articles, func(i, j int) bool { return s.articles[i].published.Before(s.articles[j].published) })
}

func (s *Site) columnOf(key string) *column {
	for _, c := range s.columns {
		if c.key == key {
			return c
		}
	}
	return s.columns[0]
}

// pickKind deals kinds, each as often as its weight says before the deck is shuffled
// anew, the columns in turn: they fill evenly and no kind piles up.
func (s *Site) pickKind(rng *rand.Rand) *kind {
	want := columnNames[s.next%len(columnNames)].key
	deck := s.decks[want]
	if len(deck) == 0 {
		for _, k := range theGrammar().kinds {
			if k.column == want {
				for range k.weight {
					deck = append(deck, k)
				}
			}
		}
		rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
	}
	s.decks[want] = deck[1:]
	return deck[0]
}

// everyday arranges what every real site has: a split article and a reprint.
func (s *Site) everyday(rng *rand.Rand) {
	for _, a := range s.articles {
		if s.CMS != "frame" && s.CMS != "spa" && len(a.blocks) >= 6 && len(a.files) == 0 && a.column.key != "通知" {
			a.partAt = len(a.blocks)/2 + 1
			a.parts = []string{s.system.part(a.path, 2)}
			break
		}
	}
	for _, a := range s.articles {
		if a.reprint {
			return
		}
	}
	for _, a := range s.articles {
		if !a.kind.sign {
			a.source, a.reprint = s.bound["地"]+"日报", true
			return
		}
	}
}

// Origin returns scheme and host of the site.
func (s *Site) Origin() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.origin
}

func (s *Site) setOrigin(o string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.origin = o
}

// rows returns the live articles of a column, newest first; nil column: all.
func (s *Site) rows(c *column) []*article {
	var out []*article
	for i := len(s.articles) - 1; i >= 0; i-- {
		if a := s.articles[i]; a.state == Live && (c == nil || a.column == c) {
			out = append(out, a)
		}
	}
	return out
}
