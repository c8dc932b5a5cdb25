// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package stripes has one caller at a time do something to one thing, of any
// number of things, with a fixed number of locks:
//
//	participant, id ──> hash ──> one of 64 locks
package stripes
