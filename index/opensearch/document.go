package opensearch

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cundang/index"
	"cundang/index/zh"
)

// source is a document as the cluster has it.
type source struct {
	Key         string   `json:"key"`
	Article     string   `json:"article"`
	Head        string   `json:"head"`
	Title       string   `json:"title,omitempty"`
	Body        string   `json:"body,omitempty"`
	Attachments []string `json:"attachments,omitempty"`
	Stored      stored   `json:"stored"`

	Words       string              `json:"words,omitempty"`
	TitleWords  string              `json:"title_words,omitempty"`
	AttachWords string              `json:"attach_words,omitempty"`
	Pairs       string              `json:"pairs,omitempty"`
	Distinct    []string            `json:"distinct,omitempty"`
	Length      int                 `json:"length"`
	Values      map[string][]string `json:"values,omitempty"`
	Folded      map[string][]string `json:"folded,omitempty"`
	Times       map[string]int64    `json:"times,omitempty"`
}

// stored is what a document keeps beside its texts.
type stored struct {
	Sum        string   `json:"sum"`                  // see source.sum
	Lines      bool     `json:"lines,omitempty"`      // the paragraphs are the lines of the body
	Paragraphs []string `json:"paragraphs,omitempty"` // where they are not
	Exact      *exact   `json:"exact,omitempty"`      // texts that are no UTF-8, which JSON would change
}

// exact is texts as bytes.
type exact struct {
	Title       []byte   `json:"title"`
	Body        []byte   `json:"body"`
	Paragraphs  [][]byte `json:"paragraphs"`
	Attachments [][]byte `json:"attachments"`
}

// newSource makes the document. c has learned its texts.
func newSource(c *zh.Cutter, in index.Document) (source, error) {
	t := in.Texts
	s := source{Key: in.Key, Title: t.Title, Body: t.Body, Attachments: t.Attachments}
	s.Article, _, _ = strings.Cut(in.Key, " ")
	var words, title, attach, pairs strings.Builder
	distinct := map[string]bool{}
	c.Words(t.Title, true, func(w zh.Word) {
		if len(w.Text) > longestTerm {
			return
		}
		for range index.TitleWeight {
			words.WriteString(w.Text + " ")
		}
		title.WriteString(w.Text + " ")
		s.Length += index.TitleWeight
		distinct[w.Text] = true
	})
	c.Words(t.Body, true, func(w zh.Word) {
		if len(w.Text) > longestTerm {
			return
		}
		words.WriteString(w.Text)
		words.WriteByte(' ')
		s.Length++
		distinct[w.Text] = true
	})
	for _, text := range t.Attachments {
		c.Words(text, true, func(w zh.Word) {
			if len(w.Text) <= longestTerm {
				attach.WriteString(w.Text + " ")
			}
		})
	}
	seen := map[[2]rune]bool{}
	for _, text := range append([]string{t.Title, t.Body}, t.Attachments...) {
		c.Pairs(text, func(p zh.Pair) {
			if k := [2]rune{p.A, p.B}; p.Word != "" && !seen[k] {
				seen[k] = true
				pairs.WriteString(p.Word)
				pairs.WriteByte(' ')
			}
		})
	}
	for w := range distinct {
		if utf8.RuneCountInString(w) > 1 {
			s.Distinct = append(s.Distinct, w)
		}
	}
	slices.Sort(s.Distinct)
	s.Words, s.TitleWords, s.AttachWords, s.Pairs = words.String(), title.String(), attach.String(), pairs.String()
	if in.Name != nil {
		if err := in.Name(&in, c); err != nil {
			return s, err
		}
	}
	s.Head = string(in.Head)
	if !utf8.ValidString(s.Head) {
		return s, fmt.Errorf("document %s: its head is no JSON", in.Key)
	}
	s.Values, s.Folded, s.Times = map[string][]string{}, map[string][]string{}, in.Times
	for field, values := range in.Values {
		for _, v := range values {
			if v == "" || slices.Contains(s.Values[field], v) {
				continue
			}
			s.Values[field] = append(s.Values[field], v)
			s.Folded[field] = append(s.Folded[field], zh.Fold(v))
		}
	}
	s.keep(t)
	s.Stored.Sum = s.sum()
	return s, nil
}

// keep keeps the texts so that they come back as they are.
func (s *source) keep(t index.Texts) {
	if !allUTF8(append([]string{t.Title, t.Body}, append(t.Paragraphs, t.Attachments...)...)) {
		s.Stored.Exact = &exact{[]byte(t.Title), []byte(t.Body), asBytes(t.Paragraphs), asBytes(t.Attachments)}
		return
	}
	switch {
	case len(t.Paragraphs) == 0:
	case slices.Equal(t.Paragraphs, strings.Split(t.Body, "\n")):
		s.Stored.Lines = true
	default:
		s.Stored.Paragraphs = t.Paragraphs
	}
}

func allUTF8(texts []string) bool {
	return !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) })
}

func asBytes(texts []string) (out [][]byte) {
	for _, s := range texts {
		out = append(out, []byte(s))
	}
	return out
}

// sum is the checksum of what a document stores.
func (s *source) sum() string {
	h := sha256.New()
	add := func(parts ...string) {
		var n [8]byte
		for _, p := range parts {
			h.Write(binary.LittleEndian.AppendUint64(n[:0], uint64(len(p))))
			h.Write([]byte(p))
		}
	}
	add(s.Key, s.Head)
	var t index.Text
	s.text(&t)
	for _, parts := range [][][]byte{{t.Title, t.Body}, t.Paragraphs, t.Attachments} {
		for _, p := range parts {
			add(string(p))
		}
		add(fmt.Sprint(len(parts)))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// text copies the texts into t.
func (s *source) text(t *index.Text) {
	t.Paragraphs, t.Attachments = t.Paragraphs[:0], t.Attachments[:0]
	if x := s.Stored.Exact; x != nil {
		t.Title, t.Body = x.Title, x.Body
		t.Paragraphs, t.Attachments = append(t.Paragraphs, x.Paragraphs...), append(t.Attachments, x.Attachments...)
		return
	}
	size := len(s.Title) + len(s.Body)
	for _, p := range s.Stored.Paragraphs {
		size += len(p)
	}
	for _, a := range s.Attachments {
		size += len(a)
	}
	t.Raw = slices.Grow(t.Raw[:0], size)
	add := func(text string) []byte {
		from := len(t.Raw)
		t.Raw = append(t.Raw, text...)
		return t.Raw[from:len(t.Raw):len(t.Raw)]
	}
	t.Title, t.Body = add(s.Title), add(s.Body)
	if s.Stored.Lines {
		t.Paragraphs = append(t.Paragraphs, bytes.Split(t.Body, []byte{'\n'})...)
	}
	for _, p := range s.Stored.Paragraphs {
		t.Paragraphs = append(t.Paragraphs, add(p))
	}
	for _, a := range s.Attachments {
		t.Attachments = append(t.Attachments, add(a))
	}
}
