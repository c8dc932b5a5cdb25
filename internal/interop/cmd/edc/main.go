// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/musubi-ods/musubi/internal/interop"
)

// limit bounds one case, also on a busy machine.
const limit = time.Minute

func main() { interop.Main("interop-edc", open) }

func open(ctx context.Context) (interop.Run, error) {
	w, err := interop.Open(ctx)
	if err != nil {
		return interop.Run{}, err
	}
	return interop.Run{World: w, Cases: w.Cases(), Table: interop.Table{
		Out: os.Stdout, Limit: limit, Want: interop.Count, Skipped: interop.NotOffered,
		Also: func() string {
			return fmt.Sprintf("answers to messages, by status: EDC's %v, ours %v", w.Theirs.Answers(), w.Gate.Answers())
		},
	}}, nil
}
