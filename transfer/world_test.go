// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package transfer_test

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-ods/musubi/internal/engine"
	"github.com/musubi-ods/musubi/internal/store/memory"
	"github.com/musubi-ods/musubi/negotiation"
	"github.com/musubi-ods/musubi/transfer"
	"github.com/musubi-ods/musubi/trust"
	"github.com/musubi-ods/musubi/trust/policy"
)

const (
	pull = "HttpData-PULL"
	push = "HttpData-PUSH"
)

// world is a provider and a consumer with a network between them that does
// one thing at a time, as the test says.
type world struct {
	t      testing.TB
	now    time.Time
	ids    int
	p, c   *side
	strict bool                         // no built-in end after a refusal: it would hide a difference
	refuse func(o engine.Delivery) bool // if set: what something between the two refuses

	handled map[string]bool // bodies that a handler was given

	yielded chan struct{} // the goroutine that runs has parked or ended
	sends   []*send
	waits   []*wait
}

// side is one connector.
type side struct {
	w         *world
	name      string
	base      string
	peer      *side
	store     *memory.Store
	svc       *transfer.Service
	core      *engine.Core
	plane     *plane
	set       *transfer.Set
	agreement negotiation.Agreement
	domain    engine.Domain
	known     bool // the peer's address is configured
}

// send is an attempt on its way: to the peer, in its hands, or on the way back.
type send struct {
	to      *side
	o       engine.Delivery
	arrived bool
	answer  *engine.Answer // the handler's, once it ended
	ctx     context.Context
	cancel  func() // as a server does where the client hangs up
	resume  chan engine.Answer
}

// wait is a handler that waits for a commit.
type wait struct {
	ctx     context.Context
	at      *side
	change  engine.Change
	version int64
	until   time.Time
	resume  chan bool
}

func newWorld(t testing.TB, format string, strict bool) *world {
	w := &world{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), strict: strict, yielded: make(chan struct{})}
	w.p = w.side("provider", "https://p.example/prov", map[string]bool{format: true})
	w.c = w.side("consumer", "https://c.example/cons", nil)
	w.p.peer, w.c.peer = w.c, w.p
	return w
}

func (w *world) side(name, base string, formats map[string]bool) *side {
	s := &side{w: w, name: name, base: base, store: memory.New(), plane: &plane{}, known: true}
	s.set = transfer.NewSet()
	for f := range formats {
		s.set.Builtin(f, "provider", s.plane)
	}
	s.agreement = negotiation.Agreement{
		Policy: []byte(`{"permission":[{"action":"use"}]}`), PolicyHash: "use",
		Context: name, ID: "agreement-1", Role: name, Target: "dataset-1", Final: true,
		Peer: map[string]string{"provider": "did:example:consumer", "consumer": "did:example:provider"}[name],
	}
	var decider transfer.Decider = transfer.Rules{Agreements: s}
	if w.strict {
		decider = transfer.DeciderFunc(func(_ context.Context, p transfer.Process) (negotiation.Decision, error) {
			if p.Role == "provider" && (p.State == "REQUESTED" || p.OwesStart) {
				return negotiation.Decision{Act: negotiation.Start}, nil
			}
			return negotiation.Decision{}, nil
		})
	}
	point := &transfer.PolicyPoint{Judge: &policy.Judge{Registry: policy.NewRegistry(), Now: w.time}, Agreements: s, Meters: s.store}
	point.Judge.Usage = func(ctx context.Context, contextID, agreement string) (policy.Usage, error) {
		u, err := s.store.Usage(ctx, contextID, agreement)
		return policy.Usage(u), err
	}
	s.domain = transfer.NewDomain(decider, s.set, point)
	s.core = engine.New(engine.Config{
		Store: s.store, Sender: s, Waiter: s, Now: w.time, NewID: w.id, Jitter: func() float64 { return 0.5 },
		Domains: map[engine.Kind]engine.Domain{engine.Transfer: s.domain},
	})
	s.svc = transfer.NewService(transfer.Config{
		Core: s.core, Store: s.store, Agreements: s, Planes: s.set, Policies: point, Peers: s, Now: w.time, NewID: w.id,
		CheckURL: func(raw string) (*url.URL, error) {
			if !strings.HasPrefix(raw, "https://") {
				return nil, errors.New("https only")
			}
			return url.Parse(raw)
		},
		Participant: func(context.Context, string) (trust.Participant, error) {
			return trust.Participant{Context: name, ID: "did:example:" + name, PublicURL: base}, nil
		},
	})
	return s
}

