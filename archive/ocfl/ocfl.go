// Package ocfl writes and reads objects of the Oxford Common File Layout 1.1 (https://ocfl.io/1.1/spec/): a
// directory that holds versions of a tree of files, each content once, under its name, with an inventory that
// has the digest of every file. A version comes into being by one rename, so that a kill or a power cut at any
// moment leaves the versions before it as they were.
package ocfl

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	declaration   = "0=ocfl_object_1.1"
	objectType    = "https://ocfl.io/1.1/spec/#inventory"
	inventoryName = "inventory.json"
	sidecarName   = "inventory.json.sha256"
	contentName   = "content"
	extensions    = "extensions"
	stageName     = extensions + "/cundang-stage" // a version that is being made; readers of the layout pass it over
	maxInventory  = 1 << 30                       // bytes of an inventory that is read
)

var (
	// ErrNone says that a directory is not there or empty, so that an object can be made in it.
	ErrNone = errors.New("no OCFL object")
	// ErrOther says that a directory holds something that is no OCFL object.
	ErrOther = errors.New("not an OCFL object, and not empty")
	// ErrLocked says that another process is making a version.
	ErrLocked = errors.New("another process writes to this object")
	// ErrDigest says that a content is not what its digest says.
	ErrDigest = errors.New("differs from its digest")
)

// DamagedError says what of an object cannot be used.
type DamagedError struct {
	Path string // below the object
	Msg  string
}

func (e *DamagedError) Error() string { return e.Path + ": " + e.Msg }

// Inventory is what inventory.json holds.
type Inventory struct {
	ID        string              `json:"id"`
	Type      string              `json:"type"`
	Algorithm string              `json:"digestAlgorithm"`
	Head      string              `json:"head"`
	Manifest  map[string][]string `json:"manifest"` // digest → paths of the content below the object
	Versions  map[string]Version  `json:"versions"`
}

// Version is one state of the tree.
type Version struct {
	Created time.Time           `json:"created"`
	Message string              `json:"message,omitempty"`
	User    *User               `json:"user,omitempty"`
	State   map[string][]string `json:"state"` // digest → paths of the tree
}

// User is who made a version.
type User struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
}

// Object is an object opened for reading.
type Object struct {
	Dir       string
	Inventory Inventory // of its newest version, or of the one that was asked for
}

// versionName returns the name of a version.
func versionName(n int) string { return "v" + strconv.Itoa(n) }

// versionNumber returns the number in the name of a version; ok is false for any other name.
func versionNumber(name string) (n int, ok bool) {
	digits, ok := strings.CutPrefix(name, "v")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0 && versionName(n) == name
}

// Open opens the newest version of the object in dir, or the version that is named. Errors: ErrNone (an object without
// any version too), ErrOther, *DamagedError.
func Open(dir, version string) (*Object, error) {
	numbers, err := versions(dir)
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 {
		return nil, fmt.Errorf("open %s: %w", dir, ErrNone)
	}
	if version == "" {
		version = versionName(numbers[len(numbers)-1])
	}
	if n, ok := versionNumber(version); !ok || !slices.Contains(numbers, n) {
		return nil, fmt.Errorf("open %s: no version %s, the newest is %s", dir, version, versionName(numbers[len(numbers)-1]))
	}
	o := &Object{Dir: dir}
	o.Inventory, err = readInventory(dir, version)
	if err == nil && o.Inventory.Head != version {
		err = &DamagedError{version + "/" + inventoryName, "is that of " + o.Inventory.Head}
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return o, nil
}

// versions returns the numbers of the versions in dir, rising.
func versions(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, fmt.Errorf("open %s: %w", dir, ErrNone)
	}
	if err != nil {
		return nil, err
	}
	declared := false
	var numbers []int
	for _, e := range entries {
		if n, ok := versionNumber(e.Name()); ok && e.IsDir() {
			numbers = append(numbers, n)
		}
		declared = declared || e.Name() == declaration
	}
	if !declared {
		return nil, fmt.Errorf("open %s: %w", dir, ErrOther)
	}
	slices.Sort(numbers)
	return numbers, nil
}

