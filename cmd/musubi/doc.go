// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command musubi runs a connector.
//
//	musubi serve -config musubi.yaml    serve until it is told to stop
//	musubi migrate -config musubi.yaml  bring the database schema up to date
//	musubi version                      print the version
//
// It is a thin main over package connector: whatever it does, a program of
// yours can do.
package main
