// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/json"
	"fmt"
)

// envelope is what every message has.
type envelope struct {
	Context []string `json:"@context"`
	Type    string   `json:"type"`
}

func frame(messageType string) envelope { return envelope{[]string{Context}, messageType} }

// Marshal writes any of the messages: Query, Response, CredentialRequest,
// CredentialMessage, Offer, Metadata or RequestStatus.
func Marshal(message any) ([]byte, error) {
	var document any
	switch m := message.(type) {
	case Query:
		document = writeQuery(m)
	case Response:
		document = writeResponse(m)
	case CredentialRequest:
		document = writeCredentialRequest(m)
	case CredentialMessage:
		document = writeCredentialMessage(m)
	case Offer:
		document = writeOffer(m)
	case Metadata:
		document = writeMetadata(m)
	case RequestStatus:
		document = struct {
			envelope
			IssuerPID string `json:"issuerPid"`
			HolderPID string `json:"holderPid"`
			Status    string `json:"status"`
		}{frame("CredentialStatus"), m.IssuerPID, m.HolderPID, m.Status}
	default:
		return nil, fmt.Errorf("%w: %T is no message", ErrMessage, message)
	}
	return json.Marshal(document)
}

func writeCredentialRequest(r CredentialRequest) any {
	type object struct {
		ID string `json:"id"`
	}
	list := make([]object, len(r.Credentials))
	for i, id := range r.Credentials {
		list[i].ID = id
	}
	return struct {
		envelope
		HolderPID   string   `json:"holderPid"`
		Credentials []object `json:"credentials"`
	}{frame("CredentialRequestMessage"), r.HolderPID, list}
}

func writeCredentialMessage(m CredentialMessage) any {
	return struct {
		envelope
		IssuerPID   string                `json:"issuerPid"`
		HolderPID   string                `json:"holderPid,omitempty"`
		Status      string                `json:"status"`
		Credentials []CredentialContainer `json:"credentials,omitempty"`
		Reason      string                `json:"rejectionReason,omitempty"`
	}{frame("CredentialMessage"), m.IssuerPID, m.HolderPID, m.Status, m.Credentials, m.Reason}
}

func writeOffer(o Offer) any {
	list := make([]Object, len(o.Credentials))
	for i, object := range o.Credentials {
		list[i] = object
		list[i].Type = "CredentialObject"
	}
	return struct {
		envelope
		Issuer      string   `json:"issuer"`
		Credentials []Object `json:"credentials"`
	}{frame("CredentialOfferMessage"), o.Issuer, list}
}

// supported is an Object in metadata, where each property must be there
// (section 6.7).
type supported struct {
	ID             string          `json:"id"`
	Type           string          `json:"type"`
	CredentialType string          `json:"credentialType"`
	OfferReason    string          `json:"offerReason"`
	BindingMethods []string        `json:"bindingMethods"`
	Profile        string          `json:"profile"`
	Schema         string          `json:"credentialSchema"`
	IssuancePolicy json.RawMessage `json:"issuancePolicy,omitempty"`
}

func writeMetadata(m Metadata) any {
	list := make([]supported, len(m.Supported))
	for i, o := range m.Supported {
		list[i] = supported{
			ID: o.ID, Type: "CredentialObject", CredentialType: o.CredentialType, OfferReason: o.OfferReason,
			BindingMethods: append([]string{}, o.BindingMethods...), Profile: o.Profile, Schema: o.Schema, IssuancePolicy: o.IssuancePolicy,
		}
	}
	return struct {
		envelope
		Issuer    string      `json:"issuer"`
		Supported []supported `json:"credentialsSupported"`
	}{frame("IssuerMetadata"), m.Issuer, list}
}
