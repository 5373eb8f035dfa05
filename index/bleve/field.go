package bleve

import (
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// field is a document field whose terms are collected already: that of bleve collects the tokens of its
// analyzer with their positions, which nothing here asks for, and one field is made of several texts.
type field struct {
	name    string
	options bleveindex.FieldIndexingOptions
	value   []byte // stored
	terms   bleveindex.TokenFrequencies
}

const (
	optWords   = bleveindex.IndexField                           // with frequencies
	optPresent = bleveindex.IndexField | bleveindex.SkipFreqNorm // which documents only
	optStored  = bleveindex.StoreField | bleveindex.SkipFreqNorm // not searchable
)

func (f *field) Name() string                                          { return f.name }
func (f *field) Value() []byte                                         { return f.value }
func (f *field) ArrayPositions() []uint64                              { return nil }
func (f *field) EncodedFieldType() byte                                { return 't' }
func (f *field) Analyze()                                              {}
func (f *field) Options() bleveindex.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                                   { return 0 }
func (f *field) AnalyzedTokenFrequencies() bleveindex.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                             { return uint64(len(f.value)) }
func (f *field) Size() int                                             { return len(f.value) + f.terms.Size() }

// termSet collects the terms of one field of one document.
type termSet struct {
	terms  bleveindex.TokenFrequencies
	length int
	slab   []bleveindex.TokenFreq
}

func newTermSet(size int) *termSet {
	return &termSet{terms: make(bleveindex.TokenFrequencies, size), slab: make([]bleveindex.TokenFreq, 0, size)}
}

// add counts a term n times.
func (s *termSet) add(term []byte, n int) {
	if tf := s.terms[string(term)]; tf != nil { // without making a string
		s.length += n
		tf.SetFrequency(tf.Frequency() + n)
		return
	}
	s.addString(string(term), n)
}

// addString adds a term that is not there yet.
func (s *termSet) addString(term string, n int) {
	s.length += n
	if len(s.slab) == cap(s.slab) {
		s.slab = make([]bleveindex.TokenFreq, 0, 256)
	}
	s.slab = append(s.slab, bleveindex.TokenFreq{})
	tf := &s.slab[len(s.slab)-1]
	tf.SetFrequency(n)
	s.terms[term] = tf
}

// field makes the field. A segment spends no byte on the length beside a frequency of 0, so
// once is written as 0, and lengths stand in a field of their own.
func (s *termSet) field(name string, opt bleveindex.FieldIndexingOptions) *field {
	for _, tf := range s.terms {
		if opt&bleveindex.SkipFreqNorm != 0 || tf.Frequency() == 1 {
			tf.SetFrequency(0)
		}
	}
	return &field{name: name, options: opt, terms: s.terms}
}

// keywords is a field of whole values.
func keywords(name string, values ...string) *field {
	set := newTermSet(len(values))
	for _, v := range values {
		if v != "" && set.terms[v] == nil {
			set.addString(v, 1)
		}
	}
	return set.field(name, optPresent)
}

func stored(name string, value []byte) *field {
	return &field{name: name, options: optStored, value: value}
}
