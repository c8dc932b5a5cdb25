// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package dcp

import "errors"

// ErrMessage marks a DCP message that cannot be read. The text around it may
// be shown to whoever sent it.
var ErrMessage = errors.New("not a usable DCP message")
