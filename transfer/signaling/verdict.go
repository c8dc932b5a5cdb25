// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Verdict is what transfer.Service.Running says of a provider's transfer, for
// a data plane of ours that runs alone: whether data may flow now. It is an
// extension of the standard.
//
//	GET {signaling}/transfers/{process}/flow?seen={version}
//
// answers as soon as the version is another than the one seen, or after two
// seconds.
type Verdict struct {
	// Version names this answer; the same one is given for the same content.
	Version string `json:"version"`
	// Code is empty where data may flow; else why not.
	Code string `json:"code,omitempty"`
	// Reason, of CodeDenied, may be told to the peer.
	Reason      string `json:"reason,omitempty"`
	Participant string `json:"participant"`
	Peer        string `json:"peer"`
	Agreement   string `json:"agreement"`
	Dataset     string `json:"dataset"`
	Grant       string `json:"grant,omitempty"`
	Metered     bool   `json:"metered,omitempty"`
	ByteLimit   int64  `json:"byteLimit,omitempty"`
}

// HeaderVerdicts is a header by which a control plane that gives verdicts says so
// in its calls. What prepares and starts a flow counts. Its answer to a
// registration says it too (PlaneRegistered). Nobody else minds either.
const HeaderVerdicts = "Musubi-Verdicts"

// PlaneRegistered answers a PlaneRegistration.
type PlaneRegistered struct {
	// Verdicts: the control plane gives verdicts. An extension.
	Verdicts bool `json:"verdicts"`
}

// The codes of a Verdict, each for an error of transfer.Service.Running. Of a
// transfer that is not there, the answer is 404.
const (
	CodeNotStarted     = "not-started"
	CodeSuspended      = "suspended"
	CodeEnded          = "ended"
	CodeAgreementEnded = "agreement-ended"
	CodeDenied         = "denied"
)

// HoldVerdict is how long a question for a Verdict is held while nothing
// changes.
const HoldVerdict = 2 * time.Second

var codes = []struct {
	err  error
	code string
}{
	{transfer.ErrNotStarted, CodeNotStarted},
	{transfer.ErrSuspended, CodeSuspended},
	{transfer.ErrEnded, CodeEnded},
	{transfer.ErrAgreementEnded, CodeAgreementEnded},
	{transfer.ErrDenied, CodeDenied},
}

// VerdictOf puts what Running answered on the wire; ok is false where there
// was no answer, but a failure.
func VerdictOf(run transfer.Running, err error) (v Verdict, ok bool) {
	v = Verdict{
		Participant: run.Participant, Peer: run.Peer, Agreement: run.Agreement, Dataset: run.Dataset,
		Grant: run.Grant, Metered: run.Metered, ByteLimit: run.ByteLimit,
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			v.Code = c.code
		}
	}
	if err != nil && v.Code == "" {
		return Verdict{}, false
	}
	if denied, ok := errors.AsType[*transfer.DeniedError](err); ok {
		v.Reason = denied.Verdict.Safe
	}
	text, _ := json.Marshal(v) // texts and numbers: cannot fail
	sum := sha256.Sum256(text)
	v.Version = hex.EncodeToString(sum[:8])
	return v, true
}

// Running is what the data plane would have been told in the control plane's
// own process. A code that is not known says no.
func (v Verdict) Running(contextID, process string) (transfer.Running, error) {
	run := transfer.Running{
		Context: contextID, Process: process, Participant: v.Participant, Peer: v.Peer, Agreement: v.Agreement,
		Dataset: v.Dataset, Grant: v.Grant, Metered: v.Metered, ByteLimit: v.ByteLimit,
	}
	switch v.Code {
	case "":
		return run, nil
	case CodeDenied:
		denied := &transfer.DeniedError{}
		denied.Verdict.Safe = v.Reason
		return run, denied
	}
	for _, c := range codes {
		if v.Code == c.code {
			return run, c.err
		}
	}
	return run, transfer.ErrNotStarted
}

// Bytes asks for bytes to be counted, gives some back, or says that they
// are used up; one of the three.
//
//	POST {signaling}/transfers/{process}/bytes
type Bytes struct {
	Take   int64 `json:"take,omitempty"`
	Limit  int64 `json:"limit,omitempty"` // of the Verdict; the control plane's own counts where it is lower
	Return int64 `json:"return,omitempty"`
	// Exhausted has the transfer stopped: the flow needs as many bytes more.
	Exhausted int64 `json:"exhausted,omitempty"`
}

// Granted answers Bytes.
type Granted struct {
	Granted int64 `json:"granted"`
}
