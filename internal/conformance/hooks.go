// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/musubi-ods/musubi/connector"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust/policy"
)

// Hooks are the calls by which the kit asks the connector to begin a process
// as consumer. They are the harness's, not the product's.
func Hooks(p *connector.Participant) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /tck/negotiations/requests", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ ProviderID, OfferID, DatasetID string }
		answer(w, r, &in, func(ctx context.Context) error {
			_, err := p.Negotiate(ctx, negotiation.Proposal{
				Peer: in.ProviderID, Dataset: in.DatasetID,
				Terms:    negotiation.Terms{OfferID: in.OfferID, Policy: policy.Permit("use")},
				Decision: negotiation.Decision{Deadline: patience},
			})
			return err
		})
	})
	mux.HandleFunc("POST /tck/transfers/requests", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ AgreementID, Format string }
		answer(w, r, &in, func(ctx context.Context) error {
			_, err := p.Request(ctx, transfer.RequestArgs{Agreement: in.AgreementID, Format: in.Format})
			return err
		})
	})
	return mux
}

func answer(w http.ResponseWriter, r *http.Request, in any, begin func(context.Context) error) {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := begin(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
