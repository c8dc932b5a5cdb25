// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/vc"
)

// answeredError is a wallet's answer other than 2xx.
type answeredError struct{ status int }

func (e *answeredError) Error() string {
	return fmt.Sprintf("the wallet answered %d", e.status)
}

// Is makes it an ErrHolder.
func (e *answeredError) Is(target error) bool { return target == ErrHolder }

// deliver sends a request's credentials, or its rejection, to the wallet of
// its holder (DCP 1.0, section 6.5). Where nothing is configured of how the
// wallet names formats, a refusal that may be due to them is answered by one
// more try with the other names.
func (s *Service) deliver(ctx context.Context, own trust.Participant, r Request) error {
	style, configured, err := s.formatNames(ctx, own.Context, r.Holder)
	if err != nil {
		return err
	}
	m := dcp.CredentialMessage{IssuerPID: r.ID, HolderPID: r.HolderPID, Status: dcp.Rejected, Reason: r.Reason}
	if r.State == Rejected {
		return s.post(ctx, own, r.Holder, r.Token, "/credentials", m)
	}
	list, err := s.cfg.Store.CredentialsOfRequest(ctx, own.Context, r.ID)
	if err != nil {
		return err
	}
	m.Status = dcp.Issued
	m.Credentials = containers(list, r.Credentials, style)
	err = s.post(ctx, own, r.Holder, r.Token, "/credentials", m)
	if err == nil || configured || !mayBeNames(err) {
		return err
	}
	m.Credentials = containers(list, r.Credentials, trust.LegacyNames)
	if s.post(ctx, own, r.Holder, r.Token, "/credentials", m) != nil {
		return err // what was said of the specification's own names
	}
	s.log(own.Context, "the wallet of "+r.Holder+" takes only the older names of credential formats", nil)
	return nil
}

// formatNames returns how formats are named to a holder, and whether that was
// configured.
func (s *Service) formatNames(ctx context.Context, contextID, holder string) (style string, configured bool, err error) {
	if s.cfg.Peer == nil {
		return "", false, nil
	}
	p, err := s.cfg.Peer(ctx, contextID, holder)
	if errors.Is(err, trust.ErrUnknownPeer) {
		return "", false, nil
	}
	return p.FormatNames, p.FormatNames != "", err
}

// containers are credentials as they are sent, in the order they were asked
// for.
func containers(list []Credential, ids []string, style string) []dcp.CredentialContainer {
	list = slices.Clone(list)
	rank := func(c Credential) int { return slices.Index(ids, object{c.Type, vc.Profile(c.Profile)}.id()) }
	slices.SortStableFunc(list, func(a, b Credential) int { return rank(a) - rank(b) })
	out := make([]dcp.CredentialContainer, len(list))
	for i, c := range list {
		out[i] = dcp.CredentialContainer{Type: c.Type, Payload: c.Raw, Format: vc.Profile(c.Profile).Name(style)}
	}
	return out
}

// mayBeNames reports whether a failure is how wallets answer format names that
// they do not know: 400, or no answer at all.
func mayBeNames(err error) bool {
	if answered := (*answeredError)(nil); errors.As(err, &answered) {
		return answered.status == http.StatusBadRequest
	}
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.As(err, &op) && op.Op == "read" && !op.Timeout()
}

// post sends a message to a holder's credential service, with a token that is
// minted for this attempt.
func (s *Service) post(ctx context.Context, own trust.Participant, holder, token, path string, message any) error {
	doc, err := s.cfg.DIDs.Resolve(ctx, holder)
	if err != nil {
		return fmt.Errorf("the holder's DID document: %w", err)
	}
	endpoint, err := doc.Endpoint("CredentialService")
	if err != nil {
		return fmt.Errorf("the holder's wallet: %w", err)
	}
	body, err := dcp.Marshal(message)
	if err != nil {
		return err
	}
	minted, err := s.cfg.Tokens.Mint(ctx, own, holder, token)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint, "/")+path, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+minted)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.cfg.HTTP.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // what it says is of no interest
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &answeredError{resp.StatusCode}
	}
	return nil
}
