package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"cundang/index"
	"cundang/index/bleve"
	"cundang/index/opensearch"
	"cundang/internal/curation"
)

// OpenSearch says in which cluster the index is.
type OpenSearch struct {
	Addresses    []string
	Name         string // of the index
	User         string // "" without authentication
	PasswordFile string
	CA           string // PEM file of certificates to believe, "": the system's
	Shards       int    // of an index that is made
}

// openIndex opens the index, the embedded one or that in a cluster.
func (n *Node) openIndex(ctx context.Context, readOnly bool) error {
	opts, err := n.IndexOptions()
	if err != nil {
		return err
	}
	opts.ReadOnly = readOnly
	if n.OpenSearch == nil {
		n.Index, err = bleve.Open(n.Path("index.bleve"), opts)
	} else if o, e := n.OpenSearch.options(opts); e != nil {
		err = e
	} else {
		n.Index, err = opensearch.Open(ctx, o)
	}
	if errors.Is(err, index.ErrLocked) {
		return n.locked()
	}
	if err == nil {
		n.Articles = curation.NewIndex(n.Index, n.Curation)
	}
	return err
}

// rebuildIndex makes the index anew without opening the old one.
func (n *Node) rebuildIndex(ctx context.Context, feed index.Feed) error {
	opts, err := n.IndexOptions()
	if err != nil {
		return err
	}
	if n.OpenSearch == nil {
		return bleve.Rebuild(ctx, n.Path("index.bleve"), opts, feed)
	}
	o, err := n.OpenSearch.options(opts)
	if err != nil {
		return err
	}
	return opensearch.Rebuild(ctx, o, feed)
}

// longestSecret bounds what is read of a file with a password.
const longestSecret = 4096

// options reads the files that are named.
func (c *OpenSearch) options(opts index.Options) (opensearch.Options, error) {
	o := opensearch.Options{Options: opts, Addresses: c.Addresses, Name: c.Name, User: c.User, Shards: c.Shards}
	if c.PasswordFile != "" {
		secret, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return o, fmt.Errorf("password of OpenSearch: %w", err)
		}
		if secret = bytes.TrimSpace(secret); len(secret) == 0 || len(secret) > longestSecret {
			return o, fmt.Errorf("password of OpenSearch: %s has %d bytes", c.PasswordFile, len(secret))
		}
		o.Password = string(secret)
	}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return o, fmt.Errorf("authority of OpenSearch's certificates: %w", err)
		}
		o.CA = pem
	}
	return o, nil
}
