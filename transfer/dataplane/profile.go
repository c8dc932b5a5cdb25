// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Formats are those of a pull over HTTP: the name that DSP connectors use, and
// those of Data Plane Signaling, whose tokens are short-lived and renewed.
var Formats = []string{Format, transfer.ProfileHTTPPull, profileShort}

const profileShort = "http-pull"

// renews reports whether the tokens of a flow are short-lived and renewed. In
// the long-lived format they are where the source asks for it. Who has no DID
// cannot prove who renews.
func (p *Plane) renews(ctx context.Context, f transfer.Flow) (bool, error) {
	switch {
	case p.cfg.Access == nil:
		return false, nil
	case f.Format == transfer.ProfileHTTPPull:
		return true, nil
	case !strings.HasPrefix(f.Counterparty, "did:"):
		return false, nil
	case f.Format == profileShort:
		return true, nil
	}
	s, err := p.cfg.SourceOf(ctx, f.Context, f.Dataset)
	if errors.Is(err, ErrNoSource) {
		return false, nil // said at the request
	}
	return s.Renew, err
}

// address returns the address from which a flow is pulled.
func (p *Plane) address(ctx context.Context, f transfer.Flow) (*transfer.DataAddress, error) {
	base, err := p.cfg.PublicURL(ctx, f.Context)
	if err != nil {
		return nil, err
	}
	endpoint := strings.TrimRight(base, "/") + "/data/" + url.PathEscape(f.Process)
	renewed, err := p.renews(ctx, f)
	if err != nil {
		return nil, err
	}
	life, generation := p.cfg.Lifetime, int64(0)
	if renewed {
		life, generation = p.cfg.ShortLifetime, 1
	}
	if !strings.HasPrefix(f.Counterparty, "did:") {
		life = p.cfg.Lifetime // it has no other
	}
	token, err := p.mint(ctx, grantee{f.Context, f.Participant, f.Process, f.Counterparty, f.Agreement, f.MessageID, generation}, life)
	if err != nil {
		return nil, err
	}
	a := &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: endpoint}
	add := func(name, value string) {
		a.Properties = append(a.Properties, transfer.Property{Name: name, Value: value})
	}
	add(transfer.PropertyAuthorization, token)
	add(transfer.PropertyAuthType, "bearer")
	if !renewed {
		return a, nil
	}
	refresh, err := p.firstRefresh(ctx, f)
	if err != nil {
		return nil, err
	}
	a.EndpointType = transfer.ProfileHTTPPull
	if f.Format == Format {
		a.EndpointType = transfer.EndpointTypeHTTP // a peer that knows no profile still pulls
	}
	add(transfer.PropertyRefreshToken, refresh)
	add(transfer.PropertyExpiresIn, seconds(life))
	add(transfer.PropertyRefreshEndpoint, endpoint+"/"+renewSegment)
	return a, nil
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
