package node

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"cundang/archive"
	"cundang/archive/blob"
	"cundang/archive/blob/s3"

	"github.com/gofrs/flock"
)

// Bucket says where closed WARCs may lie beside the data directory; the zero value is nowhere.
type Bucket struct {
	URL        string // https://HOST/BUCKET[/PREFIX] or file:///DIRECTORY
	Region     string
	AccessKey  string
	Secret     string
	SecretFile string // file whose first line is the secret, if Secret is ""
	Cache      uint64 // bytes kept of what was read, below DATA/cache
}

// BucketError says that the bucket of the configuration cannot be used as it stands there.
type BucketError struct{ Err error }

// Error implements error.
func (e *BucketError) Error() string { return e.Err.Error() }

// Unwrap implements errors.
func (e *BucketError) Unwrap() error { return e.Err }

// Open returns the store, nil if none is configured. It makes no connection.
func (b Bucket) Open() (blob.Store, error) {
	if b.URL == "" {
		return nil, nil
	}
	if u, err := url.Parse(b.URL); err == nil && u.Scheme == "file" {
		if u.Host != "" || !filepath.IsAbs(u.Path) {
			return nil, &BucketError{fmt.Errorf("bucket: %q is no file:///DIRECTORY", b.URL)}
		}
		return blob.Dir(filepath.FromSlash(u.Path)), nil
	}
	secret := b.Secret
	if secret == "" && b.SecretFile != "" {
		text, err := os.ReadFile(b.SecretFile)
		if err != nil {
			return nil, &BucketError{fmt.Errorf("bucket.secret_file: %w", err)}
		}
		secret, _, _ = strings.Cut(string(text), "\n")
		secret = strings.TrimSpace(secret)
	}
	if (b.AccessKey == "") != (secret == "") {
		return nil, &BucketError{errors.New("bucket.access_key and the secret go together")}
	}
	s, err := s3.New(s3.Options{URL: b.URL, Region: b.Region, AccessKey: b.AccessKey, SecretKey: secret})
	if err != nil {
		return nil, &BucketError{fmt.Errorf("bucket: %w", err)}
	}
	return s, nil
}

// archiveOptions are how this node opens the archive.
func (o Options) archiveOptions() (archive.Options, error) {
	remote, err := o.Bucket.Open()
	opts := archive.Options{Log: o.Log, Remote: remote}
	if remote != nil && o.Bucket.Cache > 0 {
		opts.Cache = blob.NewCache(filepath.Join(o.Path("cache"), "warc"), int64(o.Bucket.Cache))
	}
	return opts, err
}

// RestoreArchive makes the archive of a data directory that has none from what was pushed into the bucket.
func (o Options) RestoreArchive(ctx context.Context) (err error) {
	remote, err := o.Bucket.Open()
	if err != nil {
		return err
	}
	if remote == nil {
		return fmt.Errorf("restore %s: %w", o.Dir, archive.ErrElsewhere)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return &DirError{err}
	}
	lock := flock.New(o.Path("lock"))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock %s: %w", o.Dir, err)
	}
	if !ok {
		return o.locked()
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return archive.Restore(ctx, o.Path("archive"), o.Path("state"), remote)
}

// Push puts closed WARCs into the bucket, and with all of them the frontier as it was left when no crawl was under
// way: the archive that is restored from there need not work it out again from its captures.
func (n *Node) Push(ctx context.Context, opts archive.PushOptions) (archive.PushReport, error) {
	opts.State = n.Frontier.Checkpoint
	return n.Store.Push(ctx, opts)
}

// examineBucket tries whether the bucket answers and refuses to overwrite.
func (o Options) examineBucket(ctx context.Context) Check {
	c := Check{Thing: BucketStore, Program: o.Bucket.URL}
	store, err := o.Bucket.Open()
	if err == nil {
		err = archive.TryRemote(ctx, store)
	}
	c.OK, c.Err = err == nil, err
	return c
}
