package webcrawls

import (
	"testing"

	"cundang/internal/locale"
	"cundang/internal/node"
)

// Every code of a finding has words in both languages.
func TestFindingReasons(t *testing.T) {
	for _, code := range node.Faults {
		stored := locale.Reason("finding." + code)
		for _, lang := range []string{"zh", "en"} {
			if locale.Say(lang, stored) == stored {
				t.Errorf("%s has no words in %s", code, lang)
			}
		}
	}
}
