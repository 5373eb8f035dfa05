package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"cundang/archive/cdx"
	"cundang/archive/wacz"
	"cundang/archive/warc"
)

// PackOptions say what goes into a WACZ or a bag.
type PackOptions struct {
	Title, Description string
	Site               string // only this site's directory; "": all
	// Select, if not empty, takes only the captures it matches: they are copied, record by
	// record, into one new WARC. Otherwise whole WARCs are packed.
	Select Lookup
	// Created stands in the manifest; zero is the time of the newest capture, so that the
	// same archive gives the same bytes.
	Created time.Time
	// PageTitle gives the title of a page for the list of pages, "" if unknown; nil: none.
	PageTitle func(url string, at time.Time) string
}

// ExportWACZ writes a WACZ 1.1.1 package of committed captures to w. The same archive and
// options give the same bytes.
func (s *Store) ExportWACZ(ctx context.Context, w io.Writer, opts PackOptions) error {
	set, err := s.packSet(ctx, opts)
	if err != nil {
		return fmt.Errorf("export WACZ: %w", err)
	}
	err = wacz.Write(w, wacz.Package{
		Title: opts.Title, Description: opts.Description, Software: s.opts.Software, Created: set.created,
		Files: set.files, Lines: set.lines(), Pages: set.pages(opts.PageTitle),
	})
	if err = errors.Join(err, set.close()); err != nil {
		return fmt.Errorf("export WACZ: %w", err)
	}
	return nil
}

// packSet is what is to be packed.
type packSet struct {
	files   []wacz.File
	sorter  *cdx.Sorter
	tmp     string // a WARC made for this package
	created time.Time
}

func (p *packSet) close() error {
	err := p.sorter.Close()
	if p.tmp != "" {
		err = errors.Join(err, os.Remove(p.tmp))
	}
	return err
}

func (p *packSet) lines() iter.Seq2[string, error] { return sorterLines(p.sorter) }

func (p *packSet) add(r cdx.Row) error {
	if t, err := time.Parse("20060102150405", r.Time); err == nil && t.After(p.created) {
		p.created = t
	}
	r.Filename = path.Base(r.Filename)
	return p.sorter.Add(r)
}

// pages lists every HTML page once a version.
func (p *packSet) pages(title func(string, time.Time) string) iter.Seq2[wacz.Page, error] {
	return func(yield func(wacz.Page, error) bool) {
		for line, err := range p.lines() {
			if err != nil {
				yield(wacz.Page{}, err)
				return
			}
			r, err := cdx.Parse([]byte(line))
			if err != nil {
				yield(wacz.Page{}, err)
				return
			}
			if r.Status != "200" || !strings.EqualFold(r.MIME, "text/html") && !strings.EqualFold(r.MIME, "application/xhtml+xml") {
				continue
			}
			at, err := time.Parse("20060102150405", r.Time)
			if err != nil {
				yield(wacz.Page{}, err)
				return
			}
			pg := wacz.Page{URL: r.URL, Time: at}
			if title != nil {
				pg.Title = title(r.URL, at)
			}
			if !yield(pg, nil) {
				return
			}
		}
	}
}

func (s *Store) packSet(ctx context.Context, opts PackOptions) (*packSet, error) {
	set := &packSet{sorter: cdx.NewSorter(os.TempDir())}
	var err error
	if opts.Select == (Lookup{}) {
		err = s.packWhole(ctx, set, opts.Site)
	} else {
		err = s.packSome(ctx, set, opts)
	}
	if err == nil && len(set.files) == 0 {
		err = fmt.Errorf("nothing to pack: %w", ErrNotFound)
	}
	if err != nil {
		return nil, errors.Join(err, set.close())
	}
	if !opts.Created.IsZero() {
		set.created = opts.Created
	}
	return set, nil
}

func ofSite(file, site string) bool {
	return site == "" || strings.HasPrefix(file, siteDir(site)+"/")
}

