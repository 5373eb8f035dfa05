// Package s3 keeps files in a bucket of any store that speaks S3 and honours If-None-Match: * when an object is put.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cundang/archive/blob"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// MaxSize is the largest file that is put, in bytes: what S3 takes in one request, which alone can be conditional
// everywhere.
const MaxSize = 5 << 30

// Options say where the bucket is and who asks.
type Options struct {
	URL       string // https://HOST[:PORT]/BUCKET[/PREFIX]
	Region    string // "" is us-east-1, which stores without regions take
	AccessKey string // "": the bucket is read and written by anybody
	SecretKey string
	Stall     time.Duration // a transfer that stands still that long has failed; 0 is a minute
	Retries   int           // attempts of a request; 0 is 8, over about five seconds
}

// Store is a blob.Store in a bucket.
type Store struct {
	core           minio.Core
	endpoint       string
	bucket, prefix string
	stall          time.Duration
}

// New returns the store of a bucket that exists. It makes no connection.
func New(o Options) (*Store, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, fmt.Errorf("address of the bucket: %w", err)
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || bucket == "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("%q is no address of a bucket such as https://s3.example.org/bucket/prefix", o.URL)
	}
	if prefix != "" {
		if err := blob.CheckName(prefix); err != nil {
			return nil, fmt.Errorf("%q is no address of a bucket: %w", o.URL, err)
		}
		prefix += "/"
	}
	s := &Store{endpoint: u.Scheme + "://" + u.Host, bucket: bucket, prefix: prefix, stall: o.Stall}
	if s.stall <= 0 {
		s.stall = time.Minute
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Retries <= 0 {
		o.Retries = 8
	}
	transport, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, err
	}
	transport.ResponseHeaderTimeout = s.stall
	signature := credentials.SignatureV4
	if o.AccessKey == "" {
		signature = credentials.SignatureAnonymous
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStatic(o.AccessKey, o.SecretKey, "", signature), Secure: u.Scheme == "https",
		Region: o.Region, Transport: transport, MaxRetries: o.Retries,
	})
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", o.URL, err)
	}
	s.core = minio.Core{Client: client}
	return s, nil
}

// String implements blob.Store.
func (s *Store) String() string {
	return strings.TrimSuffix(s.endpoint+"/"+s.bucket+"/"+s.prefix, "/")
}

func (s *Store) key(name string) (string, error) {
	return s.prefix + name, blob.CheckName(name)
}

// known gives the errors of S3 that callers act on their names.
func known(err error) error {
	switch e := minio.ToErrorResponse(err); {
	case e.Code == minio.NoSuchKey:
		return blob.ErrNotFound
	case e.StatusCode == http.StatusPreconditionFailed || e.Code == "PreconditionFailed":
		return blob.ErrExists
	}
	return err
}

// conflicts is how often a put is repeated while another put of the same name is under way.
const conflicts = 5

