// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package verifier is the identity profile "dcp": it proves who sent a message
// by a self-issued token and the credentials its sender presents, and makes
// the tokens of our own messages.
//
//	Authorization ──> dcp.Authenticator ──> cache by (holder, scopes) ──> status, domain ──> trust.Claims
//	                    V01-V42              │ miss
//	                                         └─> wallet of the holder ──> vc.Checker
//	                                              V43-V51                 V52-V79
package verifier
