// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/transfer"
)

// Message is any message of Data Plane Signaling.
type Message interface {
	// Validate says what the JSON schema would find wrong in the message. What
	// others send is held to less: Read tells.
	Validate() error
	// usable says what of it is needed to act on it.
	usable() error
}

// FlowRequest asks for a flow: the prepare and the start message.
type FlowRequest struct {
	MessageID        string                     `json:"messageId"`
	ParticipantID    string                     `json:"participantId"`
	CounterPartyID   string                     `json:"counterPartyId"`
	DataspaceContext string                     `json:"dataspaceContext"`
	ProcessID        string                     `json:"processId"`
	AgreementID      string                     `json:"agreementId"`
	DatasetID        string                     `json:"datasetId"`
	Profile          string                     `json:"profile"`
	Claims           json.RawMessage            `json:"claims"` // an object
	Labels           []string                   `json:"labels,omitempty"`
	Metadata         map[string]json.RawMessage `json:"metadata,omitempty"`
	// DataAddress is where to push to; of the start message alone.
	DataAddress *Address `json:"dataAddress,omitempty"`

	judged bool // its sender gives verdicts (HeaderVerdicts)
}

// Notice changes a flow: started, resume, suspend, terminate, completed. The
// last may be empty.
type Notice struct {
	MessageID   string   `json:"messageId"`
	DataAddress *Address `json:"dataAddress,omitempty"` // of started and resume
	Reason      string   `json:"reason,omitempty"`      // of suspend and terminate
}

// Status says how a flow is: the answer to prepare, start, resume and to a
// GET, and what a data plane notifies its control plane of. An error changes
// no state.
type Status struct {
	MessageID   string             `json:"messageId,omitempty"`
	DataFlowID  string             `json:"dataFlowId"`
	State       transfer.FlowState `json:"state"`
	DataAddress *Address           `json:"dataAddress,omitempty"`
	Error       string             `json:"error,omitempty"`
}

// PlaneRegistration introduces a data plane to a control plane.
type PlaneRegistration struct {
	DataplaneID   string         `json:"dataplaneId"`
	Endpoint      string         `json:"endpoint"`
	Profiles      []string       `json:"profiles"`
	Authorization *Authorization `json:"authorization"`
	Labels        []string       `json:"labels,omitempty"`
	// Roles and MetersBytes are extensions: for which role of the participant
	// (consumer, provider; none: both), and whether it counts what it sends.
	Roles       []string `json:"roles,omitempty"`
	MetersBytes bool     `json:"metersBytes,omitempty"`
}

// ControlRegistration introduces a control plane to a data plane.
type ControlRegistration struct {
	ControlplaneID string         `json:"controlplaneId"`
	Endpoint       string         `json:"endpoint"`
	Authorization  *Authorization `json:"authorization"`
}

// Authorization says how the sender of a registration is to be called.
type Authorization struct {
	Type          string `json:"type"`
	TokenEndpoint string `json:"tokenEndpoint,omitempty"`
	ClientID      string `json:"clientId,omitempty"`
	ClientSecret  string `json:"clientSecret,omitempty"` // secret
	Value         string `json:"value,omitempty"`        // secret
}

// The types of Authorization. AuthorizationHeader is an extension: Value is
// the whole value of the header Authorization.
const (
	AuthorizationNone              = "none"
	AuthorizationHeader            = "authorization_header"
	AuthorizationClientCredentials = "oauth2_client_credentials" //nolint:gosec // the name of a method
)

// String leaves the secrets out.
func (a Authorization) String() string { return a.Type }

// GoString is String, for %#v.
func (a Authorization) GoString() string { return a.Type }

// ErrMessage is every fault of a message. Its text may be told to the sender.
var ErrMessage = errors.New("message")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMessage}, args...)...)
}

func need(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return invalid("%s is missing", pairs[i])
		}
		if len(pairs[i+1]) > maxText {
			return invalid("%s is longer than %d bytes", pairs[i], maxText)
		}
	}
	return nil
}

// Validate implements Message. Every member is required, and an empty text is
// one.
func (m *FlowRequest) Validate() error {
	if len(m.Claims) == 0 {
		return invalid("claims is missing")
	}
	return errors.Join(m.usable(), need("messageId", m.MessageID), m.DataAddress.Validate())
}

func (m *FlowRequest) usable() error {
	if err := need("processId", m.ProcessID, "profile", m.Profile); err != nil {
		return err
	}
	if len(m.Claims) > 0 && m.Claims[0] != '{' {
		return invalid("claims is not an object")
	}
	return errors.Join(few("labels", m.Labels), m.DataAddress.usable())
}

// Validate implements Message.
func (m *Notice) Validate() error {
	return errors.Join(need("messageId", m.MessageID), m.DataAddress.Validate())
}

func (m *Notice) usable() error { return m.DataAddress.usable() }

// Validate implements Message. A GET is answered without a message id.
func (m *Status) Validate() error {
	return errors.Join(need("dataFlowId", m.DataFlowID), m.usable(), m.DataAddress.Validate())
}

func (m *Status) usable() error {
	if !states[m.State] {
		return invalid("there is no state %.40q", m.State)
	}
	return m.DataAddress.usable()
}

var states = map[transfer.FlowState]bool{
	transfer.FlowInitialized: true, transfer.FlowPreparing: true, transfer.FlowPrepared: true,
	transfer.FlowStarting: true, transfer.FlowStarted: true, transfer.FlowSuspended: true,
	transfer.FlowCompleted: true, transfer.FlowTerminated: true,
}

// Validate implements Message.
func (m *PlaneRegistration) Validate() error {
	if m.Authorization == nil {
		return invalid("authorization is missing")
	}
	return m.usable()
}

func (m *PlaneRegistration) usable() error {
	if err := need("dataplaneId", m.DataplaneID, "endpoint", m.Endpoint); err != nil {
		return err
	}
	if len(m.Profiles) == 0 {
		return invalid("profiles is missing")
	}
	for _, role := range m.Roles {
		if role != "consumer" && role != "provider" {
			return invalid("there is no role %.40q", role)
		}
	}
	return errors.Join(few("profiles", m.Profiles), few("labels", m.Labels), m.Authorization.usable())
}

// Validate implements Message.
func (m *ControlRegistration) Validate() error {
	if m.Authorization == nil {
		return invalid("authorization is missing")
	}
	return m.usable()
}

func (m *ControlRegistration) usable() error {
	return errors.Join(need("controlplaneId", m.ControlplaneID, "endpoint", m.Endpoint), m.Authorization.usable())
}

func (a *Authorization) usable() error {
	if a == nil {
		return nil
	}
	switch a.Type {
	case "", AuthorizationNone:
		return nil
	case AuthorizationHeader:
		return need("authorization.value", a.Value)
	case AuthorizationClientCredentials:
		return need("authorization.tokenEndpoint", a.TokenEndpoint, "authorization.clientId", a.ClientID, "authorization.clientSecret", a.ClientSecret)
	}
	return invalid("the authorization type %.80q is not supported", a.Type)
}

func few(name string, list []string) error {
	if len(list) > maxItems {
		return invalid("%s has more than %d entries", name, maxItems)
	}
	for _, s := range list {
		if err := need(name, s); err != nil {
			return err
		}
	}
	return nil
}
