// Package cluster shares the crawling of many sites among workers on several machines. A politeness group, the sites
// that one server answers for, is a message of NATS JetStream; its archive and frontier lie in a bucket. A worker that
// holds the message crawls a slice, puts what it archived into the bucket and commits it by a manifest, of which each
// number can be published once. What no manifest lists was never archived.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"cundang/archive"
	"cundang/archive/blob"
	"cundang/crawler"
	"cundang/site"

	"github.com/nats-io/nats.go/jetstream"
)

// Names of what stands in NATS.
const (
	workStream     = "CUNDANG_WORK"
	workSubject    = "cundang.work."
	workers        = "workers"
	manifestStream = "CUNDANG_MANIFESTS"
	manifests      = "cundang.manifest."
	groupDir       = "groups/" // in the bucket
)

// Group is a number of sites that one worker crawls at a time, since one server answers for them.
type Group struct {
	ID       string // letters, digits, - and _: a part of subjects and names
	Profiles []*site.Profile
}

var groupID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// Options of a Worker. All but Log must be given.
type Options struct {
	Name   string // of the worker, for people
	JS     jetstream.JetStream
	Bucket blob.Store
	Groups []Group
	Dir    string        // for the slices under way; what is in it is not needed again
	Slice  time.Duration // after which a slice takes nothing new
	Bytes  int64         // of responses after which a slice takes nothing new
	Lease  time.Duration // after which a worker that is silent has lost its slice
	// Crawl has what every crawl is to be run with; Profiles, Store, Frontier, For, Bytes and Resume are set.
	Crawl crawler.Options
	Log   *slog.Logger
}

// Setup makes the streams, of so many replicas, or brings them up to date.
func Setup(ctx context.Context, js jetstream.JetStream, replicas int, lease time.Duration) error {
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: workStream, Subjects: []string{workSubject + "*"}, Retention: jetstream.WorkQueuePolicy, Replicas: replicas,
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
	})
	if err == nil {
		_, err = js.CreateOrUpdateConsumer(ctx, workStream, jetstream.ConsumerConfig{
			Durable: workers, AckPolicy: jetstream.AckExplicitPolicy, AckWait: lease, MaxAckPending: 1 << 20, Replicas: replicas,
		})
	}
	if err == nil { // the last of each group is its head, those before help people
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: manifestStream, Subjects: []string{manifests + "*"}, Replicas: replicas, MaxMsgsPerSubject: 8,
		})
	}
	if err != nil {
		return fmt.Errorf("set the streams up: %w", err)
	}
	return nil
}

// Plan queues groups. One that is queued or at work already stays as it is, so that anybody may plan at any time.
func Plan(ctx context.Context, js jetstream.JetStream, groups []Group) (queued int, err error) {
	for _, g := range groups {
		if !groupID.MatchString(g.ID) {
			return queued, fmt.Errorf("plan: %q cannot be the name of a group", g.ID)
		}
		switch ok, err := queue(ctx, js, g.ID); {
		case err != nil:
			return queued, fmt.Errorf("plan %s: %w", g.ID, err)
		case ok:
			queued++
		}
	}
	return queued, nil
}

// Codes of JetStream's API.
const (
	codeMaxPerSubject = 10077 // maximum messages per subject exceeded
	codeWrongLast     = 10071 // wrong last sequence
)

func queue(ctx context.Context, js jetstream.JetStream, group string) (bool, error) {
	_, err := js.Publish(ctx, workSubject+group, []byte(group))
	if isCode(err, codeMaxPerSubject) {
		return false, nil
	}
	return err == nil, err
}

func isCode(err error, code jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == code
}

// ErrLost says that another worker has committed a slice of the group meanwhile: what this one archived is thrown away.
var ErrLost = errors.New("another worker has committed a slice of this group")

// head is the newest manifest of a group as NATS has it.
type head struct {
	number   int
	sequence uint64 // of its message; 0: there is none
}

// settle makes bucket and NATS agree on the head of a group. A worker may have died between the two; NATS may have been
// lost altogether.
func settle(ctx context.Context, js jetstream.JetStream, store blob.Store, group string) (head, error) {
	h, raw, err := last(ctx, js, group)
	if err != nil {
		return head{}, err
	}
	number, stored, err := archive.NewestManifest(ctx, store)
	switch {
	case err != nil:
		return head{}, err
	case h.number == number+1:
		return h, archive.PutManifest(ctx, store, raw)
	case h.number == number && string(raw) == string(stored):
		return h, nil
	case h.number < number:
		sequence, err := publish(ctx, js, group, h.sequence, stored)
		return head{number, sequence}, err
	}
	return head{}, fmt.Errorf("the bucket has manifest %d of group %s, NATS has %d, which does not follow",
		number, group, h.number)
}

// last returns the newest manifest that was published.
func last(ctx context.Context, js jetstream.JetStream, group string) (head, []byte, error) {
	s, err := js.Stream(ctx, manifestStream)
	if err != nil {
		return head{}, nil, err
	}
	msg, err := s.GetLastMsgForSubject(ctx, manifests+group)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return head{}, nil, nil
	}
	if err != nil {
		return head{}, nil, err
	}
	n, err := archive.ManifestNumber(msg.Data)
	return head{n, msg.Sequence}, msg.Data, err
}

// publish publishes the manifest that follows the one at sequence, or returns ErrLost: this decides between workers.
func publish(ctx context.Context, js jetstream.JetStream, group string, sequence uint64, raw []byte) (uint64, error) {
	ack, err := js.Publish(ctx, manifests+group, raw, jetstream.WithExpectLastSequencePerSubject(sequence))
	if err == nil {
		return ack.Sequence, nil
	}
	// An answer may have been lost: then the manifest that is there is this one.
	h, now, lerr := last(ctx, js, group)
	switch {
	case lerr == nil && string(now) == string(raw):
		return h.sequence, nil
	case isCode(err, codeWrongLast):
		return 0, ErrLost
	}
	return 0, errors.Join(err, lerr)
}
