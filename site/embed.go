package site

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed profiles/*.yaml
var embedded embed.FS

// Embedded returns the profiles that ship with the program, by site name.
func Embedded() ([]*Profile, error) {
	folder, err := fs.Sub(embedded, "profiles")
	if err != nil {
		return nil, fmt.Errorf("open embedded profiles: %w", err)
	}
	return LoadFS(folder)
}
