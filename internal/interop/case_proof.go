// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// fault is one thing wrong with a message, and what either side makes of it.
type fault struct {
	name  string
	spoil func(*proof)
	edc   verdict
	us    verdict
}

// verdict is an answer, and the reason that its side keeps for itself: a part
// of EDC's log, the number of our check.
type verdict struct {
	status int
	why    string
}

// refused is what EDC answers to nearly all that is wrong.
func refused(why string) verdict { return verdict{http.StatusUnauthorized, why} }

func check(number string) verdict { return verdict{http.StatusUnauthorized, number} }

var (
	accepted = verdict{http.StatusOK, ""}
	notNow   = verdict{http.StatusServiceUnavailable, ""}
	failed   = verdict{http.StatusInternalServerError, ""} // EDC's, with a page in HTML
)

// proofCases send each fault to both sides, and the same without the fault.
func (c *Claims) proofCases() []Case {
	var cases []Case
	for _, f := range faults(c.strangers) {
		cases = append(cases, Case{"both verify: " + f.name, func(ctx context.Context) error { return c.judge(ctx, f) }})
	}
	return cases
}

func (c *Claims) judge(ctx context.Context, f fault) error {
	for _, side := range []struct {
		name, id, address string
		want              verdict
		because           func(ctx context.Context, p *proof, mark int) error
	}{
		{"EDC", c.EDC.ID, c.EDC.Protocol, f.edc, func(ctx context.Context, _ *proof, mark int) error { return c.logged(ctx, mark, f.edc.why) }},
		{"Musubi", c.ID, c.Address, f.us, func(ctx context.Context, p *proof, _ int) error { return c.checked(ctx, p, f.us.why) }},
	} {
		p, err := c.strangers.proof(side.id)
		if err != nil {
			return err
		}
		f.spoil(p)
		mark := c.mark()
		if err := p.post(ctx, side.address, side.want.status); err != nil {
			return fmt.Errorf("%s: %w", side.name, err)
		}
		if err := side.because(ctx, p, mark); err != nil {
			return fmt.Errorf("%s: %w", side.name, err)
		}
		mended, err := c.strangers.proof(side.id)
		if err == nil {
			err = mended.post(ctx, side.address, http.StatusOK)
		}
		if err != nil {
			return fmt.Errorf("%s, the same without the fault: %w", side.name, err)
		}
	}
	return nil
}

// checked compares the number of the check that our side kept.
func (c *Claims) checked(ctx context.Context, p *proof, want string) error {
	claimed := p.did
	if who, ok := p.token.claims["iss"].(string); ok {
		claimed = who
	}
	last, err := c.lastRefusal(ctx, claimed)
	if err == nil && last.Check != want {
		err = fmt.Errorf("refused by %q (%s), not by %q", last.Check, last.Reason, want)
	}
	return err
}

// post asks for the catalogue with a proof, and compares the answer.
func (p *proof) post(ctx context.Context, address string, want int) error {
	bearer, err := p.bearer()
	if err != nil {
		return err
	}
	call := NewAPI(address, "")
	call.Header = map[string]string{"Authorization": bearer}
	body, status, err := call.Send(ctx, http.MethodPost, "/catalog/request",
		[]byte(`{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"CatalogRequestMessage"}`))
	switch {
	case err != nil:
		return err
	case status != want:
		return fmt.Errorf("it answers %d, not %d: %.300s", status, want, body)
	}
	var answer struct {
		Type string `json:"@type"`
		Code string
	}
	err = json.Unmarshal(body, &answer)
	switch {
	case want == http.StatusOK && (err != nil || answer.Type != "Catalog"):
		return fmt.Errorf("no catalogue: %w: %.300s", err, body)
	case want == http.StatusUnauthorized && (err != nil || answer.Type != "CatalogError" || answer.Code == ""):
		return fmt.Errorf("no CatalogError: %w: %.300s", err, body)
	}
	return nil
}
