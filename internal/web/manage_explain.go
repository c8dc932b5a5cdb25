// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const exampleExplain = `{
  "asset": "cell-co2",
  "counterparty": "did:web:customer.example",
  "declared": {"purpose": ["https://musubi-ods.github.io/musubi/policy/v1/purpose/cfp-aggregation"]}
}`

// Question asks how a counterparty stands to an asset.
type Question struct {
	Asset, Counterparty string
	Claims              *trust.Claims       // nil: the latest that are known
	Declared            map[string][]string // nil: as it last declared
	Agreement           string
}

type explainInput struct {
	Asset        string              `json:"asset"`
	Counterparty string              `json:"counterparty"`
	Agreement    string              `json:"agreement"`
	Declared     map[string][]string `json:"declared"`
	// Claims are what it would prove, as a negotiation shows them; in their
	// place Credentials are enough.
	Claims      *trust.Claims             `json:"claims"`
	Credentials []policy.SampleCredential `json:"credentials"`
}

func explainBody(c *call, in explainInput) (answer, error) {
	q := Question{Asset: in.Asset, Counterparty: in.Counterparty, Agreement: in.Agreement, Declared: in.Declared}
	if in.Claims != nil || in.Credentials != nil {
		s := policy.Sample{Claims: in.Claims, Credentials: in.Credentials}
		if in.Claims == nil {
			s.Participant = in.Counterparty
		}
		f, err := s.Facts(policy.AtCatalog, c.m.Now())
		if err != nil {
			return answer{}, sampleProblem(err)
		}
		q.Claims = &f.Claims
	}
	return c.explain(q)
}

func explainQuery(c *call) (answer, error) {
	return c.explain(Question{Asset: c.QueryParam("asset"), Counterparty: c.QueryParam("counterparty"), Agreement: c.QueryParam("agreement")})
}

func (c *call) explain(q Question) (answer, error) {
	switch {
	case q.Asset == "":
		return answer{}, problemf(http.StatusBadRequest, "asset-missing", "asset is missing").hint("GET assets lists them")
	case q.Counterparty == "":
		return answer{}, problemf(http.StatusBadRequest, "counterparty-missing", "counterparty is missing").hint("its participant id; GET peers lists those that are known")
	}
	e, err := c.m.Explain(c.ctx, c.contextID, q)
	if errors.Is(err, policy.ErrMalformed) {
		err = sampleProblem(err)
	}
	return answer{body: e}, err
}

func sampleProblem(err error) error {
	return BadInput("sample-invalid", err, "docs/explain.md shows how facts are written")
}

// processView is a process with all that explains where it stands.
type processView struct {
	stuckView
	StoppedFor string                     `json:"stoppedFor,omitempty"` // the reason that either side gave
	Verdict    *policy.Verdict            `json:"verdict,omitempty"`
	Help       []string                   `json:"help,omitempty"`
	Refusals   []Refused                  `json:"refusals,omitempty"`
	Declared   map[string]json.RawMessage `json:"declared,omitempty"`
}

// latestRefusals is how many refusals of the peer a process is shown with.
const latestRefusals = 3

// explainProcess answers for any process, also one that is at its end.
func explainProcess(c *call) (answer, error) {
	id, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	r, err := c.m.Processes.For(c.contextID).Load(c.ctx, id)
	if err != nil {
		return answer{}, err
	}
	v := processView{stuckView: c.viewStuck(r), Verdict: verdictOf(r), Refusals: c.m.Refusals.Of(c.contextID, r.Peer, latestRefusals)}
	v.Help = c.m.help(v.Verdict)
	if r.Kind == engine.Negotiation {
		n, err := c.m.Negotiations.Get(c.ctx, c.contextID, id)
		v.StoppedFor, v.Declared = n.TerminatedFor, n.Declared
		return answer{body: v}, err
	}
	p, err := c.m.Transfers.Get(c.ctx, c.contextID, id)
	v.StoppedFor, v.Declared = p.StoppedFor, p.Declared
	return answer{body: v}, err
}

// verdictOf is by what our policy denied a process; nil: it did not.
func verdictOf(r engine.Record) *policy.Verdict {
	if r.Kind == engine.Transfer {
		return transfer.VerdictOf(r)
	}
	return negotiation.VerdictOf(r)
}

func (m *management) help(v *policy.Verdict) []string {
	if v == nil || m.Policies == nil {
		return nil
	}
	return m.Policies.Registry.Help(*v)
}
