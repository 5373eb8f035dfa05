package extract

import "context"

// Explanation is everything that the cascade considered on one page, for a person to judge:
// each field's candidates in the order they were found, the body's candidates, and the
// lines that were read as title and byline.
type Explanation struct {
	Fields []FieldCandidates `json:"fields"`
	Bodies []BodyCandidate   `json:"bodies"`
	Title  string            `json:"title_lines"`
	Byline []string          `json:"byline_lines"`
	Notes  []string          `json:"notes"`
}

// FieldCandidates are the readings of one field; Chosen is the index of the one taken, -1 if
// the field is absent.
type FieldCandidates struct {
	Field      string      `json:"field"`
	Chosen     int         `json:"chosen"`
	Candidates []Candidate `json:"candidates"`
}

// BodyCandidate is one reading of the body.
type BodyCandidate struct {
	Rule    string  `json:"rule"`
	Chosen  bool    `json:"chosen"`
	Chars   int     `json:"chars"`
	Overlap float64 `json:"overlap"` // with the chosen one, 0 … 1
	Element string  `json:"element"` // div#zoom, "" when it is a range of lines
	Opening string  `json:"opening"`
}

// Explain reads a page as Read does and says how.
func (r *Reader) Explain(ctx context.Context, p Page) (Article, Explanation, error) {
	a, rd, err := r.readPage(ctx, p)
	if err != nil {
		return a, Explanation{}, err
	}
	return a, rd.explain(), nil
}

func (rd *reading) explain() Explanation {
	v := rd.v
	x := Explanation{Fields: []FieldCandidates{}, Bodies: []BodyCandidate{}, Byline: []string{}, Notes: []string{}}
	for _, n := range []struct {
		name string
		f    *field
	}{{"title", &rd.fields.title}, {"source", &rd.fields.source}, {"author", &rd.fields.author},
		{"editor", &rd.fields.editor}, {"contributor", &rd.fields.contributor}, {"published", &rd.fields.published},
		{"column", &rd.fields.column}} {
		fc := FieldCandidates{Field: n.name, Chosen: -1, Candidates: n.f.list}
		if fc.Candidates == nil {
			fc.Candidates = []Candidate{}
		}
		if best, ok := n.f.best(); ok {
			for i, c := range n.f.list {
				if c == best {
					fc.Chosen = i
					break
				}
			}
		}
		x.Fields = append(x.Fields, fc)
	}
	if len(rd.body.blocks) > 0 {
		x.Bodies = append(x.Bodies, v.bodyCandidate(rd.body.rule, rd.body.elem, rd.body.blocks, rd.body.blocks))
		x.Bodies[0].Chosen = true
	}
	for _, o := range rd.body.others {
		x.Bodies = append(x.Bodies, v.bodyCandidate(o.rule, o.elem, o.blocks, rd.body.blocks))
	}
	x.Title = rd.head.titleText(v)
	for i := rd.head.byLo; i < rd.head.byHi; i++ {
		x.Byline = append(x.Byline, v.str(i))
	}
	x.Notes = append(x.Notes, rd.notes...)
	return x
}

func (v *view) bodyCandidate(rule string, e int32, blocks, chosen []int) BodyCandidate {
	b := BodyCandidate{Rule: rule, Overlap: round(overlap(v, blocks, chosen))}
	for _, i := range blocks {
		b.Chars += int(v.blocks[i].chars)
	}
	if e >= 0 {
		n := v.elems[e].node
		b.Element = n.Data
		if id := attr(n, "id"); id != "" {
			b.Element += "#" + id
		} else if c := attr(n, "class"); c != "" {
			b.Element += "." + c
		}
	}
	if len(blocks) > 0 {
		b.Opening = clip(v.str(blocks[0]), 90)
	}
	return b
}
