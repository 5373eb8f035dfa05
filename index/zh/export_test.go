package zh

import "github.com/go-ego/gse"

// ReplaceSegment puts f in the place of gse's cut until restore is called.
func ReplaceSegment(f func(*gse.Segmenter, []byte) []gse.Segment) (restore func()) {
	old := segment
	segment = f
	return func() { segment = old }
}
