package index

import (
	"fmt"
	"strings"
)

// featureNames say what a feature of the second pass is.
var featureNames = [features]message{
	xPairs: {"pairs by frequency", "字对频次"},
	xLead1: {"words in the first 60 characters", "前 60 字中的词"}, xLead2: {"in 120", "前 120 字"}, xLead3: {"in 250", "前 250 字"},
	xWin1: {"pairs within 30 characters", "30 字内的字对"}, xWin2: {"within 80", "80 字内"}, xWin3: {"within 200", "200 字内"},
	xLength: {"length", "篇幅"}, xCover: {"words found", "命中的词"},
}

// explain lists the parts of a score.
func (u *understood) explain(l language, d ranked) string {
	var b strings.Builder
	b.WriteString(l.say("words %.2f, pairs of characters %.2f", "词 %.2f，字对 %.2f", d.Words, d.Pairs))
	if d.read == nil {
		fmt.Fprintf(&b, " × %g%s\n", u.query.Rank.Ranking.Pairs, u.explainFresh(l, d))
		return b.String()
	}
	fmt.Fprintf(&b, " × %g", blendPairs)
	for i, v := range d.read {
		if blend[i] != 0 {
			b.WriteString(l.say(", %s %.2f × %g", "，%s %.2f × %g", l.say(featureNames[i].en, featureNames[i].zh), v, blend[i]))
		}
	}
	b.WriteString(u.explainFresh(l, d))
	b.WriteString(l.say("\nread, hence + %.2f\n", "\n已读全文，另加 %.2f\n", d.first))
	return b.String()
}

// explainFresh says what the date did to a score.
func (u *understood) explainFresh(l language, d ranked) string {
	if d.Fresh == 0 {
		return ""
	}
	return l.say(", date + %.2f", "，发布日期 + %.2f", d.Fresh)
}
