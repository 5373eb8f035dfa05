package index

import (
	index "github.com/blevesearch/bleve_index_api"
)

// field is a document field whose terms we make ourselves: bleve's analysis chain builds a
// token object a token, which costs more than cutting the text.
type field struct {
	name    string
	options index.FieldIndexingOptions
	value   []byte // stored
	terms   index.TokenFrequencies
}

const (
	optWords   = index.IndexField                      // with frequencies
	optPresent = index.IndexField | index.SkipFreqNorm // which documents only
	optStored  = index.StoreField | index.SkipFreqNorm // not searchable
)

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         {}
func (f *field) Options() index.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return 0 }
func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                        { return uint64(len(f.value)) }
func (f *field) Size() int                                        { return len(f.value) + f.terms.Size() }

// termSet collects the terms of one field of one document.
type termSet struct {
	terms  index.TokenFrequencies
	length int
	slab   []index.TokenFreq
}

func newTermSet(size int) *termSet {
	return &termSet{terms: make(index.TokenFrequencies, size), slab: make([]index.TokenFreq, 0, size)}
}

// add counts a term n times.
func (s *termSet) add(term string, n int) {
	s.length += n
	if tf := s.terms[term]; tf != nil {
		tf.SetFrequency(tf.Frequency() + n)
		return
	}
	if len(s.slab) == cap(s.slab) {
		s.slab = make([]index.TokenFreq, 0, 256)
	}
	s.slab = append(s.slab, index.TokenFreq{})
	tf := &s.slab[len(s.slab)-1]
	tf.SetFrequency(n)
	s.terms[term] = tf
}

// field makes the field. A segment spends no byte on the length beside a frequency of 0, so
// once is written as 0, and lengths stand in a field of their own.
func (s *termSet) field(name string, opt index.FieldIndexingOptions) *field {
	for _, tf := range s.terms {
		if opt&index.SkipFreqNorm != 0 || tf.Frequency() == 1 {
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
			set.add(v, 1)
		}
	}
	return set.field(name, optPresent)
}

func stored(name string, value []byte) *field {
	return &field{name: name, options: optStored, value: value}
}
