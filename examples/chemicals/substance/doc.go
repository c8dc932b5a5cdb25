// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package substance finds out whether a product contains what a list of chemical
// substances names, one company at a time, without any company showing what its
// parts are made of. It does no I/O beyond reading the data it is given, and knows
// no clock: the day is part of the question.
//
//	substances.json, lists/*.json            companies/ID.json
//	    │ LoadRegister, With(release)             │ LoadCompany
//	    ▼                                         ▼
//	Register: numbers, names, limits,        Company ── its Bill: nodes, masses, substances
//	dates, exemptions                             │
//	    │        suppliers' documents             │
//	    │        DecodeVerdict, DecodeComposition │
//	    │               │ Held                    │
//	    └───────────────┼─────────────────────────┘
//	                    ▼
//	    Register.Evaluate(bill, Question{release, entry, day}, held)
//	                    │
//	                    ▼
//	Result: each node judged at the level of the entry, the verdicts joined
//	                    │ Answer, Encode
//	                    ▼
//	Verdict: above, unknown, below or absent; no content, nobody's name
//
// Four rules hold everywhere. Numbers are exact, and a mass or a content has its
// unit. Three denominators are never mixed: a homogeneous material, an article and
// a product are each judged by their own mass. What nobody said is unknown, never
// absent. What law says is data, with what it rests on, and never code.
package substance
