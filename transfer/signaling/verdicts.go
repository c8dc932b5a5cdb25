// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"context"
	"errors"
	"sync"
	"time"
)

// How verdicts are kept.
const (
	// believed is how long a verdict that permits is good after it came.
	believed = 3 * time.Second
	// inUse is how long a flow's verdict is asked for after it was last needed.
	inUse = 10 * time.Second
	// held bounds one question: the control plane holds it for HoldVerdict.
	held = HoldVerdict + 900*time.Millisecond
	// impatient bounds the wait for a verdict where there is none.
	impatient = 1500 * time.Millisecond
	// pauseAsk is before the next question after one that failed, or that was
	// answered at once although there was no news to be.
	pauseAsk = 250 * time.Millisecond
	// noneFor is how long a control plane is believed to give no verdicts.
	noneFor = time.Minute
)

// errNoVerdict: nothing was heard of the control plane in time.
var errNoVerdict = errors.New("the control plane does not answer")

// Rule says by what a control plane rules a flow that sends.
type Rule int

// The rules. Signals (suspend, terminate, completed) always count.
const (
	VerdictsWhereOffered Rule = iota // it is asked, if it can be
	VerdictsRequired                 // it is asked, and nothing is sent if it cannot be
	SignalsAlone                     // it is not asked
)

// verdicts are the control planes' answers about flows that send. One question
// per flow is open at a time, for as long as the flow sends.
type verdicts struct {
	call    Caller
	rules   func(controlPlane string) Rule
	now     func() time.Time
	timer   func(time.Duration) (<-chan time.Time, func())
	changed func(contextID, process string)
	begin   func(func(context.Context)) bool                             // beside, until the server stops
	judged  func(context.Context, *Flow) error                           // keeps that there was one
	judge   func(ctx context.Context, controlPlane string) (bool, error) // whether that was kept

	mu     sync.Mutex
	byFlow map[[2]string]*verdict
	none   map[string]time.Time // control planes without, and since when
	gives  map[string]bool      // control planes with, as it is kept
}

// verdict is the last answer about a flow.
type verdict struct {
	Verdict
	at    time.Time     // zero: there was none
	used  time.Time     // when it was last needed
	fresh chan struct{} // closed at the next answer, or failure
	err   error         // of the last question
}

// of returns what rules the flow at this moment: a verdict that permits and is
// young, else a new one.
func (v *verdicts) of(ctx context.Context, f *Flow) (Verdict, error) {
	if v.rules(f.ControlPlane) == SignalsAlone || v.lacks(f) {
		return Verdict{}, errNotOffered
	}
	known, ok := v.known(f)
	if ok && known.Code == "" && known.Grant == f.Grant {
		return known, nil
	}
	if ok { // it says no: that may have changed just now
		f.Judged = true // that was kept before it was known
		return v.ask(ctx, f, "")
	}
	return v.wait(ctx, f)
}

// lacks reports whether a flow's control plane gives no verdicts, and never has
// given any.
func (v *verdicts) lacks(f *Flow) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.without(f)
}

func (v *verdicts) without(f *Flow) bool {
	since, none := v.none[f.ControlPlane]
	return none && !f.Judged && !v.gives[f.ControlPlane] && v.now().Sub(since) < noneFor
}

// known returns the answer that is young enough, and has the next one asked
// for.
func (v *verdicts) known(f *Flow) (Verdict, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := v.watched(f)
	return k.Verdict, !k.at.IsZero() && v.now().Sub(k.at) < believed
}

// watched returns the entry of a flow, which is asked about from now on.
func (v *verdicts) watched(f *Flow) *verdict {
	key := [2]string{f.ControlPlane, f.ID}
	k := v.byFlow[key]
	if k == nil {
		k = &verdict{fresh: make(chan struct{})}
		if v.byFlow == nil {
			v.byFlow = map[[2]string]*verdict{}
		}
		v.byFlow[key] = k
		flow := *f
		if !v.begin(func(ctx context.Context) { v.follow(ctx, &flow, k) }) {
			k.err = errNoVerdict
		}
	}
	k.used = v.now()
	return k
}

// wait returns the next answer.
func (v *verdicts) wait(ctx context.Context, f *Flow) (Verdict, error) {
	over, stop := v.timer(impatient)
	defer stop()
	for {
		v.mu.Lock()
		if v.without(f) {
			v.mu.Unlock()
			return Verdict{}, errNotOffered
		}
		k := v.watched(f)
		fresh, got, err, young := k.fresh, k.Verdict, k.err, !k.at.IsZero() && v.now().Sub(k.at) < believed
		v.mu.Unlock()
		if young {
			return got, nil
		}
		select {
		case <-fresh:
		case <-over:
			return Verdict{}, errors.Join(errNoVerdict, err)
		case <-ctx.Done():
			return Verdict{}, ctx.Err()
		}
	}
}

// drop forgets an entry, and not a later one of the flow.
func (v *verdicts) drop(f *Flow, k *verdict) {
	if key := [2]string{f.ControlPlane, f.ID}; v.byFlow[key] == k {
		delete(v.byFlow, key)
	}
}

// forget has the flow's next verdict asked for anew: the flow has changed.
func (v *verdicts) forget(f *Flow) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if k := v.byFlow[[2]string{f.ControlPlane, f.ID}]; k != nil {
		k.at = time.Time{}
	}
}
