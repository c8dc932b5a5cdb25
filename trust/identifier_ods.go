// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

// maxGlobalOperatorID is the longest global_operator_id of ODS, in bytes.
const maxGlobalOperatorID = 256

// OpenOperatorID returns the open_operator_id that Open Data Spaces gives a
// company: the corporate number, and for one without, which is a foreign one,
// the LEI. false: it has neither.
func OpenOperatorID(list []Identifier) (string, bool) {
	for _, scheme := range []string{CorporateNumber, LEI} {
		if value, ok := valueOf(list, scheme); ok {
			return value, true
		}
	}
	return "", false
}

// GlobalOperatorID returns the global_operator_id, by which a company is known
// abroad: the LEI, or else the participant id. false: there is neither, or it
// is too long for ODS.
func GlobalOperatorID(list []Identifier, participant string) (string, bool) {
	if value, ok := valueOf(list, LEI); ok {
		return value, true
	}
	if participant == "" || len(participant) > maxGlobalOperatorID {
		return "", false
	}
	return participant, true
}

func valueOf(list []Identifier, scheme string) (string, bool) {
	for _, i := range list {
		if i.Scheme == scheme && i.Check(true) == nil {
			return i.Value, true
		}
	}
	return "", false
}
