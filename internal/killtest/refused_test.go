// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package killtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var (
	errServed  = errors.New("it was served")
	errUnready = errors.New("not ready")
)

const (
	noticeTime = 20 * time.Second // in which a fault has to show, and to be over
	answerTime = 10 * time.Second // in which a request has to be refused
)

// noticed waits until all who are hit refuse what is asked, and say that they
// are not ready, and returns how long the last one took.
func (f fault) noticed(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	for _, s := range f.hit {
		for {
			err := s.demand(ctx) // as often as there is room within what the database has
			status, failed := probe(ctx, s.api.http, s.management)
			if err != nil && status == http.StatusServiceUnavailable {
				break
			}
			if time.Since(began) > noticeTime || !pause(ctx, again) {
				return 0, fmt.Errorf("%s did not notice: /readyz answers %d, a user: %w", s.name, status, errors.Join(err, failed))
			}
		}
	}
	return time.Since(began), nil
}

// refused checks the answers to users and to peers.
func (f fault) refused(ctx context.Context) error {
	for _, s := range f.hit {
		began := time.Now()
		err := s.demand(ctx)
		if no, ok := errors.AsType[*refusal](err); !ok || no.Status != http.StatusServiceUnavailable || no.Code != storeOut {
			return fmt.Errorf("a user of %s is answered: %w", s.name, cmp.Or(err, errServed))
		}
		if !f.reads {
			if err := s.peerRefused(ctx); err != nil {
				return err
			}
		}
		if took := time.Since(began); took > answerTime {
			return fmt.Errorf("%s took %s to refuse", s.name, took)
		}
		select {
		case <-s.ended:
			return fmt.Errorf("%s ended: %s", s.name, s.cmd.ProcessState)
		default:
		}
	}
	return nil
}

// demand asks for something that takes room.
func (s *side) demand(ctx context.Context) error {
	assets := make([]any, 30)
	for i := range assets {
		bytes := make([]byte, 10<<10)
		_, _ = rand.Read(bytes) // never fails
		assets[i] = map[string]any{
			"id": "filler-" + rand.Text(), "properties": map[string]string{"dct:description": hex.EncodeToString(bytes)},
			"source": map[string]string{"type": "file", "path": "/dev/null"},
		}
	}
	return s.api.post(ctx, "/catalog", map[string]any{"assets": assets}, nil)
}

// peerRefused asks for the catalogue as the peer would.
func (s *side) peerRefused(ctx context.Context) error {
	own, peer := "provider", "consumer"
	if strings.HasPrefix(s.name, peer) {
		own, peer = peer, own
	}
	body := `{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"CatalogRequestMessage"}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.protocol+"/"+own+"/dsp/2025-1/catalog/request", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+peer+"-to-"+own)
	res, err := s.api.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var said struct {
		Type string `json:"@type"`
		Code string
	}
	if err := json.Unmarshal(text, &said); err != nil || res.StatusCode != http.StatusServiceUnavailable || said.Type != "CatalogError" || said.Code != storeOut {
		return fmt.Errorf("a peer of %s is answered %d: %s", s.name, res.StatusCode, text)
	}
	return nil
}

// recovers waits until the process says that it is ready again.
func (s *side) recovers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, noticeTime)
	defer cancel()
	for {
		status, err := probe(ctx, s.api.http, s.management)
		if status == http.StatusOK {
			return nil
		}
		if !pause(ctx, askEvery) {
			return fmt.Errorf("%s did not recover: /readyz answers %d: %w", s.name, status, cmp.Or(err, errUnready))
		}
	}
}

// told looks whether the log says what was wrong, what to do, and that it is
// over.
func (s *side) told(t *testing.T, from int) error {
	text := s.logged(t)[from:]
	for _, want := range []string{"the database cannot be used", "hint=", "the database can be used again"} {
		if !strings.Contains(text, want) {
			return fmt.Errorf("the log of %s does not say %q", s.name, want)
		}
	}
	return nil
}
