// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package signaling

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/musubi-ods/musubi/transfer"
)

// Plane is a data plane that a control plane knows.
type Plane struct {
	ID      string `json:"id"`
	Context string `json:"-"` // the participant that it works for; empty: all
	// Endpoint is the base URL of its signaling interface.
	Endpoint string   `json:"endpoint"`
	Profiles []string `json:"profiles"` // the formats that it serves
	Roles    []string `json:"roles,omitempty"`
	Labels   []string `json:"labels,omitempty"`
	// Authorization is how we call it.
	Authorization *Authorization `json:"authorization,omitempty"`
	// KeyHash is that of the value of the header Authorization by which it calls
	// us (HashKey). Without one it cannot, unless Anonymous lets it.
	KeyHash     string    `json:"keyHash,omitempty"`
	Anonymous   bool      `json:"anonymous,omitempty"`
	MetersBytes bool      `json:"metersBytes,omitempty"`
	Retired     bool      `json:"retired,omitempty"` // it unregistered: it is given no new flow
	Registered  time.Time `json:"registered,omitzero"`
	// RetiredAt is from when on no replica that knows of it gives it a new flow.
	RetiredAt time.Time `json:"retiredAt,omitzero"`
	// Configured: it is in the configuration, and cannot be registered anew.
	Configured bool `json:"-"`
}

// Known is a Plane and how it answers.
type Known struct {
	Plane       // Retired: it is given no new flow, for either reason
	Left   bool // it unregistered by itself, rather than that its key was revoked
	Health Health
}

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

// Errors of a registration.
var (
	// ErrPlaneTaken: the id is that of a plane that somebody else registered, or
	// of one in the configuration.
	ErrPlaneTaken = errors.New("there is another data plane of this id")
	// ErrNoPlane: there is no such plane, or it is another's.
	ErrNoPlane = errors.New("there is no such data plane")
)

// NewRegistry returns a Registry.
func NewRegistry(c RegistryConfig) *Registry {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Registry{cfg: c, planes: map[[2]string]member{}}
}

// HashKey is what is kept of the value of a header Authorization. That may be a
// bearer token, or the token alone.
func HashKey(value string) string {
	const scheme = "bearer "
	if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
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

func (p Plane) check() error {
	m := PlaneRegistration{DataplaneID: p.ID, Endpoint: p.Endpoint, Profiles: p.Profiles, Authorization: p.Authorization, Labels: p.Labels, Roles: p.Roles}
	if err := m.usable(); err != nil {
		return err
	}
	u, err := url.Parse(p.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return invalid("the endpoint %.200q is not the plain base URL of an HTTP service", p.Endpoint)
	}
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

// Load reads what was registered or removed, here or at another replica. What is
// unchanged keeps what is known of its health.
func (r *Registry) Load(ctx context.Context) error {
	r.storing.Lock()
	defer r.storing.Unlock()
	rows, err := r.cfg.Store.RegisteredPlanes(ctx)
	if err != nil {
		return err
	}
	stored := map[[2]string]bool{}
	for _, row := range rows {
		at := [2]string{row.Context, row.ID}
		stored[at] = true
		if k, ok := r.at(at); ok && (k.Configured || k.doc == string(row.Doc)) {
			continue
		}
		p := Plane{}
		if err := json.Unmarshal(row.Doc, &p); err != nil {
			r.cfg.Log.Warn("a registered data plane cannot be read", "participant", row.Context, "plane", row.ID, "error", err)
			continue
		}
		p.ID, p.Context = row.ID, row.Context
		r.put(p, string(row.Doc))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for at, k := range r.planes {
		if !k.Configured && !stored[at] {
			r.drop(at)
		}
	}
	return nil
}

func (r *Registry) at(key [2]string) (member, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.planes[key]
	return k, ok
}

// Register keeps a plane that introduced itself with a key, or what it says anew
// of itself. added: it was not known. ErrMessage, ErrPlaneTaken.
func (r *Registry) Register(ctx context.Context, p Plane, key string) (added bool, err error) {
	p.KeyHash, p.Anonymous, p.Retired, p.RetiredAt, p.Registered = HashKey(key), false, false, time.Time{}, r.cfg.Now().UTC()
	if err := p.check(); err != nil {
		return false, err
	}
	if err := r.Load(ctx); err != nil {
		return false, err
	}
	before, known := r.at([2]string{p.Context, p.ID})
	_, common := r.at([2]string{"", p.ID})
	if common || known && (before.Configured || !sameHash(before.KeyHash, p.KeyHash)) {
		return false, ErrPlaneTaken
	}
	return !known, r.keep(ctx, p)
}

func (r *Registry) keep(ctx context.Context, p Plane) error {
	r.storing.Lock()
	defer r.storing.Unlock()
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := r.cfg.Store.PutPlane(ctx, transfer.Registered{Context: p.Context, ID: p.ID, Doc: doc}); err != nil {
		return fmt.Errorf("keeping the data plane: %w", err)
	}
	r.put(p, string(doc))
	return nil
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

func sameHash(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
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
