// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
)

// bareCases: an EDC sends an offer without any rule where the policy of an
// asset is empty.
func (w *World) bareCases() []Case {
	const asset = "theirs-bare"
	return []Case{
		{"consumer: an offer without rules is not asked for, nothing begins", func(ctx context.Context) error {
			if err := w.publishTheirs(ctx, asset, nil); err != nil {
				return err
			}
			before, err := w.snapshot(ctx)
			if err != nil {
				return err
			}
			var no *StatusError
			err = w.Post(ctx, "/negotiations", object{"peer": w.Counterpart, "dataset": asset}, nil)
			if !errors.As(err, &no) || !strings.Contains(no.Body, "policy-without-rules") {
				return fmt.Errorf("not refused for its want of rules: %w", err)
			}
			after, err := w.snapshot(ctx)
			if err == nil && !reflect.DeepEqual(before, after) {
				err = errors.New("something began")
			}
			return err
		}},
		{"consumer: an offer without rules of a peer who means use by it: agreed, all bytes", func(ctx context.Context) (err error) {
			means := func(what string) error {
				return ours(w.Call(ctx, http.MethodPut, "/peers/"+w.Counterpart, object{"withoutRules": what}, nil))
			}
			if err := means("use"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, means("refuse")) }()
			t, err := w.transferTheirs(ctx, asset)
			if err != nil {
				return err
			}
			return w.weGet(ctx, t.us, asset)
		}},
	}
}
