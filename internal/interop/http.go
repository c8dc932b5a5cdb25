// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/internal/freeport"
)

// StatusError is an answer that says no.
type StatusError struct {
	Call   string // method and address
	Status int
	Body   string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%s: %d %.600s", e.Call, e.Status, e.Body) }

// API calls a JSON interface over HTTP. Header is sent with each request.
type API struct {
	Base   string
	Header map[string]string
	http   *http.Client
}

// NewAPI returns an API below base, with the key that management interfaces
// of both sides take in X-Api-Key.
func NewAPI(base, key string) *API {
	return &API{
		Base: base, Header: map[string]string{"X-Api-Key": key},
		http: &http.Client{Timeout: 70 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128, IdleConnTimeout: 10 * time.Second}},
	}
}

// Call sends in, unless nil, as JSON and reads the answer into out, unless
// nil. Any other status than a 2xx is a *StatusError.
func (a *API) Call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	answer, status, err := a.Send(ctx, method, path, body)
	switch {
	case err != nil:
		return err
	case status < 200 || status > 299:
		return &StatusError{Call: method + " " + a.Base + path, Status: status, Body: string(answer)}
	case out == nil || len(answer) == 0:
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: %w: %.300s", method, a.Base+path, err, answer)
	}
	return nil
}

// Send sends a body as it is and returns the answer, whatever its status.
func (a *API) Send(ctx context.Context, method, path string, body []byte) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	for name, value := range a.Header {
		req.Header.Set(name, value)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := a.http.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	return answer, res.StatusCode, err
}

// FreePorts returns ports of the loopback address where nobody listens.
func FreePorts(n int) (ports []int, err error) {
	ports = make([]int, n)
	for i := range ports {
		if ports[i], err = freeport.Find(); err != nil {
			return nil, err
		}
	}
	return ports, nil
}