func (w *world) time() time.Time { return w.now }

func (w *world) id() string {
	w.ids++
	return "urn:uuid:" + strconv.Itoa(w.ids)
}

// Agreement implements negotiation.AgreementStore.
func (s *side) Agreement(_ context.Context, contextID, id string) (negotiation.Agreement, error) {
	if contextID != s.agreement.Context || id != s.agreement.ID {
		return negotiation.Agreement{}, negotiation.ErrNoAgreement
	}
	return s.agreement, nil
}

func (s *side) Agreements(context.Context, string, negotiation.AgreementQuery) ([]negotiation.Agreement, error) {
	return []negotiation.Agreement{s.agreement}, nil
}

func (s *side) PutAgreement(context.Context, negotiation.Agreement) error { return nil }

func (s *side) EndAgreement(_ context.Context, _, _ string, e negotiation.End) error {
	s.agreement.Ended, s.agreement.EndedBy, s.agreement.EndReason = e.At, e.By, e.Reason
	return nil
}

// Peer implements trust.PeerStore.
func (s *side) Peer(_ context.Context, _, id string) (trust.Peer, error) {
	if !s.known || id != "did:example:"+s.peer.name {
		return trust.Peer{}, trust.ErrUnknownPeer
	}
	return trust.Peer{ID: id, URL: s.peer.base + "/dsp/2025-1"}, nil
}

func (s *side) Peers(context.Context, string) ([]trust.Peer, error) { return nil, nil }
func (s *side) PutPeer(context.Context, string, trust.Peer) error   { return nil }
func (s *side) DeletePeer(context.Context, string, string) error    { return nil }
func (s *side) claims() trust.Claims {
	return trust.Claims{Participant: "did:example:" + s.name, Profile: "test"}
}

func (s *side) call(pid string, body []byte) transfer.Incoming {
	return transfer.Incoming{Context: s.peer.name, PID: pid, Claims: s.claims(), Body: body}
}

// run lets one goroutine go on until it parks or ends.
func (w *world) run(f func()) {
	if f != nil {
		go func() {
			f()
			w.yielded <- struct{}{}
		}()
	}
	<-w.yielded
}

// Send implements engine.Sender: it parks until the network has an answer.
func (s *side) Send(_ context.Context, o engine.Delivery) engine.Answer {
	p := &send{to: s.peer, o: o, resume: make(chan engine.Answer)}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	s.w.sends = append(s.w.sends, p)
	s.w.yielded <- struct{}{}
	return <-p.resume
}

// Look implements engine.Sender, at once.
func (s *side) Look(ctx context.Context, o engine.Delivery) engine.Answer {
	reply, err := s.peer.svc.Show(ctx, s.call(o.PeerPID, nil))
	if err != nil {
		return engine.Answer{Status: 404}
	}
	return engine.Answer{Status: reply.Status, Body: reply.Body}
}

// Wait implements engine.Waiter.
func (s *side) Wait(ctx context.Context, c engine.Change, version int64, until time.Time) bool {
	if r, err := s.store.For(c.Context).Load(ctx, c.Process); err != nil || r.Version != version {
		return err == nil
	}
	p := &wait{ctx: ctx, at: s, change: c, version: version, until: until, resume: make(chan bool)}
	s.w.waits = append(s.w.waits, p)
	s.w.yielded <- struct{}{}
	return <-p.resume
}

