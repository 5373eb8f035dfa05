package extract

// Candidate is one reading of a field: the rule that made it, the value, the text it was
// read from and how far the rule is to be trusted (0 … 1, measured on labelled pages).
type Candidate struct {
	Rule       string  `json:"rule"`
	Value      string  `json:"value"`
	Raw        string  `json:"raw"`
	Confidence float64 `json:"confidence"`
	// Block is the line of the page it was read from, -1 if it was none.
	Block int `json:"block"`
}

// field collects the candidates of one field.
type field struct{ list []Candidate }

// add keeps a candidate that says something.
func (f *field) add(c Candidate) {
	if c.Value != "" {
		f.list = append(f.list, c)
	}
}

// best returns the most trusted candidate, of equals the first; agreement of independent
// rules has been added to the confidences before.
func (f *field) best() (Candidate, bool) {
	k := -1
	for i := range f.list {
		if k < 0 || f.list[i].Confidence > f.list[k].Confidence {
			k = i
		}
	}
	if k < 0 {
		return Candidate{Block: -1}, false
	}
	return f.list[k], true
}

// agree raises candidates that another rule confirms, and leaves the order alone.
func (f *field) agree(same func(a, b string) bool) {
	if len(f.list) < 2 {
		return
	}
	up := make([]bool, len(f.list))
	for i := range f.list {
		for j := range f.list {
			if i != j && f.list[i].Rule != f.list[j].Rule && same(f.list[i].Value, f.list[j].Value) {
				up[i] = true
			}
		}
	}
	for i, u := range up {
		if u {
			f.list[i].Confidence += (1 - f.list[i].Confidence) / 2
		}
	}
}

// provenance turns the candidates into what an Article says about the field.
func (f *field) provenance() (Provenance, bool) {
	c, ok := f.best()
	if !ok {
		return Provenance{}, false
	}
	p := Provenance{Rule: c.Rule, Confidence: round(c.Confidence), Raw: clip(c.Raw, 200)}
	for _, a := range f.list {
		if a.Value != c.Value && len(p.Alternatives) < 5 {
			p.Alternatives = append(p.Alternatives,
				Alternative{Rule: a.Rule, Value: clip(a.Value, 200), Confidence: round(a.Confidence)})
		}
	}
	return p, true
}

// round keeps confidences short: two digits are all that the calibration supports.
func round(x float64) float64 {
	return float64(int(x*100+.5)) / 100
}

// clip cuts s to n bytes at most, on a whole character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
