// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"errors"
	"fmt"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/transfer/evidence"
)

// Evidence reports why a batch cannot be kept.
func Evidence(b evidence.Batch) error {
	for _, p := range b.Parts {
		if err := part(p); err != nil {
			return err
		}
	}
	for _, t := range b.Told {
		var wrong error
		if Micro(t.At) <= 0 {
			wrong = errors.New("a time before 1970")
		}
		if err := invalid("evidence", key("context", t.Context, "transfer", t.Transfer, "message", t.ID), wrong); err != nil {
			return err
		}
	}
	for _, k := range b.Bodies {
		if err := body(k.Body, k.Journal); err != nil {
			return err
		}
	}
	return nil
}

func part(p evidence.Part) error {
	var wrong error
	if min(p.Bodies, p.Bytes, p.Cut, p.CutBytes) < 0 {
		wrong = errors.New("less than none was moved")
	}
	return invalid("evidence", key("context", p.Context, "transfer", p.Transfer, "id", p.ID), wrong, recent(p.First, p.Last))
}

func body(b evidence.Body, journal engine.Entry) error {
	var wrong error
	switch {
	case b.Direction != evidence.Sent && b.Direction != evidence.Received:
		wrong = fmt.Errorf("direction %q", b.Direction)
	case b.Bytes < 0 || b.Offset < 0 || b.Status < 0:
		wrong = errors.New("less than none was moved")
	case b.SHA256 != "" && len(b.SHA256) != 64:
		wrong = errors.New("half a hash")
	}
	return invalid("evidence", key("context", b.Context, "transfer", b.Transfer, "id", b.ID), wrong, recent(b.Began, b.Ended),
		plain("tracking id", b.TrackingID, "method", b.Method, "path", b.Path, "hash", b.SHA256), Journal(b.Context, journal))
}

func recent(list ...time.Time) error {
	for _, t := range list {
		if Micro(t) < 0 {
			return errors.New("a time before 1970")
		}
	}
	return nil
}
