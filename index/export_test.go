package index

// What tests count themselves.
var (
	Split    = split
	Shingles = shingles
)
