package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ExportBag writes a BagIt 1.0 bag (RFC 8493) into the new directory dir: the WARCs, the
// CDX and the journal as payload, SHA-256 manifests, and the totals that archives ask for.
// Open WARCs go in up to what is committed.
func (s *Store) ExportBag(ctx context.Context, dir string, opts PackOptions) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("export bag: %w", err)
	}
	b := &bag{dir: dir}
	if err := s.fillBag(ctx, b, opts); err != nil {
		return fmt.Errorf("export bag: %w", err)
	}
	return nil
}

type bag struct {
	dir    string
	lines  []string // of the payload manifest
	octets int64
}

// put writes a payload file.
func (b *bag) put(ctx context.Context, name string, r io.Reader) error {
	p := filepath.Join(b.dir, "data", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), &ctxReader{ctx, r})
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	b.octets += n
	b.lines = append(b.lines, fmt.Sprintf("%x  data/%s\n", h.Sum(nil), name))
	return nil
}

func (s *Store) fillBag(ctx context.Context, b *bag, opts PackOptions) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Size == 0 || !ofSite(f.File, opts.Site) {
			continue
		}
		fd, err := s.openRead(ctx, f.File)
		if err != nil {
			return err
		}
		if err := errors.Join(b.put(ctx, f.File, io.NewSectionReader(fd, 0, f.Size)), fd.Close()); err != nil {
			return err
		}
	}
	if len(b.lines) == 0 {
		return fmt.Errorf("nothing to pack: %w", ErrNotFound)
	}
	created, err := s.bagIndex(ctx, b, opts.Site)
	if err != nil {
		return err
	}
	if j, err := os.Open(filepath.Join(s.dir, journalName)); err == nil {
		if err := errors.Join(b.put(ctx, journalName, j), j.Close()); err != nil {
			return err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if !opts.Created.IsZero() {
		created = opts.Created
	}
	return b.tags(s.opts, opts, created)
}

// bagIndex puts the site's part of the CDX into the bag and returns the newest time in it.
func (s *Store) bagIndex(ctx context.Context, b *bag, site string) (newest time.Time, err error) {
	pr, pw := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r, err := range s.index.rows(ctx, "", "") {
			if err == nil && ofSite(r.Filename, site) {
				if t, terr := time.Parse("20060102150405", r.Time); terr == nil && t.After(newest) {
					newest = t
				}
				_, err = io.WriteString(pw, r.String()+"\n")
			}
			if err != nil {
				pw.CloseWithError(err)
				return
			}
		}
		pw.Close()
	}()
	err = b.put(ctx, indexName, pr)
	err = errors.Join(err, pr.Close())
	<-done
	return newest, err
}

func (b *bag) tags(store Options, opts PackOptions, created time.Time) error {
	slices.SortFunc(b.lines, func(x, y string) int { return strings.Compare(x[64:], y[64:]) })
	var info strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&info, "%s: %s\n", name, strings.Join(strings.Fields(value), " "))
		}
	}
	field("Source-Organization", store.Operator)
	field("External-Description", strings.TrimSpace(opts.Title+" "+opts.Description))
	field("Bagging-Date", created.UTC().Format("2006-01-02"))
	field("Bag-Software-Agent", store.Software)
	field("Payload-Oxum", fmt.Sprintf("%d.%d", b.octets, len(b.lines)))
	tags := []struct{ name, text string }{
		{"bag-info.txt", info.String()},
		{"bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
		{"manifest-sha256.txt", strings.Join(b.lines, "")},
	}
	var list strings.Builder
	for _, t := range tags {
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256([]byte(t.text)), t.name)
	}
	tags = append(tags, struct{ name, text string }{"tagmanifest-sha256.txt", list.String()})
	for _, t := range tags {
		if err := os.WriteFile(filepath.Join(b.dir, t.name), []byte(t.text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
