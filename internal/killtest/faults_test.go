// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package killtest

import "testing"

func faults(t *testing.T, _ string) { t.Skip("todo") }

func fullSQLite(t *testing.T, _ string) { t.Skip("todo") }
