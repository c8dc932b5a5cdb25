// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/internal/wire"
	"github.com/musubi-ods/musubi/trust"
)

// Client asks peers for their catalogues. It is safe for concurrent use.
type Client struct {
	HTTP   *safehttp.Clients
	Tokens trust.TokenSource
	Peers  trust.PeerStore
	// MaxPages and MaxBytes bound what Catalog reads of one peer. 0: 100
	// pages, 64 MiB.
	MaxPages int
	MaxBytes int64
}

const (
	defaultMaxPages = 100
	defaultMaxBytes = 64 << 20
)

// PeerCatalog is what a peer shows us.
type PeerCatalog struct {
	Participant string // as the peer calls itself
	Datasets    []Dataset
	// Complete is false where more was announced than was read; Problems says
	// why.
	Complete bool
	// Problems tell what was left out or looks wrong, for people.
	Problems []Problem
}

// Problem is something about a peer's catalogue that did not keep the rest
// from being read.
type Problem struct {
	Dataset string // its id; "" if it is about the catalogue
	Reason  string
}

func (c *PeerCatalog) problemf(dataset, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{Dataset: dataset, Reason: fmt.Sprintf(format, args...)})
}

// Catalog reads a peer's catalogue, page by page. filter is sent as it is, a
// QuerySpec for instance; nil for none. What one page holds that cannot be read
// is left out and reported. The error is a *PeerError, where the first page
// cannot be had; where a later one cannot, Complete is false.
func (c *Client) Catalog(ctx context.Context, contextID, peerID string, filter json.RawMessage) (PeerCatalog, error) {
	peer, err := c.peer(ctx, contextID, peerID)
	if err != nil {
		return PeerCatalog{}, err
	}
	body, err := request(filter)
	if err != nil {
		return PeerCatalog{}, err
	}
	crawl := crawl{client: c, contextID: contextID, peer: peer, body: body, left: c.maxBytes()}
	return crawl.run(ctx)
}

// Dataset asks a peer for one dataset. A *PeerError; errors.Is ErrNotFound
// where the peer shows us none of this id.
func (c *Client) Dataset(ctx context.Context, contextID, peerID, id string) (Dataset, error) {
	peer, err := c.peer(ctx, contextID, peerID)
	if err != nil {
		return Dataset{}, err
	}
	if id == "" || id == "." || id == ".." { // a URL would name something else
		return Dataset{}, refused(peer, http.StatusNotFound, "")
	}
	call := call{client: c, contextID: contextID, peer: peer, method: http.MethodGet, limit: c.maxBytes()}
	answer, err := call.do(ctx, dspURL(peer, "/catalog/datasets/"+url.PathEscape(id)))
	if err != nil {
		return Dataset{}, err
	}
	found, err := wire.DecodeAs[*wire.Dataset](answer.body)
	if err != nil {
		return Dataset{}, nonsense(peer, err)
	}
	var notes PeerCatalog
	d, ok := notes.readDataset(found, nil)
	if !ok {
		return Dataset{}, nonsense(peer, fmt.Errorf("%s", notes.Problems[len(notes.Problems)-1].Reason))
	}
	if d.ID != id {
		return Dataset{}, nonsense(peer, fmt.Errorf("it answers with the dataset %.100q", d.ID))
	}
	return d, nil
}

func (c *Client) peer(ctx context.Context, contextID, peerID string) (trust.Peer, error) {
	peer, err := c.Peers.Peer(ctx, contextID, peerID)
	if err != nil {
		return trust.Peer{}, unknownPeer(peerID, err)
	}
	return peer, nil
}

func (c *Client) maxBytes() int64 {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return defaultMaxBytes
}

func (c *Client) maxPages() int {
	if c.MaxPages > 0 {
		return c.MaxPages
	}
	return defaultMaxPages
}

func request(filter json.RawMessage) ([]byte, error) {
	m := &wire.CatalogRequest{}
	if len(filter) > 0 {
		m.Filter = []json.RawMessage{typed(filter)}
	}
	body, err := wire.Encode(m)
	if err != nil {
		return nil, refuse(CodeFilter, "the filter cannot be sent: %s", wire.AsError(err).Reason)
	}
	return body, nil
}

// dspURL appends a path to a peer's base, which may end in a slash.
func dspURL(peer trust.Peer, path string) string { return strings.TrimRight(peer.URL, "/") + path }
