// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/did"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/dcp"
)

// documents writes the DID documents of our participants.
type documents struct {
	keys         trust.KeyStore
	participants func(ctx context.Context) ([]trust.Participant, error)
	now          func() time.Time

	mu     sync.Mutex
	byDID  map[string]trust.Participant
	loaded time.Time
}

// of returns a participant's document, none for one that is no DID.
func (d *documents) of(ctx context.Context, p trust.Participant) ([]byte, error) {
	if p.Profile != profileDCP {
		return nil, nil
	}
	settings, err := dcp.ReadSettings(p)
	if err != nil {
		return nil, err
	}
	identity, err := d.keys.PublicKeys(ctx, p.Context, trust.UseIdentity)
	if err != nil {
		return nil, err
	}
	doc := did.Description{ID: p.ID, Services: []did.Service{
		{ID: p.ID + "#data", Type: "DataService", Endpoint: p.PublicURL + "/.well-known/dspace-version"},
	}}
	if settings.Holds() {
		doc.Services = append(doc.Services, did.Service{ID: p.ID + "#credentials", Type: "CredentialService", Endpoint: p.PublicURL + "/dcp"})
	}
	own := []did.Relation{did.Authentication, did.CapabilityInvocation}
	if settings.Issues == nil {
		own = append(own, did.AssertionMethod) // some readers demand that each relation has a key
	} else {
		if settings.Issuing() { // what it issued before stays good
			doc.Services = append(doc.Services, did.Service{ID: p.ID + "#issuer", Type: "IssuerService", Endpoint: p.PublicURL + "/issuer"})
		}
		issuer, err := d.keys.PublicKeys(ctx, p.Context, trust.UseIssuer)
		if err != nil {
			return nil, err
		}
		doc.Keys = append(doc.Keys, published(issuer, []did.Relation{did.AssertionMethod})...)
	}
	doc.Keys = append(published(identity, own), doc.Keys...)
	return did.Marshal(doc)
}

func published(keys []trust.PublicKey, relations []did.Relation) []did.Key {
	list := make([]did.Key, len(keys))
	for i, k := range keys {
		list[i] = did.Key{Fragment: k.ID, Key: k.Key, Relations: relations}
	}
	return list
}

// knownFor is how long the list of our DIDs is believed.
const knownFor = 10 * time.Second

// local answers for the DIDs of our own participants without a call.
func (d *documents) local(ctx context.Context, id string) ([]byte, bool, error) {
	p, ok, err := d.find(ctx, id)
	if err != nil || !ok {
		return nil, false, err
	}
	doc, err := d.of(ctx, p)
	return doc, doc != nil, err
}

func (d *documents) find(ctx context.Context, id string) (trust.Participant, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byDID == nil || d.now().Sub(d.loaded) > knownFor {
		all, err := d.participants(ctx)
		if err != nil {
			return trust.Participant{}, false, err
		}
		d.byDID, d.loaded = make(map[string]trust.Participant, len(all)), d.now()
		for _, p := range all {
			if _, taken := d.byDID[p.ID]; !taken && servesItsDID(p) {
				d.byDID[p.ID] = p
			}
		}
	}
	p, ok := d.byDID[id]
	return p, ok, nil
}

// servesItsDID reports whether a DID leads to the document that we serve for
// the participant. One that leads to another host says there whose it is: we
// ask like everybody else.
func servesItsDID(p trust.Participant) bool {
	if p.Profile != profileDCP {
		return false
	}
	id, err := did.FromURL(p.PublicURL)
	return err == nil && id == p.ID
}

// forget has the list of our DIDs read again.
func (d *documents) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byDID = nil
}