// PutNew implements blob.Store.
func (s *Store) PutNew(ctx context.Context, name string, content io.ReadSeeker, size int64) error {
	key, err := s.key(name)
	switch {
	case err != nil:
	case size <= 0: // not every store takes objects without bytes
		err = blob.ErrEmpty
	case size > MaxSize:
		err = fmt.Errorf("%d bytes, at most %d are put", size, int64(MaxSize))
	default:
		err = s.putNew(ctx, key, content, size)
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

func (s *Store) putNew(ctx context.Context, key string, content io.ReadSeeker, size int64) error {
	opts := minio.PutObjectOptions{DisableMultipart: true, ContentType: "application/octet-stream"}
	opts.SetMatchETagExcept("*")
	for try := 1; ; try++ {
		g := newGuard(ctx, s.stall)
		_, err := s.core.Client.PutObject(g.ctx, s.bucket, key, &body{content, g}, size, opts)
		err = g.end(err)
		if e := minio.ToErrorResponse(err); e.StatusCode != http.StatusConflict || try == conflicts {
			return known(err)
		}
		select {
		case <-time.After(time.Duration(try) * 100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// body hides from the client that its content may be closed, and tells the guard that it moves.
type body struct {
	io.ReadSeeker
	g *guard
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.g.moves()
	return b.ReadSeeker.Read(p)
}

// ReadRange implements blob.Store.
func (s *Store) ReadRange(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	key, err := s.key(name)
	if err == nil && offset < 0 {
		err = fmt.Errorf("offset is %d", offset)
	}
	var r io.ReadCloser
	switch {
	case err != nil:
	case length == 0: // S3 has no such range
		_, err = s.stat(ctx, key)
		r = io.NopCloser(strings.NewReader(""))
	default:
		r, err = s.open(ctx, key, offset, length)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return r, nil
}

// open begins a transfer; length is not 0.
func (s *Store) open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	var opts minio.GetObjectOptions
	if length > 0 {
		opts.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	} else if offset > 0 {
		opts.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	g := newGuard(ctx, s.stall)
	r, info, head, err := s.core.GetObject(g.ctx, s.bucket, key, opts)
	if err != nil {
		err = g.end(err)
		if minio.ToErrorResponse(err).StatusCode == http.StatusRequestedRangeNotSatisfiable { // it begins behind the end
			return io.NopCloser(strings.NewReader("")), nil
		}
		return nil, known(err)
	}
	t := &transfer{r: r, g: g, left: info.Size}
	from, total, ranged := contentRange(head.Get("Content-Range"))
	switch {
	case !ranged && (offset > 0 || length > 0 && info.Size > length):
		err = errors.New("the store answers with a whole object where a part was asked for")
	case ranged && from != offset:
		err = fmt.Errorf("the store answers with the part from %d on where that from %d on was asked for", from, offset)
	case ranged: // whatever is said of the length of the body
		t.left = total - offset
		if length > 0 {
			t.left = min(t.left, length)
		}
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// contentRange reads "bytes 0-99/1234".
func contentRange(v string) (from, total int64, ok bool) {
	v, ok = strings.CutPrefix(v, "bytes ")
	span, all, cut := strings.Cut(v, "/")
	first, _, dash := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	total, err2 := strconv.ParseInt(all, 10, 64)
	return from, total, ok && cut && dash && err == nil && err2 == nil
}

// transfer is the body of an answer, which is an error unless it has left bytes.
type transfer struct {
	r    io.ReadCloser
	g    *guard
	left int64
}

// Read implements io.Reader.
func (t *transfer) Read(b []byte) (int, error) {
	if t.left == 0 {
		return 0, io.EOF
	}
	t.g.moves()
	n, err := t.r.Read(b[:min(int64(len(b)), t.left)])
	t.left -= int64(n)
	switch {
	case err == io.EOF && t.left > 0:
		err = io.ErrUnexpectedEOF
	case err != nil && err != io.EOF:
		err = t.g.cause(err)
	}
	return n, err
}

// Close implements io.Closer.
func (t *transfer) Close() error { return t.g.end(t.r.Close()) }

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, name string) (blob.Info, error) {
	key, err := s.key(name)
	var size int64
	if err == nil {
		size, err = s.stat(ctx, key)
	}
	if err != nil {
		return blob.Info{}, fmt.Errorf("stat %s: %w", name, err)
	}
	return blob.Info{Name: name, Size: size}, nil
}

func (s *Store) stat(ctx context.Context, key string) (int64, error) {
	info, err := s.core.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	return info.Size, known(err)
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		ctx, stop := context.WithCancel(ctx) // the client is free to list ahead
		defer stop()
		opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
		for o := range s.core.ListObjectsIter(ctx, s.bucket, opts) {
			if o.Err != nil {
				yield(blob.Info{}, fmt.Errorf("list %s: %w", prefix, known(o.Err)))
				return
			}
			if !yield(blob.Info{Name: strings.TrimPrefix(o.Key, s.prefix), Size: o.Size}, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil { // the client just stops
			yield(blob.Info{}, fmt.Errorf("list %s: %w", prefix, err))
		}
	}
}

// errStalled says why a transfer was given up.
var errStalled = errors.New("the transfer stood still")

// guard cancels a request that does not move for the time of a stall: a server that accepts and falls silent would hold
// its caller for ever.
type guard struct {
	ctx    context.Context // of the request; the guard is its owner
	cancel context.CancelCauseFunc
	timer  *time.Timer
	stall  time.Duration
}

func newGuard(ctx context.Context, stall time.Duration) *guard {
	g := &guard{stall: stall}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	// A request that is being repeated does not move: the transport has its own bound for each answer.
	g.timer = time.AfterFunc(10*stall, func() { g.cancel(errStalled) })
	return g
}

func (g *guard) moves() { g.timer.Reset(g.stall) }

// cause replaces the error of a cancelled request by the reason.
func (g *guard) cause(err error) error {
	if c := context.Cause(g.ctx); err != nil && c != nil {
		return c
	}
	return err
}

// end ends the request.
func (g *guard) end(err error) error {
	g.timer.Stop()
	err = g.cause(err)
	g.cancel(nil)
	return err
}
