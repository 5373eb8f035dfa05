package ocfl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Verify reads every content of the object and returns what is wrong: with a content, with an inventory, or between the
// versions. progress is called with the bytes read so far; it may be nil.
func Verify(ctx context.Context, dir string, progress func(bytes int64)) (problems []*DamagedError, err error) {
	numbers, err := versions(dir)
	if err != nil {
		return nil, err
	}
	if len(numbers) == 0 {
		return nil, fmt.Errorf("verify %s: %w", dir, ErrNone)
	}
	v := &verifier{dir: dir, known: map[string]string{}}
	for i, n := range numbers {
		if n != i+1 {
			v.add(versionName(i+1), "is missing")
			break
		}
	}
	for _, n := range numbers {
		if err := v.version(versionName(n)); err != nil {
			return nil, err
		}
	}
	if err := v.root(versionName(numbers[len(numbers)-1])); err != nil {
		return nil, err
	}
	if err := v.contents(ctx, progress); err != nil {
		return nil, err
	}
	return v.problems, v.unlisted(numbers)
}

type verifier struct {
	dir      string
	problems []*DamagedError
	known    map[string]string // content path → digest, of all inventories
	last     *Inventory
}

func (v *verifier) add(path, msg string) { v.problems = append(v.problems, &DamagedError{path, msg}) }

// version checks the inventory of a version: that it goes on from that before it.
func (v *verifier) version(name string) error {
	inv, err := readInventory(v.dir, name)
	var damage *DamagedError
	switch {
	case errors.As(err, &damage):
		v.problems = append(v.problems, damage)
		return nil
	case err != nil:
		return err
	case inv.Head != name:
		v.add(name+"/"+inventoryName, "is that of "+inv.Head)
	}
	for digest, paths := range inv.Manifest {
		for _, p := range paths {
			if was, ok := v.known[p]; ok && was != digest {
				v.add(p, fmt.Sprintf("is %s in %s and %s before", digest, name, was))
				continue
			}
			v.known[p] = digest
		}
	}
	if v.last != nil {
		for earlier, state := range v.last.Versions {
			if !reflect.DeepEqual(inv.Versions[earlier], state) {
				v.add(name+"/"+inventoryName, "tells "+earlier+" otherwise than the inventory before it")
			}
		}
	}
	v.last = &inv
	return nil
}

// root checks the copy of the newest inventory.
func (v *verifier) root(head string) error {
	inv, err := readInventory(v.dir, "")
	var damage *DamagedError
	switch {
	case errors.As(err, &damage):
		v.problems = append(v.problems, damage)
		return nil
	case err == nil && inv.Head != head:
		v.add(inventoryName, "is that of "+inv.Head+", the newest version is "+head+": the next backup mends it")
	}
	return err
}

func (v *verifier) contents(ctx context.Context, progress func(int64)) error {
	var read int64
	for _, p := range slices.Sorted(maps.Keys(v.known)) {
		got, n, err := hashFile(ctx, filepath.Join(v.dir, filepath.FromSlash(p)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			v.add(p, "is missing")
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			v.add(p, "cannot be read: "+err.Error())
		case got != v.known[p]:
			v.add(p, ErrDigest.Error())
		}
		if read += n; progress != nil {
			progress(read)
		}
	}
	return nil
}

// unlisted finds files that no inventory knows.
func (v *verifier) unlisted(numbers []int) error {
	for _, n := range numbers {
		name := versionName(n)
		err := filepath.WalkDir(filepath.Join(v.dir, name), func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			rel, err := filepath.Rel(v.dir, p)
			if rel = filepath.ToSlash(rel); err != nil || rel == name+"/"+inventoryName || rel == name+"/"+sidecarName {
				return err
			}
			if _, ok := v.known[rel]; !ok {
				v.add(rel, "is in no inventory")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		_, version := versionNumber(e.Name())
		if !version && !slices.Contains([]string{declaration, inventoryName, sidecarName, extensions, "logs"}, e.Name()) &&
			!strings.HasPrefix(e.Name(), ".") {
			v.add(e.Name(), "does not belong here")
		}
	}
	return nil
}
