package httpmsg

import (
	"bytes"
	"strconv"
	"strings"
)

type state int

const (
	inHead state = iota
	inLength
	inClose
	inChunkSize
	inChunkData
	inChunkEnd
	inTrailer
	done
)

// maxLine is the longest chunk-size or trailer line that is read as one, in bytes.
const maxLine = 16 << 10

// Parser follows one response as its bytes arrive. The same parser cuts a recorded
// connection at the end of a message, finds the payload for its digest and feeds the
// readers of archived bodies. It keeps at most MaxHead bytes. Not safe for concurrent use.
type Parser struct {
	method   string
	state    state
	line     []byte // head or line so far
	left     int64  // of the body or the chunk
	size     int64  // bytes taken
	payload  int64
	head     *Head
	interim  int
	headSize int64
	problems []Problem
	stand    bool  // the payload is everything behind the head
	chunked  bool  // the head says so
	chunks   int   // that are complete
	ends     int64 // size of the whole message as the head tells it, -1 if it does not
}

// NewParser returns a parser of the response to a request with this method ("" is GET).
func NewParser(method string) *Parser { return &Parser{method: method, ends: -1} }

// Stand makes the parser take everything behind the head as payload as it stands, whatever length or
// coding the head tells of: for recordings whose body was altered beside its head. To be called first.
func (p *Parser) Stand() { p.stand = true }

// Feed takes the next bytes of the connection and returns how many of them belong to this
// message; fewer than len(b) only when the message is complete. payload, if not nil, is
// called with each run of payload bytes (transfer coding removed), which alias b (or, for a
// body without a head, the parser's own buffer) and are valid during the call only.
func (p *Parser) Feed(b []byte, payload func([]byte)) int {
	if payload == nil {
		payload = func([]byte) {}
	}
	taken := 0
	for taken < len(b) && p.state != done {
		n := p.step(b[taken:], payload)
		taken += n
		p.size += int64(n)
	}
	return taken
}

func (p *Parser) step(b []byte, payload func([]byte)) int {
	switch p.state {
	case inHead:
		return p.stepHead(b, payload)
	case inLength, inChunkData:
		n := int(min(int64(len(b)), p.left))
		p.give(b[:n], payload)
		if p.left -= int64(n); p.left == 0 {
			if p.state == inLength {
				p.state = done
			} else {
				p.chunks++
				p.state = inChunkEnd
			}
		}
		return n
	case inClose:
		p.give(b, payload)
		return len(b)
	case inChunkEnd:
		return p.stepChunkEnd(b)
	default:
		return p.stepLine(b, payload)
	}
}

func (p *Parser) give(b []byte, payload func([]byte)) {
	if len(b) > 0 {
		p.payload += int64(len(b))
		payload(b)
	}
}

// stepHead gathers the head up to its empty line.
func (p *Parser) stepHead(b []byte, payload func([]byte)) int {
	if p.line == nil {
		p.line = make([]byte, 0, usualHead)
	}
	taken := 0
	for taken < len(b) {
		n := 1 // byte by byte until it is clear what this is, then line by line
		if len(p.line) > maxLead+8 || bytes.HasPrefix(p.line, []byte("HTTP/")) {
			if n = bytes.IndexByte(b[taken:], '\n') + 1; n == 0 {
				n = len(b) - taken
			}
			n = min(n, MaxHead-len(p.line))
		}
		p.line = append(p.line, b[taken:taken+n]...)
		taken += n
		switch {
		case len(p.line) <= maxLead+8 && notHTTP(p.line):
			p.bare(payload, NoHead)
			return taken
		case p.line[len(p.line)-1] == '\n' && headEnds(p.line):
			p.headDone(payload)
			return taken
		case len(p.line) >= MaxHead:
			p.bare(payload, LongHead)
			return taken
		}
	}
	return taken
}

// usualHead is room for most heads, in bytes.
const usualHead = 512

// maxLead is how many line ends before a status line are taken for those of an earlier message.
const maxLead = 16

// headEnds says whether raw, which ends with LF, ends with an empty line after some text.
func headEnds(raw []byte) bool {
	t := raw[:len(raw)-1]
	if n := len(t); n > 0 && t[n-1] == '\r' {
		t = t[:n-1]
	}
	if len(t) == 0 || t[len(t)-1] != '\n' {
		return false
	}
	return len(bytes.TrimLeft(t, "\r\n")) > 0
}

// notHTTP says that no continuation of raw can be a status line.
func notHTTP(raw []byte) bool {
	t := bytes.TrimLeft(raw, "\r\n")
	if len(raw)-len(t) > maxLead {
		return true
	}
	for _, start := range []string{"HTTP/", "ICY "} {
		n := min(len(t), len(start))
		if bytes.EqualFold(t[:n], []byte(start[:n])) {
			return false
		}
	}
	return true
}

// bare treats everything from the first byte on as payload.
func (p *Parser) bare(payload func([]byte), why Problem) {
	p.note(why)
	p.head = &Head{Header: map[string][]string{}, Size: p.headSize, Interim: p.interim, InterimSize: p.headSize}
	p.state = inClose
	raw := p.line
	p.line = nil
	p.give(raw, payload)
}