// claim has one side begin one piece of due work.
func (w *world) claim(s *side) bool {
	work, _, err := s.store.Claim(context.Background(), engine.ClaimRequest{
		Owner: s.name, Now: w.now, Lease: 30 * time.Second, Limit: 1, PerLane: 16,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(work) == 0 {
		return false
	}
	w.run(func() {
		if err := s.core.Perform(context.Background(), work[0]); err != nil {
			w.t.Errorf("%s: %s: %v", s.name, work[0].Op, err)
		}
	})
	return true
}

// arrive hands a message to the peer's handler.
func (w *world) arrive(p *send) {
	p.arrived = true
	if w.refuse != nil && w.refuse(p.o) {
		p.answer = &engine.Answer{Status: 400}
		return
	}
	if w.handled == nil {
		w.handled = map[string]bool{}
	}
	w.handled[string(p.o.Body)] = true
	w.run(func() { a := p.to.handle(p.ctx, p.o); p.answer = &a })
}

func (s *side) handle(ctx context.Context, o engine.Delivery) engine.Answer {
	parts := strings.Split(strings.TrimPrefix(o.Path, "/transfers/"), "/")
	pid, at := "", parts[0]
	if len(parts) == 2 {
		at = parts[1]
		pid, _ = url.PathUnescape(parts[0])
	}
	in := s.peer.call(pid, o.Body)
	reply, err := s.svc.Receive(ctx, in, transfer.Endpoint(at))
	if err != nil {
		fault, ok := transfer.Fault(err, in)
		if !ok {
			s.w.t.Errorf("%s fails on %s: %v", s.name, o.Path, err)
			return engine.Answer{Status: 500}
		}
		return engine.Answer{Status: fault.Status, Body: fault.Body}
	}
	return engine.Answer{Status: reply.Status, Body: reply.Body}
}

// reply brings an answer back to the sender; a lost one as a time-out.
func (w *world) reply(i int, lost bool) {
	p := w.sends[i]
	w.sends = append(w.sends[:i:i], w.sends[i+1:]...)
	a := engine.Answer{Err: errors.New("timed out")}
	if !lost {
		a = *p.answer
	}
	p.cancel()
	p.resume <- a
	w.run(nil)
}

// wake ends the waits whose process was committed, or that waited long enough.
func (w *world) wake() bool {
	for i, p := range w.waits {
		r, err := p.at.store.For(p.change.Context).Load(context.Background(), p.change.Process)
		changed := err == nil && r.Version != p.version
		if p.ctx.Err() != nil {
			changed = false
		} else if !changed && w.now.Before(p.until) {
			continue
		}
		w.waits = append(w.waits[:i:i], w.waits[i+1:]...)
		p.resume <- changed
		w.run(nil)
		return true
	}
	return false
}

// settle lets everything that is owed happen, without faults.
func (w *world) settle() {
	for range 5000 {
		switch {
		case w.wake(), w.claim(w.p), w.claim(w.c), w.deliver():
		case w.advance():
		default:
			return
		}
	}
	for _, s := range []*side{w.p, w.c} {
		list, _ := s.svc.List(context.Background(), s.name, transfer.Filter{})
		for _, p := range list {
			p = s.get(w.t, p.ID)
			w.t.Logf("%s in %s, pending %q, waits for %q: %.2000s", s.name, p.State, p.Pending, p.WaitingFor, story(p))
		}
	}
	w.t.Fatal("the two sides do not come to rest")
}

// deliver moves the oldest message that can move.
func (w *world) deliver() bool {
	for i, p := range w.sends {
		switch {
		case !p.arrived:
			w.arrive(p)
			return true
		case p.answer != nil:
			w.reply(i, false)
			return true
		}
	}
	return false
}

// advance turns the clock to when something is next due; false if nothing is.
func (w *world) advance() bool {
	var next time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, s := range []*side{w.p, w.c} {
		work, at, err := s.store.Claim(context.Background(), engine.ClaimRequest{Owner: "nobody", Now: w.now, Lease: time.Second, Limit: 0})
		if err != nil || len(work) > 0 {
			w.t.Fatal("claimed nothing and something", err)
		}
		earlier(at)
	}
	for _, p := range w.waits {
		earlier(p.until)
	}
	if next.IsZero() {
		return false
	}
	if next.After(w.now) {
		w.now = next
	}
	return true
}

func (s *side) act(id string, d negotiation.Decision) error {
	_, err := s.svc.Act(context.Background(), s.name, id, d)
	return err
}

func (s *side) get(t testing.TB, id string) transfer.Process {
	t.Helper()
	p, err := s.svc.Get(context.Background(), s.name, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// open has the consumer request a transfer and returns both pids once the
// provider knows of it.
func (w *world) open(format string) (consumerPID, providerPID string) {
	args := transfer.RequestArgs{Agreement: "agreement-1", Format: format}
	if _, own := w.c.set.Plane("consumer", format, "consumer"); format == push && !own {
		args.DataAddress = &transfer.DataAddress{EndpointType: transfer.EndpointTypeHTTP, Endpoint: "https://c.example/in"}
	}
	p, err := w.c.svc.Request(context.Background(), "consumer", args)
	if err != nil {
		w.t.Fatal(err)
	}
	w.settle()
	return p.ID, w.c.get(w.t, p.ID).PeerPID
}
