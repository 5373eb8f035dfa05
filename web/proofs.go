package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"cundang/archive"
	"cundang/archive/tlog"
	"cundang/export"
)

// Prover hands out what proves captures. *archive.Store is one; an Archive that is none has no such pages.
type Prover interface {
	LogDir() string
	WriteEvidence(ctx context.Context, w io.Writer, ref archive.Ref, citation string) error
}

// logFile are the files of a transparency log that others may read: not its key and not what is written first.
var logFile = regexp.MustCompile(
	`^(checkpoint|keys\.jsonl|tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?)$`)

// logPage serves the transparency log as C2SP tlog-tiles has it.
func (s *server) logPage(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	p, ok := s.Store.(Prover)
	if !ok || !logFile.MatchString(name) {
		return errNotFound
	}
	if guarded, ok := p.(interface {
		LogEntries(ctx context.Context) error
	}); ok && strings.HasPrefix(name, "tile/entries/") {
		if err := guarded.LogEntries(r.Context()); err != nil {
			return err
		}
	}
	f, err := os.Open(filepath.Join(p.LogDir(), filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	defer f.Close() // opened for reading
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if strings.HasPrefix(name, "tile/") {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

// evidencePage hands out the capture of a version of an article with its proof.
func (s *server) evidencePage(w http.ResponseWriter, r *http.Request) error {
	p, ok := s.Store.(Prover)
	if !ok {
		return errNotFound
	}
	all, i, err := s.pick(r.Context(), r.PathValue("id"), r.URL.Query().Get("v"), r.URL.Query().Get("at"))
	if err != nil {
		return err
	}
	if all[i].Capture == nil {
		return errNotFound
	}
	ref, err := archive.ParseRef(all[i].Capture.Ref)
	if err != nil {
		return err
	}
	leave, err := place(r.Context(), s.exports)
	if err != nil {
		return err
	}
	defer leave()
	spool, err := os.CreateTemp("", "cundang-evidence-*")
	if err != nil {
		return err
	}
	defer func() {
		if err := errors.Join(spool.Close(), os.Remove(spool.Name())); err != nil {
			s.Log.Error("remove the copy of an evidence file", "err", err)
		}
	}()
	err = p.WriteEvidence(r.Context(), spool, ref, strings.TrimSpace(export.Cite(all[i], "gbt7714")))
	if errors.Is(err, tlog.ErrNone) || errors.Is(err, tlog.ErrNotLogged) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="evidence-`+all[i].ID+`.zip"`)
	http.ServeContent(w, r, "", time.Time{}, spool)
	return nil
}

// provable reports whether evidence of captures can be handed out.
func (s *server) provable() bool {
	p, ok := s.Store.(Prover)
	return ok && tlog.Exists(p.LogDir())
}
