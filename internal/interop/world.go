// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// World is an EDC and our connector, each other's counterparty in both roles.
type World struct {
	*Us
	EDC    *EDC
	Source *Source
	Gate   *Gate // before our protocol listener
	Theirs *Gate // before the EDC's

	process *Process
	close   []func() error
}

// ourContext and ourID are our participant's.
const (
	ourContext = "us"
	ourID      = "musubi"
)

// Open starts both sides with mock identity: every message of a side has the
// same Authorization value, in which it says who it is.
func Open(ctx context.Context) (w *World, err error) {
	w = &World{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	home, err := NewHome(ctx, HomeOptions{})
	if err != nil {
		return w, err
	}
	w.close = append(w.close, home.Close)
	tuned, err := home.Tuned()
	if err != nil {
		return w, err
	}
	if w.Theirs, err = OpenGate(); err != nil {
		return w, err
	}
	w.close = append(w.close, w.Theirs.Close)
	options := slices.Concat(tuned, []string{"-Dedc.dsp.callback.address=http://" + w.Theirs.address + "/protocol"})
	if w.EDC, err = home.StartEDC(ctx, Provider, options...); err != nil {
		return w, err
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(w.EDC.Protocol, "http://"), "/")
	w.Theirs.Lead(host)
	w.EDC.Protocol = "http://" + w.Theirs.address + "/" + path
	if w.Source, err = OpenSource(); err != nil {
		return w, err
	}
	w.close = append(w.close, w.Source.Close)
	return w, w.serve(ctx)
}

// serve starts our side, for which the EDC is the one known peer.
func (w *World) serve(ctx context.Context) error {
	ports, err := FreePorts(2)
	if err != nil {
		return err
	}
	program, err := Build(ctx)
	if err != nil {
		return err
	}
	w.close = append(w.close, program.Close)
	protocol, management := fmt.Sprintf("127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
	if w.Gate, err = OpenGate(); err != nil {
		return err
	}
	w.Gate.Lead(protocol)
	w.close = append(w.close, w.Gate.Close)
	w.Us = &Us{
		Peer: Peer{ID: ourID, Address: "http://" + w.Gate.address + "/" + ourContext + "/dsp/2025-1"},
		API:  NewAPI("http://"+management+"/api/v1/participants/"+ourContext, "key"), Counterpart: w.EDC.ID,
	}
	w.process, err = program.Serve(ctx, ourContext, w.config(protocol, management), management)
	if err == nil {
		w.close = append(w.close, w.process.Stop)
	}
	return err
}

func (w *World) config(protocol, management string) string {
	return fmt.Sprintf(`
store: sqlite:us.db
devMode: true
logLevel: info
protocol: {listen: %q, publicUrl: %q}
management: {listen: %q, apiKeys: [key]}
participants:
  - context: %s
    id: %s
    profile: preshared
    name: Musubi beside EDC
    peers:
      - id: %q
        url: %q
        inbound: '%s'
        outbound: '%s'
`, protocol, "http://"+w.Gate.address, management, ourContext, ourID, w.EDC.ID, w.EDC.Protocol,
		MockIdentity(w.EDC.ID, w.Peer.Address), MockIdentity(ourID, w.EDC.Protocol))
}

// MockIdentity is the Authorization value of EDC's mock identity: who calls
// whom, as it stands.
func MockIdentity(participant, called string) string {
	return fmt.Sprintf(`{"region":"eu","audience":"%s","clientId":"%s"}`, called, participant)
}

// Close stops everything that was started, the last first.
func (w *World) Close() error {
	var failed []error
	for _, stop := range slices.Backward(w.close) {
		failed = append(failed, stop())
	}
	w.close = nil
	return errors.Join(failed...)
}

// Log is what our connector logged.
func (w *World) Log() string { return w.process.Log() }
