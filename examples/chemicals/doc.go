// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Command chemicals shows companies of a supply chain finding out whether a
// substance of a list is in a product, each through its own connector, over real
// HTTP, while nobody shows what its parts are made of.
//
//	go run ./examples/chemicals                an inverter, four fictional companies
//	go run ./examples/chemicals -data sixteen  the same inverter, made by sixteen
//	go run ./examples/chemicals -data DIR      your own chain (README.md says how)
//	go run ./examples/chemicals -ask RELEASE:ENTRY:DAY,...  other questions
//
// The path of a verdict through the program, and the file of each step:
//
//	main.go       options ──> substance.LoadRegister, LoadChain ──> cast.go: one company each
//	dataspace     corporate number ──> credentials, trust list ──────┤ ../internal/dataspace
//	contracts.go  who discloses its composition to whom ─────────────┤
//	                                                                 ▼
//	scene.go      the order in which all is shown
//	round.go      suppliers first, each company: question its suppliers ──> evaluate ──> publish
//	                                                 │                         │            │
//	ask.go        catalogue ──> agreement ──> document, checked                │            │
//	company.go    substance.Evaluate ──> verdict.json, for direct customers ───┘            │
//	terms.go      what a verdict and a composition may be used for ─────────────────────────┘
//	print.go      what the maker of the final product knows, and what it has to do by when
//	figures.go    the contents that each company alone can work out
//	unseen.go     what is nowhere in all that the maker of the final product received
//	refusals.go   not a customer, not the company named, wrong purpose, no contract, old list
//	yearlater.go  the composition is deleted when its year is over
package main
