package opensearch

import (
	"fmt"

	"cundang/index"
)

// Fields of a document in the cluster, beside values.*, folded.* and times.*, which are named as index.Document
// names them.
const (
	fKey        = "key"          // of the document, as _id
	fArticle    = "article"      // the key's ID
	fTitle      = "title"        // texts, as pairs of characters with positions; .one: as characters
	fBody       = "body"         //
	fAttach     = "attachments"  //
	fWords      = "words"        // words and sub-words of title (index.TitleWeight times) and body
	fTitleWords = "title_words"  // words of the title, presence only
	fAttachWord = "attach_words" // words of the attachments' texts, presence only
	fPairs      = "pairs"        // folded pairs of characters side by side, presence only
	fDistinct   = "distinct"     // words of two characters and more, to list
	fLength     = "length"       // of fWords
	one         = ".one"

	stateID = "cundang-state" // of the document with the position; a key has a space
)

// Longest values that are indexed, in characters: Lucene takes terms of 32,766 bytes.
const longestTerm = 8191

// referenceLength is how many words a text has on average, where no index has told yet.
const referenceLength = 300

// similarity is BM25 of a word whose weight the query brings as its boost. The cluster's own BM25 counts documents
// that were replaced, each copy of a shard others, so that equal contents would rank differently. The constants,
// and the average length of a text, are those of when the index was made.
func similarity(length float32) string {
	r := index.DefaultRanking()
	return fmt.Sprintf("double tf = doc.freq; return query.boost * %g * tf / (tf + %g + %g * doc.length);",
		r.K1+1, r.K1*(1-r.B), r.K1*r.B/max(length, 1))
}

// definition is the settings and the mapping of an index. Nothing is visible before a refresh, which a Write ends
// with.
func definition(shards int, length float32, made build) object {
	grams := func(positions string) object {
		return object{
			"type": "text", "analyzer": "pairs", "norms": false, "index_options": positions,
			"fields": object{"one": object{"type": "text", "analyzer": "characters", "norms": false, "index_options": "docs"}},
		}
	}
	terms := func(more object) object {
		m := object{"type": "text", "analyzer": "terms"}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	presence := object{"norms": false, "index_options": "docs"}
	kept := object{"type": "object", "enabled": false}
	template := func(name string, mapping object) object {
		return object{name: object{"path_match": name + ".*", "mapping": mapping}}
	}
	return object{
		"settings": object{
			"number_of_shards": shards, "auto_expand_replicas": "0-1", "refresh_interval": "-1",
			"max_terms_count": mostVerified, "mapping.total_fields.limit": 200,
			"similarity": object{"words": object{"type": "scripted", "script": object{"source": similarity(length)}}},
			"analysis": object{
				"tokenizer": object{
					"pairs":      object{"type": "ngram", "min_gram": 2, "max_gram": 2},
					"characters": object{"type": "ngram", "min_gram": 1, "max_gram": 1},
					"terms":      object{"type": "whitespace", "max_token_length": longestTerm},
				},
				"analyzer": object{
					"pairs":      object{"type": "custom", "tokenizer": "pairs"},
					"characters": object{"type": "custom", "tokenizer": "characters"},
					"terms":      object{"type": "custom", "tokenizer": "terms"},
				},
			},
		},
		"mappings": object{
			"dynamic": "strict", "_meta": object{"cundang": made},
			"_source": object{"excludes": []string{fWords, fTitleWords, fAttachWord, fPairs, fDistinct, "folded"}},
			"dynamic_templates": []object{
				template("values", object{"type": "keyword", "ignore_above": longestTerm}),
				template("folded", object{"type": "keyword", "ignore_above": longestTerm, "doc_values": false}),
				template("times", object{"type": "long"}),
			},
			"properties": object{
				fKey: object{"type": "keyword"}, fArticle: object{"type": "keyword", "doc_values": false},
				fTitle: grams("positions"), fBody: grams("positions"), fAttach: grams("positions"),
				fWords:      terms(object{"similarity": "words", "index_options": "freqs"}),
				fTitleWords: terms(presence), fAttachWord: terms(presence), fPairs: terms(presence),
				fDistinct: object{"type": "keyword", "index": false, "ignore_above": 256},
				fLength:   object{"type": "integer", "index": false},
				"values":  object{"type": "object", "dynamic": true},
				"folded":  object{"type": "object", "dynamic": true},
				"times":   object{"type": "object", "dynamic": true},
				"head":    object{"type": "keyword", "index": false, "doc_values": false},
				"stored":  kept, "state": kept,
			},
		},
	}
}
