// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/musubi-ods/musubi/internal/wire"
)

// maxVersions bounds a version document, in bytes.
const maxVersions = 64 << 10

// Discover returns a peer's DSP 2025-1 base URL, given that URL or the root
// under which its version document lies. Where there is no readable document
// the URL is taken as it is. The error says that there is one, and that it
// names no version that is spoken here. No token is sent: the document is
// public (DSP 2025-1, version metadata endpoint).
func (c *Client) Discover(ctx context.Context, address string) (string, error) {
	root := strings.TrimRight(address, "/")
	doc, found := c.versions(ctx, root+"/.well-known/dspace-version")
	if !found {
		return root, nil
	}
	v, spoken := doc.Find(wire.Version)
	if !spoken {
		var others []string
		for _, v := range doc.ProtocolVersions {
			others = append(others, v.Version)
		}
		return "", &PeerError{
			Code: PeerNonsense, Peer: address, Status: http.StatusOK,
			Reason: fmt.Sprintf("it speaks the Dataspace Protocol in version %.100q, not in %s", strings.Join(others, ", "), wire.Version),
			Hint:   "ask its operator for an address of version " + wire.Version,
		}
	}
	if path := strings.Trim(v.Path, "/"); path != "" {
		return root + "/" + path, nil
	}
	return root, nil
}

func (c *Client) versions(ctx context.Context, address string) (wire.VersionDocument, bool) {
	var none wire.VersionDocument
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return none, false
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.HTTP.Operator.Do(req)
	if err != nil {
		return none, false
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxVersions))
	if err != nil || resp.StatusCode != http.StatusOK {
		return none, false
	}
	doc, err := wire.DecodeVersions(body)
	return doc, err == nil
}
