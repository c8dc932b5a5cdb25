// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package trust

import "strconv"

// identifier judges one entry alone: C04 to C06, C08, C09, C11.
func (j judge) identifier(o object, corporation bool) VerifiedIdentifier {
	v, whole := readVerified(o)
	if whole {
		// An invoice number of who has no corporate number need not follow
		// the formula of corporate numbers.
		samples := j.Samples || v.Scheme == InvoiceNumber && !corporation
		if number, err := v.check(samples); err != nil {
			o.fault(number, "value", "%v", err)
		}
	}
	o.oneOf("verifiedBy", means)
	switch {
	case v.VerifiedAt.IsZero():
	case v.VerifiedAt.After(j.Now.Add(slack)):
		o.fault("C11", "verifiedAt", "lies in the future")
	case v.VerifiedAt.Before(j.Now.AddDate(0, -13, 0)):
		o.fault("C11", "verifiedAt", "is more than 13 months ago")
	}
	return v
}

// readVerified reads an entry; what is missing or of another type is noted.
// whole: scheme and value were read.
func readVerified(o object) (v VerifiedIdentifier, whole bool) {
	v.Identifier, whole = readIdentifier(o)
	v.VerifiedAt = o.when("C11", "verifiedAt", true)
	v.Primary = o.flag("V79", "primary")
	v.VerifiedBy = textOf(o.members["verifiedBy"])
	v.Type = typeOf(object{members: o.members, faults: new(Faults)}, "CorporateIdentifier")
	return v, whole
}

// readIdentifier reads scheme and value. false: not both are texts.
func readIdentifier(o object) (i Identifier, whole bool) {
	scheme := o.decode("V79", "scheme", "a text", true, &i.Scheme)
	value := o.decode("V79", "value", "a text", true, &i.Value)
	return i, scheme && value
}

// judgeTogether judges what the entries say together: C03, C05, C07, C10, C17.
func judgeTogether(o object, list []VerifiedIdentifier, corporation bool, land string) {
	values := make(map[string]string)
	primaries := 0
	for i, v := range list {
		if v.Primary {
			primaries++
			judgePrimary(o, i, v)
		}
		if other, twice := values[v.Scheme]; twice && other != v.Value {
			o.fault("C10", "identifier", "has two values of %s", clip(v.Scheme))
		}
		values[v.Scheme] = v.Value
	}
	if primaries != 1 {
		o.fault("C03", "identifier", "exactly one must be primary, and %d are", primaries)
	}
	if !corporation {
		return
	}
	number, has := values[CorporateNumber]
	if land == "JP" && !has {
		o.fault("C07", "identifier", "a corporation in Japan has a corporate number (%s)", CorporateNumber)
	}
	if invoice, both := values[InvoiceNumber]; both && has && invoice != "T"+number {
		o.fault("C05", "identifier", "the invoice number of a corporation is T and its corporate number")
	}
}

func judgePrimary(o object, i int, v VerifiedIdentifier) {
	entry := "identifier[" + strconv.Itoa(i) + "]"
	if v.VerifiedBy == verifiedBySelf {
		o.fault("C03", entry, "the primary identifier must be verified by another than the company")
	}
	if v.Scheme != "" && !v.Known() { // an empty one is told already
		o.fault("C17", entry, "a company is not named by an identifier of a scheme that we do not know (%s)", clip(v.Scheme))
	}
}
