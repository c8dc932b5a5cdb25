// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// vainCases are messages that are in order, and cannot be answered with yes.
func (w *World) vainCases() []Case {
	return []Case{
		{"provider: EDC asks for an offer that does not exist: refused, none of ours began", func(ctx context.Context) error {
			return w.theyAskInVain(ctx, "no-such-asset", object{"@id": "no-such-offer", "@type": "Offer", "permission": []object{{"action": "use"}}})
		}},
		{"consumer: we ask for an offer that does not exist: EDC refuses, ours ends and says why", func(ctx context.Context) error {
			const asset = "theirs-other"
			if err := w.publishTheirs(ctx, asset, use); err != nil {
				return err
			}
			var v View
			in := object{"peer": w.Counterpart, "dataset": asset, "offerId": "no-such-offer", "policy": use}
			if err := w.Post(ctx, "/negotiations", in, &v); err != nil {
				return err
			}
			v, err := w.Await(ctx, negotiations, v.ID, "TERMINATED")
			if err == nil && !strings.Contains(v.TerminatedFor, "404") {
				err = fmt.Errorf("our side does not say why: %s", v)
			}
			return err
		}},
		{"provider: EDC asks for other terms: refused by us, TERMINATED on both", func(ctx context.Context) error {
			const asset = "ours-terms"
			if err := w.publishOurs(ctx, asset, until("contractAgreement+30d")); err != nil {
				return err
			}
			offer := object{"@id": "offer-" + asset, "@type": "Offer", "permission": []object{{"action": "use"}}}
			id, err := w.EDC.Negotiate(ctx, w.Peer, asset, offer)
			if err != nil {
				return err
			}
			us, err := w.taken(ctx, negotiations, Negotiations, id)
			if err != nil {
				return err
			}
			_, _, err = w.both(ctx, negotiations, pair{us, id}, "TERMINATED")
			return err
		}},
		{"consumer: EDC's agreement is not what we asked for: never verified, TERMINATED on both", func(ctx context.Context) error {
			const asset = "theirs-terms"
			if err := w.publishTheirs(ctx, asset, until("contractAgreement+30d")); err != nil {
				return err
			}
			offer, err := w.theirOffer(ctx, asset)
			if err != nil {
				return err
			}
			n, err := w.negotiateTheirs(ctx, asset, object{"offerId": offer, "policy": use})
			if err != nil {
				return err
			}
			v, _, err := w.both(ctx, negotiations, n, "TERMINATED")
			if err == nil && v.Mismatch == "" {
				err = fmt.Errorf("not for the agreement: %s", v)
			}
			return err
		}},
	}
}

// theirOffer is the id of the first offer that the EDC shows us of an asset.
func (w *World) theirOffer(ctx context.Context, asset string) (string, error) {
	var d struct{ Offers []struct{ OfferID string } }
	if err := ours(w.Call(ctx, http.MethodGet, "/peers/"+url.PathEscape(w.Counterpart)+"/datasets/"+asset, nil, &d)); err != nil {
		return "", err
	}
	if len(d.Offers) == 0 {
		return "", fmt.Errorf("no offer of %s is shown", asset)
	}
	return d.Offers[0].OfferID, nil
}

// theyAskInVain has the EDC ask for what we do not offer.
func (w *World) theyAskInVain(ctx context.Context, asset string, offer object) error {
	before, err := w.All(ctx, negotiations)
	if err != nil {
		return err
	}
	id, err := w.EDC.Negotiate(ctx, w.Peer, asset, offer)
	if err != nil {
		return err
	}
	if _, err := w.EDC.Await(ctx, Negotiations, id, "TERMINATED"); err != nil {
		return err
	}
	after, err := w.All(ctx, negotiations)
	if err == nil && len(after) != len(before) {
		err = fmt.Errorf("we have %d negotiations, %d before", len(after), len(before))
	}
	return err
}
