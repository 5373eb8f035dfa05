package demo

import (
	"context"
	"fmt"

	"cundang/index"
	"cundang/internal/fakesite"
	"cundang/internal/node"
	"cundang/internal/terminal"
)

// Story is what the demo does and prints.
type Story struct {
	Node *node.Node
	*terminal.Printer
}

// queries are what the demo asks once it has crawled.
var queries = []string{"科学素质", `"青少年科技创新大赛"`, "学会 来源:科协"}

// Crawls crawls before and after aging and says whether both equal the truth.
func (s Story) Crawls(ctx context.Context, web *fakesite.Web) (equal bool, err error) {
	equal = true
	if err := WriteProfiles(s.Node.ProfileDir(), web); err != nil {
		return false, err
	}
	for round := 1; round <= 2; round++ {
		if round == 2 {
			web.Age()
			fmt.Fprintln(s.Out, s.Tr("\nThe web ages: articles are edited, deleted, moved and added. Crawling again.",
				"\n网站发生变化：有修改、删除、移动和新增。再次采集。"))
		}
		profiles, err := s.Node.OwnProfiles()
		if err != nil {
			return false, err
		}
		run, err := s.Crawl(ctx, s.Node, node.CrawlRequest{Profiles: profiles, Force: round == 2})
		if err != nil {
			return false, err
		}
		if err := s.Run(run); err != nil {
			return false, err
		}
		differences, articles, err := Compare(ctx, s.Node.Index, web)
		if err != nil {
			return false, err
		}
		for _, d := range differences {
			fmt.Fprintln(s.Out, "  ≠ "+d)
		}
		if len(differences) > 0 {
			equal = false
			fmt.Fprintf(s.Out, s.Tr("%d differences from the truth\n", "与真值文件有 %d 处不同\n"), len(differences))
			continue
		}
		fmt.Fprintf(s.Out,
			s.Tr("= the truth: %d articles found once, title, source, author and date right, nothing forbidden fetched\n",
				"= 与真值一致：%d 篇文章各找到一次，标题、来源、作者、日期均正确，"+
					"未抓取任何禁止的网页\n"), articles)
	}
	return equal, nil
}

// Searches asks three questions.
func (s Story) Searches(ctx context.Context) error {
	for _, text := range queries {
		q := index.Query{Text: text, Limit: 3}
		res, err := s.Node.Index.Search(ctx, q)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "\n$ cundang search '%s'\n", text)
		if err := s.Result(res, q); err != nil {
			return err
		}
	}
	return nil
}

// Next prints commands to try on what the demo has made.
func (s Story) Next(ctx context.Context) error {
	first, changed, err := Examples(ctx, s.Node.Index)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Out, s.Tr("\nTry next:", "\n接下来可以试试："))
	for _, line := range []string{
		"search 科普 --facet year,source",
		"show " + first,
		"show " + first + " --cite gbt7714",
		"versions " + changed,
		"diff " + changed,
		"export 科学素质 -f csv -o out.csv",
		"archive verify",
	} {
		fmt.Fprintf(s.Out, "  cundang --data %s %s\n", s.Node.Dir, line)
	}
	return nil
}
