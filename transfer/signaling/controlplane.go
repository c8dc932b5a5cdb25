// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Caller calls a control plane: a path below its base URL, with a JSON body or
// none. The error says that there was no answer.
type Caller func(ctx context.Context, controlPlane, method, path string, body []byte) (status int, answer []byte, err error)

// errNotOffered: the control plane has no such extension.
var errNotOffered = errors.New("the control plane does not offer it")

// StatusError is an answer of a control plane that is no success.
type StatusError struct{ Status int }

func (e *StatusError) Error() string { return fmt.Sprintf("the control plane answered %d", e.Status) }

// notify tells of a flow.
func (c Caller) notify(ctx context.Context, f *Flow, kind string, m *Status) error {
	body, err := Encode(m)
	if err != nil {
		return err
	}
	_, err = c.post(ctx, f, PathNotify, kind, body)
	return err
}

// verdict asks whether a flow may send.
func (c Caller) verdict(ctx context.Context, f *Flow, seen string) (v Verdict, err error) {
	path := fmt.Sprintf(PathVerdict, url.PathEscape(f.Asked.Process))
	if seen != "" {
		path += "?seen=" + url.QueryEscape(seen)
	}
	status, answer, err := c(ctx, f.ControlPlane, http.MethodGet, path, nil)
	switch {
	case err != nil:
		return v, err
	case status == http.StatusNotFound && !speaks(answer):
		return v, errNotOffered
	case status == http.StatusNotFound:
		return Verdict{Code: CodeEnded}, nil // there is no such transfer
	case status/100 != 2:
		return v, &StatusError{status}
	}
	if err := json.Unmarshal(answer, &v); err != nil || v.Version == "" {
		return v, errors.New("the control plane's verdict cannot be read")
	}
	return v, nil
}

// speaks reports whether a 404 is the word of a control plane of ours that has
// no such transfer, and not of whoever has no such path.
func speaks(answer []byte) bool {
	var body struct{ Code string }
	return json.Unmarshal(answer, &body) == nil && body.Code == codeUnknown
}

// codeUnknown is the code of that answer.
const codeUnknown = "transfer-unknown"

// bytes has bytes counted.
func (c Caller) bytes(ctx context.Context, f *Flow, b Bytes) (granted int64, err error) {
	body, err := json.Marshal(b)
	if err != nil {
		return 0, err
	}
	answer, err := c.post(ctx, f, PathBytes, "", body)
	if err != nil {
		return 0, err
	}
	var g Granted
	if b.Take > 0 {
		err = json.Unmarshal(answer, &g)
	}
	return max(0, min(g.Granted, b.Take)), err
}

func (c Caller) post(ctx context.Context, f *Flow, path, below string, body []byte) ([]byte, error) {
	status, answer, err := c(ctx, f.ControlPlane, http.MethodPost, fmt.Sprintf(path, url.PathEscape(f.Asked.Process))+below, body)
	if err == nil && status/100 != 2 {
		err = &StatusError{status}
	}
	return answer, err
}
