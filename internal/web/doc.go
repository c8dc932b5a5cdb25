// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package web is everything that comes in over HTTP, on two handlers that are
// served apart and share nothing but the way a request is looked at.
//
//	peer ──> NewProtocol ──> path as sent ──> logged ──> participant exists ──> small enough ──> JSON
//	             ──> trust.Verifier: who is it? ──> catalog | negotiation | transfer ──> their Fault ──> answer
//	user ──> NewManagement ──> path as sent ──> logged ──> API key ──> participant exists ──> small enough
//	             ──> a row of routes (routes.go) ──> catalog | negotiation | transfer | peers ──> JSON
//
// Each middleware proves one fact and puts it into the request's context,
// where the next one takes it from. What is wrong with a request is answered
// in the error message of the protocol whose path it came by; what is wrong
// with us is logged under a support id, and the caller learns that id alone.
//
// Server listens. It is not needed by those who mount the handlers themselves.
package web
