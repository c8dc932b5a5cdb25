// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Us is our connector as one of its participants, driven by its management
// API.
type Us struct {
	Peer               // how an EDC names us
	*API               // the management API of the participant
	Counterpart string // the EDC's participant id
}

// View is what our side shows of a negotiation or a transfer.
type View struct {
	ID, Role, State, Peer string
	PeerPID               string `json:"peerPid"`
	Dataset               string
	AgreementID           string `json:"agreementId"` // of a negotiation
	Agreement             string // of a transfer
	Open, AwaitsStart     bool
	WaitingFor, Pending   string
	TerminatedFor         string
	StoppedFor            string
	Mismatch              string
	LastError             *struct{ Code, Reason string }
	History               []struct {
		Inbound bool
		Message string
		Outcome string
		Body    json.RawMessage
	}
}

func (v View) String() string {
	text := fmt.Sprintf("%s %s of %s is %s, pending %q, waits for %q %s", v.Role, v.ID, v.Dataset, v.State, v.Pending, v.WaitingFor, v.TerminatedFor+v.StoppedFor)
	if v.LastError != nil {
		text += ", last error " + v.LastError.Code + ": " + v.LastError.Reason
	}
	return text
}

func ours(err error) error {
	if err != nil {
		return fmt.Errorf("Musubi: %w", err)
	}
	return nil
}

// Post calls a route of the participant's management API.
func (u *Us) Post(ctx context.Context, path string, in, out any) error {
	return ours(u.Call(ctx, http.MethodPost, path, in, out))
}

// See shows a process; kind is negotiations or transfers.
func (u *Us) See(ctx context.Context, kind, id string) (View, error) {
	var v View
	return v, ours(u.Call(ctx, http.MethodGet, "/"+kind+"/"+url.PathEscape(id), nil, &v))
}

// Await waits until a process is in one of the states, with nothing of ours
// under way.
func (u *Us) Await(ctx context.Context, kind, id string, states ...string) (View, error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		v, err := u.See(ctx, kind, id)
		switch {
		case err != nil:
			return v, err
		case slices.Contains(states, v.State) && v.Pending == "" && !v.AwaitsStart:
			return v, nil
		case v.State == "TERMINATED" || v.State == "COMPLETED":
			return v, ours(fmt.Errorf("not %v: %s", states, v))
		}
		select {
		case <-ctx.Done():
			return v, ours(fmt.Errorf("not %v: %s: %w", states, v, context.Cause(ctx)))
		case <-tick.C:
		}
	}
}

// Act does what stands at the end of a route.
func (u *Us) Act(ctx context.Context, kind, id, act, reason string) error {
	var in any
	if reason != "" {
		in = object{"reason": reason}
	}
	return u.Post(ctx, "/"+kind+"/"+url.PathEscape(id)+"/"+act, in, nil)
}

// Of finds the process of ours in which the peer's pid is the given one. It
// may not be there yet: the look is repeated until ctx ends.
func (u *Us) Of(ctx context.Context, kind, peerPID string) (View, error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		all, err := u.List(ctx, kind)
		if err != nil {
			return View{}, err
		}
		for _, v := range all {
			if v.PeerPID == peerPID {
				return u.See(ctx, kind, v.ID)
			}
		}
		select {
		case <-ctx.Done():
			return View{}, ours(fmt.Errorf("no process of %s for the peer's %s: %w", kind, peerPID, context.Cause(ctx)))
		case <-tick.C:
		}
	}
}

// List lists the newest processes, at most a thousand.
func (u *Us) List(ctx context.Context, kind string) ([]View, error) {
	var out struct{ Items []View }
	return out.Items, ours(u.Call(ctx, http.MethodGet, "/"+kind+"?limit=1000", nil, &out))
}

// Data pulls the data of a transfer of ours through the connector.
func (u *Us) Data(ctx context.Context, transfer string) ([]byte, error) {
	var holding struct{ ID string }
	if err := u.Post(ctx, "/transfers/"+url.PathEscape(transfer)+"/download?wait=30s", nil, &holding); err != nil {
		return nil, err
	}
	if holding.ID == "" {
		return nil, ours(errors.New("a download without an id"))
	}
	body, status, err := u.Send(ctx, http.MethodGet, "/holdings/"+url.PathEscape(holding.ID)+"/data", nil)
	if err == nil && status != http.StatusOK {
		err = &StatusError{Call: "GET " + u.Base + "/holdings/" + holding.ID + "/data", Status: status, Body: string(body)}
	}
	return body, ours(err)
}

// PullFrom is where our side was told to pull from.
func (u *Us) PullFrom(ctx context.Context, transfer string) (Address, error) {
	var out struct {
		Endpoint   string
		Properties []struct{ Name, Value string }
	}
	err := u.Call(ctx, http.MethodGet, "/transfers/"+url.PathEscape(transfer)+"/address", nil, &out)
	a := Address{Endpoint: out.Endpoint}
	for _, p := range out.Properties {
		if p.Name == "authorization" {
			a.Authorization = p.Value
		}
	}
	return a, ours(err)
}
