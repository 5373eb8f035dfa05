package blobtest

import (
	"net/http"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// S3 returns the handler of an S3 store in memory with one empty bucket.
func S3(bucket string) (http.Handler, error) {
	back := s3mem.New()
	if err := back.CreateBucket(bucket); err != nil {
		return nil, err
	}
	return gofakes3.New(back).Server(), nil
}
