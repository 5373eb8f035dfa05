package tandem

import (
	"syscall"
	"testing"
)

// Nothing may be read before or behind what was given: the pages there cannot be.
func TestEndsOfPages(t *testing.T) {
	size := syscall.Getpagesize()
	mem, err := syscall.Mmap(-1, 0, 3*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	page := mem[size : 2*size]
	copy(page, noise(11, size))
	for _, wall := range [][]byte{mem[:size], mem[2*size:]} {
		if err := syscall.Mprotect(wall, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	for name, pair := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			for i := range 200 {
				for _, j := range []int{0, 1, 63, 64, 65, 127, 128, 200} {
					for _, ab := range [][2][]byte{
						{page[size-i:], page[size-j:]},
						{page[:i], page[:j]},
						{page[i:], page[:size-j]},
						{page[:size-i], page[j:]},
					} {
						p := pair()
						p.WriteA(ab[0])
						p.WriteB(ab[1])
						check(t, p, ab[0], ab[1])
					}
				}
			}
		})
	}
}
