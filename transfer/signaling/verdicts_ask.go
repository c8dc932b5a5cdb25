// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"time"
)

// follow asks about a flow for as long as anybody needs to know.
func (v *verdicts) follow(ctx context.Context, f *Flow, k *verdict) {
	for seen := ""; v.needed(f, k); {
		asked, had := v.now(), seen
		got, err := v.ask(ctx, f, seen)
		seen = got.Version
		if errors.Is(err, errNotOffered) || ctx.Err() != nil {
			break
		}
		if err != nil {
			seen = ""
		}
		if seen == "" || had != "" && v.now().Sub(asked) < pauseAsk {
			v.pause(ctx)
		}
	}
	v.mu.Lock()
	v.drop(f, k)
	v.mu.Unlock()
}

// pause keeps questions apart.
func (v *verdicts) pause(ctx context.Context) {
	over, stop := v.timer(pauseAsk)
	defer stop()
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// needed forgets a flow that nobody asked about of late.
func (v *verdicts) needed(f *Flow, k *verdict) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.now().Sub(k.used) < inUse {
		return true
	}
	v.drop(f, k)
	return false
}

// ask asks the control plane, and keeps the answer for all who wait.
func (v *verdicts) ask(ctx context.Context, f *Flow, seen string) (Verdict, error) {
	limit, cancel := context.WithTimeout(ctx, held)
	defer cancel()
	got, err := v.call.verdict(limit, f, seen)
	switch {
	case errors.Is(err, errNotOffered):
		err = v.instead(ctx, f)
	case err == nil && (!f.Judged || !v.given(f.ControlPlane)):
		err = v.judged(ctx, f) // before anything is sent by it
	}
	if v.keep(f, got, err) {
		v.changed(f.Asked.Context, f.Asked.Process)
	}
	return got, err
}

// instead is what it means that a control plane says that it gives no verdicts.
// Where it has to, or gave one before on any flow, somebody else answers now.
func (v *verdicts) instead(ctx context.Context, f *Flow) error {
	if f.Judged || v.given(f.ControlPlane) || v.rules(f.ControlPlane) == VerdictsRequired {
		return errNoVerdict
	}
	gave, err := v.judge(ctx, f.ControlPlane)
	switch {
	case err != nil: // it may have
		return errors.Join(errNoVerdict, err)
	case gave:
		v.learn(f.ControlPlane)
		return errNoVerdict
	}
	return errNotOffered
}

// learn notes that a control plane gives verdicts, which is kept already.
func (v *verdicts) learn(controlPlane string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gives == nil {
		v.gives = map[string]bool{}
	}
	v.gives[controlPlane] = true
	delete(v.none, controlPlane)
}

// keep takes note of an answer. changed: those who send should look at it.
func (v *verdicts) keep(f *Flow, got Verdict, err error) (changed bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := v.byFlow[[2]string{f.ControlPlane, f.ID}]
	if errors.Is(err, errNotOffered) {
		if v.none == nil {
			v.none = map[string]time.Time{}
		}
		v.none[f.ControlPlane] = v.now()
	}
	if k == nil {
		return false
	}
	k.err = err
	if err == nil {
		changed = k.Version != got.Version && !k.at.IsZero()
		k.Verdict, k.at = got, v.now()
	} else {
		// What is being sent now has to wait once the last answer is too old.
		changed = !k.at.IsZero() && v.now().Add(pauseAsk).Sub(k.at) >= believed
	}
	close(k.fresh)
	k.fresh = make(chan struct{})
	return changed
}

func (v *verdicts) given(controlPlane string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.gives[controlPlane]
}
