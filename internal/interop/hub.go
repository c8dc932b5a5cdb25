// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The ports that the peer's IdentityHub is known by: its script and all DIDs
// name them.
const (
	hubPort     = 28480 // health; the identity API and the token service follow
	didPort     = 28483
	walletsPort = 28484
)

// hubHost is the host part of the hub's DIDs.
const hubHost = "did:web:localhost%3A28483:"

// IdentityHub is the wallet, the DID documents and the token service of an
// EDC, with a gate before the first two.
type IdentityHub struct {
	home          *Home
	dids, wallets *Gate
	identity      *API
}

// StartHub starts it and fills it: an issuer, and wallets with a membership.
func (h *Home) StartHub(ctx context.Context) (*IdentityHub, error) {
	behind, err := FreePorts(2)
	if err != nil {
		return nil, err
	}
	hub := &IdentityHub{home: h, identity: NewAPI(fmt.Sprintf("http://127.0.0.1:%d/api/identity/v1alpha", hubPort+2), "YWRtaW4=.key")}
	if hub.dids, err = gateBefore(didPort, behind[0]); err != nil {
		return nil, err
	}
	if hub.wallets, err = gateBefore(walletsPort, behind[1]); err != nil {
		return nil, errors.Join(err, hub.Close())
	}
	args := append([]string{"start", Hub}, quick...)
	args = append(args, fmt.Sprintf("-Dweb.http.did.port=%d", behind[0]), fmt.Sprintf("-Dweb.http.credentials.port=%d", behind[1]))
	if err = h.Script(ctx, args...); err != nil {
		err = fmt.Errorf("%w; it logged:\n%s", err, h.Log(Hub, 5))
	} else {
		_, err = hub.run(ctx, "seed")
	}
	if err != nil {
		return nil, errors.Join(err, hub.Close())
	}
	return hub, nil
}

// Close ends the gates; the home ends the hub.
func (i *IdentityHub) Close() error {
	var err error
	for _, g := range []*Gate{i.dids, i.wallets} {
		if g != nil {
			err = errors.Join(err, g.Close())
		}
	}
	return err
}

// run runs the script that fills the hub.
func (i *IdentityHub) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "python3", append([]string{i.home.File("hub.py")}, args...)...) //nolint:gosec // the peer's own script
	cmd.Env, cmd.WaitDelay = i.home.Env(), time.Second
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("hub.py %s: %w: %s", strings.Join(args, " "), err, complaint.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// Give puts another membership in a wallet: expired, future, untrusted,
// forged, kid, subject, or good.
func (i *IdentityHub) Give(ctx context.Context, name, kind string) error {
	_, err := i.run(ctx, "give", name, kind)
	return err
}

// key is one that the script made.
func (i *IdentityHub) key(name string) (signer, error) {
	return readSigner(filepath.Join(i.home.dir, "run", name+".key.pem"), hubHost+name+"#key-1")
}

// Put puts a credential of our own making in a wallet, beside what is there.
func (i *IdentityHub) Put(ctx context.Context, name, token string) error {
	claims, err := claimsOf(token)
	if err != nil {
		return err
	}
	vc, ok := claims["vc"].(object)
	if !ok {
		return errors.New("not a credential of data model 1.1")
	}
	model := merged(vc, object{"issuer": object{"id": vc["issuer"]}, "credentialSubject": []any{vc["credentialSubject"]}})
	return i.identity.Call(ctx, http.MethodPost, wallet(name), object{
		"id": uuid(), "participantContextId": name,
		"verifiableCredentialContainer": object{"rawVc": token, "format": "VC1_0_JWT", "credential": model},
	}, nil)
}

// Empty takes all credentials out of a wallet.
func (i *IdentityHub) Empty(ctx context.Context, name string) error {
	var all []struct{ ID string }
	if err := i.identity.Call(ctx, http.MethodGet, wallet(name), nil, &all); err != nil {
		return err
	}
	for _, c := range all {
		if err := i.identity.Call(ctx, http.MethodDelete, wallet(name)+"/"+c.ID, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

func wallet(name string) string {
	return "/participants/" + base64.URLEncoding.EncodeToString([]byte(name)) + "/credentials"
}

// gateBefore stands at a port that DIDs name, for another one.
func gateBefore(port, behind int) (*Gate, error) {
	g, err := openGate(port)
	if err != nil {
		return nil, fmt.Errorf("the port is needed for the DIDs of this run: %w", err)
	}
	g.Lead(fmt.Sprintf("127.0.0.1:%d", behind))
	return g, nil
}
