// Package urlkey names pages: the canonical form of a URL, its SURT key and the
// identifier derived from it. It does no I/O and is safe for concurrent use.
package urlkey

// Clean returns the identity of an absolute http(s) URL: its WHATWG href without
// the fragment. It fails on anything that is not an absolute http or https URL.
func Clean(raw string) (string, error) { panic("unwritten") }

// Resolve resolves ref against base and cleans it. Non-ASCII characters of the
// query are encoded in charset (a WHATWG encoding label; "" is UTF-8), as
// browsers do on legacy pages.
func Resolve(base, ref, charset string) (string, error) { panic("unwritten") }

// Host returns the lower-case host[:port] of a cleaned URL, "" if it has none.
func Host(clean string) string { panic("unwritten") }

// SURT returns the sort-friendly key of a URL in the form pywb uses in CDXJ.
func SURT(url string) string { panic("unwritten") }

// ID returns the name of the article at a cleaned URL: 20 hex digits of its SHA-256.
func ID(clean string) string { panic("unwritten") }
