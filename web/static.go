package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

//go:embed static
var staticFiles embed.FS

// static serves the embedded files under addresses that change with their content.
type static struct {
	files map[string][]byte
	hash  map[string]string
}

func loadStatic() (*static, error) {
	s := &static{files: map[string][]byte{}, hash: map[string]string{}}
	err := fs.WalkDir(staticFiles, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := staticFiles.ReadFile(p)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		s.files[path.Base(p)], s.hash[path.Base(p)] = data, hex.EncodeToString(sum[:6])
		return nil
	})
	return s, err
}

// address is what pages link to.
func (s *static) address(name string) string { return "/static/" + name + "?v=" + s.hash[name] }

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	data, ok := s.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	if r.URL.Query().Get("v") == s.hash[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	if fresh(w, r, data) {
		return
	}
	_, _ = w.Write(data) // the client is gone
}

func (s *static) favicon(w http.ResponseWriter, r *http.Request) {
	r.SetPathValue("name", "icon.svg")
	s.ServeHTTP(w, r)
}
