package archive

import (
	"cmp"
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

const openSuffix = ".open"

// warcName matches the part of a file name that orders the files of a stream.
var warcName = regexp.MustCompile(`^(.*)-(\d{14})-(\d{5,})(?:-[0-9a-f]+)?\.warc\.gz$`)

// FileInfo is one WARC of the archive.
type FileInfo struct {
	File string // slash path below DATA/archive, without ".open"
	Open bool   // still being written
	Size int64  // bytes; of an open file what is committed
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

// listFiles returns every WARC below dir in order, open ones with their size on disk.
func listFiles(dir string) ([]FileInfo, error) {
	var out []FileInfo
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) && p != dir {
				return nil // renamed by the writer in the meantime
			}
			return err
		}
		name, open := strings.CutSuffix(p, openSuffix)
		if d.IsDir() || !strings.HasSuffix(name, ".warc.gz") {
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if os.IsNotExist(err) { // renamed by the writer since: it is closed now
			open = false
			info, err = os.Stat(name)
		}
		if err != nil {
			return err
		}
		out = append(out, FileInfo{filepath.ToSlash(rel), open, info.Size()})
		return nil
	})
	slices.SortStableFunc(out, func(a, b FileInfo) int {
		if a.File == b.File && a.Open != b.Open {
			if a.Open {
				return 1
			}
			return -1
		}
		return compareFiles(a.File, b.File)
	})
	// A rename during the walk can show a file under both names: it is closed.
	out = slices.CompactFunc(out, func(a, b FileInfo) bool { return a.File == b.File })
	return out, err
}
