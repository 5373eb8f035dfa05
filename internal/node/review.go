package node

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cundang/extract"
	"cundang/index"
)

// reviewed is how many of the newest articles are looked through for doubtful readings.
const reviewed = 5000

// Doubt is an article whose reading should be looked at.
type Doubt struct {
	ID, URL, Site, Title string
	Confidence           float64
	Fetched              time.Time
	Reasons              []string
}

// doubts returns the doubtful readings among the newest articles, the most doubtful first.
func (n *Node) doubts(ctx context.Context) ([]Doubt, error) {
	var found []Doubt
	looked := 0
	for article, err := range n.Index.All(ctx, index.Query{Sort: "-fetched"}) {
		if err != nil {
			return nil, err
		}
		if looked++; looked > reviewed {
			break
		}
		if article.Confidence < extract.ReviewBelow {
			found = append(found, Doubt{ID: article.ID, URL: article.URL, Site: string(article.Site), Title: string(article.Title),
				Confidence: article.Confidence, Fetched: article.Fetched, Reasons: article.Review()})
		}
	}
	slices.SortStableFunc(found, func(a, b Doubt) int { return cmp.Compare(a.Confidence, b.Confidence) })
	return found, nil
}

// Review returns pages whose reading is in doubt and how many there are.
func (n *Node) Review(ctx context.Context, offset, limit int) ([]Doubt, int, error) {
	found, err := n.doubts(ctx)
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
