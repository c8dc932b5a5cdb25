// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// api is the management API of one side.
type api struct {
	base string // up to and including the participant's context
	key  string
	http *http.Client
}

// errLost: no answer came. What was asked may have been done.
var errLost = errors.New("no answer")

// refusal is an answer that says no: nothing was done.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message) }

// passing reports whether the same call may be taken a little later: the peer
// is down, or a message is just on its way.
func (r *refusal) passing() bool { return r.Status == http.StatusConflict || r.Status > 500 }

// silent reports whether the refusal leaves open what was done: it is a
// balancer's that got no answer, or the store failed in the middle.
func (r *refusal) silent() bool {
	return r.Status == http.StatusBadGateway && r.Code == "" || r.Code == storeOut
}

// storeOut is the code of a connector whose store cannot be used.
const storeOut = "store-unavailable"

func newAPI(address, participant, key string) *api {
	return &api{
		base: "http://" + address + "/api/v1/participants/" + participant, key: key,
		http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

func (a *api) get(ctx context.Context, path string, out any) error {
	return a.call(ctx, http.MethodGet, path, nil, out)
}

func (a *api) post(ctx context.Context, path string, in, out any) error {
	return a.call(ctx, http.MethodPost, path, in, out)
}

func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	body := []byte(nil)
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Api-Key", a.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := a.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errLost, err)
	case res.StatusCode >= 300:
		no := &refusal{Status: res.StatusCode, Message: string(answer)}
		_ = json.Unmarshal(answer, no) // else the text as it came
		if no.silent() {
			return fmt.Errorf("%s %s: %w: %w", method, path, errLost, no)
		}
		return fmt.Errorf("%s %s: %w", method, path, no)
	case out == nil:
		return nil
	}
	return json.Unmarshal(answer, out)
}

// process is what a negotiation and a transfer show alike.
type process struct {
	ID          string
	Role        string
	State       string
	PeerPID     string `json:"peerPid"`
	Dataset     string
	AgreementID string `json:"agreementId"` // of a negotiation
	Agreement   string // of a transfer
	Subject     string // in the list of what is stuck: the dataset or the agreement
	AwaitsStart bool   `json:"awaitsStart"`

	WaitingFor string
	Pending    string
	LastError  *struct{ Code, Reason string }
	NextTry    time.Time
	Deadline   time.Time
	// Explanation is set in the list of what is stuck.
	Explanation string
	// TerminatedFor and StoppedFor are why a process was ended.
	TerminatedFor, StoppedFor string
}

func (p process) String() string {
	text := fmt.Sprintf("%s %s of %s: waits for %q, pending %q, next try %s, ended for %q", p.Role, p.ID, p.Dataset+p.Subject+" in "+p.State,
		p.WaitingFor, p.Pending, p.NextTry.Format(time.RFC3339), p.TerminatedFor+p.StoppedFor)
	if p.LastError != nil {
		text += fmt.Sprintf(", last error %s: %s", p.LastError.Code, p.LastError.Reason)
	}
	return text
}

// agreement is one of the list.
type agreement struct {
	ID, Negotiation, Target, Assigner, Assignee string
	DocumentHash, PolicyHash                    string
	Final                                       bool
}

// entry is a row of the journal.
type entry struct {
	Position                       int64
	ID, Process, Event, Prev, Hash string
}

// all reads a list to its end; cursor is the parameter that names where a page
// begins, and filter what else is asked.
func all[T any](ctx context.Context, a *api, path, cursor string, filter ...url.Values) ([]T, error) {
	query := url.Values{"limit": {"500"}}
	for _, f := range filter {
		maps.Copy(query, f)
	}
	var items []T
	for {
		var page struct {
			Items []T
			Next  string
		}
		if err := a.get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items, nil
		}
		query.Set(cursor, page.Next)
	}
}
