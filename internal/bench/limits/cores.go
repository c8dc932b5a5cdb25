// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"runtime"
	"time"
)

// payload is the size of what a token signs, in bytes.
const payload = 350

var errSignature = errors.New("a good signature was refused")

// signatures returns the rate at which all cores sign and verify; algorithm
// makes what does both once.
func signatures(algorithm func() (func() error, error)) func(context.Context, string, time.Duration) (float64, error) {
	return func(ctx context.Context, _ string, each time.Duration) (float64, error) {
		once, err := algorithm()
		if err != nil {
			return 0, err
		}
		return rate(ctx, runtime.GOMAXPROCS(0), each, func(context.Context, int) error { return once() })
	}
}

func es256() (func() error, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	text := make([]byte, payload)
	return func() error {
		sum := sha256.Sum256(text)
		signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		if err != nil {
			return err
		}
		if !ecdsa.VerifyASN1(&key.PublicKey, sum[:], signature) {
			return errSignature
		}
		return nil
	}, nil
}

func edDSA() (func() error, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	text := make([]byte, payload)
	return func() error {
		if !ed25519.Verify(public, text, ed25519.Sign(key, text)) {
			return errSignature
		}
		return nil
	}, nil
}
