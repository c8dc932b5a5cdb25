// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command tckdsp runs the official Dataspace Protocol kit against the
// connector twice: on SQLite, and on PostgreSQL with two replicas behind a
// round-robin proxy. It exits 0 only if every one of the kit's tests ran and
// passed both times, authentication was demanded, and both replicas worked.
//
// It needs the folder that holds the kit (MUSUBI_SHARED, or ../shared beside
// the module) and the address of a PostgreSQL database (MUSUBI_POSTGRES).
package main
