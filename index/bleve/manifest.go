package bleve

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cundang/index"
)

// bleve goes on without a snapshot whose segments it cannot read, with an older one or with none: an index
// that has lost half of its articles would answer as if nothing were wrong. So a manifest of our own says what was
// there when the index was closed. While a writer has it open, and after it was killed, there is none; what bleve then
// opens is compared with the sums kept in it.

// manifest lists the files of an index that was closed; or says that a writer has it open.
type manifest struct {
	Open  string             `json:"open,omitempty"` // by whom: a random name
	Files map[string]fileSum `json:"files,omitempty"`
}

type fileSum struct {
	Size int64  `json:"size"`
	CRC  uint32 `json:"crc32c"`
}

const manifestName = "manifest.json"

// readManifest reads the manifest of an index; one that is missing is empty.
func readManifest(dir string) (m manifest, err error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return m, fmt.Errorf("read %s: %w", manifestName, err)
	}
	return m, nil
}

// write puts a manifest in the place of the one before.
func (m manifest) write(dir string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	tmp := filepath.Join(dir, manifestName+".tmp")
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, manifestName))
}

// checkSizes compares the files with their manifest, by name and size.
func (m manifest) checkSizes(dir string) error {
	for name, want := range m.Files {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if info.Size() != want.Size {
			return fmt.Errorf("%s has %d bytes, it had %d", name, info.Size(), want.Size)
		}
	}
	return nil
}

// checkSums compares what the files hold with their manifest. A writer may have removed files since, or written to
// those that are not segments: with open those are left out.
func (m manifest) checkSums(ctx context.Context, dir string, open bool) error {
	for name, want := range m.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if open && !isSegment(name) {
			continue
		}
		have, err := sumFile(filepath.Join(dir, filepath.FromSlash(name)))
		if open && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if have != want {
			return fmt.Errorf("%s does not have its checksum", name)
		}
	}
	return nil
}

// isSegment says whether a file never changes once it is written.
func isSegment(name string) bool { return filepath.Ext(name) == ".zap" }

func sumFile(name string) (s fileSum, err error) {
	f, err := os.Open(name)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if s.Size, err = io.Copy(sum, f); err != nil {
		return s, fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	s.CRC = sum.Sum32()
	return s, nil
}

// list makes the manifest of the files that are there now. Segments that an earlier one has are not read again.
func (m manifest) list(dir string) (manifest, error) {
	out := manifest{Files: map[string]fileSum{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || strings.HasPrefix(name, manifestName) {
			return err
		}
		name = filepath.ToSlash(name)
		info, err := d.Info()
		if err != nil {
			return err
		}
		if known, ok := m.Files[name]; ok && isSegment(name) && known.Size == info.Size() {
			out.Files[name] = known
			return nil
		}
		out.Files[name], err = sumFile(path)
		return err
	})
	return out, err
}

// begin says that this process may change the files from now on. Where that cannot be written, on a full disk,
// the manifest is removed, which says less, but nothing wrong.
func (e *Engine) begin() error {
	e.opened = rand.Text()
	if err := (manifest{Open: e.opened}).write(e.dir); err != nil {
		return errors.Join(os.RemoveAll(filepath.Join(e.dir, manifestName)),
			os.RemoveAll(filepath.Join(e.dir, manifestName+".tmp")))
	}
	return nil
}

// end says what the files are now that they are closed, unless another process has opened them meanwhile.
func (e *Engine) end() error {
	now, err := readManifest(e.dir)
	if err != nil || now.Open != e.opened {
		return err
	}
	closed, err := e.files.list(e.dir)
	if err != nil {
		return err
	}
	return closed.write(e.dir)
}

// Check implements index.Engine: it compares the files with their checksums and then reads every document, every word
// and every value.
func (e *Engine) Check(ctx context.Context) (err error) {
	r, err := e.view()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	defer r.damage(&err)
	if err := e.files.checkSums(ctx, e.dir, !e.opts.ReadOnly); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	if err := r.readAll(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return &index.DamagedError{Dir: e.dir, Err: err}
	}
	return nil
}

// readAll reads everything that is stored, and counts it.
func (r *view) readAll(ctx context.Context) error {
	sums, err := r.totals()
	if err != nil {
		return err
	}
	have := totals{}
	var t index.Text
	for i, s := range r.segs {
		for local := range s.size {
			if s.dead != nil && s.dead.has(local) {
				continue
			}
			doc := s.base + local
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := r.Head(ctx, index.Place(doc)); err != nil {
				return err
			}
			if err := r.text(doc, &t); err != nil {
				return err
			}
			words, err := r.words(doc)
			if err != nil {
				return err
			}
			have.Docs++
			have.Words += int64(words)
		}
		for _, field := range s.Fields() {
			dict, err := r.dictionary(i, field)
			if err != nil {
				return err
			}
			err = r.terms(i, field, func(term string) error {
				out := uint32(0)
				err := r.eachHaving(dict, term, func(doc uint32) { out = max(out, doc) })
				if err == nil && out >= s.size {
					err = fmt.Errorf("%s %q of document %d of %d", field, term, out, s.size)
				}
				return errors.Join(err, ctx.Err())
			})
			if err != nil {
				return err
			}
		}
	}
	if have != sums {
		return fmt.Errorf("%d documents of %d words, it had %d of %d", have.Docs, have.Words, sums.Docs, sums.Words)
	}
	return nil
}
