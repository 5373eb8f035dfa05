//go:build !unix

package node

// identity names the directory by its real path; a copy has another.
func identity(dir string) (string, error) { return canonical(dir) }
