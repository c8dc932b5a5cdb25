// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// transfers are the commands about transfers and how far their data is.
func (p program) transfers(ctx context.Context, args []string) error {
	return p.choose(ctx, "transfers", orList(args), map[string]command{
		"list":  p.through(apiCommand{name: "transfers list", takes: []string{"peer", "role", "agreement"}, run: p.listTransfers}),
		"show":  p.through(apiCommand{name: "transfers show", args: "ID", least: 1, most: 1, run: p.showTransfer}),
		"watch": p.through(apiCommand{name: "transfers watch", args: "ID", least: 1, most: 1, run: p.watchTransfer}),
	})
}

// transferView is one as the API shows it.
type transferView struct {
	ID, Role, State, Peer, Dataset, Format, WaitingFor, StoppedFor string
	Data                                                           *moving
	HasAddress                                                     bool
	LastError                                                      *fault
}

// fault is what went wrong last.
type fault struct{ Code, Reason string }

// moving is how far its data is.
type moving struct {
	Kind, State, SHA256, Holding string
	Received, Rate               int64
	Total                        *int64
	Since                        time.Time
	Verified                     bool
	LastError                    *fault
}

func (v transferView) ended() bool { return v.State == "COMPLETED" || v.State == "TERMINATED" }

func (m *moving) over() bool { return m == nil || m.State == "done" || m.State == "failed" }

func (p program) listTransfers(ctx context.Context, a *api, o options) error {
	q := url.Values{}
	for name, value := range map[string]string{"peer": o.peer, "role": o.role, "agreement": o.agreement} {
		if value != "" {
			q.Set(name, value)
		}
	}
	all, err := listed[transferView](ctx, a, "/transfers", q)
	if err != nil {
		return err
	}
	t := p.table()
	fmt.Fprintln(t, "ID\tROLE\tSTATE\tPEER\tDATASET\tFORMAT\tWAITS FOR")
	for _, v := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", v.ID, v.Role, v.State, v.Peer, v.Dataset, v.Format, v.WaitingFor)
	}
	return t.Flush()
}

func (p program) showTransfer(ctx context.Context, a *api, o options) error {
	return p.show(ctx, a, "/transfers/"+url.PathEscape(o.rest[0]))
}

func (p program) watchTransfer(ctx context.Context, a *api, o options) error {
	_, err := p.watch(ctx, a, o.rest[0])
	return err
}

// watch prints how far a transfer is, each time that it is further, until it
// has ended or its data is all moved. The interrupt of a person ends the
// watching alone.
func (p program) watch(ctx context.Context, a *api, id string) (transferView, error) {
	out, pause := plainText{p.stdout}, leastTick
	for last := ""; ; pause = min(2*pause, time.Minute) { // what is small is soon over
		var v transferView
		if err := a.do(ctx, http.MethodGet, "/transfers/"+url.PathEscape(id), nil, &v); err != nil {
			return v, err
		}
		if line := v.line(); line != last {
			fmt.Fprintln(out, line)
			last = line
		}
		switch {
		case v.Data != nil && v.Data.State == "failed" && v.Data.LastError != nil:
			return v, fmt.Errorf("the data is not moved: %s (%s)", v.Data.LastError.Reason, v.Data.LastError.Code)
		case v.ended(), v.Data != nil && v.Data.over():
			return v, nil
		}
		if err := p.wait(ctx, pause); err != nil {
			return v, err
		}
	}
}

// leastTick is the time between the first two looks.
const leastTick = 100 * time.Millisecond

// wait lets a while pass, a second at most.
func (p program) wait(ctx context.Context, pause time.Duration) error {
	tick := p.tick
	if tick == 0 {
		tick = time.Second
	}
	timer := time.NewTimer(min(pause, tick))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errors.New("watching was interrupted; the transfer goes on")
	}
}

// line says in one line where a transfer is.
func (v transferView) line() string {
	text := v.State
	if m := v.Data; m != nil {
		text += fmt.Sprintf("  %s %s  %s", m.Kind, m.State, size(m.Received))
		if m.Total != nil {
			text += " of " + size(*m.Total)
			if *m.Total > 0 {
				text += fmt.Sprintf(" (%d%%)", m.Received*100 / *m.Total)
			}
		}
		if m.Rate > 0 {
			text += "  " + size(m.Rate) + "/s"
			if m.Total != nil && m.State == "open" {
				text += "  " + (time.Duration((*m.Total-m.Received)/m.Rate) * time.Second).String() + " left"
			}
		}
		if m.SHA256 != "" {
			text += "  sha256 " + m.SHA256
		}
		if m.LastError != nil && m.State != "failed" {
			text += "  last error " + m.LastError.Code + ": " + m.LastError.Reason
		}
	}
	if v.Data == nil && !v.ended() {
		text += v.idle()
	}
	if v.StoppedFor != "" {
		text += "  " + v.StoppedFor
	}
	return text
}

// idle says what a transfer waits for whose data nobody moves here.
func (v transferView) idle() string {
	text := ""
	switch {
	case v.LastError != nil:
		text = "  last error " + v.LastError.Code + ": " + v.LastError.Reason
	case v.State == "STARTED" && v.Role == "consumer" && v.HasAddress && !transfer.Push(v.Format):
		return "  applications may pull it now; musubi download keeps it here"
	}
	if v.State != "STARTED" && v.WaitingFor != "" {
		text = "  waits for " + v.WaitingFor + text
	}
	return text
}

// size writes a number of bytes for people.
func size(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := float64(n)/1000, "kMGTPE"
	for value >= 999.95 && len(unit) > 1 {
		value, unit = value/1000, unit[1:]
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + unit[:1] + "B"
}

// download has the connector pull the data of a transfer and keep it, which
// goes on by itself.
func (p program) download(ctx context.Context, args []string) error {
	return p.through(apiCommand{
		name: "download", args: "[-rate BYTES] [-complete] [-detach] TRANSFER", least: 1, most: 1,
		takes: []string{"rate", "complete", "detach"}, run: p.downloadTransfer,
	})(ctx, args)
}

func (p program) downloadTransfer(ctx context.Context, a *api, o options) error {
	in := map[string]any{"detach": true} // the waiting is done here, where it can be watched
	if o.complete {
		in["complete"] = true
	}
	if o.rate != "" {
		rate, err := strconv.ParseInt(o.rate, 10, 64)
		if err != nil || rate <= 0 {
			return fmt.Errorf("-rate %q: write a number of bytes a second, as in 50000000", o.rate)
		}
		in["rate"] = rate
	}
	id := o.rest[0]
	if err := a.do(ctx, http.MethodPost, "/transfers/"+url.PathEscape(id)+"/download?wait=30s", in, nil); err != nil {
		return err
	}
	if o.detach {
		fmt.Fprintf(p.stdout, "it goes on by itself; see: musubi transfers watch %s\n", id)
		return nil
	}
	v, err := p.watch(ctx, a, id)
	if err != nil {
		return err
	}
	if v.Data == nil || v.Data.Holding == "" {
		return fmt.Errorf("the transfer is %s, and its data is not here", v.State)
	}
	var h holding
	if err := a.do(ctx, http.MethodGet, "/holdings/"+url.PathEscape(v.Data.Holding), nil, &h); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "stored as %s: %d bytes, sha256 %s\n%s\n", h.ID, h.Size, h.SHA256, h.Rule)
	return nil
}
