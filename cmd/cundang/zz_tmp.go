package main

import (
	"context"
	"crypto/sha256"
	"cundang/extract"
	"encoding/hex"
)

func contentDigest(url, ct string, body []byte) string {
	r := &extract.Reader{}
	a, err := r.Read(context.Background(), extract.Page{URL: url, ContentType: ct, Body: body})
	if err != nil || a.Kind != extract.KindArticle {
		return ""
	}
	h := sha256.Sum256([]byte(string(a.Title) + "\n" + string(a.Body)))
	return hex.EncodeToString(h[:])
}
