package frontier

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A record is a sequence of fields: a tag byte, then a uvarint (odd tags) or a uvarint
// length and as many bytes (even tags). Unknown tags are skipped, so that an older program can
// read what a newer one wrote. Absent is zero.
const (
	tagKind     = 1
	tagPriority = 3
	tagFound    = 5
	tagDue      = 7
	tagStatus   = 9
	tagFetched  = 11
	tagOffset   = 13
	tagLength   = 15
	tagRefTime  = 17
	tagLive     = 19
	tagChanged  = 21
	tagMisses   = 23
	tagMissed   = 25
	tagFails    = 27
	tagVisits   = 29
	tagInterval = 31
	tagNumber   = 33
	tagAnswerAt = 35
	tagAnswer   = 37 // its length

	tagVia      = 2
	tagHops     = 4
	tagColumn   = 6
	tagListed   = 8
	tagTitle    = 10
	tagState    = 12
	tagReason   = 14
	tagFile     = 16
	tagDigest   = 18
	tagRefURL   = 20
	tagETag     = 22
	tagModified = 24
	tagContent  = 26
	tagSHA256   = 28 // a digest "sha256:hex" as 32 bytes
	tagBase     = 30
	tagPost     = 32
	tagPostType = 34
	tagTarget   = 36

	tagAnswerFile   = 38
	tagAnswerDigest = 40
	tagAnswerSHA256 = 42
)

type encoder struct{ b []byte }

func (e *encoder) num(tag byte, v uint64) {
	if v != 0 {
		e.b = binary.AppendUvarint(append(e.b, tag), v)
	}
}

func (e *encoder) str(tag byte, s string) {
	if s != "" {
		e.b = append(binary.AppendUvarint(append(e.b, tag), uint64(len(s))), s...)
	}
}

func (e *encoder) time(tag byte, t time.Time) { e.num(tag, milli(t)) }

// digest writes a digest in 32 bytes if it is a SHA-256, else as text.
func (e *encoder) digest(sha256, text byte, s string) {
	hexed, ok := strings.CutPrefix(s, "sha256:")
	if sum, err := hex.DecodeString(hexed); ok && err == nil && len(sum) == 32 && hex.EncodeToString(sum) == hexed {
		e.str(sha256, string(sum))
	} else {
		e.str(text, s)
	}
}

// milli is t in Unix milliseconds, 0 for the zero time.
func milli(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(t.UnixMilli(), 1))
}

