package wacz

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"

	"cundang/archive/warc"
)

// signedData is the signature of a package (WACZ Signing and Verification 0.1.0): with a key of its own, or with that
// of a certificate for a domain.
type signedData struct {
	Hash       string `json:"hash"`
	Signature  string `json:"signature"`           // base64
	PublicKey  string `json:"publicKey,omitempty"` // base64 of a SubjectPublicKeyInfo
	Domain     string `json:"domain,omitempty"`
	DomainCert string `json:"domainCert,omitempty"` // PEM, a chain
	TimeCert   string `json:"timestampCert,omitempty"`
}

// checkSignature checks that the signature, if there is one, is that of the manifest's hash by the key it names. Whose
// key that is, and when it was signed, nobody here can know: that is said.
func (c *checker) checkSignature(d digestFile) {
	if d.Signed == nil {
		return
	}
	key, err := d.Signed.key()
	if err == nil {
		err = d.Signed.check(key)
	}
	switch {
	case !warc.SameDigest(d.Signed.Hash, d.Hash):
		c.bad("wacz-signature", packageDigest, "the signature is of %s, the manifest's hash is %s", d.Signed.Hash, d.Hash)
	case err != nil:
		c.bad("wacz-signature", packageDigest, "the signature does not hold: %v", err)
	case d.Signed.DomainCert != "":
		c.add(Problem{"wacz-signer", packageDigest, fmt.Sprintf(
			"the signature holds; that its certificate is that of %s, and its time stamp, are not checked",
			d.Signed.Domain), true})
	default:
		c.add(Problem{"wacz-signer", packageDigest, "the signature holds; whose key it is was not checked", true})
	}
}

// key returns the public key of the signature.
func (s *signedData) key() (any, error) {
	if s.DomainCert != "" {
		block, _ := pem.Decode([]byte(s.DomainCert))
		if block == nil {
			return nil, errors.New("domainCert is no certificate")
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("domainCert: %w", err)
		}
		return cert.PublicKey, nil
	}
	der, err := base64.StdEncoding.DecodeString(s.PublicKey)
	if err != nil || len(der) == 0 {
		return nil, errors.New("no public key")
	}
	return x509.ParsePKIXPublicKey(der)
}

// check holds the signature against the hash, which is signed as text.
func (s *signedData) check(key any) error {
	sig, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || len(sig) == 0 {
		return errors.New("the signature is not base64")
	}
	sum := sha256.Sum256([]byte(s.Hash))
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		half := len(sig) / 2
		x, y := new(big.Int).SetBytes(sig[:half]), new(big.Int).SetBytes(sig[half:])
		if ecdsa.VerifyASN1(k, sum[:], sig) || len(sig)%2 == 0 && ecdsa.Verify(k, sum[:], x, y) {
			return nil // as OpenSSL writes it, or as browsers do
		}
	case *rsa.PublicKey:
		if rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], sig) == nil ||
			rsa.VerifyPSS(k, crypto.SHA256, sum[:], sig, nil) == nil {
			return nil
		}
	default:
		return fmt.Errorf("keys of type %T are not supported", key)
	}
	return errors.New("it was not made with this key")
}
