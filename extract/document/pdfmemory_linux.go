package document

import (
	"context"
	"fmt"
	"syscall"

	"github.com/tetratelabs/wazero/experimental"
)

// pdfMemory is the address space that pdfium's instances use one after the other. Growing in
// place it never holds a document twice, as a Go slice does that moves when it grows, and what
// an instance used goes back to the system as the instance ends, not with a later collection.
// The addresses stay valid until unmap: a closed instance may still be asked.
type pdfMemory struct{ space []byte }

// reserve maps the address space, without memory behind it, and makes ctx name it.
func (m *pdfMemory) reserve(ctx context.Context) (context.Context, error) {
	b, err := syscall.Mmap(-1, 0, maxPDFMemory<<16, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		return ctx, fmt.Errorf("reserve %d bytes of address space: %w", maxPDFMemory<<16, err)
	}
	m.space = b
	return experimental.WithMemoryAllocator(ctx, m), nil
}

// unmap gives the address space back; no instance may be left.
func (m *pdfMemory) unmap() error {
	if m.space == nil {
		return nil
	}
	b := m.space
	m.space = nil
	return syscall.Munmap(b)
}

// Allocate hands the space to the next instance; there is never more than one.
func (m *pdfMemory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate grows the instance's memory in place; nil past the bound.
func (m *pdfMemory) Reallocate(size uint64) []byte {
	if size > uint64(len(m.space)) {
		return nil
	}
	return m.space[:size]
}

// Free returns the memory to the system; the next instance finds zeros.
func (m *pdfMemory) Free() {
	if err := syscall.Madvise(m.space, syscall.MADV_DONTNEED); err != nil { // the next one must not see this document
		clear(m.space)
	}
}