func fromMilli(ms uint64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// encode returns the record of e: all but URL and Site, which are its key.
func encode(e Entry) []byte {
	h := e.History
	w := encoder{make([]byte, 0, 128)}
	w.num(tagKind, uint64(e.Kind))
	w.num(tagPriority, uint64(e.Priority))
	w.time(tagFound, e.Found)
	w.time(tagDue, e.Due)
	w.str(tagVia, e.Via)
	w.str(tagHops, e.Hops)
	w.str(tagColumn, e.Column)
	w.str(tagListed, e.Listed)
	w.str(tagTitle, e.Title)
	w.str(tagBase, e.Base)
	w.str(tagPost, e.Post)
	w.str(tagPostType, e.PostType)
	w.str(tagTarget, e.Target)
	w.num(tagNumber, uint64(e.Number))
	w.str(tagState, h.State)
	w.num(tagStatus, uint64(h.Status))
	w.str(tagReason, h.Reason)
	w.time(tagFetched, h.Fetched)
	w.str(tagFile, h.Ref.File)
	w.num(tagOffset, uint64(h.Ref.Offset))
	w.num(tagLength, uint64(h.Ref.Length))
	w.digest(tagSHA256, tagDigest, h.Ref.Digest)
	w.str(tagAnswerFile, h.Answer.File)
	w.num(tagAnswerAt, uint64(h.Answer.Offset))
	w.num(tagAnswer, uint64(h.Answer.Length))
	w.digest(tagAnswerSHA256, tagAnswerDigest, h.Answer.Digest)
	w.time(tagRefTime, h.RefTime)
	w.str(tagRefURL, h.RefURL)
	w.str(tagETag, h.ETag)
	w.str(tagModified, h.Modified)
	w.str(tagContent, h.Content)
	w.time(tagLive, h.Live)
	w.time(tagChanged, h.Changed)
	w.num(tagMisses, uint64(h.Misses))
	w.time(tagMissed, h.Missed)
	w.num(tagFails, uint64(h.Fails))
	w.num(tagVisits, uint64(h.Visits))
	w.num(tagInterval, uint64(h.Interval/time.Second))
	return w.b
}

// bound is the largest number that a field may hold: what is beyond it was not written here.
func bound(tag byte) uint64 {
	switch {
	case tag%2 == 0:
		return 1 << 32 // a length
	case tag == tagKind:
		return 255
	case tag == tagPriority:
		return uint64(levels) - 1
	case tag == tagInterval:
		return 1 << 33 // seconds, as many as a time.Duration holds
	case tag <= tagAnswer:
		return 1 << 53
	}
	return 1<<64 - 1 // not known here
}

var errRecord = errors.New("broken record")

// decode reads a record into e, whose URL and Site stand already.
func decode(b []byte, e *Entry) error {
	h := &e.History
	for len(b) > 0 {
		tag := b[0]
		v, n := binary.Uvarint(b[1:])
		if n <= 0 {
			return fmt.Errorf("%w of %s", errRecord, e.URL)
		}
		b = b[1+n:]
		s := ""
		if tag%2 == 0 {
			if v > uint64(len(b)) {
				return fmt.Errorf("%w of %s", errRecord, e.URL)
			}
			s, b = string(b[:v]), b[v:]
		}
		if most := bound(tag); v > most {
			return fmt.Errorf("%w of %s", errRecord, e.URL)
		}
		switch tag {
		case tagKind:
			e.Kind = Kind(v)
		case tagPriority:
			e.Priority = uint8(v)
		case tagFound:
			e.Found = fromMilli(v)
		case tagDue:
			e.Due = fromMilli(v)
		case tagStatus:
			h.Status = int(v)
		case tagFetched:
			h.Fetched = fromMilli(v)
		case tagOffset:
			h.Ref.Offset = int64(v)
		case tagLength:
			h.Ref.Length = int64(v)
		case tagAnswerAt:
			h.Answer.Offset = int64(v)
		case tagAnswer:
			h.Answer.Length = int64(v)
		case tagRefTime:
			h.RefTime = fromMilli(v)
		case tagLive:
			h.Live = fromMilli(v)
		case tagChanged:
			h.Changed = fromMilli(v)
		case tagMisses:
			h.Misses = int(v)
		case tagMissed:
			h.Missed = fromMilli(v)
		case tagFails:
			h.Fails = int(v)
		case tagVisits:
			h.Visits = int(v)
		case tagInterval:
			h.Interval = time.Duration(v) * time.Second
		case tagNumber:
			e.Number = int(v)
		default:
			decodeText(tag, s, e)
		}
	}
	return nil
}

func decodeText(tag byte, s string, e *Entry) {
	h := &e.History
	switch tag {
	case tagVia:
		e.Via = s
	case tagHops:
		e.Hops = s
	case tagColumn:
		e.Column = s
	case tagListed:
		e.Listed = s
	case tagTitle:
		e.Title = s
	case tagBase:
		e.Base = s
	case tagPost:
		e.Post = s
	case tagPostType:
		e.PostType = s
	case tagTarget:
		e.Target = s
	case tagState:
		h.State = s
	case tagReason:
		h.Reason = s
	case tagFile:
		h.Ref.File = s
	case tagDigest:
		h.Ref.Digest = s
	case tagSHA256:
		h.Ref.Digest = "sha256:" + hex.EncodeToString([]byte(s))
	case tagAnswerFile:
		h.Answer.File = s
	case tagAnswerDigest:
		h.Answer.Digest = s
	case tagAnswerSHA256:
		h.Answer.Digest = "sha256:" + hex.EncodeToString([]byte(s))
	case tagRefURL:
		h.RefURL = s
	case tagETag:
		h.ETag = s
	case tagModified:
		h.Modified = s
	case tagContent:
		h.Content = s
	}
}

// Keys. Sites and hosts hold no NUL; a path may hold anything but ends the key.
//
//	u SITE 0 HOST 0 SCHEME PATH                    → record
//	q SITE 0 HOST 0 PRIORITY DUE SCHEME PATH       → nothing
//	e FILE                                         → committed end
//	v NAME                                         → named value
//
// SCHEME is "h" or "s", PRIORITY one byte, DUE eight bytes big-endian Unix milliseconds.

// apart splits a cleaned URL into host and the rest of its key.
func apart(url string) (host, rest string, err error) {
	scheme := ""
	switch {
	case strings.HasPrefix(url, "http://"):
		scheme, url = "h", url[7:]
	case strings.HasPrefix(url, "https://"):
		scheme, url = "s", url[8:]
	default:
		return "", "", fmt.Errorf("frontier: not an http URL: %q", url)
	}
	i := strings.IndexAny(url, "/?#")
	if i < 0 {
		i = len(url)
	}
	if i == 0 || strings.IndexByte(url[:i], 0) >= 0 {
		return "", "", fmt.Errorf("frontier: no host in URL: %q", url)
	}
	return url[:i], scheme + url[i:], nil
}

// join undoes apart.
func join(host, rest string) string {
	if rest == "" {
		return ""
	}
	if rest[0] == 's' {
		return "https://" + host + rest[1:]
	}
	return "http://" + host + rest[1:]
}

func urlKey(site, host, rest string) []byte {
	k := make([]byte, 0, len(site)+len(host)+len(rest)+3)
	k = append(append(append(k, 'u'), site...), 0)
	k = append(append(k, host...), 0)
	return append(k, rest...)
}

func queuePrefix(site, host string) []byte {
	k := make([]byte, 0, len(site)+len(host)+3+9+64)
	k = append(append(append(k, 'q'), site...), 0)
	return append(append(k, host...), 0)
}

func queueKey(site, host, rest string, priority uint8, due time.Time) []byte {
	k := append(queuePrefix(site, host), priority)
	k = binary.BigEndian.AppendUint64(k, milli(due))
	return append(k, rest...)
}
