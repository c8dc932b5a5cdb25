// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"encoding/json"
	"fmt"
)

// Each message is read strictly enough to be safe and leniently enough for the
// published schemas' defects, and written so that it is valid by them. Reading
// errors wrap ErrMessage.

// ReadQuery reads a query. One that has neither a scope nor a definition is an
// error; of one that has both, both are returned.
func ReadQuery(body []byte) (Query, error) {
	f, err := readMessage(body, "PresentationQueryMessage")
	if err != nil {
		return Query{}, err
	}
	var q Query
	if q.Scopes, err = f.texts("scope"); err != nil {
		return Query{}, err
	}
	if _, present := f["presentationDefinition"]; present {
		definition, err := readObject(f["presentationDefinition"])
		if err != nil || len(definition) == 0 {
			return Query{}, fmt.Errorf("%w: presentationDefinition is no object or an empty one", ErrMessage)
		}
		q.Definition = true
	}
	if len(q.Scopes) == 0 && !q.Definition {
		return Query{}, fmt.Errorf("%w: it has neither a scope nor a presentationDefinition", ErrMessage)
	}
	return q, nil
}

// ReadResponse reads the answer of a wallet. One without presentations is
// read: what that means is for the caller.
func ReadResponse(body []byte) (Response, error) {
	f, err := readMessage(body, "PresentationResponseMessage")
	if err != nil {
		return Response{}, err
	}
	list, err := f.list("presentation")
	if err != nil {
		return Response{}, err
	}
	for _, entry := range list {
		if entry[0] != '"' && entry[0] != '{' {
			return Response{}, fmt.Errorf("%w: presentation holds what is neither a string nor an object", ErrMessage)
		}
	}
	return Response{Presentations: list}, nil
}

func writeResponse(r Response) any {
	list := r.Presentations
	if list == nil {
		list = []json.RawMessage{}
	}
	return struct {
		envelope
		Presentation []json.RawMessage `json:"presentation"`
	}{frame("PresentationResponseMessage"), list}
}

func writeQuery(q Query) any {
	return struct {
		envelope
		Scope []string `json:"scope"`
	}{frame("PresentationQueryMessage"), q.Scopes}
}
