// Package tlog keeps the transparency log of an archive: a Merkle tree (RFC 6962) with a leaf for each capture, in the
// layout of C2SP tlog-tiles, its head signed as a C2SP tlog-checkpoint. Whoever holds an old checkpoint can prove that
// a later history is another one; whoever holds a capture with its proof needs no archive to check it.
//
// The hashing is golang.org/x/mod/sumdb/tlog, the signatures golang.org/x/mod/sumdb/note, the formats of proofs
// and cosignatures github.com/transparency-dev/formats. What is here is the part between them and the disk: an append
// is durable when it returns, with one fsync, and a kill at any moment leaves the log before or behind it.
//
// Below its directory:
//
//	checkpoint          the signed tree head
//	checkpoints.jsonl   every head that was ever signed
//	tile/…              hashes and entries, as C2SP tlog-tiles names them
//	wal                 the entries behind the last full bundle, with a checksum a group; the only file that is
//	                    fsynced with each append: all others are made from it
//	runs/…              for each WARC, which of its captures are which entries; derived
//	key, keys.jsonl     the private key (0600); the public ones, each vouched for by the one before
package tlog