func (s *Store) packWhole(ctx context.Context, set *packSet, site string) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Size > 0 && ofSite(f.File, site) {
			set.files = append(set.files, s.packFile(ctx, f))
		}
	}
	slices.SortFunc(set.files, func(a, b wacz.File) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(set.files); i++ {
		if set.files[i].Name == set.files[i-1].Name {
			return fmt.Errorf("two WARCs are called %s", set.files[i].Name)
		}
	}
	for r, err := range s.index.rows(ctx, "", "") {
		if err != nil {
			return err
		}
		if ofSite(r.Filename, site) {
			if err := set.add(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// packFile is a WARC up to what was committed when it was listed.
func (s *Store) packFile(ctx context.Context, f FileInfo) wacz.File {
	return wacz.File{Name: path.Base(f.File), Size: f.Size, Open: func() (io.ReadCloser, error) {
		fd, err := s.openRead(ctx, f.File)
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{io.NewSectionReader(fd, 0, f.Size), fd}, nil
	}}
}

// packSome copies the matching captures, and what their revisits refer to, into a new WARC.
func (s *Store) packSome(ctx context.Context, set *packSet, opts PackOptions) error {
	want := map[string]map[int64]bool{} // by file: offsets
	note := func(r Ref) {
		if want[r.File] == nil {
			want[r.File] = map[int64]bool{}
		}
		want[r.File][r.Offset] = true
	}
	for r, err := range s.Rows(ctx, opts.Select) {
		if err != nil {
			return err
		}
		if !ofSite(r.Filename, opts.Site) {
			continue
		}
		note(rowRef(r))
		if r.MIME != revisitMIME {
			continue
		}
		c, err := s.Read(ctx, rowRef(r))
		if err != nil {
			return err
		}
		if o, err := s.resolve(ctx, c); err == nil {
			note(o.Ref)
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if len(want) == 0 {
		return nil
	}
	tmp, err := os.CreateTemp("", "cundang-pack-*.warc.gz")
	if err != nil {
		return err
	}
	set.tmp = tmp.Name()
	err = s.copySome(ctx, tmp, set, want)
	size, serr := tmp.Seek(0, io.SeekEnd)
	if err = errors.Join(err, serr, tmp.Close()); err != nil {
		return err
	}
	set.files = []wacz.File{{Name: packName, Size: size, Open: func() (io.ReadCloser, error) { return os.Open(set.tmp) }}}
	return nil
}

const packName = "data.warc.gz"

func (s *Store) copySome(ctx context.Context, out *os.File, set *packSet, want map[string]map[int64]bool) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	var at int64
	for _, f := range files {
		offsets := want[f.File]
		if len(offsets) == 0 {
			continue
		}
		fd, err := s.openRead(ctx, f.File)
		if err != nil {
			return err
		}
		first, err := firstEnd(fd, f)
		if err != nil {
			return errors.Join(err, fd.Close())
		}
		last, info := first, false // end of the capture before; warcinfo copied
		copied := ""               // record ID of the last capture that was copied
		var failed error
		err = s.scanOpen(ctx, f.File, fd, 0, f.Size, false, func(x *found) bool {
			start := last
			last = x.end
			if !offsets[x.offset] && !(x.beside && x.owner() == copied) {
				return true
			}
			if !x.beside {
				copied = x.header.Value(warc.RecordID)
			}
			if !info { // the warcinfo record goes along once
				info = true
				n, err := io.Copy(out, io.NewSectionReader(fd, 0, first))
				if failed = err; err != nil {
					return false
				}
				at += n
			}
			n, err := io.Copy(out, io.NewSectionReader(fd, start, x.end-start))
			if failed = err; err != nil {
				return false
			}
			r := x.cdxRow()
			r.Offset, r.Filename = at+x.offset-start, packName
			at += n
			failed = set.add(r)
			return failed == nil
		})
		if err := errors.Join(err, failed, fd.Close()); err != nil {
			return err
		}
	}
	return nil
}

// firstEnd is where the warcinfo record at the beginning of a file ends, 0 if there is none.
func firstEnd(f io.ReaderAt, info FileInfo) (int64, error) {
	r := warc.NewReader(io.NewSectionReader(f, 0, info.Size), info.File, 0, warc.Tolerant)
	rec, err := r.Next()
	if err != nil || rec.Header.Value(warc.Type) != warc.Warcinfo {
		return 0, err
	}
	err = r.Finish()
	return r.End(), err
}
