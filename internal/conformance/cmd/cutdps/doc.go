// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command cutdps is the control plane and the data plane under test of the Data
// Plane Signaling kit, as a process.
//
//	go run ./internal/conformance/cmd/cutdps -kit http://localhost:8083 > kit.properties
//
// prints the settings of the kit once it is ready, and serves until it is
// interrupted. The kit is then run with that file, as
//
//	java -cp ... org.eclipse.dataspacetck.dps.DpsTckSuite -config kit.properties
package main
