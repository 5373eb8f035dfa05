package node

import (
	"testing"

	"cundang/archive"
)

// TestListed: what the crawler knew for a list is none of the index's articles, in archives of every version.
func TestListed(t *testing.T) {
	for _, c := range []struct {
		role, kind string
		want       bool
	}{
		{"list", "page", true}, {"list", "seed", true}, {"article", "seed", false}, {"page", "page", false},
		{"", "seed", true}, {"", "list", true}, {"", "sitemap", true}, {"", "article", false},
		{"", "page", false}, {"", "", false},
	} {
		fields := archive.Fields{archive.FieldRole: c.role, archive.FieldKind: c.kind}
		if got := listed(archive.Capture{Fields: fields}); got != c.want {
			t.Errorf("role %q, kind %q: %v", c.role, c.kind, got)
		}
	}
}
