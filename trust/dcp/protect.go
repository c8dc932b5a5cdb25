// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// Protected serves calls whose sender is proved.
type Protected func(ctx context.Context, caller Caller, c Call) (Answer, error)

// releaseTime is how long a token may take to be released once its call is
// over.
const releaseTime = 5 * time.Second

// Protect puts the checks of a self-issued token before a handler, and lets
// the token be used again where the answer is our own failure: peers repeat
// the same token after a 5xx, and take any 4xx as final.
func (a *Authenticator) Protect(d Demand, next Protected) Handler {
	return func(ctx context.Context, c Call) (answer Answer, err error) {
		caller, err := a.Check(ctx, c.Own, c.Authorization, d)
		if err != nil {
			return Answer{}, err
		}
		failed := true // unless it is known that it is not: next may panic
		defer func() {
			if !failed {
				return
			}
			// The caller may have hung up: that must not burn its token.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
			defer cancel()
			if released := a.Release(ctx, c.Own.Context, caller.DID, caller.TokenID); released != nil && err != nil {
				err = errors.Join(err, released)
			}
		}()
		answer, err = next(ctx, caller, c)
		failed = ourFailure(answer, err)
		return answer, err
	}
}

// ourFailure reports whether a call was answered 5xx.
func ourFailure(answer Answer, err error) bool {
	if err == nil {
		return answer.Status >= http.StatusInternalServerError
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault.Status >= http.StatusInternalServerError
	}
	_, verdict := errors.AsType[*trust.Refusal](err)
	return !verdict
}
