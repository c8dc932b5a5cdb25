// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/musubi-ods/musubi/trust"
)

// crawl follows the pages of one catalogue.
type crawl struct {
	client    *Client
	contextID string
	peer      trust.Peer
	body      []byte
	left      int64 // bytes that may still be read

	found PeerCatalog
	seen  map[string]bool // ids of datasets
}

func (c *crawl) run(ctx context.Context) (PeerCatalog, error) {
	visited := make(map[string]bool)
	c.seen = make(map[string]bool)
	address := dspURL(c.peer, "/catalog/request")
	for page := 0; ; page++ {
		visited[address] = true
		next, err := c.page(ctx, address)
		switch {
		case err != nil && (page == 0 || ctx.Err() != nil):
			return PeerCatalog{}, err
		case err != nil:
			return c.stopf("page %d cannot be had: %v", page+1, err), nil
		case next == "":
			c.found.Complete = true
			return c.found, nil
		case visited[next]:
			return c.stopf("page %d names an earlier page as the next one; tell the peer's operator", page+1), nil
		case page+1 >= c.client.maxPages():
			return c.stopf("it has more than %d pages; ask with a filter", page+1), nil
		case c.left <= 0:
			return c.stopf("it is longer than is read; ask with a filter"), nil
		}
		address = next
	}
}

// stopf ends with what was read so far.
func (c *crawl) stopf(format string, args ...any) PeerCatalog {
	c.found.problemf("", "the catalogue was not read to its end: "+format, args...)
	return c.found
}

// page reads one page and returns the address of the next, "" for none.
func (c *crawl) page(ctx context.Context, address string) (next string, err error) {
	call := call{client: c.client, contextID: c.contextID, peer: c.peer, method: http.MethodPost, body: c.body, limit: c.left}
	answer, err := call.do(ctx, address)
	if err != nil {
		return "", c.explain(ctx, err)
	}
	c.left -= int64(len(answer.body))
	if err := c.found.readPage(answer.body, c); err != nil {
		return "", nonsense(c.peer, err)
	}
	next, err = nextLink(address, answer.header.Values("Link"))
	if err != nil {
		return "", nonsense(c.peer, err)
	}
	return next, nil
}

// add keeps a dataset, once. Pages move while they are read, so that one may
// come twice.
func (c *crawl) add(d Dataset) {
	if c.seen[d.ID] {
		return
	}
	c.seen[d.ID] = true
	c.found.Datasets = append(c.found.Datasets, d)
}

// explain looks, where a peer knows nothing of a catalogue, whether its version
// document names another base.
func (c *crawl) explain(ctx context.Context, err error) error {
	var e *PeerError
	if !errors.As(err, &e) || e.Status != http.StatusNotFound {
		return err
	}
	if base, found := c.client.Discover(ctx, c.peer.URL); found == nil && base != dspURL(c.peer, "") {
		e.Hint = fmt.Sprintf("its version document says that its DSP 2025-1 base URL is %.300s: set the peer's URL to that", base)
	}
	return err
}
