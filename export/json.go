package export

import (
	"bufio"
	"bytes"
	"encoding/json"

	"cundang/extract"
)

// jsonWriter writes one array, an article a line; jsonl is the same without the brackets.
type jsonWriter struct {
	w     *bufio.Writer
	array bool
	begun bool
}

func openJSON(w *bufio.Writer, _ Options) (writer, error)  { return &jsonWriter{w: w, array: true}, nil }
func openJSONL(w *bufio.Writer, _ Options) (writer, error) { return &jsonWriter{w: w}, nil }

func (j *jsonWriter) put(a extract.Article) error {
	line, err := marshal(a)
	if err != nil {
		return err
	}
	if j.array {
		lead := ",\n"
		if !j.begun {
			lead = "[\n"
		}
		j.w.WriteString(lead)
		j.begun = true
		_, err = j.w.Write(line)
		return err
	}
	j.w.Write(line)
	return j.w.WriteByte('\n')
}

func (j *jsonWriter) finish() error {
	end := ""
	switch {
	case j.array && j.begun:
		end = "\n]\n"
	case j.array:
		end = "[]\n"
	}
	_, err := j.w.WriteString(end)
	return err
}

func (j *jsonWriter) discard() error { return nil }

// marshal is json.Marshal that leaves <, > and & readable.
func marshal(a extract.Article) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
