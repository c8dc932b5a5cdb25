// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// ExplainQuery asks how a counterparty stands to one of our assets.
type ExplainQuery struct {
	Asset        string
	Counterparty string // its participant id
	// Claims are what it would prove; nil: the latest that are known.
	Claims *trust.Claims
	// Declared is what it would declare, by absolute IRI or term of ODRL; nil:
	// what it declared when it last asked for this asset.
	Declared map[string][]string
	// Agreement is the one under which it would ask for a transfer; empty: the
	// newest in force about the asset.
	Agreement string
}

// Explanation is how a counterparty stands to an asset: the answers of the
// catalogue, the negotiation and the transfer, by their own evaluation.
type Explanation struct {
	Asset        string    `json:"asset"`
	Counterparty string    `json:"counterparty"`
	At           time.Time `json:"at"`
	// KnownPeer tells whether it is among our peers.
	KnownPeer bool           `json:"knownPeer"`
	Claims    ExplainClaims  `json:"claims"`
	Declared  ExplainDeclare `json:"declared"`

	Visible      ExplainAnswer `json:"visible"`
	Negotiable   ExplainAnswer `json:"negotiable"`
	Transferable ExplainAnswer `json:"transferable"`

	Offers []ExplainOffer `json:"offers"`
	// Agreement is the one under which a transfer was judged; nil: there is
	// none, and each offer was judged as if it had just been agreed.
	Agreement *ExplainAgreement `json:"agreement,omitempty"`
	// Refusals are the last messages of whoever claimed to be the counterparty
	// that did not prove it.
	Refusals []ExplainRefusal `json:"refusals,omitempty"`
}

// ExplainAnswer is yes, or no with the reason and what would help.
type ExplainAnswer struct {
	Yes bool `json:"yes"`
	// By is the offer or the agreement that makes it so.
	By     string   `json:"by,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Note   string   `json:"note,omitempty"`
	Help   []string `json:"help,omitempty"`
}

// ExplainOffer is one offer of the asset.
type ExplainOffer struct {
	Offer  string `json:"offer"`
	WireID string `json:"wireId"` // its id in the catalogue
	// Answer is how a request for it is answered: accept, approve, counter or
	// refuse.
	Answer       string         `json:"answer"`
	Visible      policy.Verdict `json:"visible"`
	Negotiable   policy.Verdict `json:"negotiable"`
	Transferable policy.Verdict `json:"transferable"` // if it had just been agreed
}

// ExplainAgreement is an agreement with the counterparty.
type ExplainAgreement struct {
	ID      string          `json:"id"`
	InForce bool            `json:"inForce"`
	Usage   policy.Verdict  `json:"usage"`
	Access  *policy.Verdict `json:"access,omitempty"` // nil: its offer was withdrawn
}

// ExplainRefusal is a message that was turned away.
type ExplainRefusal struct {
	At         time.Time `json:"at"`
	Check      string    `json:"check,omitempty"`
	Reason     string    `json:"reason"`
	Credential string    `json:"credential,omitempty"`
	SupportID  string    `json:"supportId"`
}

// ExplainDeclare is what the counterparty says to our policies.
type ExplainDeclare struct {
	Values map[string]json.RawMessage `json:"values,omitempty"`
	// From is where it stands: the id of a negotiation, "query", or empty.
	From string `json:"from,omitempty"`
}

// Explain says whether a counterparty sees an asset, may negotiate about it
// and may have it transferred, and why. catalog.ErrNotFound where there is
// neither such an asset nor an agreement about it; negotiation.ErrNoAgreement.
func (p *Participant) Explain(ctx context.Context, q ExplainQuery) (Explanation, error) {
	return p.c.explain(ctx, p.context, q)
}

// DryRun judges a policy that is not published, on facts that are made up.
// access: it is to be an access policy, which is judged at the catalogue. The
// error is a policy.ErrMalformed of the sample.
func (p *Participant) DryRun(rules policy.Policy, access bool, s policy.Sample) (policy.DryRun, error) {
	point := policy.AtNegotiation
	if access {
		point = policy.AtCatalog
	}
	facts, err := s.Facts(point, p.c.now())
	if err != nil {
		return policy.DryRun{}, err
	}
	return p.c.policies.Registry.DryRun(rules, access, facts), nil
}

func (c *Connector) explain(ctx context.Context, contextID string, q ExplainQuery) (Explanation, error) {
	e := Explanation{Asset: q.Asset, Counterparty: q.Counterparty, At: c.now().UTC(), Offers: []ExplainOffer{}}
	_, err := c.store.Peer(ctx, contextID, q.Counterparty)
	if e.KnownPeer = err == nil; err != nil && !errors.Is(err, trust.ErrUnknownPeer) {
		return e, err
	}
	claims, err := c.explainClaims(ctx, contextID, q, &e.Claims)
	if err != nil {
		return e, err
	}
	if e.Declared, err = c.explainDeclared(ctx, contextID, q); err != nil {
		return e, err
	}
	for _, r := range c.refusals.Of(contextID, q.Counterparty, maxExplained) {
		e.Refusals = append(e.Refusals, ExplainRefusal{r.At, r.Check, r.Reason, r.Credential, r.SupportID})
	}
	agreement, found, err := c.explainedAgreement(ctx, contextID, q)
	if err != nil {
		return e, err
	}
	offers, err := c.catalog.Explain(ctx, contextID, q.Asset, claims)
	if err != nil && (!found || !errors.Is(err, catalog.ErrNotFound)) {
		return e, err
	}
	x := explainer{c: c, context: contextID, claims: claims, answers: &e}
	if err := errors.Join(x.offers(ctx, offers), x.agreement(ctx, agreement, found)); err != nil {
		return e, err
	}
	x.conclude()
	return e, nil
}

// maxExplained bounds what is told of earlier messages.
const maxExplained = 3

// explainedAgreement is the agreement that a transfer would be asked for
// under.
func (c *Connector) explainedAgreement(ctx context.Context, contextID string, q ExplainQuery) (a negotiation.Agreement, found bool, err error) {
	if q.Agreement != "" {
		a, err = c.store.Agreement(ctx, contextID, q.Agreement)
		if err == nil && (a.Peer != q.Counterparty || a.Role != "provider" || a.Target != q.Asset) {
			err = fmt.Errorf("%w with %s as consumer about %s under this id", negotiation.ErrNoAgreement, q.Counterparty, q.Asset)
		}
		return a, err == nil, err
	}
	list, err := c.store.Agreements(ctx, contextID, negotiation.AgreementQuery{
		Peer: q.Counterparty, Role: "provider", Target: q.Asset, InForce: true, Limit: 1,
	})
	if err != nil || len(list) == 0 {
		return a, false, err
	}
	return list[0], true, nil
}
