// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/musubi-ods/musubi/catalog"
	"github.com/musubi-ods/musubi/connector/explain"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

// explainer fills in the answers of an explanation.
type explainer struct {
	c       *Connector
	context string
	claims  trust.Claims
	answers *explain.Explanation
}

// offers judges each offer at the three points: by the access policy, by the
// usage policy, and as if the offer had just been agreed.
func (x *explainer) offers(ctx context.Context, offers []catalog.OfferView) error {
	for _, o := range offers {
		e := explain.Offer{Offer: o.Offer, WireID: o.WireID, Visible: o.Access, Answer: string(catalog.Accept)}
		if rule, ok := catalog.RuleFor(o.Rules, x.claims.Participant); ok {
			e.Answer = string(rule.Do)
		}
		var err error
		if e.Negotiable, err = x.told(x.c.negotiations.Explain(ctx, x.context, o.Usage, x.claims, x.answers.Declared.Values)); err != nil {
			return err
		}
		if e.Transferable, err = x.assumed(ctx, o); err != nil {
			return err
		}
		x.answers.Offers = append(x.answers.Offers, e)
	}
	return nil
}

// assumed judges a transfer under an agreement on the offer that had just been
// concluded. It is the first of it.
func (x *explainer) assumed(ctx context.Context, o catalog.OfferView) (policy.Verdict, error) {
	raw, err := o.Usage.JSON()
	if err != nil {
		return policy.Verdict{}, err
	}
	a := negotiation.Agreement{
		Context: x.context, Offer: o.Offer, Policy: raw, PolicyHash: o.Usage.Hash(), Concluded: x.answers.At, Declared: x.answers.Declared.Values,
	}
	e, err := x.c.point.Explain(ctx, a, x.claims, nil, &policy.Usage{Started: 1})
	return x.told(e.Verdict, err)
}

// told makes a denial of what cannot be judged now.
func (x *explainer) told(v policy.Verdict, err error) (policy.Verdict, error) {
	if errors.Is(err, policy.ErrNotTold) {
		return policy.Verdict{Action: policy.Use, At: x.answers.At, Reason: "it cannot be told now: " + err.Error()}, nil
	}
	return v, err
}

// agreement judges a transfer under an agreement that there is.
func (x *explainer) agreement(ctx context.Context, a negotiation.Agreement, found bool) error {
	if !found {
		return nil
	}
	e, err := x.c.point.Explain(ctx, a, x.claims, x.asked(), nil)
	if errors.Is(err, policy.ErrNotTold) {
		e.Usage, err = x.told(policy.Verdict{}, err)
	}
	x.answers.Agreement = &explain.Agreement{ID: a.ID, InForce: a.InForce(), Usage: e.Usage, Access: e.Access}
	return err
}

// asked are values that the query has beside those of an agreement.
func (x *explainer) asked() map[string]json.RawMessage {
	if x.answers.Declared.From == explain.FromQuery {
		return x.answers.Declared.Values
	}
	return nil
}

// conclude makes the three answers.
func (x *explainer) conclude() {
	e := x.answers
	x.visible()
	x.negotiable()
	x.transferable()
	if e.Claims.Refused == "" {
		return
	}
	for _, a := range []*explain.Answer{&e.Visible, &e.Negotiable, &e.Transferable} {
		*a = explain.Answer{
			Reason: "its messages are refused now, by " + e.Claims.Refused,
			Help:   []string{"the counterparty has to obtain a credential that is good, or its issuer has to restore the one that it has"},
		}
	}
}

func (x *explainer) visible() {
	x.answers.Visible = x.any(func(o explain.Offer) (policy.Verdict, string) { return o.Visible, "" })
}

func (x *explainer) negotiable() {
	x.answers.Negotiable = x.any(mayNegotiate)
	switch by := x.answers.Negotiable.By; {
	case by == "":
	case slices.ContainsFunc(x.answers.Offers, func(o explain.Offer) bool { return o.Offer == by && o.Answer == string(catalog.Approve) }):
		x.answers.Negotiable.Note = "a person decides"
	case slices.ContainsFunc(x.answers.Offers, func(o explain.Offer) bool { return o.Offer == by && o.Answer == string(catalog.Counter) }):
		x.answers.Negotiable.Note = "it is answered with a counter-offer"
	}
}

// mayNegotiate joins what decides whether an offer is agreed to.
func mayNegotiate(o explain.Offer) (v policy.Verdict, help string) {
	switch {
	case !o.Visible.Permit:
		return o.Visible, ""
	case o.Answer == string(catalog.Refuse):
		return policy.Verdict{Reason: "a rule of the offer refuses this counterparty"}, "change the rules of the offer, or publish another one"
	}
	return o.Negotiable, ""
}

func (x *explainer) transferable() {
	if x.answers.Agreement != nil {
		x.answers.Transferable = x.underAgreement(*x.answers.Agreement)
		return
	}
	x.answers.Transferable = x.any(func(o explain.Offer) (policy.Verdict, string) {
		if v, help := mayNegotiate(o); !v.Permit {
			return v, help
		}
		return o.Transferable, ""
	})
	if len(x.answers.Offers) > 0 {
		x.answers.Transferable.Note = "no agreement is in force; each offer was judged as if it had just been agreed"
	}
}

func (x *explainer) underAgreement(a explain.Agreement) explain.Answer {
	switch {
	case !a.InForce:
		return explain.Answer{By: a.ID, Reason: "the agreement is not in force", Help: []string{"negotiate another one"}}
	case !a.Usage.Permit:
		return explain.Answer{By: a.ID, Reason: a.Usage.Reason, Help: x.help(a.Usage)}
	case a.Access != nil && !a.Access.Permit:
		return explain.Answer{By: a.ID, Reason: "the access policy of its offer: " + a.Access.Reason, Help: x.help(*a.Access)}
	}
	return explain.Answer{Yes: true, By: a.ID}
}

// any is yes by the first offer that permits, else no by all of them.
func (x *explainer) any(judge func(explain.Offer) (v policy.Verdict, help string)) explain.Answer {
	var a explain.Answer
	var why []string
	for _, o := range x.answers.Offers {
		v, help := judge(o)
		if v.Permit {
			return explain.Answer{Yes: true, By: o.Offer}
		}
		why = append(why, o.Offer+": "+v.Reason)
		helps := x.help(v)
		if help != "" {
			helps = []string{help}
		}
		for _, h := range helps {
			if !slices.Contains(a.Help, h) {
				a.Help = append(a.Help, h)
			}
		}
	}
	if a.Reason = strings.Join(why, "; and "); len(why) == 0 {
		a.Reason, a.Help = "no offer is about the asset", []string{"publish an offer for it"}
	}
	return a
}

// help says what would turn a denial. One without rules is not about a policy.
func (x *explainer) help(v policy.Verdict) []string {
	if len(v.Rules) == 0 {
		return nil
	}
	return x.c.policies.Registry.Help(v)
}
