// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/internal/safehttp"
	"github.com/musubi-ods/musubi/transfer"
)

// answerError is an answer that is not 2xx, or that cannot be read.
type answerError struct {
	status int
	text   string
}

func (e *answerError) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("it answered %d: %s", e.status, e.text), ": ")
}

// final reports whether another attempt would be answered alike. Whoever is not
// let in may be so once somebody has put that right.
func (e *answerError) final() bool {
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return e.status >= 300 && e.status < 500
}

// refuse is a final no. Its reason may reach the counterparty, so that what the
// plane said is in the error alone, for our log.
func refuse(verb string, no *answerError) error {
	return fmt.Errorf("%w: %w", transfer.Refuse("data-plane-refused", "the data plane refused to "+strings.TrimSuffix(verb, "ed")), no)
}

// accepted is what a 2xx says beside its body.
type accepted struct {
	later    bool   // 202
	location string // where it will be found
}

// call makes one request and reads its answer into out, if that is not nil. The
// error is an *answerError, or one of the network.
func (c *Client) call(ctx context.Context, method, path string, m Message, out *Status) (accepted, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	reply, err := c.exchange(ctx, method, path, m)
	c.health.seen(c.cfg.Now(), reply.status, err)
	switch {
	case err != nil:
		return accepted{}, err
	case reply.status/100 != 2:
		return accepted{}, &answerError{reply.status, said(reply.body)}
	}
	a := accepted{reply.status == http.StatusAccepted, reply.location}
	if out == nil || len(bytes.TrimSpace(reply.body)) == 0 {
		return a, nil
	}
	if err := Read(reply.body, &answered{out}); err != nil {
		return a, fmt.Errorf("the data plane's answer: %w", err)
	}
	return a, nil
}

// answered is a Status that may lack what its HTTP status says already.
type answered struct{ *Status }

func (a *answered) usable() error {
	if a.State == "" {
		return a.DataAddress.usable()
	}
	return a.Status.usable()
}

// got is an answer as it came.
type got struct {
	status   int
	location string
	body     []byte
}

// exchange makes the request, and once more where our credential was refused.
func (c *Client) exchange(ctx context.Context, method, path string, m Message) (got, error) {
	for again := true; ; again = false {
		g, err := c.once(ctx, method, path, m)
		if err != nil || g.status != http.StatusUnauthorized || c.cfg.Credential == nil || !again {
			return g, err
		}
		c.cfg.Credential.Forget()
	}
}

func (c *Client) once(ctx context.Context, method, path string, m Message) (got, error) {
	var body io.Reader
	if m != nil {
		text, err := Encode(m)
		if err != nil {
			return got{}, transfer.Refuse("data-plane-message", err.Error())
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.cfg.Endpoint+path, body)
	if err != nil {
		return got{}, err
	}
	req.Header.Set("Accept", "application/json")
	if m != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cfg.Verdicts {
		req.Header.Set(HeaderVerdicts, "given")
	}
	if c.cfg.Credential != nil {
		value, err := c.cfg.Credential.Value(ctx)
		if err != nil {
			return got{}, fmt.Errorf("our credential for the data plane: %w", err)
		}
		req.Header.Set("Authorization", value)
	}
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return got{}, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	return got{resp.StatusCode, resp.Header.Get("Location"), answer}, err
}

// said is the beginning of what an answer says, for the participant's own users.
func said(body []byte) string {
	const most = 200
	if len(body) > most {
		body = body[:most]
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "?")), " ")
}

// Health says how a data plane answers.
type Health struct {
	// Ready: it may be given new flows.
	Ready    bool
	Answered time.Time // when it last answered; zero: not yet
	Failed   time.Time // when it last did not; zero: it did ever since
	Since    time.Time // when it did not for the first time since then
	Error    string    // of the last failure, for the participant's own users
}

// retryNew is how long after a failure no new flow is given to a plane that has
// not answered since.
const retryNew = 15 * time.Second

type health struct {
	mu   sync.Mutex
	last Health
}

// seen notes how a request ended. Whatever is answered is an answer, but for the
// failures of what stands before a plane that is gone.
func (h *health) seen(now time.Time, status int, err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, safehttp.ErrOpen) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err != nil:
		h.last.Failed, h.last.Error = now, said([]byte(err.Error()))
	case status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout:
		h.last.Failed, h.last.Error = now, fmt.Sprintf("it answered %d", status)
	default:
		h.last = Health{Answered: now}
		return
	}
	if h.last.Since.IsZero() {
		h.last.Since = now
	}
}

// Health returns how the data plane answered lately.
func (c *Client) Health() Health {
	c.health.mu.Lock()
	defer c.health.mu.Unlock()
	h := c.health.last
	h.Ready = h.Failed.IsZero() || c.cfg.Now().Sub(h.Failed) >= retryNew
	return h
}
