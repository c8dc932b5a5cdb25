// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import (
	"errors"
	"fmt"

	"github.com/musubi-ods/musubi/trust"
)

// ErrCredential marks a text that is no credential we can read, or a draft
// that cannot become one.
var ErrCredential = errors.New("not a usable credential")

func unusable(err error) error { return fmt.Errorf("%w: %w", ErrCredential, err) }

func unusablef(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrCredential}, args...)...)
}

// fault is what is wrong with a credential's form, under the number of the
// check that it fails.
type fault struct {
	check string
	err   error
}

func faultf(check, format string, args ...any) error {
	return &fault{check, fmt.Errorf(format, args...)}
}

func (f *fault) Error() string { return f.err.Error() }

// refusal makes a fault of form a verdict.
func refusal(err error) *trust.Refusal {
	if f, ok := errors.AsType[*fault](err); ok {
		return trust.Refuse(f.check, "%v", f.err)
	}
	return trust.Refuse(ofCredential.signature, "the credential is no usable token").Because(err)
}
