// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import "fmt"

// ReadCredentialRequest reads a request for credentials.
func ReadCredentialRequest(body []byte) (CredentialRequest, error) {
	f, err := readMessage(body, "CredentialRequestMessage")
	if err != nil {
		return CredentialRequest{}, err
	}
	var r CredentialRequest
	if r.HolderPID, err = f.filled("holderPid"); err != nil {
		return CredentialRequest{}, err
	}
	list, err := f.objects("credentials")
	if err != nil {
		return CredentialRequest{}, err
	}
	for _, one := range list {
		id, err := one.filled("id")
		if err != nil {
			return CredentialRequest{}, err
		}
		r.Credentials = append(r.Credentials, id)
	}
	return r, nil
}

// ReadCredentialMessage reads a delivery.
func ReadCredentialMessage(body []byte) (CredentialMessage, error) {
	f, err := readMessage(body, "CredentialMessage")
	if err != nil {
		return CredentialMessage{}, err
	}
	var m CredentialMessage
	if m.HolderPID, err = f.filled("holderPid"); err != nil {
		return CredentialMessage{}, err
	}
	if m.IssuerPID, err = f.optional("issuerPid"); err != nil {
		return CredentialMessage{}, err
	}
	if m.Reason, err = f.optional("rejectionReason"); err != nil {
		return CredentialMessage{}, err
	}
	if m.Status, err = f.text("status"); err != nil {
		return CredentialMessage{}, err
	}
	switch m.Status {
	case Rejected:
		return m, nil
	case Issued:
		m.Credentials, err = readContainers(f)
		return m, err
	}
	return CredentialMessage{}, fmt.Errorf("%w: status is neither %s nor %s", ErrMessage, Issued, Rejected)
}

func readContainers(f fields) ([]CredentialContainer, error) {
	list, err := f.objects("credentials")
	if err != nil {
		return nil, err
	}
	containers := make([]CredentialContainer, len(list))
	for i, one := range list {
		c := &containers[i]
		for name, to := range map[string]*string{"credentialType": &c.Type, "payload": &c.Payload, "format": &c.Format} {
			if *to, err = one.filled(name); err != nil {
				return nil, err
			}
		}
	}
	return containers, nil
}

// ReadOffer reads an offer.
func ReadOffer(body []byte) (Offer, error) {
	f, err := readMessage(body, "CredentialOfferMessage")
	if err != nil {
		return Offer{}, err
	}
	var o Offer
	if o.Issuer, err = f.filled("issuer"); err != nil {
		return Offer{}, err
	}
	o.Credentials, err = readCredentialObjects(f, "credentials")
	return o, err
}

// ReadMetadata reads what an issuer supports.
func ReadMetadata(body []byte) (Metadata, error) {
	f, err := readMessage(body, "IssuerMetadata")
	if err != nil {
		return Metadata{}, err
	}
	var m Metadata
	if m.Issuer, err = f.filled("issuer"); err != nil {
		return Metadata{}, err
	}
	m.Supported, err = readCredentialObjects(f, "credentialsSupported")
	return m, err
}

// readCredentialObjects reads objects of which no more than the id must be
// there.
func readCredentialObjects(f fields, name string) ([]Object, error) {
	list, err := f.objects(name)
	if err != nil {
		return nil, err
	}
	objects := make([]Object, len(list))
	for i, one := range list {
		if objects[i], err = readCredentialObject(one); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

func readCredentialObject(f fields) (Object, error) {
	o := Object{Type: "CredentialObject"}
	var err error
	if o.ID, err = f.filled("id"); err != nil {
		return Object{}, err
	}
	for name, to := range map[string]*string{
		"credentialType": &o.CredentialType, "offerReason": &o.OfferReason, "profile": &o.Profile, "credentialSchema": &o.Schema,
	} {
		if *to, err = f.optional(name); err != nil {
			return Object{}, err
		}
	}
	for name, to := range map[string]*[]string{"bindingMethods": &o.BindingMethods, "profiles": &o.Profiles} {
		if *to, err = f.texts(name); err != nil {
			return Object{}, err
		}
	}
	if o.Profile == "" && len(o.Profiles) > 0 {
		o.Profile = o.Profiles[0]
	}
	if f.has("issuancePolicy") {
		if _, err := readObject(f["issuancePolicy"]); err != nil {
			return Object{}, fmt.Errorf("%w: issuancePolicy is %w", ErrMessage, err)
		}
		o.IssuancePolicy = f["issuancePolicy"]
	}
	return o, nil
}

// ReadRequestStatus reads the status of a request.
func ReadRequestStatus(body []byte) (RequestStatus, error) {
	f, err := readMessage(body, "CredentialStatus")
	if err != nil {
		return RequestStatus{}, err
	}
	var s RequestStatus
	for name, to := range map[string]*string{"issuerPid": &s.IssuerPID, "holderPid": &s.HolderPID} {
		if *to, err = f.optional(name); err != nil {
			return RequestStatus{}, err
		}
	}
	if s.Status, err = f.text("status"); err != nil {
		return RequestStatus{}, err
	}
	if s.Status != Received && s.Status != Issued && s.Status != Rejected {
		return RequestStatus{}, fmt.Errorf("%w: status is none of %s, %s, %s", ErrMessage, Received, Issued, Rejected)
	}
	return s, nil
}
