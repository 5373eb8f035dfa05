package warc

import "strings"

// check compares a record's fields with what the standard demands of its type.
func (r *Reader) check(rec *Record) error {
	h := rec.Header
	for _, x := range []struct{ name, clause string }{
		{RecordID, "§5.2"}, {Date, "§5.4"}, {Type, "§5.5"},
	} {
		if h.Value(x.name) == "" {
			if err := r.deviation(rec, x.clause, x.name+" is missing"); err != nil {
				return err
			}
		}
	}
	if d := h.Value(Date); d != "" {
		if _, err := ParseDate(d); err != nil || !usualDate(d) && !strictDate.MatchString(d) {
			if err := r.deviation(rec, "§5.4", "WARC-Date "+d+" is not W3CDTF in UTC"); err != nil {
				return err
			}
		}
	}
	if id := h.Value(RecordID); id != "" &&
		!(strings.HasPrefix(id, "<") && strings.HasSuffix(id, ">") && strings.Contains(id, ":")) {
		if err := r.deviation(rec, "§5.2", "WARC-Record-ID "+id+" is not a URI in angle brackets"); err != nil {
			return err
		}
	}
	return r.checkType(rec)
}

// needed are the fields that a record of some type must have (§6).
var needed = map[string][]string{
	Response:     {TargetURI},
	Resource:     {TargetURI},
	Request:      {TargetURI},
	Revisit:      {TargetURI, Profile},
	Conversion:   {TargetURI},
	Continuation: {TargetURI, SegmentNumber, SegmentOriginID},
}

// once are the fields that must not be repeated (§5.1).
var once = [...]string{RecordID, Date, Type, ContentLength, TargetURI, ContentType, WarcinfoID}

func (r *Reader) checkType(rec *Record) error {
	h := rec.Header
	t := h.Value(Type)
	for _, name := range needed[t] {
		if h.Value(name) == "" {
			if err := r.deviation(rec, "§6", name+" is missing in a "+t+" record"); err != nil {
				return err
			}
		}
	}
	if t == Warcinfo && h.Value(TargetURI) != "" {
		if err := r.deviation(rec, "§5.13", "warcinfo with a target URI"); err != nil {
			return err
		}
	}
	if u := h.Value(TargetURI); u != "" && unbracket(u) != u && rec.Version == "WARC/1.1" {
		if err := r.deviation(rec, "§5.13", "target URI in angle brackets"); err != nil {
			return err
		}
	}
	if h.Value(TargetURI) != "" && h.URI() == "" {
		return r.deviation(rec, "§5.13", "target URI is empty")
	}
	var seen [len(once)]bool
	for _, f := range h {
		for i, name := range once {
			if len(f.Name) != len(name) || !strings.EqualFold(f.Name, name) {
				continue
			}
			if seen[i] {
				if err := r.deviation(rec, "§5.1", name+" is given twice"); err != nil {
					return err
				}
			}
			seen[i] = true
		}
	}
	return nil
}
