package export

import _ "embed"

//go:embed article.schema.json
var articleSchema string

// Schema is the JSON Schema (draft 2020-12) of one article as json and jsonl write it.
func Schema() string { return articleSchema }
