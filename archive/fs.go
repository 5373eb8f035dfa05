package archive

import "cundang/archive/disk"

// FileSystem, File and Disk are what the writer of WARCs needs of a disk.
type (
	FileSystem = disk.FileSystem
	File       = disk.File
	Disk       = disk.Disk
)
