// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// registrar says who is a member of the dataspace and which company stands
// behind a connector. It is fictional, and so is its register. It has a
// connector like any company, which serves nothing but its issuer and the
// dataspace's trust list.
type registrar struct {
	*member
	clock        *clock
	register     map[string]string      // corporate number → name, as a public register has them
	applications map[string]application // by DID, those that are not decided
	members      int
}

// registrarFolder is no company's: their ids have no such character.
const registrarFolder = "_registrar"

// application is what a company hands in, on paper or in a web form; its wallet
// asks for the credentials themselves. Nothing in it is proved.
type application struct{ name, number string }

// openRegistrar starts the registrar's connector.
func openRegistrar(ctx context.Context, home string, register map[string]string, c *clock) (*registrar, error) {
	m, err := join(ctx, home, profile{
		slug: "registrar", label: "環礁登録所 (fictional)", folder: registrarFolder,
		identity: dcp.Settings{Dataspace: dataspace, Issues: &dcp.Issuance{Types: required}},
		options:  []connector.Option{connector.IssuerOnly(), connector.WithClock(c.now)},
	})
	if err != nil {
		return nil, err
	}
	return &registrar{member: m, clock: c, register: register, applications: map[string]application{}}, nil
}

// publishTrustList signs the list of those whose credentials count in this
// dataspace. It names the registrar alone.
func (r *registrar) publishTrustList(ctx context.Context) error {
	if err := r.participant.Issuer().Trust(ctx, dcp.TrustedIssuer{ID: r.did, Types: required}); err != nil {
		return err
	}
	_, err := r.participant.Issuer().SignTrustList(ctx, 24*time.Hour)
	return err
}

// identity is how a company is set up that goes by this registrar's word.
func (r *registrar) identity() dcp.Settings {
	return dcp.Settings{
		Dataspace: dataspace,
		TrustList: &dcp.TrustListSource{URL: r.base + "/trust/list", Authority: r.did},
		// A status list is asked for anew with every message, so that a
		// revocation counts from the next one on. By default it is believed for
		// up to a minute.
		StatusCache: -1,
	}
}

// desk decides what has come in since it was last asked.
func (r *registrar) desk(ctx context.Context) error {
	waiting, err := r.participant.Issuer().Requests(ctx, issuer.Received)
	if err != nil {
		return err
	}
	for _, request := range waiting {
		a, ok := r.applications[request.Holder]
		if !ok {
			continue // nothing has been handed in for it
		}
		if err := r.decide(ctx, request, a); err != nil {
			return err
		}
		delete(r.applications, request.Holder)
	}
	return nil
}

// decide approves a request, or refuses it with a reason that the company is
// told.
func (r *registrar) decide(ctx context.Context, request issuer.Request, a application) error {
	const by = "the registrar's clerk (fictional)"
	claims := r.claims(a)
	if err := r.examine(a, claims); err != nil {
		_, err = r.participant.Issuer().Reject(ctx, request.ID, by, err.Error())
		return err
	}
	// What the clerk has seen stays with the registrar.
	evidence, err := json.Marshal(trust.Evidence{
		Kind: "registry-extract", Reference: "extract for " + a.number, At: r.clock.now(), By: by,
	})
	if err != nil {
		return err
	}
	r.members++
	_, err = r.participant.Issuer().Approve(ctx, request.ID, by, claims, evidence)
	return err
}

// examine judges the claims as those who will read them do, and then looks the
// company up: a number that is well formed may be nobody's, or another's.
func (r *registrar) examine(a application, claims map[string]json.RawMessage) error {
	for _, name := range required {
		if err := trust.ValidateSubject(name, claims[name], trust.Domain{Dataspace: dataspace, Now: r.clock.now()}); err != nil {
			return err
		}
	}
	switch name, ok := r.register[a.number]; {
	case !ok:
		return fmt.Errorf("the register has no company with the number %s", a.number)
	case name != a.name:
		return fmt.Errorf("the register has another company under the number %s", a.number)
	}
	return nil
}

type object map[string]any

// claims are what the credentials of a company will say.
func (r *registrar) claims(a application) map[string]json.RawMessage {
	now := r.clock.now().Format(time.RFC3339)
	list := map[string]object{
		trust.MembershipCredential: {
			"type": trust.DataspaceMember, "dataspace": dataspace,
			"membershipNumber":    fmt.Sprintf("B-%04d", r.members+1),
			"membershipStartDate": now, "role": []string{"provider", "consumer"},
		},
		trust.CorporateIdentityCredential: {
			"type": trust.Corporation, "legalName": object{"ja": a.name}, "country": "JP",
			"onboardingMethod": "registry-extract",
			"identifier": []object{{
				"type": "CorporateIdentifier", "scheme": trust.CorporateNumber, "value": a.number,
				"verifiedBy": "registry-extract", "verifiedAt": now, "primary": true,
			}},
		},
	}
	claims := make(map[string]json.RawMessage, len(list))
	for name, subject := range list {
		claims[name], _ = json.Marshal(subject) // texts and lists: it cannot fail
	}
	return claims
}

// revoke takes a company's membership back, for good.
func (r *registrar) revoke(ctx context.Context, m *member, reason string) error {
	issued, err := r.participant.Issuer().Credentials(ctx, m.did)
	if err != nil {
		return err
	}
	count := 0
	for _, c := range issued {
		if c.Type != trust.MembershipCredential || c.State != issuer.Active {
			continue
		}
		if _, err := r.participant.Issuer().Revoke(ctx, c.ID, reason); err != nil {
			return err
		}
		count++
	}
	if count == 0 {
		return errors.New(m.slug + " has no membership to revoke")
	}
	return nil
}
