package archive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMediaType(t *testing.T) {
	for _, tt := range []struct{ field, want string }{
		{"text/html; charset=utf-8", "text/html"},
		{"text/html charset=utf-8", "text/html"},
		{"text/html, charset=gbk", "text/html"},
		{"text/html;;charset=gbk", "text/html"},
		{"; text/html; charset=gbk", "text/html"},
		{" Text/HTML\t;charset=gb2312", "text/html"},
		{`"text/html"`, "text/html"},
		{"text/html;", "text/html"},
		{"application/vnd.ms-excel; x=y", "application/vnd.ms-excel"},
		{"application/ld+json", "application/ld+json"},
		{"", ""},
		{"charset=utf-8", ""},
		{"html", ""},
		{"text/", ""},
		{"*/*", ""},
		{"unknown/unknown", ""},
		{"text/ht<ml", ""},
	} {
		if got := MediaType(tt.field); got != tt.want {
			t.Errorf("MediaType(%q) = %q, want %q", tt.field, got, tt.want)
		}
	}
}

func TestSniffType(t *testing.T) {
	for name, tt := range map[string]struct{ field, body, want string }{
		"named":              {"application/pdf", "<html>", "application/pdf"},
		"page":               {"", "<!DOCTYPE html><html>", "text/html"},
		"page behind a mark": {"", "\xef\xbb\xbf\r\n<html>", "text/html"},
		"page in XML":        {"", `<?xml version="1.0"?><!DOCTYPE html PUBLIC "x">`, "text/html"},
		"feed":               {"", `<?xml version="1.0"?><rss>`, "text/xml"},
		"page without html":  {"", "<link rel=icon href=/x.ico><title>通知</title>", "text/html"},
		"picture":            {"*/*", "\x89PNG\r\n\x1a\n", "image/png"},
		"PDF":                {"bad", "%PDF-1.4", "application/pdf"},
		"text":               {"", "清源县科协", "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, SniffType(tt.field, []byte(tt.body))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
