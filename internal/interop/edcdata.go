// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// Address is where and by which token an EDC may pull.
type Address struct{ Endpoint, Authorization string }

// Address returns what the EDC was given for a transfer of its own.
func (e *EDC) Address(ctx context.Context, transfer string) (Address, error) {
	var properties map[string]any
	// It may show STARTED a moment before it has kept the address.
	err := poll(ctx, func() (bool, error) {
		err := e.edr.Call(ctx, http.MethodGet, "/"+transfer, nil, &properties)
		if answer, ok := errors.AsType[*StatusError](err); ok && answer.Status == http.StatusNotFound {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return Address{}, theirs(err)
	}
	text := func(name string) string { s, _ := properties[EDCNamespace+name].(string); return s }
	a := Address{Endpoint: text("endpoint"), Authorization: text("authorization")}
	if a.Endpoint == "" || a.Authorization == "" {
		return a, fmt.Errorf("EDC: the data address of %s has no endpoint or no authorization: %v", transfer, properties)
	}
	return a, nil
}

// Pull asks for the data and returns the answer, whatever its status.
func (a Address) Pull(ctx context.Context) (body []byte, status int, err error) {
	call := NewAPI(a.Endpoint, "")
	token := a.Authorization
	if !strings.HasPrefix(token, "Bearer ") {
		token = "Bearer " + token
	}
	call.Header = map[string]string{"Authorization": token}
	return call.Send(ctx, http.MethodGet, "", nil)
}

// Publish offers an asset, whose data is at a URL, under a usage policy to
// everybody.
func (e *EDC) Publish(ctx context.Context, asset, url string, properties, policy object) error {
	if err := e.Asset(ctx, asset, url, properties); err != nil {
		return err
	}
	return e.Offer(ctx, asset, Criterion(EDCNamespace+"id", "=", asset), policy)
}

// Asset makes an asset, which nobody sees before it is offered.
func (e *EDC) Asset(ctx context.Context, id, url string, properties object) error {
	return e.create(ctx, "/v3/assets", object{
		"@context": vocabulary, "@id": id, "properties": merged(object{"contenttype": "application/octet-stream"}, properties),
		"dataAddress": object{"type": "HttpData", "baseUrl": url},
	})
}

// create makes a thing that is left as it is if a try before made it.
func (e *EDC) create(ctx context.Context, path string, in object) error {
	err := e.Call(ctx, http.MethodPost, path, in, nil)
	if answer, ok := errors.AsType[*StatusError](err); ok && answer.Status == http.StatusConflict {
		return nil
	}
	return theirs(err)
}

// Offer offers the assets that a criterion selects under a usage policy to
// everybody. A policy is read by ODRL's own context: terms of EDC or of others
// have to be absolute IRIs.
func (e *EDC) Offer(ctx context.Context, id string, assets, policy object) error {
	set := object{"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set"}
	for path, in := range map[string]object{"-access": set, "-usage": merged(set, policy)} {
		if err := e.create(ctx, "/v3/policydefinitions", object{"@context": vocabulary, "@id": id + path, "policy": in}); err != nil {
			return err
		}
	}
	return e.create(ctx, "/v3/contractdefinitions", object{
		"@context": vocabulary, "@id": id + "-definition", "accessPolicyId": id + "-access", "contractPolicyId": id + "-usage",
		"assetsSelector": []object{assets},
	})
}

// Criterion is a condition of EDC's query language.
func Criterion(left, operator string, right any) object {
	return object{"@type": "Criterion", "operandLeft": left, "operator": operator, "operandRight": right}
}

func merged(objects ...object) object {
	all := object{}
	for _, o := range objects {
		maps.Copy(all, o)
	}
	return all
}
