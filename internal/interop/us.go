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
	"strings"
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

// Said are the messages of its history, with what became of ours.
func (v View) Said() string {
	var all []string
	for _, e := range v.History {
		from := "us"
		if e.Inbound {
			from = "EDC"
		}
		all = append(all, strings.TrimSpace(from+" "+e.Message+" "+e.Outcome))
	}
	return strings.Join(all, ", ")
}

func ours(err error) error {
	if err != nil {
		return fmt.Errorf("ours: %w", err)
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
// under way. A state from which it will not go there ends the wait.
func (u *Us) Await(ctx context.Context, kind, id string, states ...string) (View, error) {
	var v View
	err := poll(ctx, func() (done bool, err error) {
		v, err = u.See(ctx, kind, id)
		done = slices.Contains(states, v.State) && v.Pending == "" && !v.AwaitsStart
		if err == nil && !done && (v.State == "TERMINATED" || v.State == "COMPLETED") {
			err = errors.New("it has ended")
			if v.anotherAgreement() {
				err = errors.Join(errOvertaken, err)
			}
		}
		return done, err
	})
	if err != nil {
		err = fmt.Errorf("ours: not %v: %s: %w", states, v, err)
	}
	return v, err
}

// Act does what stands at the end of a route.
func (u *Us) Act(ctx context.Context, kind, id, act, reason string) error {
	var in any
	if reason != "" {
		in = object{"reason": reason}
	}
	return u.Post(ctx, "/"+kind+"/"+url.PathEscape(id)+"/"+act, in, nil)
}

// All shows the newest thousand processes of a kind, by id.
func (u *Us) All(ctx context.Context, kind string) (map[string]View, error) {
	var out struct{ Items []View }
	err := u.Call(ctx, http.MethodGet, "/"+kind+"?limit=1000", nil, &out)
	all := map[string]View{}
	for _, v := range out.Items {
		all[v.ID] = v
	}
	return all, ours(err)
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
