// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"time"

	"github.com/musubi-ods/musubi/internal/interop"
)

// limit bounds one case, also on a busy machine.
const limit = 60 * time.Second

func main() { interop.Main("interop-edc-dcp", open) }

func open(ctx context.Context) (interop.Run, error) {
	w, err := interop.OpenClaims(ctx)
	if err != nil {
		return interop.Run{}, err
	}
	return interop.Run{
		World: w.World, Cases: w.ClaimsCases(),
		Table: interop.Table{Out: os.Stdout, Limit: limit, Want: interop.ClaimsCount},
	}, nil
}
