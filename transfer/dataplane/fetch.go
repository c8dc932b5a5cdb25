// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dataplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// Query is what a consumer may add to a data address, where the provider
// allows it. The zero value adds nothing.
type Query struct {
	Path  []string   // names below the endpoint
	Query url.Values // added to the endpoint's own
	Range string     // as in the header (RFC 9110, 14.2), e.g. "bytes=100-"
	// TrackingID names the request to the provider; empty: it gives it a name.
	TrackingID string
}

// Data is what a provider sends. Reading Body fails (io.ErrUnexpectedEOF or
// another error, never io.EOF) where the provider cut it; a cut body is not
// data. Close it.
type Data struct {
	Body        io.ReadCloser
	ContentType string
	Length      int64 // bytes; -1 if it was not told
	Partial     bool  // the range that was asked for

	status int
}

// FetchError is an answer of the other side, of a provider or of who is pushed
// to, that is not data. Message is its own and not to be trusted.
type FetchError struct {
	Status  int
	Code    string
	Message string
}

func (e *FetchError) Error() string {
	text := fmt.Sprintf("the other side's data plane answered %d", e.Status)
	if e.Code == "" && e.Message == "" { // as of HEAD
		return text
	}
	return text + fmt.Sprintf(" %.40q: %.200q", e.Code, e.Message)
}

// ErrAddress: the data address is not one that can be pulled from.
var ErrAddress = errors.New("not an HTTP data address")

// Fetch pulls from a data address, as consumer. The client is the Foreign one:
// the provider chose the address. An answer that is no data is a *FetchError.
func Fetch(ctx context.Context, client *safehttp.Client, a transfer.DataAddress, q Query) (*Data, error) {
	u, err := client.CheckURL(a.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	for i := range q.Path {
		u = u.JoinPath(url.PathEscape(q.Path[i]))
	}
	if len(q.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += q.Query.Encode()
	}
	req, err := requestTo(ctx, http.MethodGet, u, a, q.TrackingID)
	if err != nil {
		return nil, err
	}
	if q.Range != "" {
		req.Header.Set("Range", q.Range)
	}
	resp, err := client.Stream(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		defer resp.Body.Close()
		return nil, fault(resp)
	}
	return &Data{
		Body: resp.Body, ContentType: resp.Header.Get("Content-Type"), Length: resp.ContentLength,
		Partial: resp.StatusCode == http.StatusPartialContent, status: resp.StatusCode,
	}, nil
}

// requestTo asks at or below a data address, with its token. tracking names the
// request; empty: it has no name.
func requestTo(ctx context.Context, method string, u *url.URL, a transfer.DataAddress, tracking string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	if tracking != "" {
		req.Header.Set(TrackingHeader, tracking)
	}
	if value := authorization(a); value != "" {
		req.Header.Set("Authorization", value)
	}
	return req, nil
}

// Told has the evidence of what is read of d kept, as received by the transfer
// that what names. What follows the end of d's body in time is not waited for.
func (d *Data) Told(ctx context.Context, to transfer.Evidence, what transfer.Movement, now func() time.Time) {
	what.Method, what.Sent = http.MethodGet, false
	d.Body = &movedBody{ReadCloser: d.Body, ctx: ctx, status: d.status, now: now, moved: moving(to, what, now())}
}

// authorization is the header for a data address. Providers send the bare
// token and say what it is, or the whole value.
func authorization(a transfer.DataAddress) string {
	value := a.Get(transfer.PropertyAuthorization)
	kind := a.Get(transfer.PropertyAuthType)
	if value != "" && !strings.Contains(value, " ") && (kind == "" || strings.EqualFold(kind, "bearer")) {
		return "Bearer " + value
	}
	return value
}

// maxFault is how much of an answer that is no data is read, in bytes.
const maxFault = 4 << 10

func fault(resp *http.Response) error {
	e := &FetchError{Status: resp.StatusCode}
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxFault)) // what there is of it
	var body struct{ Code, Message string }
	if json.Unmarshal(raw, &body) == nil {
		e.Code, e.Message = body.Code, body.Message
	}
	return e
}