func (p *Parser) headDone(payload func([]byte)) {
	raw := p.line
	p.line = nil
	before := p.headSize
	p.headSize += int64(len(raw))
	h := parseHead(raw, p.note)
	if h.Status/100 == 1 && h.Status != 101 {
		p.interim++
		return
	}
	h.Interim, h.InterimSize, h.Size = p.interim, before, p.headSize
	p.head = h
	how, n := h.framing(p.method, p.note)
	p.chunked = how == byChunks
	switch {
	case p.stand:
		how = untilClose
	case how == noBody:
		p.ends = p.headSize
	case how == byLength:
		p.ends = p.headSize + n
	}
	switch how {
	case noBody:
		p.state = done
	case byLength:
		p.state, p.left = inLength, n
		if n == 0 {
			p.state = done
		}
	case byChunks:
		p.state = inChunkSize
	default:
		p.state = inClose
	}
}

func (p *Parser) stepChunkEnd(b []byte) int {
	switch {
	case b[0] == '\r' && len(p.line) == 0:
		p.line = append(p.line, '\r')
		return 1
	case b[0] == '\n':
		if len(p.line) == 0 {
			p.note(BareLF)
		}
		p.line = p.line[:0]
		p.state = inChunkSize
		return 1
	}
	p.note(ChunkEnd)
	p.line = p.line[:0]
	p.state = inChunkSize
	return 0
}

// stepLine gathers a chunk-size or trailer line.
func (p *Parser) stepLine(b []byte, payload func([]byte)) int {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		p.line = append(p.line, b...)
		if len(p.line) > maxLine {
			p.badChunk(payload)
		}
		return len(b)
	}
	p.line = append(p.line, b[:i+1]...)
	if p.state == inTrailer {
		p.trailerLine()
		return i + 1
	}
	n, ok := chunkSize(p.line)
	switch {
	case !ok:
		p.badChunk(payload)
	case n == 0:
		p.endLine()
		p.state = inTrailer
	default:
		p.endLine()
		p.state, p.left = inChunkData, n
	}
	return i + 1
}

func (p *Parser) endLine() {
	if n := len(p.line); n < 2 || p.line[n-2] != '\r' {
		p.note(BareLF)
	}
	p.line = p.line[:0]
}

func (p *Parser) trailerLine() {
	text := bytes.TrimRight(p.line, "\r\n")
	if len(text) == 0 {
		p.endLine()
		p.state = done
		return
	}
	var t Head
	t.Header = map[string][]string{}
	t.fieldLine(string(text), p.note)
	p.head.Trailer = append(p.head.Trailer, t.Fields...)
	p.endLine()
}

// badChunk gives up the chunked coding: what follows is payload as it stands.
func (p *Parser) badChunk(payload func([]byte)) {
	p.note(BadChunk)
	raw := p.line
	p.line = nil
	p.state = inClose
	p.give(raw, payload)
}

// chunkSize reads "1a ;name=value CRLF".
func chunkSize(line []byte) (int64, bool) {
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		line = line[:i]
	}
	digits := string(bytes.TrimSpace(line))
	if strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 16, 64)
	return n, err == nil
}

// Close tells the parser that no more bytes will come. It must be called once, before the
// results are read, unless Done. payload receives what was held back.
func (p *Parser) Close(payload func([]byte)) {
	if payload == nil {
		payload = func([]byte) {}
	}
	switch p.state {
	case inHead:
		if len(bytes.TrimLeft(p.line, "\r\n")) < 5 {
			p.bare(payload, ShortHead)
			break
		}
		p.note(ShortHead)
		p.head = parseHead(p.line, p.note)
		p.head.Interim, p.head.InterimSize = p.interim, p.headSize
		p.headSize += int64(len(p.line))
		p.head.Size = p.headSize
	case inChunkSize:
		p.note(ShortBody)
		p.closeSize(payload)
	case inLength, inChunkData, inChunkEnd:
		p.note(ShortBody)
	case inTrailer:
		p.note(ShortTrailer)
	}
	p.state = done
}

// closeSize decides on a line that was to be a chunk's size and has no end: it is dropped if it may be one
// behind other chunks or says nothing, else it is payload as it stands.
func (p *Parser) closeSize(payload func([]byte)) {
	n, ok := chunkSize(p.line)
	if len(bytes.TrimSpace(p.line)) == 0 || ok && (p.chunks > 0 || n == 0) {
		return
	}
	p.badChunk(payload)
}

// Chunked says that the head tells of the chunked coding.
func (p *Parser) Chunked() bool { return p.chunked }

// Ends is the size of the whole message as the head tells it, -1 where it does not or is not known yet.
func (p *Parser) Ends() int64 { return p.ends }

// Doubtful says that the chunked coding, which the head tells of, does not hold: what was read as chunks
// may be no chunks. It is to be asked when all has been read.
func (p *Parser) Doubtful() bool {
	return p.chunked && (p.chunks == 0 && p.payload > 0 || p.Has(BadChunk) || p.Has(ChunkEnd))
}

func (p *Parser) note(x Problem) {
	for _, y := range p.problems {
		if x == y {
			return
		}
	}
	p.problems = append(p.problems, x)
}

// Done says that the message is complete: further bytes belong to something else.
func (p *Parser) Done() bool { return p.state == done }

// UntilClose says that only the end of the connection ends this message.
func (p *Parser) UntilClose() bool { return p.state == inClose }

// Head returns the head once it is complete, else nil.
func (p *Parser) Head() *Head { return p.head }

// Size is the number of bytes taken so far.
func (p *Parser) Size() int64 { return p.size }

// PayloadSize is the number of payload bytes seen so far.
func (p *Parser) PayloadSize() int64 { return p.payload }

// Problems lists each kind of deviation met, once, in order.
func (p *Parser) Problems() []Problem { return p.problems }

// Has says whether a problem was met.
func (p *Parser) Has(x Problem) bool {
	for _, y := range p.problems {
		if x == y {
			return true
		}
	}
	return false
}
