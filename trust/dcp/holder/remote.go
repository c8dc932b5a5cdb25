// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package holder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// issuerService is the type of an issuer's service in its DID document.
const issuerService = "IssuerService"

// reply is what an issuer answered.
type reply struct {
	status   int
	location string
	body     []byte
}

// base returns the address of an issuer's service, without a slash at its end.
func (s *Service) base(ctx context.Context, issuer string) (string, error) {
	document, err := s.cfg.DIDs.Resolve(ctx, issuer)
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", issuer, err)
	}
	endpoint, err := document.Endpoint(issuerService)
	if err != nil {
		return "", fmt.Errorf("%s: %w", issuer, err)
	}
	return strings.TrimRight(endpoint, "/"), nil
}

// call sends a request to an issuer with a token made for it. A 401 is
// answered with one more token, once: the first may have been too old or seen.
func (s *Service) call(ctx context.Context, own trust.Participant, r Request, method, address string, body []byte) (reply, error) {
	got, err := s.callOnce(ctx, own, r, method, address, body)
	if err == nil && got.status == http.StatusUnauthorized {
		return s.callOnce(ctx, own, r, method, address, body)
	}
	return got, err
}

func (s *Service) callOnce(ctx context.Context, own trust.Participant, r Request, method, address string, body []byte) (reply, error) {
	// What the issuer presents when it delivers: it names the request alone.
	write := dcp.Scope{Alias: dcp.IDAlias, Discriminator: r.HolderPID, Operation: "write"}
	access, err := s.cfg.Tokens.Grant(ctx, own, r.Issuer, []dcp.Scope{write})
	if err != nil {
		return reply{}, err
	}
	token, err := s.cfg.Tokens.Mint(ctx, own, r.Issuer, access)
	if err != nil {
		return reply{}, err
	}
	return s.do(ctx, method, address, token, body)
}

func (s *Service) do(ctx context.Context, method, address, token string, body []byte) (reply, error) {
	var reader io.Reader // a typed nil would be a body
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.cfg.HTTP.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	got := reply{status: resp.StatusCode, location: resp.Header.Get("Location")}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, dcp.MaxMessage+1))
	return got, err
}

// Metadata returns what an issuer supports, asked for now. Errors wrap
// trust.ErrUnavailable or ErrInput: it is no issuer, or its metadata cannot be
// read.
func (s *Service) Metadata(ctx context.Context, issuer string) (dcp.Metadata, error) {
	base, err := s.base(ctx, issuer)
	if _, verdict := errors.AsType[*did.Error](err); verdict {
		return dcp.Metadata{}, fmt.Errorf("%w: %w", ErrInput, err)
	}
	if err != nil {
		return dcp.Metadata{}, fmt.Errorf("%w: %w", trust.ErrUnavailable, err)
	}
	got, err := s.do(ctx, http.MethodGet, base+"/metadata", "", nil)
	if err != nil {
		return dcp.Metadata{}, fmt.Errorf("%w: metadata of %s: %w", trust.ErrUnavailable, issuer, err)
	}
	if got.status != http.StatusOK {
		return dcp.Metadata{}, fmt.Errorf("%w: %s answered %d for its metadata", trust.ErrUnavailable, issuer, got.status)
	}
	m, err := dcp.ReadMetadata(got.body)
	if err != nil {
		return dcp.Metadata{}, fmt.Errorf("%w: metadata of %s: %w", ErrInput, issuer, err)
	}
	if m.Issuer != issuer {
		return dcp.Metadata{}, fmt.Errorf("%w: the metadata of %s names another issuer", ErrInput, issuer)
	}
	return m, nil
}

// objectOf returns the credential object for a type, in a profile. Without one
// the older profile comes first, and then the issuer's order.
func objectOf(m dcp.Metadata, credentialType, profile string) (string, bool) {
	want := vc.VC11
	if profile != "" {
		want, _ = vc.ParseProfile(profile) // it was checked
	}
	first, found := "", false
	for _, o := range m.Supported {
		if o.CredentialType != credentialType {
			continue
		}
		if got, err := vc.ParseProfile(o.Profile); err == nil && got == want {
			return o.ID, true
		}
		if profile == "" && !found {
			first, found = o.ID, true
		}
	}
	return first, found
}

// statusURL returns where the status of a request is, and the issuer's id of
// it: the last segment. A token of ours goes there, so it is at the issuer's
// service; an address elsewhere is not believed, but for its last segment.
func statusURL(base, location string) (address, issuerPID string) {
	root, err := url.Parse(base + "/")
	if err != nil {
		return "", ""
	}
	target, err := root.Parse(location)
	if location == "" || len(location) > maxText || err != nil {
		return "", ""
	}
	path := strings.TrimRight(target.EscapedPath(), "/")
	issuerPID = path[strings.LastIndexByte(path, '/')+1:]
	if issuerPID == "" || issuerPID == "." || issuerPID == ".." {
		return "", ""
	}
	inside := target.Scheme == root.Scheme && target.Host == root.Host && target.User == nil &&
		strings.HasPrefix(target.EscapedPath(), root.EscapedPath())
	if inside {
		target.Fragment = ""
		return target.String(), issuerPID
	}
	return base + "/requests/" + issuerPID, issuerPID
}
