package extract

import "cundang/internal/locale"

// ReviewBelow is the confidence below which a page's reading should be seen by a person.
// Of the labelled pages above it at least 97 in 100 are right in body and fields (go run
// ./internal/eval/extract -calibrate prints the table).
const ReviewBelow = .8

// Review returns why an article should be seen by a person, nil if it need not be: reasons as
// internal/locale stores them. It is a pure function of the article, so it can be asked of stored ones.
func (a *Article) Review() []string {
	if a.Kind != KindArticle || a.Confidence >= ReviewBelow {
		return nil
	}
	var why []string
	for _, f := range []string{"title", "published", "body"} {
		p, ok := a.Provenance[f]
		switch {
		case !ok && f == "published" && a.PublishedText != "":
			why = append(why, locale.Reason("read.unread", "name."+f, string(a.PublishedText)))
		case !ok:
			why = append(why, locale.Reason("read.missing", "name."+f))
		case p.Confidence < ReviewBelow:
			why = append(why, locale.Reason("read.rule", "name."+f, p.Rule))
		}
	}
	for _, f := range []string{"source", "author"} {
		if p, ok := a.Provenance[f]; ok && p.Confidence < .6 {
			why = append(why, locale.Reason("read.rule", "name."+f, p.Rule))
		}
	}
	if len(why) == 0 {
		why = append(why, locale.Reason("read.low"))
	}
	return why
}
