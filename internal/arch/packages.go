package arch

// Packages are the packages from the lowest layer up. A package may import those it names and
// those below its own folder; a foreign module stands only where it is named.
var Packages = []Package{
	// layer 0
	{Dir: "internal/urlkey", Imports: []string{"internal/charset"}, Foreign: []string{"github.com/nlnwa/whatwg-url", "golang.org/x/net", "golang.org/x/text"}},
	{Dir: "internal/charset", Foreign: []string{"golang.org/x/net", "golang.org/x/text"}},
	{Dir: "internal/css"},
	{Dir: "internal/zone"},
	{Dir: "internal/srcset"},
	{Dir: "internal/jsonrow", Imports: []string{"internal/zone"}},
	{Dir: "internal/locale"},
	{Dir: "internal/script"},
	{Dir: "internal/arch", Foreign: []string{"golang.org/x/mod"}},
	// layer 1
	{Dir: "site", Imports: []string{"internal/locale", "internal/urlkey"},
		Foreign: []string{"github.com/goccy/go-yaml", "github.com/andybalholm/cascadia", "github.com/netresearch/go-cron", "golang.org/x/net"}},
	// layer 2
	{Dir: "archive/disk"},
	{Dir: "archive/tlog", Imports: []string{"archive/disk"}, Foreign: []string{"golang.org/x/mod", "github.com/transparency-dev/formats", "github.com/digitorus/timestamp"}},
	{Dir: "archive", Imports: []string{"internal/zone", "internal/urlkey"},
		Foreign: []string{"github.com/klauspost/compress", "github.com/andybalholm/brotli", "github.com/gofrs/flock"}},
	// layer 3
	{Dir: "extract", Imports: []string{"internal/zone", "archive", "site", "internal/charset", "internal/jsonrow",
		"internal/locale", "internal/urlkey"},
		Foreign: []string{"github.com/PuerkitoBio/goquery", "github.com/andybalholm/cascadia", "golang.org/x/net/html"}},
	{Dir: "extract/document", Imports: []string{"internal/charset"},
		Foreign: []string{"github.com/klippa-app/go-pdfium", "github.com/tetratelabs/wazero", "github.com/xuri/excelize",
			"github.com/richardlehane/mscfb", "golang.org/x/net/html", "golang.org/x/text"}},
	{Dir: "crawler", Imports: []string{"archive", "site", "internal/charset", "internal/css", "internal/locale",
		"internal/srcset", "internal/urlkey"},
		Foreign: []string{"github.com/gocolly/colly", "github.com/PuerkitoBio/goquery", "golang.org/x/net", "github.com/jimsmart/grobotstxt"}},
	{Dir: "crawler/wire", Foreign: []string{"github.com/klauspost/compress", "github.com/andybalholm/brotli", "golang.org/x/net"},
		Imports: []string{"archive"}},
	{Dir: "crawler/frontier", Imports: []string{"archive", "site", "internal/urlkey"},
		Foreign: []string{"github.com/cockroachdb/pebble"}},
	{Dir: "crawler/listing", Imports: []string{"site", "internal/charset", "internal/jsonrow", "internal/script", "internal/urlkey"},
		Foreign: []string{"github.com/PuerkitoBio/goquery", "github.com/andybalholm/cascadia", "golang.org/x/net/html"}},
	{Dir: "crawler/outline", Imports: []string{"site", "internal/css", "internal/script", "internal/srcset"}, Foreign: []string{"golang.org/x/net/html"}},
	{Dir: "crawler/browser",
		Foreign: []string{"github.com/chromedp/chromedp", "github.com/chromedp/cdproto"}},
	{Dir: "crawler/schedule", Imports: []string{"site"}},
	// layer 4
	{Dir: "index", Imports: []string{"internal/zone", "extract", "internal/locale"}},
	{Dir: "index/bleve", Foreign: []string{"github.com/blevesearch", "github.com/klauspost/compress"}, Imports: []string{"extract", "index"}},
	{Dir: "index/enginetest", Imports: []string{"internal/zone", "extract", "index", "index/zh"}, Foreign: []string{"github.com/google/go-cmp"}},
	{Dir: "index/zh", Foreign: []string{"github.com/blevesearch", "github.com/go-ego/gse", "github.com/mozillazg/go-pinyin"},
		Tests: []string{"index", "index/bleve", "extract"}}, // that what is found is what gse cut
	{Dir: "export", Imports: []string{"internal/zone", "extract"},
		Foreign: []string{"github.com/xuri/excelize"}},
	// layer 5
	{Dir: "web", Tests: []string{"internal/node"}, Imports: []string{"internal/zone", "index", "export", "extract", "archive", "site",
		"internal/urlkey", "internal/charset", "internal/css", "internal/locale", "internal/srcset"},
		Foreign: []string{"github.com/danielgtaylor/huma", "github.com/gofrs/flock", "golang.org/x/net/html", "github.com/prometheus/client_golang",
			"github.com/chromedp"}}, // its tests drive a browser
	{Dir: "internal/node", Imports: []string{"internal/zone", "index", "export", "extract", "crawler", "archive", "site",
		"internal/urlkey", "internal/charset", "internal/locale"},
		Foreign: []string{"github.com/goccy/go-yaml", "github.com/gofrs/flock", "github.com/prometheus/client_golang"}},
	// layer 6
	{Dir: "internal/webcrawls", Imports: []string{"web", "internal/locale", "internal/node", "index", "crawler"}},
	{Dir: "cmd/cundang", Imports: []string{"internal/zone", "web", "internal/webcrawls", "internal/node", "internal/demo", "index", "export", "extract", "crawler", "archive", "site",
		"internal/urlkey", "internal/charset", "internal/locale", "internal/fakesite"},
		Foreign: []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/goccy/go-yaml",
			"github.com/jedib0t/go-pretty", "github.com/mattn/go-isatty", "golang.org/x/net/netutil", "golang.org/x/term",
			"github.com/prometheus/client_golang"}},
	// beside the layers: the made-up web and the programs that measure
	{Dir: "internal/fakesite", Imports: []string{"internal/zone", "site", "internal/urlkey", "internal/charset"},
		Foreign: []string{"golang.org/x/text"}},
	{Dir: "internal/eval/extract", Imports: []string{"extract", "internal/charset"}},
	{Dir: "internal/eval/search", Imports: []string{"internal/zone", "index", "extract"},
		Foreign: []string{"github.com/blevesearch"}}, // bleve as it comes is a peer it measures
	{Dir: "internal/bench"},
	{Dir: "internal/demo", Imports: []string{"index", "extract", "site", "internal/fakesite"}},
	{Dir: "internal/e2e", Imports: []string{"internal/zone", "internal/node", "internal/demo", "web/replay", "crawler", "archive", "extract", "index", "site", "internal/fakesite", "internal/urlkey", "internal/charset"},
		Foreign: []string{"golang.org/x/net/html"}},
	{Dir: "internal/crashtest", Imports: []string{"archive", "crawler", "site", "internal/urlkey"},
		Foreign: []string{"github.com/klauspost/compress"}},
}
