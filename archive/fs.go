package archive

import (
	"errors"
	"io"
	"os"
)

// fileSystem is what the writer needs of a disk; tests put failing disks in its place.
type fileSystem interface {
	Create(path string) (file, error) // must not exist yet
	Open(path string) (file, error)   // for reading and writing
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(path string) error
}

type file interface {
	io.WriterAt
	io.ReaderAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

type osFS struct{}

func (osFS) Create(path string) (file, error) {
	return orNil(os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644))
}
func (osFS) Open(path string) (file, error) { return orNil(os.OpenFile(path, os.O_RDWR, 0)) }
func (osFS) Rename(from, to string) error   { return os.Rename(from, to) }
func (osFS) Remove(path string) error       { return os.Remove(path) }

func orNil(f *os.File, err error) (file, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osFS) SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// replaceFile writes data to path so that a reader sees the old content or the new one.
func replaceFile(path string, data []byte, sync bool) error {
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
