package tlog

import "strings"

// IsPrivate says whether a file of a log's directory, by its slash path there, is a secret that is not copied elsewhere
// with the log.
func IsPrivate(name string) bool {
	return name == keyName || strings.HasPrefix(name, keyName+".") || strings.HasPrefix(name, witnessKeyName)
}

// IsFullTile says whether a file of a log's directory is a tile that will never change.
func IsFullTile(name string) bool {
	return strings.HasPrefix(name, "tile/") && !strings.Contains(name, ".p/") && !strings.Contains(name, ".tmp")
}
