// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
	"github.com/musubi-ods/musubi/trust/dcp/issuer"
)

// Registrar says who is a member of the dataspace and which company stands
// behind a connector. It is fictional, and so is its register. It has a
// connector like any company, which serves nothing but its issuer and the
// dataspace's trust list.
type Registrar struct {
	*Member
	settings     Settings
	applications map[string]application // by DID, those that are not decided
	members      int
}

// RegistrarFolder is no company's: their ids have no such character.
const RegistrarFolder = "_registrar"

// Settings are what a registrar goes by.
type Settings struct {
	Dataspace string            // its name, an IRI
	Title     string            // the registrar's name, marked as fictional
	Prefix    string            // of the numbers that members get
	Register  map[string]string // corporate number → name, as a public register has them
	Clock     *Clock
	Front     func(http.Handler) http.Handler // see Profile
}

// application is what a company hands in, on paper or in a web form; its wallet
// asks for the credentials themselves. Nothing in it is proved.
type application struct{ name, number string }

// Open starts the registrar's connector.
func Open(ctx context.Context, home string, s Settings) (*Registrar, error) {
	m, err := Join(ctx, home, Profile{
		Slug: "registrar", Title: s.Title, Folder: RegistrarFolder,
		Identity: dcp.Settings{Dataspace: s.Dataspace, Issues: &dcp.Issuance{Types: Required}},
		Options:  []connector.Option{connector.IssuerOnly(), connector.WithClock(s.Clock.Now)},
		Front:    s.Front,
	})
	if err != nil {
		return nil, err
	}
	return &Registrar{Member: m, settings: s, applications: map[string]application{}}, nil
}

// Clock is the one that the registrar goes by.
func (r *Registrar) Clock() *Clock { return r.settings.Clock }

// PublishTrustList signs the list of those whose credentials count in this
// dataspace. It names the registrar alone.
func (r *Registrar) PublishTrustList(ctx context.Context) error {
	if err := r.Participant.Issuer().Trust(ctx, dcp.TrustedIssuer{ID: r.DID, Types: Required}); err != nil {
		return err
	}
	_, err := r.Participant.Issuer().SignTrustList(ctx, 24*time.Hour)
	return err
}

// Identity is how a company is set up that goes by this registrar's word.
func (r *Registrar) Identity() dcp.Settings {
	return dcp.Settings{
		Dataspace: r.settings.Dataspace,
		TrustList: &dcp.TrustListSource{URL: r.Base + "/trust/list", Authority: r.DID},
		// A status list is asked for anew with every message, so that a
		// revocation counts from the next one on. By default it is believed for
		// up to a minute.
		StatusCache: -1,
	}
}

// desk decides what has come in since it was last asked.
func (r *Registrar) desk(ctx context.Context) error {
	waiting, err := r.Participant.Issuer().Requests(ctx, issuer.Received)
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
func (r *Registrar) decide(ctx context.Context, request issuer.Request, a application) error {
	const by = "the registrar's clerk (fictional)"
	claims := r.claims(a)
	if err := r.examine(a, claims); err != nil {
		_, err = r.Participant.Issuer().Reject(ctx, request.ID, by, err.Error())
		return err
	}
	// What the clerk has seen stays with the registrar.
	evidence, err := json.Marshal(trust.Evidence{
		Kind: "registry-extract", Reference: "extract for " + a.number, At: r.settings.Clock.Now(), By: by,
	})
	if err != nil {
		return err
	}
	r.members++
	_, err = r.Participant.Issuer().Approve(ctx, request.ID, by, claims, evidence)
	return err
}

// examine judges the claims as those who will read them do, and then looks the
// company up: a number that is well formed may be nobody's, or another's.
func (r *Registrar) examine(a application, claims map[string]json.RawMessage) error {
	for _, name := range Required {
		if err := trust.ValidateSubject(name, claims[name], trust.Domain{Dataspace: r.settings.Dataspace, Now: r.settings.Clock.Now()}); err != nil {
			return err
		}
	}
	switch name, ok := r.settings.Register[a.number]; {
	case !ok:
		return fmt.Errorf("the register has no company with the number %s", a.number)
	case name != a.name:
		return fmt.Errorf("the register has another company under the number %s", a.number)
	}
	return nil
}

type object map[string]any

// claims are what the credentials of a company will say.
func (r *Registrar) claims(a application) map[string]json.RawMessage {
	now := r.settings.Clock.Now().Format(time.RFC3339)
	list := map[string]object{
		trust.MembershipCredential: {
			"type": trust.DataspaceMember, "dataspace": r.settings.Dataspace,
			"membershipNumber":    fmt.Sprintf("%s-%04d", r.settings.Prefix, r.members+1),
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

// Revoke takes a company's membership back, for good.
func (r *Registrar) Revoke(ctx context.Context, m *Member, reason string) error {
	issued, err := r.Participant.Issuer().Credentials(ctx, m.DID)
	if err != nil {
		return err
	}
	count := 0
	for _, c := range issued {
		if c.Type != trust.MembershipCredential || c.State != issuer.Active {
			continue
		}
		if _, err := r.Participant.Issuer().Revoke(ctx, c.ID, reason); err != nil {
			return err
		}
		count++
	}
	if count == 0 {
		return errors.New(m.Slug + " has no membership to revoke")
	}
	return nil
}
