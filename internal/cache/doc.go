// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package cache keeps answers that are dear to get, such as documents on
// foreign servers, and sees to it that a crowd asks for one only once.
//
//	Get -> kept and fresh? ------------------------> the answer
//	    -> being asked for? -> wait for the one who asks, or
//	                           ask after all, if that one gave up
//	    -> else ask -> keep, if it is for all -----> the answer
//	Put -> keep; Peek -> kept? --------------------> what somebody learned by itself
//
// What an answer is, how large, how long it is good for and which ones are
// kept is the caller's to say. What was used last stays, up to a bound on the
// sizes of all.
package cache
