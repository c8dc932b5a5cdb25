// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

//nolint:gosec // an example
const exampleSecret = `{
  "value": "what the source wants"
}`

type secretInput struct {
	Value string `json:"value"`
}

type secretView struct {
	Name    string    `json:"name"`
	Changed time.Time `json:"changed,omitzero"`
}

func listSecrets(c *call) (answer, error) {
	found, err := c.m.Secrets.Secrets(c.ctx, c.contextID)
	if err != nil {
		return answer{}, err
	}
	view := func(s trust.NamedSecret) secretView { return secretView(s) }
	return answer{body: listOf(found, len(found)+1, view, func(s trust.NamedSecret) string { return s.Name })}, nil
}

func putSecret(c *call, in secretInput) (answer, error) {
	name, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	if !trust.ValidSecretName(name) || in.Value == "" || len(in.Value) > maxSecretValue {
		return answer{}, problemf(http.StatusBadRequest, "secret-invalid", "the secret needs a name of up to 64 letters, digits, and . _ - inside, and a value of up to %d bytes", maxSecretValue)
	}
	now := c.m.Now()
	if err := c.m.Secrets.PutSecret(c.ctx, c.contextID, name, in.Value, now); err != nil {
		return answer{}, err
	}
	return answer{body: secretView{Name: name, Changed: now}}, nil
}

const maxSecretValue = 8 << 10

func deleteSecret(c *call) (answer, error) {
	name, err := c.id("id")
	if err != nil {
		return answer{}, err
	}
	return answer{}, c.m.Secrets.DeleteSecret(c.ctx, c.contextID, name)
}
