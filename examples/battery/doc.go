// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command battery shows companies of a supply chain exchanging the carbon
// footprint of a battery, each through its own connector, over real HTTP.
//
//	go run ./examples/battery                 five fictional companies, four tiers
//	go run ./examples/battery -data tutorial  the numbers of the Ouranos tutorial
//	go run ./examples/battery -data DIR       your own chain (README.md says how)
//	go run ./examples/battery -down cell      the same with one supplier out of reach
//	go run ./examples/battery -refused=false  without the companies that are turned away
//
// Every company asks only its direct suppliers, and answers its customers with
// two totals. Each proves with credentials which company it is; who cannot is
// turned away. The path of a number through the program, and the file of each step:
//
//	main.go      options ──> footprint.Load ──> scene.go: one company each, neighbours introduced
//	dataspace       corporate number ──> looked up ──> credentials, trust list ─┤ ../internal/dataspace
//	                                                                            │
//	round.go     suppliers first, each company: ────────────────────────────────┴──> question its suppliers ──> add up ──> publish
//	                                                                                     │                        │
//	ask.go       catalogue ──> negotiation ──> agreement ──> transfer ──> answer ────────┘                        │
//	company.go                                                   footprint.RollUp ──> own answer ─────────────────┘
//	print.go     the final product's footprint, and what is missing from it
//	whatif.go    one company's number changes; those above it ask again, under the same agreements
//	terms.go     who is offered an answer, for what and for how long
//	turnedaway.go  membership ended, membership revoked, wrong corporate number: three that are refused
//	policies.go  a wrong purpose, a membership that ends: what the terms deny to those who were let in
package main
