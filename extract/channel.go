package extract

import "github.com/andybalholm/cascadia"

// Pages of WeChat channels show the writer beside the channel's name. The time that a script fills in
// when the page is shown is not read: the page as served shows none.
var (
	channelText   = cascadia.MustCompile("#js_content")
	channelWriter = cascadia.MustCompile("#meta_content span.rich_media_meta_text, #meta_content #js_author_name")
)

// readChannel reads the writer of a page of a WeChat channel.
func readChannel(v *view, f *fields) {
	if v.doc.FindMatcher(channelText).Length() == 0 {
		return
	}
	if who := squash(v.doc.FindMatcher(channelWriter).First().Text()); who != "" && runes(who) <= 12 && !hasDigit(who) {
		f.author.add(Candidate{Rule: "channel", Value: authorsOf(who), Raw: who, Confidence: .85, Block: -1})
	}
}
