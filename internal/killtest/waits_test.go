// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package killtest

import (
	"context"
	"fmt"
	"net/url"
)

// waits has each side wait for one that is dead, and for a person, and looks
// whether it says so. own and asked are the jobs for it; the offer of the
// second asks a person.
func waits(ctx context.Context, d *driver, consumer, provider *side, own, asked int) error {
	if err := forProvider(ctx, d, consumer, provider, own); err != nil {
		return fmt.Errorf("waiting for the provider: %w", err)
	}
	if err := forPerson(ctx, d, consumer, provider, asked); err != nil {
		return fmt.Errorf("waiting for a person, then for the consumer: %w", err)
	}
	return nil
}

// forProvider opens a negotiation with a provider that is dead.
func forProvider(ctx context.Context, d *driver, consumer, provider *side, job int) error {
	if err := provider.kill(); err != nil {
		return err
	}
	n, err := d.open(ctx, job, true)
	if err != nil {
		return err
	}
	if _, err := named(ctx, consumer, failing(dataset(job))); err != nil {
		return err
	}
	if err := provider.restart(ctx); err != nil {
		return err
	}
	return d.finish(ctx, job, n.ID)
}

// forPerson kills the provider while it waits for a person, and has the person
// approve when the consumer is dead.
func forPerson(ctx context.Context, d *driver, consumer, provider *side, job int) error {
	n, err := d.open(ctx, job, true)
	if err != nil {
		return err
	}
	asks := func(p process) bool { return p.Subject == dataset(job) && p.WaitingFor == "person" }
	if _, err := named(ctx, provider, asks); err != nil {
		return err
	}
	if err := provider.kill(); err != nil {
		return err
	}
	if err := provider.restart(ctx); err != nil {
		return err
	}
	p, err := named(ctx, provider, asks)
	if err != nil {
		return err
	}
	if err := consumer.kill(); err != nil {
		return err
	}
	if err := provider.api.post(ctx, "/negotiations/"+url.PathEscape(p.ID)+"/approve", struct{}{}, nil); err != nil {
		return err
	}
	if _, err := named(ctx, provider, failing(dataset(job))); err != nil {
		return err
	}
	if err := consumer.restart(ctx); err != nil {
		return err
	}
	return d.finish(ctx, job, n.ID)
}

// failing selects the negotiation of a dataset that waits for a peer who does
// not answer.
func failing(dataset string) func(process) bool {
	return func(p process) bool { return p.Subject == dataset && p.WaitingFor == "peer" && p.LastError != nil }
}

// named waits until a side lists such a process, which then has to explain
// itself.
func named(ctx context.Context, s *side, such func(process) bool) (process, error) {
	var last []process
	for ctx.Err() == nil {
		open, err := stuck(ctx, s)
		if err != nil {
			return process{}, err
		}
		for _, p := range open {
			if such(p) {
				return p, p.unnamed()
			}
		}
		last = open
		pause(ctx, again)
	}
	return process{}, fmt.Errorf("the %s never listed it; it lists %v", s.name, last)
}
