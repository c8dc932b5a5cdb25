// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

// Package sink is the consumer's own storage of data that it pulled, and the
// end of it: what an agreement lends for a time is deleted when the time is
// over, and the journal says so.
//
//	body ──> Store ──> temporary file, SHA-256, fsync, rename ──> row + "transfer.data-stored"
//	                   │ cut, too large, ended: nothing stays
//	user ──> Open ───> the file, unless its time is over (ErrRetentionOver)
//	chore ─> Work ───> Expire: agreements that ended ──> Due ──> unlink, fsync ──> row + "transfer.data-deleted"
//
// How long is read off the agreement's policy (RetentionOf):
//
//   - Use that ends by the clock ends the storage with it, whether or not the
//     policy also obliges to delete: what may not be used is of no use here.
//   - An obligation to delete, on either of its events, or an end by the clock
//     also makes the data due as soon as the agreement is ended: with it the
//     permission to use the data is over.
//   - A policy with neither says nothing of deletion, and the data stays.
//
// The file goes first and is recorded after, once: a crash between leaves a row
// whose file is missing, which the next pass records. A missing file counts as
// deleted only in the folder that it was written to; a folder has an id, in a
// file. Several replicas may share one folder. Deleting is to unlink: what a
// disk, a file system or a backup keeps of it is beyond our reach, and so are
// results that an application made of the data, which are the application's.
//
// No name in the folder is chosen by a counterparty.
package sink
