package warc

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// Digest is a labelled digest of a record ("sha256:…", §5.8), to be compared with bytes.
type Digest struct {
	Algorithm string // "sha256"
	Sum       []byte
}

// ParseDigest reads a labelled digest in hexadecimal, base32 or base64; writers use all of them.
func ParseDigest(s string) (Digest, error) {
	algorithm, value, ok := strings.Cut(s, ":")
	algorithm = strings.ToLower(strings.ReplaceAll(algorithm, "-", ""))
	if !ok {
		return Digest{}, fmt.Errorf("%.80q is not a labelled digest", s)
	}
	n := sizes[algorithm]
	if n == 0 {
		return Digest{}, fmt.Errorf("digest algorithm %.20q is unknown", algorithm)
	}
	for _, decode := range [...]func(string) ([]byte, error){
		hex.DecodeString,
		func(v string) ([]byte, error) {
			return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.ToUpper(v), "="))
		},
		func(v string) ([]byte, error) { return base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "=")) },
		func(v string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(strings.TrimRight(v, "=")) },
	} {
		if sum, err := decode(value); err == nil && len(sum) == n {
			return Digest{algorithm, sum}, nil
		}
	}
	return Digest{}, fmt.Errorf("%.80q is not a digest of %d bytes", s, n)
}

// sizes are those of the digests that newHash knows, in bytes.
var sizes = map[string]int{
	"sha256": sha256.Size, "sha1": sha1.Size, "sha512": sha512.Size, "sha384": sha512.Size384, "md5": md5.Size,
}

func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha256":
		return sha256.New()
	case "sha1":
		return sha1.New()
	case "sha512":
		return sha512.New()
	case "sha384":
		return sha512.New384()
	case "md5":
		return md5.New()
	}
	return nil
}

// New returns a hash of the digest's algorithm.
func (d Digest) New() hash.Hash { return newHash(d.Algorithm) }

// Is says whether h has the digest's sum.
func (d Digest) Is(h hash.Hash) bool { return bytes.Equal(h.Sum(nil), d.Sum) }

// String writes the digest as most tools do: SHA-1 in base32, others in hexadecimal.
func (d Digest) String() string {
	if d.Algorithm == "sha1" {
		return "sha1:" + base32.StdEncoding.EncodeToString(d.Sum)
	}
	return d.Algorithm + ":" + hex.EncodeToString(d.Sum)
}

// CanonicalDigest writes a labelled digest in one spelling; what is none stays as it is.
func CanonicalDigest(s string) string {
	if canonical(s) {
		return s
	}
	if !strings.Contains(s, ":") && len(s) == base32.StdEncoding.EncodedLen(sha1.Size) {
		s = "sha1:" + s // as some indexes have it, without label
	}
	d, err := ParseDigest(s)
	if err != nil {
		return s
	}
	return d.String()
}

// canonical says whether s is a SHA-256 digest as we write it, which needs no parsing.
func canonical(s string) bool {
	const label = "sha256:"
	return len(s) == len(label)+2*sha256.Size && s[:len(label)] == label &&
		strings.Trim(s[len(label):], "0123456789abcdef") == ""
}

// SameDigest says whether two labelled digests are the same bytes, however they are spelled.
func SameDigest(a, b string) bool {
	return a != "" && (a == b || strings.EqualFold(CanonicalDigest(a), CanonicalDigest(b)))
}
