// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Address is where and by which token an EDC may pull.
type Address struct{ Endpoint, Authorization string }

// Address returns what the EDC was given for a transfer of its own.
func (e *EDC) Address(ctx context.Context, transfer string) (Address, error) {
	var properties map[string]any
	if err := e.edr.Call(ctx, http.MethodGet, "/"+transfer, nil, &properties); err != nil {
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
// everybody. A policy is read by ODRL's own context: terms of EDC or of others
// have to be absolute IRIs.
func (e *EDC) Publish(ctx context.Context, asset, url string, properties, policy object) error {
	set := object{"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set"}
	open := object{"@context": vocabulary, "@id": asset + "-access", "policy": set}
	used := object{"@context": vocabulary, "@id": asset + "-usage", "policy": merged(set, policy)}
	definition := object{
		"@context": vocabulary, "@id": asset + "-definition", "accessPolicyId": asset + "-access", "contractPolicyId": asset + "-usage",
		"assetsSelector": []object{{"@type": "Criterion", "operandLeft": EDCNamespace + "id", "operator": "=", "operandRight": asset}},
	}
	thing := object{
		"@context": vocabulary, "@id": asset, "properties": merged(object{"contenttype": "application/octet-stream"}, properties),
		"dataAddress": object{"type": "HttpData", "baseUrl": url},
	}
	for _, step := range []struct {
		path string
		in   object
	}{{"/v3/assets", thing}, {"/v3/policydefinitions", open}, {"/v3/policydefinitions", used}, {"/v3/contractdefinitions", definition}} {
		if err := e.Call(ctx, http.MethodPost, step.path, step.in, nil); err != nil {
			return theirs(err)
		}
	}
	return nil
}

func merged(objects ...object) object {
	all := object{}
	for _, o := range objects {
		for k, v := range o {
			all[k] = v
		}
	}
	return all
}
