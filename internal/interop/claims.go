// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Claims is the world with real identity: each side has DIDs, a wallet and an
// issuer, and believes the issuer of the other.
//
//	EDC ── IdentityHub (gates before DIDs and wallets)     hub's issuer
//	 │ DSP, each message with a self-issued token              │ trusted by both
//	us  ── our wallet, our verifier                         our issuer
//	Strangers: whoever sends what is wrong, to either side
type Claims struct {
	*World
	hub       *IdentityHub
	home      *Home
	strangers *Strangers
	issuer    *API // the management API of our issuer
	refused   pair // what suspendedProvider left
}

// ourPort is the port of our side: the EDC trusts the issuer of this address.
const ourPort = 28583

const (
	ourHost   = "did:web:localhost%3A28583:"
	ourIssuer = ourHost + "issuer"
	strayName = "stray" // our issuer that the EDC does not trust
)

// OpenClaims starts both sides with real identity.
func OpenClaims(ctx context.Context) (c *Claims, err error) {
	c = &Claims{World: &World{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if c.home, err = NewHome(ctx, HomeOptions{Identity: "dcp", Debug: true}); err != nil {
		return c, err
	}
	c.close = append(c.close, c.home.Close)
	if err = c.startTheirs(ctx); err != nil {
		return c, err
	}
	if c.Source, err = OpenSource(); err != nil {
		return c, err
	}
	c.close = append(c.close, c.Source.Close)
	if err = c.openStrangers(ctx); err != nil {
		return c, err
	}
	if err = c.serve(ctx); err != nil {
		return c, err
	}
	return c, c.certify(ctx, ourIssuer)
}

// startTheirs starts the hub and the EDC at once, each of which takes seconds.
func (c *Claims) startTheirs(ctx context.Context) (err error) {
	tuned, err := c.home.Tuned()
	if err != nil {
		return err
	}
	started := make(chan error, 1)
	go func() {
		var err error
		if c.hub, err = c.home.StartHub(ctx); err == nil {
			c.close = append(c.close, c.hub.Close)
		}
		started <- err
	}()
	options := slices.Concat(tuned, []string{"-Dedc.participant.id=" + hubHost + Provider, "-Dedc.iam.credential.revocation.cache.validity=0"})
	c.EDC, err = c.home.StartEDC(ctx, Provider, options...)
	return errors.Join(err, <-started)
}

func (c *Claims) openStrangers(ctx context.Context) error {
	issuer, err := c.hub.key("issuer")
	if err != nil {
		return err
	}
	rogue, err := c.hub.key("rogue")
	if err != nil {
		return err
	}
	if c.strangers, err = openStrangers(ctx, issuer, rogue); err != nil {
		return err
	}
	c.close = append(c.close, c.strangers.Close)
	return nil
}

// serve starts our side: a company, its issuer, and an issuer that nobody
// else trusts.
func (c *Claims) serve(ctx context.Context) error {
	ports, err := FreePorts(2)
	if err != nil {
		return err
	}
	program, err := Build(ctx)
	if err != nil {
		return err
	}
	c.close = append(c.close, program.Close)
	if c.Gate, err = gateBefore(ourPort, ports[1]); err != nil {
		return err
	}
	c.close = append(c.close, c.Gate.Close)
	management := fmt.Sprintf("127.0.0.1:%d", ports[0])
	participant := func(name string) *API { return NewAPI("http://"+management+"/api/v1/participants/"+name, "key") }
	c.Us = &Us{
		Peer: Peer{ID: ourHost + ourContext, Address: fmt.Sprintf("http://localhost:%d/%s/dsp/2025-1", ourPort, ourContext)},
		API:  participant(ourContext), Counterpart: c.EDC.ID,
	}
	c.issuer = participant("issuer")
	config, err := c.config(fmt.Sprintf("127.0.0.1:%d", ports[1]), management)
	if err != nil {
		return err
	}
	if c.process, err = program.Serve(ctx, ourContext, config, management); err != nil {
		return err
	}
	c.close = append(c.close, c.process.Stop)
	return nil
}

// config is that of our side: what this EDC needs is in docs/interoperability.md.
func (c *Claims) config(protocol, management string) (string, error) {
	raw, err := json.Marshal(object{
		"store": "sqlite:us.db", "devMode": true, "logLevel": "info",
		"protocol":   object{"listen": protocol, "publicUrl": fmt.Sprintf("http://localhost:%d", ourPort)},
		"management": object{"listen": management, "apiKeys": []string{"key"}},
		"egress":     object{"didCache": "1ms"},
		"participants": []object{
			{
				"context": ourContext, "name": "Musubi beside EDC", "identity": c.settings(nil),
				"peers": []object{{"id": c.EDC.ID, "url": c.EDC.Protocol, "conformance": "lenient"}},
			},
			{"context": "issuer", "identity": issuing(nil)},
			{"context": strayName, "identity": issuing(nil)},
		},
	})
	return string(raw), err // JSON is YAML
}

// settings are those of our company, with what a case changes.
func (c *Claims) settings(more object) object {
	issuer := func(id, conformance string) object {
		return object{"id": id, "types": []string{membership}, "conformance": conformance}
	}
	return merged(object{
		"requires":          object{"default": []string{membership}},
		"presentationCache": "-1s", "statusCache": "-1s",
		"trustedIssuers": []object{issuer(ourIssuer, "strict"), issuer(hubHost+"issuer", "lenient")},
	}, more)
}

// issuing are those of an issuer of ours.
func issuing(more object) object {
	return object{"issues": merged(object{
		"types": []string{membership}, "autoApprove": []object{{"holder": "*"}}, "unsignedLists": true,
	}, more)}
}

// decide changes a participant's settings.
func decide(ctx context.Context, participant *API, settings object) error {
	return ours(participant.Call(ctx, http.MethodPut, "/identity", settings, nil))
}
