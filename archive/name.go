package archive

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	openSuffix   = ".open"
	remoteSuffix = ".remote" // of the stub of a WARC that lies elsewhere
)

// warcName matches the part of a file name that orders the files of a stream.
var warcName = regexp.MustCompile(`^(.*)-(\d{14})-(\d{5,})(?:-[0-9a-f]+)?\.warc\.gz$`)

// FileInfo is one WARC of the archive.
type FileInfo struct {
	File string // slash path below DATA/archive, without ".open"
	Open bool   // still being written
	Size int64  // bytes; of an open file what is committed
	// Remote says that the file lies where Options.Remote is and only its stub is here.
	Remote bool
}

// rank orders the forms in which one file is met: what is known to be whole comes first.
func (f FileInfo) rank() int {
	switch {
	case f.Open:
		return 2
	case f.Remote:
		return 1
	}
	return 0
}

// streamOf returns what files are written one after the other: all WARCs of a directory
// with the same prefix. Files of foreign names are streams of their own.
func streamOf(file string) (stream, order string) {
	dir, base := path.Split(file)
	m := warcName.FindStringSubmatch(base)
	if m == nil {
		return file, ""
	}
	return dir + m[1], fmt.Sprintf("%s%012s", m[2], m[3])
}

// compareFiles orders files by stream, then by their place in it. It depends on nothing
// but the names, so a follower meets the captures in the same order after a rebuild.
func compareFiles(a, b string) int {
	as, ao := streamOf(a)
	bs, bo := streamOf(b)
	return cmp.Or(strings.Compare(as, bs), strings.Compare(ao, bo), strings.Compare(a, b))
}

// siteDir makes a site's name a safe directory name.
func siteDir(site string) string {
	var b strings.Builder
	for _, c := range site {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			b.WriteRune(c)
		default:
			b.WriteByte('_')
		}
	}
	name := strings.Trim(b.String(), ".")
	if name == "" {
		return "unnamed"
	}
	return name[:min(len(name), 100)]
}

func fileName(site string, t time.Time, n int) string {
	dir := siteDir(site)
	return fmt.Sprintf("%s/cundang-%s-%s-%05d.warc.gz", dir, dir, t.UTC().Format("20060102150405"), n)
}

// safePath says whether a slash path stays below the directory it is joined to.
func safePath(p string) bool {
	return p != "" && filepath.IsLocal(filepath.FromSlash(p)) && !strings.Contains(p, "\\")
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// maxDepth is how deep directories are followed below an archive.
const maxDepth = 16

// WalkFiles calls visit for each file below dir, in the order of their names. Symbolic links to directories and files
// are followed, dir itself among them; what is linked within dir is met once, under its own name, and so is a directory
// that is linked twice. What vanishes meanwhile, or is linked and not there, is left out.
func WalkFiles(dir string, visit func(path string, info os.FileInfo) error) error {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	w := &walker{root: root, seen: map[string]bool{}, visit: visit}
	return w.dir(dir, root, 0)
}

type walker struct {
	root  string // without links
	seen  map[string]bool
	visit func(path string, info os.FileInfo) error
}

// dir visits a directory, which is at real once links are followed.
func (w *walker) dir(path, real string, depth int) error {
	if w.seen[real] || depth > maxDepth {
		return nil
	}
	w.seen[real] = true
	entries, err := os.ReadDir(path)
	if err != nil {
		if os.IsNotExist(err) && depth > 0 {
			return nil
		}
		return err
	}
	for _, e := range entries {
		if err := w.entry(filepath.Join(path, e.Name()), filepath.Join(real, e.Name()), e, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(path, real string, e fs.DirEntry, depth int) error {
	if e.Type()&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if target == w.root || strings.HasPrefix(target, w.root+string(filepath.Separator)) {
			return nil // met under its own name
		}
		real = target
	}
	info, err := os.Stat(path)
	if name, open := strings.CutSuffix(path, openSuffix); os.IsNotExist(err) && open {
		path = name // closed and renamed by the writer since
		info, err = os.Stat(path)
	}
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return w.dir(path, real, depth+1)
	case w.seen[real]:
		return nil
	}
	if e.Type()&fs.ModeSymlink != 0 {
		w.seen[real] = true
	}
	return w.visit(path, info)
}

// listFiles returns every WARC below dir in order, open ones with their size on disk.
func listFiles(dir string) ([]FileInfo, error) {
	var out []FileInfo
	err := WalkFiles(dir, func(p string, info os.FileInfo) error {
		f := FileInfo{Size: info.Size()}
		name, open := strings.CutSuffix(p, openSuffix)
		name, remote := strings.CutSuffix(name, remoteSuffix)
		if !strings.HasSuffix(name, ".warc.gz") {
			return nil
		}
		if remote {
			st, err := readStub(p)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // brought back since
			}
			if err != nil {
				return err
			}
			f.Size = st.Bytes
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		f.File, f.Open, f.Remote = filepath.ToSlash(rel), open, remote
		out = append(out, f)
		return nil
	})
	slices.SortStableFunc(out, func(a, b FileInfo) int {
		return cmp.Or(compareFiles(a.File, b.File), cmp.Compare(a.rank(), b.rank()))
	})
	// A rename during the walk can show a file under both names: it is closed. One that is here and elsewhere is here.
	out = slices.CompactFunc(out, func(a, b FileInfo) bool { return a.File == b.File })
	return out, err
}