// readInventory reads the inventory in a directory of the object and holds it to its digest.
func readInventory(dir, sub string) (inv Inventory, err error) {
	name := path.Join(sub, inventoryName)
	text, err := readBounded(filepath.Join(dir, sub, inventoryName))
	if errors.Is(err, fs.ErrNotExist) {
		return inv, &DamagedError{name, "is missing"}
	}
	if err != nil {
		return inv, err
	}
	side, err := readBounded(filepath.Join(dir, sub, sidecarName))
	if errors.Is(err, fs.ErrNotExist) {
		return inv, &DamagedError{path.Join(sub, sidecarName), "is missing"}
	}
	if err != nil {
		return inv, err
	}
	if want := strings.Fields(string(side)); len(want) != 2 || want[0] != sum(text) || want[1] != inventoryName {
		return inv, &DamagedError{name, ErrDigest.Error()}
	}
	if err := json.Unmarshal(text, &inv); err != nil {
		return inv, &DamagedError{name, err.Error()}
	}
	if err := inv.check(); err != nil {
		return inv, &DamagedError{name, err.Error()}
	}
	return inv, nil
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading
	text, err := io.ReadAll(io.LimitReader(f, maxInventory+1))
	if err == nil && len(text) > maxInventory {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxInventory)
	}
	return text, err
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// check says what of an inventory cannot be relied on. No path may lead out of the object or of a restored tree.
func (inv *Inventory) check() error {
	if inv.Type != objectType || inv.Algorithm != "sha256" || inv.ID == "" {
		return fmt.Errorf("type %q with %q for %q is not one this program reads", inv.Type, inv.Algorithm, inv.ID)
	}
	for digest, paths := range inv.Manifest {
		if len(digest) != sha256.Size*2 || strings.ToLower(digest) != digest || len(paths) == 0 {
			return fmt.Errorf("manifest: %q is not a digest with paths", digest)
		}
		if err := local(paths); err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
	}
	if _, ok := inv.Versions[inv.Head]; !ok {
		return fmt.Errorf("there is no version %q", inv.Head)
	}
	for name, v := range inv.Versions {
		if _, ok := versionNumber(name); !ok {
			return fmt.Errorf("%q is not the name of a version", name)
		}
		for digest, paths := range v.State {
			if inv.Manifest[digest] == nil {
				return fmt.Errorf("version %s: %s is not in the manifest", name, digest)
			}
			if err := local(paths); err != nil {
				return fmt.Errorf("version %s: %w", name, err)
			}
		}
	}
	return nil
}

func local(paths []string) error {
	for _, p := range paths {
		if p == "." || p != path.Clean(p) || !filepath.IsLocal(filepath.FromSlash(p)) || strings.ContainsAny(p, "\\\x00") {
			return fmt.Errorf("path %q", p)
		}
	}
	return nil
}

// File is a file of a version.
type File struct {
	Path   string // in the tree
	SHA256 string
	From   string // where its content is, below the object
}

// Files returns the files of the opened version in order of their paths.
func (o *Object) Files() []File {
	var out []File
	for digest, paths := range o.Inventory.Versions[o.Inventory.Head].State {
		for _, p := range paths {
			out = append(out, File{p, digest, o.Inventory.Manifest[digest][0]})
		}
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// Find returns a file of the opened version.
func (o *Object) Find(name string) (File, bool) {
	for digest, paths := range o.Inventory.Versions[o.Inventory.Head].State {
		if slices.Contains(paths, name) {
			return File{name, digest, o.Inventory.Manifest[digest][0]}, true
		}
	}
	return File{}, false
}

// Path returns where the content of a file is.
func (o *Object) Path(f File) string { return filepath.Join(o.Dir, filepath.FromSlash(f.From)) }

// marshal returns the inventory and its sidecar as they are written.
func (inv *Inventory) marshal() (text, side []byte, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(inv); err != nil {
		return nil, nil, err
	}
	return b.Bytes(), []byte(sum(b.Bytes()) + " " + inventoryName + "\n"), nil
}
