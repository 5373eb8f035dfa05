package main

import (
	"cmp"
	"context"
	"slices"

	"cundang/extract"
	"cundang/index"
	"cundang/web"
)

// reviewed is how many of the newest articles are looked through for doubtful readings.
const reviewed = 5000

// doubts returns the doubtful readings among the newest articles, the most doubtful first.
func doubts(ctx context.Context, x *index.Index) ([]web.Doubt, error) {
	var found []web.Doubt
	n := 0
	for article, err := range x.All(ctx, index.Query{Sort: "-fetched"}) {
		if err != nil {
			return nil, err
		}
		if n++; n > reviewed {
			break
		}
		if article.Confidence < extract.ReviewBelow {
			found = append(found, web.Doubt{ID: article.ID, URL: article.URL, Site: string(article.Site), Title: string(article.Title),
				Confidence: article.Confidence, Fetched: article.Fetched, Reasons: article.Review()})
		}
	}
	slices.SortStableFunc(found, func(a, b web.Doubt) int { return cmp.Compare(a.Confidence, b.Confidence) })
	return found, nil
}

// Review returns pages whose reading is in doubt and how many there are.
func (c *crawls) Review(ctx context.Context, offset, limit int) ([]web.Doubt, int, error) {
	found, err := doubts(ctx, c.lib.index)
	if err != nil {
		return nil, 0, err
	}
	total := len(found)
	found = found[min(offset, total):]
	if limit > 0 && len(found) > limit {
		found = found[:limit]
	}
	return found, total, nil
}
