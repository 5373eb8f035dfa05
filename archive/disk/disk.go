// Package disk is what the archive's writers need of a file system. Tests of durability put failing disks in its place.
package disk

import (
	"errors"
	"io"
	"os"
)

// FileSystem creates, opens and renames files. Its methods are safe for concurrent use.
type FileSystem interface {
	Create(path string) (File, error) // must not exist yet
	Open(path string) (File, error)   // for reading and writing
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(path string) error
}

// File is a file that is being written.
type File interface {
	io.WriterAt
	io.ReaderAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Disk is the FileSystem of the operating system.
type Disk struct{}

// Create implements FileSystem.
func (Disk) Create(path string) (File, error) {
	return orNil(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644))
}

// Open implements FileSystem.
func (Disk) Open(path string) (File, error) { return orNil(os.OpenFile(path, os.O_RDWR, 0)) }

// Rename implements FileSystem.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements FileSystem.
func (Disk) Remove(path string) error { return os.Remove(path) }

func orNil(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// SyncDir implements FileSystem.
func (Disk) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Replace writes data to path so that a reader sees the old content or the new one, and with sync that a power cut
// leaves one of them too.
func Replace(path string, data []byte, sync bool) error {
	tmp := path + ".tmp"
	f, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, path)
}
