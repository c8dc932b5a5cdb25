// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"fmt"
	"strings"
)

// The names that the peer's folder has settings for.
const (
	Provider = "provider"
	Consumer = "consumer"
	Hub      = "hub"
)

// EDC is a running one, driven by its management API.
type EDC struct {
	ID       string // participant id
	Protocol string // DSP base URL
	Data     string // where a pull is answered
	*API            // the management API
	edr      *API   // data addresses that it was given as consumer
	control  *API   // what its data plane tells its control plane
}

// quick makes a program that lives for a minute start in less time.
var quick = []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"}

// StartEDC starts an EDC by the name of its settings, on free ports, and
// returns when it is ready. Options (-Dkey=value, or the JVM's) come after ours
// and win. The home's Close stops it.
func (h *Home) StartEDC(ctx context.Context, name string, options ...string) (*EDC, error) {
	ports, err := FreePorts(5)
	if err != nil {
		return nil, err
	}
	at := func(i int, path string) string { return fmt.Sprintf("http://127.0.0.1:%d%s", ports[i], path) }
	args := append([]string{"start", name}, quick...)
	for i, key := range []string{"web.http.port", "web.http.control.port", "web.http.management.port", "web.http.protocol.port", "pull.port"} {
		args = append(args, fmt.Sprintf("-D%s=%d", key, ports[i]))
	}
	args = append(args, "-Dedc.dsp.callback.address="+at(3, "/protocol"))
	if err := h.Script(ctx, append(args, options...)...); err != nil {
		return nil, fmt.Errorf("%w; it logged:\n%s", err, h.Log(name, 5))
	}
	e := &EDC{
		ID: name, Protocol: at(3, "/protocol/2025-1"), Data: at(4, "/public"),
		API: NewAPI(at(2, "/management"), "key"), edr: NewAPI(at(4, "/edr"), ""), control: NewAPI(at(1, "/control"), ""),
	}
	for _, o := range options {
		if id, ok := strings.CutPrefix(o, "-Dedc.participant.id="); ok {
			e.ID = id
		}
	}
	return e, nil
}
