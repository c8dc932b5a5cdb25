// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ownWalletCases are our wallet and our issuer in the eyes of the EDC. Each
// ends with what it began with: a wallet that the EDC accepts.
func (c *Claims) ownWalletCases() []Case {
	return []Case{
		{"our wallet: a membership of the EDC's issuer, imported", c.imported},
		{"our wallet: does not take what is expired, not valid yet, forged, of a wrong key or about another", c.notTaken},
		{"our wallet: nothing in it", func(ctx context.Context) error {
			return c.spoilt(ctx, c.emptyWallet, "peer-refused", "Number of requested credentials does not match")
		}},
		{"our wallet: a membership of an issuer that the EDC does not trust", func(ctx context.Context) error {
			return c.spoilt(ctx, func(ctx context.Context) error { return c.certify(ctx, ourHost+strayName) },
				"peer-refused", "are not supported for issuer '"+ourHost+strayName)
		}},
		{"our issuer revokes", func(ctx context.Context) error {
			return c.spoilt(ctx, c.issuerActs("revoke"), "peer-refused", "Credential status is 'revocation'")
		}},
		{"our issuer revokes what has one status entry", c.oneEntry},
		{"our issuer suspends, and restores", func(ctx context.Context) error {
			if err := c.theyRefuse(ctx, c.issuerActs("suspend"), "peer-refused", "Credential status is 'suspension'"); err != nil {
				return err
			}
			return errors.Join(c.issuerActs("restore")(ctx), c.theyAccept(ctx))
		}},
		{"our issuer sends signed status lists alone", func(ctx context.Context) error {
			err := c.theyRefuse(ctx, func(ctx context.Context) error {
				return decide(ctx, c.issuer, issuing(object{"unsignedLists": false}))
			}, "peer-failed", "")
			return errors.Join(err, decide(ctx, c.issuer, issuing(nil)), c.theyAccept(ctx))
		}},
		{"our wallet: both data models, and one alone for the EDC", c.oneProfile},
	}
}

// suspendedProvider: our agreement is the first message of ours that the EDC
// sees, and it refuses it. Our side says so and tries again, slowly.
func (c *Claims) suspendedProvider(ctx context.Context) error {
	const asset = "ours-suspended"
	err := c.publishOurs(ctx, asset, use)
	if err == nil {
		err = c.issuerActs("suspend")(ctx)
	}
	if err != nil {
		return err
	}
	if c.refused, err = c.negotiateOurs(ctx, asset); err == nil {
		err = poll(ctx, func() (bool, error) {
			v, err := c.See(ctx, negotiations, c.refused.us)
			return v.State == "REQUESTED" && v.Pending != "" && v.LastError != nil && strings.Contains(v.LastError.Reason, "401"), err
		})
	}
	if err == nil {
		_, err = c.EDC.Await(ctx, Negotiations, c.refused.edc, "REQUESTED")
	}
	return errors.Join(err, c.issuerActs("restore")(ctx), c.theyAccept(ctx))
}

// restoredProvider is the end of suspendedProvider, whose next try is due
// after some seconds.
func (c *Claims) restoredProvider(ctx context.Context) error {
	_, _, err := c.both(ctx, negotiations, c.refused, "FINALIZED")
	return err
}

// theyAccept asks for the EDC's catalogue with what is in our wallet.
func (c *Claims) theyAccept(ctx context.Context) error {
	var out struct{ Participant string }
	err := c.Post(ctx, "/peers/"+url.PathEscape(c.Counterpart)+"/catalog", object{}, &out)
	if err == nil && out.Participant != c.Counterpart {
		err = fmt.Errorf("a catalogue of %q", out.Participant)
	}
	return err
}

// theyRefuse spoils something and asks for the catalogue: our side reports a
// code, and the EDC logs why.
func (c *Claims) theyRefuse(ctx context.Context, spoil func(context.Context) error, code, why string) error {
	if err := spoil(ctx); err != nil {
		return err
	}
	mark := c.mark()
	err := c.theyAccept(ctx)
	answer, ok := errors.AsType[*StatusError](err)
	if !ok || answer.Status != http.StatusBadGateway || !strings.Contains(answer.Body, `"`+code+`"`) {
		return fmt.Errorf("not %s: %w", code, err)
	}
	return c.logged(ctx, mark, why)
}

// spoilt is a refusal that a new membership ends.
func (c *Claims) spoilt(ctx context.Context, spoil func(context.Context) error, code, why string) error {
	return errors.Join(c.theyRefuse(ctx, spoil, code, why), c.certify(ctx, ourIssuer), c.theyAccept(ctx))
}

// issuerActs does something with the membership that is held.
func (c *Claims) issuerActs(act string) func(context.Context) error {
	return func(ctx context.Context) error {
		held, err := c.held(ctx)
		if err != nil || len(held) != 1 {
			return fmt.Errorf("%d credentials are held: %w", len(held), err)
		}
		path := "/issuer/credentials/" + url.PathEscape(held[0].Credential) + "/" + act
		return ours(c.issuer.Call(ctx, http.MethodPost, path, object{"reason": "for the table"}, nil))
	}
}

func (c *Claims) oneEntry(ctx context.Context) error {
	err := decide(ctx, c.issuer, issuing(object{"revocationOnly": true}))
	if err == nil {
		err = errors.Join(c.certify(ctx, ourIssuer), c.theyAccept(ctx))
	}
	if err == nil {
		err = c.theyRefuse(ctx, c.issuerActs("revoke"), "peer-refused", "Credential status is 'revocation'")
	}
	return errors.Join(err, decide(ctx, c.issuer, issuing(nil)), c.certify(ctx, ourIssuer), c.theyAccept(ctx))
}

func (c *Claims) oneProfile(ctx context.Context) error {
	err := c.theyRefuse(ctx, func(ctx context.Context) error { return c.ask(ctx, ourIssuer, membership+"-vc20") }, "peer-refused", "claim must be present in JWT")
	if err == nil {
		one := c.settings(object{"presentAs": object{c.Counterpart: "vc11-sl2021/jwt"}})
		err = errors.Join(decide(ctx, c.API, one), c.theyAccept(ctx))
	}
	if err == nil && !strings.Contains(c.process.Log(), "presented in one profile alone") {
		err = errors.New("our side did not log that it presents in one profile")
	}
	return errors.Join(err, decide(ctx, c.API, c.settings(nil)), c.certify(ctx, ourIssuer), c.theyAccept(ctx))
}

func (c *Claims) imported(ctx context.Context) error {
	token, err := c.hub.run(ctx, "issue", c.ID, "good")
	if err == nil {
		err = c.emptyWallet(ctx)
	}
	if err == nil {
		err = c.Post(ctx, "/credentials", object{"credential": token}, nil)
	}
	return errors.Join(err, c.theyAccept(ctx), c.certify(ctx, ourIssuer))
}

func (c *Claims) notTaken(ctx context.Context) error {
	for _, kind := range []string{"expired", "future", "untrusted", "forged", "kid", "subject"} {
		token, err := c.hub.run(ctx, "issue", c.ID, kind)
		if err != nil {
			return err
		}
		err = c.Post(ctx, "/credentials", object{"credential": token}, nil)
		if answer, ok := errors.AsType[*StatusError](err); !ok || answer.Status < 400 || answer.Status > 499 {
			return fmt.Errorf("%s: not refused: %w", kind, err)
		}
	}
	return c.theyAccept(ctx)
}
