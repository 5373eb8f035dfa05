package index

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"cundang/extract"
	"cundang/index/zh"
)

// What the index stores of a version of an article are two compressed blocks: the head, JSON
// without the long texts, read for lists of hits; and the texts, read for matching,
// highlighting and scoring.

// observation is one capture of a page: what was there at that moment.
type observation struct {
	At      int64  `json:"t"`           // UnixNano
	Ref     string `json:"r,omitempty"` // of the capture
	Digest  string `json:"d,omitempty"`
	State   string `json:"s,omitempty"` // "" is live
	Content string `json:"c,omitempty"` // hash of the content, "" when only the state was seen
}

// head is the first block.
type head struct {
	Article extract.Article `json:"a"` // without title, body, paragraphs' and attachments' texts
	Kinds   []string        `json:"k,omitempty"`
	HasBody bool            `json:"b,omitempty"` // the body stands for itself: it is not its paragraphs joined
	Seen    []observation   `json:"o"`
	Until   int64           `json:"u,omitempty"` // UnixNano of the next version, 0: this is the newest
	Words   int             `json:"w"`           // length of the word field, for the average
	AttLen  int             `json:"l,omitempty"`
}

// texts is the second block.
type texts struct {
	title string
	body  string
	paras []string // slices of body when it is their join
	atts  []string
}

// split takes an article apart.
func split(a extract.Article) (head, texts) {
	var h head
	t := texts{title: string(a.Title), body: string(a.Body)}
	if len(a.Paragraphs) > 0 {
		h.Kinds = make([]string, len(a.Paragraphs))
		t.paras = make([]string, len(a.Paragraphs))
		for i, p := range a.Paragraphs {
			h.Kinds[i], t.paras[i] = p.Kind, p.Text
		}
	}
	h.HasBody = t.body != strings.Join(t.paras, "\n")
	a.Attachments = append([]extract.Attachment(nil), a.Attachments...)
	for i := range a.Attachments {
		t.atts = append(t.atts, string(a.Attachments[i].Text))
		a.Attachments[i].Text = ""
	}
	a.Title, a.Body, a.Paragraphs = "", "", nil
	h.Article = a
	return h, t
}

// join puts an article together again; long says whether body, paragraphs and attachments' texts are wanted.
func join(h head, t texts, long bool) extract.Article {
	a := h.Article
	a.Title = extract.Text(t.title)
	if !long {
		return a
	}
	a.Body = extract.Text(t.body)
	if len(h.Kinds) == len(t.paras) && len(t.paras) > 0 {
		a.Paragraphs = make([]extract.Paragraph, len(t.paras))
		for i := range t.paras {
			a.Paragraphs[i] = extract.Paragraph{Kind: h.Kinds[i], Text: t.paras[i]}
		}
	}
	for i := range a.Attachments {
		if i < len(t.atts) {
			a.Attachments[i].Text = extract.Text(t.atts[i])
		}
	}
	return a
}

func (h head) encode() ([]byte, error) {
	b, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode article %s: %w", h.Article.ID, err)
	}
	return squeeze(b)
}

func decodeHead(b []byte) (head, error) {
	var h head
	raw, err := expand(b)
	if err != nil {
		return h, fmt.Errorf("stored article: %w", err)
	}
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, fmt.Errorf("stored article: %w", err)
	}
	return h, nil
}

// encode writes the texts: title, number of paragraphs, paragraphs, body when it stands for
// itself, attachments; each with its length before it.
func (t texts) encode(ownBody bool) ([]byte, error) {
	b := make([]byte, 0, len(t.title)+2*len(t.body)+32)
	add := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	add(t.title)
	b = binary.AppendUvarint(b, uint64(len(t.paras)))
	for _, p := range t.paras {
		add(p)
	}
	if ownBody {
		b = append(b, 1)
		add(t.body)
	} else {
		b = append(b, 0)
	}
	for _, a := range t.atts {
		add(a)
	}
	return zh.Pack(binary.AppendUvarint(make([]byte, 0, len(b)/2), uint64(len(b))), string(b))
}

// headDictionary primes the compression of heads: what all of them have in common.
var headDictionary = []byte(`"provenance":{"author":{"rule":"byline","confidence":0.9,"raw":"作者："},"source":{"rule":"来源：","published":{"rule":"meta","title":{"rule":"h1","column":{"rule":"breadcrumb","body":{"rule":"density","confidence":0.95,"raw":""}},"rules":"1"},"k":["p","p","p","p","p"],"o":[{"t":1700000000000000000,"r":"cundang-20260101000000-1.warc.gz:0:","d":"sha256:","c":"0123456789abcdef"}],"w":100}{"a":{"id":"","url":"https://www.","site":"","kind":"article","title":null,"source":null,"author":null,"editor":null,"contributor":null,"published":"2026-01-01","published_text":"2026-01-01","column":["首页"],"body":null,"paragraphs":null,"images":[{"url":"https://","caption":null}],"attachments":[{"url":"https://","title":"附件","type":"application/pdf"}],"document":null,"people":[],"places":[],"organizations":[],"fetched":"2026-01-01T00:00:00+08:00","capture":{"ref":"cundang-.warc.gz:","digest":"sha256:"},"version":0,"versions":0,"state":"live","confidence":0.9,`)

var squeezers, expanders sync.Pool

func squeeze(b []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(b)/2 + 16)
	w, _ := squeezers.Get().(*flate.Writer)
	if w == nil {
		var err error
		if w, err = flate.NewWriterDict(&out, squeezeLevel, headDictionary); err != nil {
			return nil, err
		}
	} else {
		w.Reset(&out) // keeps the dictionary
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	squeezers.Put(w)
	return out.Bytes(), nil
}

const squeezeLevel = 5

// maxBlock bounds what a damaged block can expand to.
const maxBlock = 1 << 30

func expand(b []byte) ([]byte, error) {
	src := bytes.NewReader(b)
	r, _ := expanders.Get().(io.ReadCloser)
	if r == nil {
		r = flate.NewReaderDict(src, headDictionary)
	} else if err := r.(flate.Resetter).Reset(src, headDictionary); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(b) * 2)
	n, err := io.Copy(&out, io.LimitReader(r, maxBlock))
	if err != nil {
		return nil, err
	}
	if n == maxBlock {
		return nil, fmt.Errorf("block is too large")
	}
	expanders.Put(r)
	return out.Bytes(), nil
}
