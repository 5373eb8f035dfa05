package extract

import "strings"

// metaNames lists, for each field, the names of meta tags that carry it, best first. The
// names of the government standard (网站普查标签: SiteName, ColumnName, ArticleTitle, PubDate,
// ContentSource …) come in any case; names are compared in lower case.
var (
	metaDate = []string{"pubdate", "article:published_time", "publishdate", "weibo: article:create_at",
		"weibo:article:create_at", "og:release_date", "datepublished", "publish_time", "publishtime", "createdate", "date",
		"dc.date", "bytedance:published_time", "og:article:published_time", "article_date_original",
		"citation_publication_date"}
	metaColumn = []string{"columnname"}
	metaMade   = []string{"maketime", "others", "generatetime", "createtime"}
)

// generated returns the moment the page was generated, as its CMS notes it: a PubDate that
// equals it is the date of a migration or a rebuild, not of the article.
func (v *view) generated() (Date, bool) {
	for i := range v.metas {
		m := &v.metas[i]
		for _, n := range metaMade {
			if m.name != n || n == "others" && !strings.Contains(m.value, "生成时间") {
				continue
			}
			if d, _, _, ok := findDate(m.value); ok {
				return d, true
			}
		}
	}
	return Date{}, false
}

// siteName returns what the page calls its site.
func (v *view) siteName() string {
	return v.meta("sitename", "og:site_name", "application-name")
}
