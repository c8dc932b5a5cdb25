// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "strconv"

// helpClock is for a time that is still to come; for one that is over there is
// no help.
const helpClock = "wait until then"

func clockOperands() []Operand {
	window := func(iri, name string) Operand {
		return Operand{
			Help: helpClock, IRI: iri, Name: name, Type: TypeWindow, Operators: []string{Lt, Lteq, Gt, Gteq}, Source: FromClock, From: AtCatalog, Live: true, Values: clockValue,
			Doc: "The time of the provider's clock: an xsd:dateTime or xsd:date (a whole day; UTC without a zone), or a duration since the agreement, \"contractAgreement+P1Y\".",
		}
	}
	return []Operand{
		{
			Help: helpClock, IRI: LeftDateTime, Name: "dateTime", Type: TypeMoment, Source: FromClock, From: AtCatalog, Live: true, Values: clockValue,
			Doc: "The time of the provider's clock. On the right an xsd:dateTime, or an xsd:date, which is a whole day; without a zone it is UTC.",
		},
		window(LeftInForceDate, "inForceDate"),
		window(LeftEDCInForceDate, "inForceDate (EDC)"),
		{
			Help: helpClock, IRI: LeftElapsedTime, Name: "elapsedTime", Type: TypeElapsed, Source: FromClock, From: AtTransfer, Live: true, Values: clockValue,
			Doc: "The time since the agreement was concluded, an ISO 8601 duration by the calendar: P1M after 31 January is the last day of February. With lteq it is also how long the consumer may keep the data.",
		},
	}
}

func clockValue(f *Facts, _ string) Left {
	return Left{Values: []Datum{{Time: f.Now, Base: f.Agreed, Origin: Origin{Source: FromClock}}}}
}

func counterOperands() []Operand {
	return []Operand{
		{
			IRI: LeftCount, Name: "count", Type: TypeNumber, Operators: []string{Lt, Lteq}, Source: FromCounter, From: AtTransfer, Live: true,
			Doc:    "How many transfers were started under the agreement, with this one.",
			Values: func(f *Facts, _ string) Left { return counted(f.Usage.Started) },
		},
		{
			IRI: LeftBytes, Name: "bytes", Type: TypeNumber, Operators: []string{Lt, Lteq}, Source: FromCounter, From: AtTransfer, Live: true,
			Doc:    "How many bytes were sent under the agreement, over all its transfers.",
			Values: func(f *Facts, _ string) Left { return counted(f.Usage.Bytes) },
		},
	}
}

func counted(n int64) Left {
	return Left{Values: []Datum{{Text: strconv.FormatInt(n, 10), Origin: Origin{Source: FromCounter}}}}
}
