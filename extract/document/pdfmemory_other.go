//go:build !linux

package document

import "context"

// pdfMemory is the Go heap.
type pdfMemory struct{}

func (*pdfMemory) reserve(ctx context.Context) (context.Context, error) { return ctx, nil }

func (*pdfMemory) unmap() error { return nil }
