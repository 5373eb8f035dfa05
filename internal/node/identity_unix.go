//go:build unix

package node

import (
	"fmt"
	"os"
	"syscall"
)

// identity names the directory itself, whatever path leads to it: a link to it has the same, a copy another.
func identity(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return canonical(dir)
	}
	return fmt.Sprintf("%d:%d", st.Dev, st.Ino), nil
}
