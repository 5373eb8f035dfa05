package zh

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

var pinyinArgs = pinyin.NewArgs()

// Pinyin spells a word without tones: kexue and kx for 科学. Letters and digits stay; a
// character with several readings gets its commonest.
func Pinyin(word string) (full, initials string) {
	var f, i strings.Builder
	for _, r := range word {
		r = FoldRune(r)
		if r < 0x80 {
			if classOf(r) == alnum {
				f.WriteRune(r)
				i.WriteRune(r)
			}
			continue
		}
		if s := pinyin.SinglePinyin(r, pinyinArgs); len(s) > 0 && s[0] != "" {
			f.WriteString(s[0])
			i.WriteByte(s[0][0])
		}
	}
	return f.String(), i.String()
}
