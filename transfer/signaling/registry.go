// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// RegistryConfig is what a Registry needs.
type RegistryConfig struct {
	Set   *transfer.Set // gets what is known
	Store transfer.PlaneStore
	// HTTP calls the planes of the configuration (safehttp.Clients.Operator),
	// Foreign those that registered, whose URLs are not ours.
	HTTP, Foreign Doer
	// Dataspace, if set, is the name of a participant's dataspace, as data planes
	// are told it.
	Dataspace func(ctx context.Context, contextID string) string
	// UseUntil, if set, is when the permission to use an agreement's data ends,
	// as data planes are told it.
	UseUntil func(ctx context.Context, contextID, agreement string) (time.Time, error)
	// Keys returns the values of the header Authorization by which a data plane
	// may register with a participant now. One that registered with a key that is
	// not among them any more cannot call, and is given no new flow. Nil: none may.
	Keys func(contextID string) []string
	// ServedBy returns a transfer that has a plane and is not at its end; "" if
	// there is none. Nil: there never is.
	ServedBy func(ctx context.Context, contextID, id string) (transferID string, err error)
	// Alone says that no other process has the store, as on SQLite: nobody else
	// gives flows to a plane that is retired here.
	Alone bool

	Now func() time.Time
	Log *slog.Logger // nil discards
}

// Registry are the data planes that a control plane knows, by configuration and
// because they registered.
type Registry struct {
	cfg RegistryConfig

	storing sync.Mutex // what is stored and what is known here change together
	mu      sync.RWMutex
	planes  map[[2]string]member // by context and id
}

type member struct {
	Plane
	doc    string // as it is stored
	client *Client
}

// NewRegistry returns a Registry.
func NewRegistry(c RegistryConfig) *Registry {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Registry{cfg: c, planes: map[[2]string]member{}}
}

// Configure adds a plane of the configuration. ErrMessage.
func (r *Registry) Configure(p Plane) error {
	p.Configured = true
	if err := p.check(); err != nil {
		return err
	}
	r.put(p, "")
	return nil
}

// put makes a plane known here.
func (r *Registry) put(p Plane, doc string) {
	http := r.cfg.Foreign
	if p.Configured {
		http = r.cfg.HTTP
	}
	client := NewClient(ClientConfig{
		Endpoint: p.Endpoint, HTTP: http, Credential: CredentialOf(p.Authorization, http, r.cfg.Now),
		Dataspace: r.cfg.Dataspace, UseUntil: r.cfg.UseUntil, MetersBytes: p.MetersBytes, Verdicts: true, Now: r.cfg.Now,
	})
	r.mu.Lock()
	r.planes[[2]string{p.Context, p.ID}] = member{p, doc, client}
	r.mu.Unlock()
	r.cfg.Set.Put(transfer.Member{
		Name: p.ID, Context: p.Context, Formats: p.Profiles, Roles: p.Roles, Labels: p.Labels, Plane: client,
		Ready: func() bool { return client.Health().Ready }, Retired: p.Retired || r.revoked(p),
	})
}

// admits reports whether a hash is that of a key by which data planes may
// register with a participant now.
func (r *Registry) admits(contextID, hash string) bool {
	if r.cfg.Keys == nil {
		return false
	}
	may := false
	for _, k := range r.cfg.Keys(contextID) {
		may = sameHash(HashKey(k), hash) || may
	}
	return may
}

// revoked reports whether a plane registered with a key that is good no more.
func (r *Registry) revoked(p Plane) bool {
	return !p.Configured && !r.admits(p.Context, p.KeyHash)
}

func (r *Registry) at(key [2]string) (member, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.planes[key]
	return k, ok
}

// Callers are the ids of a participant's planes that the value of a header
// Authorization is that of, and of the anonymous ones.
func (r *Registry) Callers(contextID, authorization string) []string {
	hash := HashKey(authorization)
	r.mu.RLock()
	defer r.mu.RUnlock()
	var ids []string
	for at, k := range r.planes {
		if r.serves(at, contextID) && (k.Anonymous || authorization != "" && sameHash(k.KeyHash, hash)) && !r.revoked(k.Plane) {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// serves reports whether a plane works for a participant. One of all does not
// where the participant has one of its own by this id: the two are told apart by
// nothing else.
func (r *Registry) serves(at [2]string, contextID string) bool {
	_, own := r.planes[[2]string{contextID, at[1]}]
	return at[0] == contextID || at[0] == "" && !own
}

// List are a participant's planes, in order of their ids.
func (r *Registry) List(contextID string) []Known {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []Known
	for at, k := range r.planes {
		if r.serves(at, contextID) {
			shown := k.Plane
			shown.Retired = shown.Retired || r.revoked(shown)
			list = append(list, Known{shown, k.Retired, k.client.Health()})
		}
	}
	slices.SortFunc(list, func(a, b Known) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Context, b.Context)) })
	return list
}
