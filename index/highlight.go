package index

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"cundang/index/zh"
)

// Highlighting is computed here, on the stored text: bleve's fragments cut Chinese anywhere.

// marker finds what a query looks for in a text and shows it.
type marker struct {
	cut     *zh.Cutter
	words   map[string]float32 // folded words and what they are worth
	begin   map[rune][][]rune  // the words by their first character
	low     [256]bool          // the low bytes of those
	phrases []string           // exact strings
	folded  []string           // strings to find after folding
	likes   [][]string         // words with anything between these pieces
	text    []rune             // memory to use again
}

func (r *reader) newMarker(u *understood, s Stats) *marker {
	m := &marker{cut: zh.NewCutter(r.x.dict), words: map[string]float32{}, begin: map[rune][][]rune{}, phrases: u.exact, folded: u.folded, likes: u.likes}
	single := len(u.exact) == 0 && len(u.folded) == 0
	var words []string
	if u.query.Rank != nil {
		words = u.query.Rank.Words
	}
	weight := weights(s.Documents, s.Words)
	for _, w := range words {
		single = single && utf8.RuneCountInString(w) < 2
	}
	for i, w := range words {
		if single || utf8.RuneCountInString(w) > 1 { // 的, 了, 在 … are marked only when they are all there is
			m.words[w] = weight[i]
			runes := []rune(w)
			m.begin[runes[0]] = append(m.begin[runes[0]], runes)
			m.low[byte(runes[0])] = true
		}
	}
	return m
}

// hasWord says whether a folded text has one of the words as a string; only then it has to be cut
// to see whether it has it as a word.
func (m *marker) hasWord(text []rune) bool {
	for i, r := range text {
		if !m.low[byte(r)] {
			continue
		}
		for _, w := range m.begin[r] {
			if hasPrefix(text[i:], w) {
				return true
			}
		}
	}
	return false
}

// likeWeight is what a word is worth that was found by a pattern.
const likeWeight = 5

// span is a marked piece of a text, in bytes.
type span struct {
	from, to int
	weight   float32
	word     string
}

// spans finds the pieces of s to mark, in order and without overlaps.
func (m *marker) spans(s string) []span {
	var found []span
	m.text = zh.FoldRunes(m.text[:0], s)
	cut := len(m.likes) > 0 || m.hasWord(m.text)
	var at []int // bytes before each character
	if cut || len(m.folded) > 0 {
		at = make([]int, 0, len(m.text)+1)
		for i := range s {
			at = append(at, i)
		}
		at = append(at, len(s))
	}
	if cut {
		m.cut.Words(s, true, func(w zh.Word) {
			weight, ok := m.words[w.Text]
			if !ok {
				weight, ok = likeWeight, slices.ContainsFunc(m.likes, func(pieces []string) bool { return Clause{Terms: pieces}.Like(w.Text) })
			}
			if ok {
				found = append(found, span{at[w.Start], at[w.End], weight, w.Text})
			}
		})
	}
	for _, p := range m.phrases {
		for i := 0; p != ""; {
			j := strings.Index(s[i:], p)
			if j < 0 {
				break
			}
			found = append(found, span{i + j, i + j + len(p), 100, p})
			i += j + len(p)
		}
	}
	if len(m.folded) > 0 {
		for _, p := range m.folded {
			want := zh.FoldRunes(nil, p)
			for i := 0; i+len(want) <= len(m.text) && len(want) > 0; i++ {
				if hasPrefix(m.text[i:], want) {
					found = append(found, span{at[i], at[i+len(want)], 100, p})
					i += len(want) - 1
				}
			}
		}
	}
	return merged(found)
}

