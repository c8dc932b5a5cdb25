// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package dps holds the tests of the Data Plane Signaling kit, each under the
// kit's own name, as black-box tests over HTTP.
package dps
