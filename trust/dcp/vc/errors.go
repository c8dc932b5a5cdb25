// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package vc

import "errors"

// ErrCredential marks a text that is no credential we can read.
var ErrCredential = errors.New("not a usable credential")