// merged joins spans that overlap; the better find names the joined span.
func merged(found []span) []span {
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	out := found[:0]
	for _, s := range found {
		if n := len(out); n > 0 && s.from < out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			if s.weight > out[n-1].weight {
				out[n-1].weight, out[n-1].word = s.weight, s.word
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// render escapes s for HTML and puts <mark> around the spans.
func render(s string, spans []span) string {
	var b strings.Builder
	last := 0
	for _, p := range spans {
		b.WriteString(html.EscapeString(s[last:p.from]))
		b.WriteString("<mark>")
		b.WriteString(html.EscapeString(s[p.from:p.to]))
		b.WriteString("</mark>")
		last = p.to
	}
	b.WriteString(html.EscapeString(s[last:]))
	return b.String()
}

func (m *marker) title(s string) string { return render(s, m.spans(s)) }

// Fragments are up to fragmentCount sentences; one longer than fragmentRunes characters is
// cut between words, around its finds.
const (
	fragmentCount = 3
	fragmentRunes = 120
)

// fragments picks the sentences that show most of what the query looks for, in the order
// of the text; without a find, the first sentence.
func (m *marker) fragments(t Texts) []string {
	type candidate struct {
		text  string
		spans []span
		place int
		worth float32
	}
	var all []candidate
	text := t.Body
	for _, a := range t.Attachments {
		if a != "" {
			text += "\n" + a
		}
	}
	first := ""
	for place, s := range sentences(text) {
		if first == "" {
			first = s
		}
		spans := m.spans(s)
		if len(spans) == 0 {
			continue
		}
		c := candidate{text: s, spans: spans, place: place}
		seen := map[string]bool{}
		for _, p := range spans {
			if !seen[p.word] {
				seen[p.word] = true
				c.worth += p.weight
			}
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		if first == "" {
			return []string{}
		}
		return []string{render(m.window(first, nil))}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.worth, a.worth) })
	all = all[:min(fragmentCount, len(all))]
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.place, b.place) })
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = render(m.window(c.text, c.spans))
	}
	return out
}

// window cuts a long sentence to a piece with as many finds as fit, from word border to word
// border, and marks the cuts with ….
func (m *marker) window(s string, spans []span) (string, []span) {
	if utf8.RuneCountInString(s) <= fragmentRunes {
		return s, spans
	}
	at := make([]int, 0, len(s))
	for i := range s {
		at = append(at, i)
	}
	at = append(at, len(s))
	border := make([]bool, len(at))
	for i := range border {
		border[i] = true
	}
	m.cut.Words(s, false, func(w zh.Word) {
		for i := w.Start + 1; i < w.End; i++ {
			border[i] = false
		}
	})
	from := 0
	if len(spans) > 0 { // a little before the first find
		runeAt, _ := slices.BinarySearch(at, spans[0].from)
		from = max(0, min(runeAt-20, len(at)-1-fragmentRunes))
	}
	for from > 0 && (!border[from] || inside(spans, at[from])) {
		from--
	}
	to := min(from+fragmentRunes, len(at)-1)
	for to < len(at)-1 && (!border[to] || inside(spans, at[to])) {
		to++
	}
	var kept []span
	lead := ""
	if from > 0 {
		lead = "…"
	}
	for _, p := range spans {
		if p.from >= at[from] && p.to <= at[to] {
			p.from += len(lead) - at[from]
			p.to += len(lead) - at[from]
			kept = append(kept, p)
		}
	}
	out := lead + s[at[from]:at[to]]
	if to < len(at)-1 {
		out += "…"
	}
	return out, kept
}

func inside(spans []span, at int) bool {
	for _, p := range spans {
		if p.from < at && at < p.to {
			return true
		}
	}
	return false
}

// sentences splits a text after 。！？!?；… (with the closing quotes and brackets that follow)
// and at line ends; white space around them is left out.
func sentences(text string) []string {
	var out []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	from := 0
	ended := false
	for i, r := range text {
		switch {
		case r == '\n' || r == '\r':
			add(text[from:i])
			from, ended = i, false
		case r == '。' || r == '！' || r == '？' || r == '!' || r == '?' || r == '；':
			ended = true
		case ended && !strings.ContainsRune("”’」』）)》〉】", r):
			add(text[from:i])
			from, ended = i, false
		}
	}
	add(text[from:])
	return out
}
