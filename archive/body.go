package archive

import (
	"crypto/sha256"
	"hash"
	"io"

	"cundang/archive/httpmsg"
	"cundang/archive/warc"
)

// The payload of a recorded response is what its head says: as many bytes as Content-Length, or chunks. Some tools
// write a body that was altered beside the head as it came: unpacked below the length of what was packed, or no
// longer in chunks. Then the payload is everything behind the head, as it stands. The recorded payload digest
// decides where it can:
//
//   - A body longer than the length in its head is whole, unless the digest holds over the shorter one.
//   - What does not parse as chunks to the end stands as it is, if the digest holds over that.
//   - What parses as chunks is decoded, whatever digest there is: older tools took it over the chunks.

// weigher reads a response block and takes its digests, the payload's in both readings where they can differ.
type weigher struct {
	parser  *httpmsg.Parser
	length  int64 // of the block in bytes, -1 if it ends with the message
	block   hash.Hash
	payload hash.Hash
	rest    hash.Hash // everything behind the head
	pos     int64
	differ  bool // the payload may be less than the rest
}

// Write takes the next bytes of the block.
func (w *weigher) Write(b []byte) (int, error) {
	if w.block != nil {
		w.block.Write(b)
	}
	w.parser.Feed(b, w.give)
	head := w.parser.Head()
	if head != nil && w.rest != nil {
		w.differ = w.parser.Chunked() || w.long()
		if from := max(0, head.Size-w.pos); w.differ && from < int64(len(b)) {
			w.rest.Write(b[from:])
		}
	}
	w.pos += int64(len(b))
	return len(b), nil
}

func (w *weigher) give(b []byte) {
	if w.payload != nil {
		w.payload.Write(b)
	}
}

// read takes a whole block.
func (w *weigher) read(block io.Reader) error {
	mem := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(mem)
	for {
		n, err := block.Read(mem[:])
		w.Write(mem[:n]) // never fails
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if !w.parser.Done() {
		w.parser.Close(w.give)
	}
	return nil
}

// long says that the block goes on behind the end that its head tells.
func (w *weigher) long() bool {
	return w.length >= 0 && w.parser.Ends() >= 0 && w.parser.Ends() < w.length
}

// stands says whether the payload is everything behind the head, by the digest recorded (nil: none).
func (w *weigher) stands(want *warc.Digest) bool {
	switch {
	case !w.differ:
		return false
	case w.long():
		return want == nil || !want.Is(w.payload)
	}
	return w.parser.Doubtful() && want != nil && want.Is(w.rest) && !want.Is(w.payload)
}

// mayStand says, when the head of a block has been read, whether its digests have to be taken to know the payload.
func mayStand(p *httpmsg.Parser, length int64) bool {
	return p.Chunked() || p.Ends() >= 0 && p.Ends() < length
}

// weigh reads a block of length bytes and says which payload its digest means.
func weigh(block io.Reader, length int64, digest string) (stands bool, err error) {
	want := wanted(digest)
	w := &weigher{parser: httpmsg.NewParser(""), length: length}
	if want != nil {
		w.payload, w.rest = want.New(), want.New()
	} else {
		w.payload, w.rest = sha256.New(), sha256.New()
	}
	if err := w.read(block); err != nil {
		return false, err
	}
	return w.stands(want), nil
}

func wanted(digest string) *warc.Digest {
	d, err := warc.ParseDigest(digest)
	if err != nil {
		return nil
	}
	return &d
}
