// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strconv"
	"time"

	"github.com/musubi-ods/musubi/trust"
)

// When adds constraints to the last permission: all of them have to hold.
//
//	policy.Permit("use").
//		When(policy.ActiveMember(), policy.ForPurpose(policy.PurposeCFPAggregation), policy.AtMost("P3Y")).
//		Forbid(policy.Distribute).
//		DeleteAfterUse()
func (p Policy) When(constraints ...Constraint) Policy {
	return p.last(func(r *Rule) { r.Constraints = join(r.Constraints, constraints) })
}

// Permit adds another permission.
func (p Policy) Permit(action string, constraints ...Constraint) Policy {
	p.Permissions = join(p.Permissions, []Rule{{Action: action, Constraints: constraints}})
	return p
}

// Forbid adds a prohibition: the action, where all the constraints hold.
func (p Policy) Forbid(action string, constraints ...Constraint) Policy {
	p.Prohibitions = join(p.Prohibitions, []Rule{{Action: action, Constraints: constraints}})
	return p
}

// Oblige adds an obligation.
func (p Policy) Oblige(action string, constraints ...Constraint) Policy {
	p.Obligations = join(p.Obligations, []Rule{{Action: action, Constraints: constraints}})
	return p
}

// DeleteAfterUse obliges the consumer to delete the data once the permission to
// use it has ended by time.
func (p Policy) DeleteAfterUse() Policy {
	return p.Oblige(Delete, Atomic{LeftEvent, Eq, Text(RetentionElapsed)})
}

// last changes a copy of the last permission.
func (p Policy) last(change func(*Rule)) Policy {
	if len(p.Permissions) == 0 {
		return p.Permit(Use).last(change)
	}
	p.Permissions = join(p.Permissions, nil)
	change(&p.Permissions[len(p.Permissions)-1])
	return p
}

// join never writes into what it is given: policies are values.
func join[T any](a, b []T) []T {
	return append(append(make([]T, 0, len(a)+len(b)), a...), b...)
}

// AllOf holds where all constraints do.
func AllOf(constraints ...Constraint) Constraint { return Logical{And, constraints} }

// AnyOf holds where at least one constraint does.
func AnyOf(constraints ...Constraint) Constraint { return Logical{Or, constraints} }

// OneOf holds where exactly one constraint does.
func OneOf(constraints ...Constraint) Constraint { return Logical{Xone, constraints} }

// ActiveMember asks for a valid membership.
func ActiveMember() Constraint { return Atomic{LeftMembership, Eq, Text(Active)} }

// CorporateNumber asks for one of these 法人番号.
func CorporateNumber(numbers ...string) Constraint {
	return Atomic{LeftCorporateNumber, IsAnyOf, Texts(numbers...)}
}

// VerifiedCorporation asks that a credential binds the consumer to a 法人番号.
func VerifiedCorporation() Constraint { return Atomic{LeftCorporateNumberChecked, Eq, Text("true")} }

// Company asks for one of these corporate identifiers, of any scheme.
func Company(list ...trust.Identifier) Constraint {
	texts := make([]string, len(list))
	for i, id := range list {
		texts[i] = id.String()
	}
	return Atomic{LeftCorporateIdentifier, IsAnyOf, Texts(texts...)}
}

// Says asks what a credential of a type says at a path, as trust.Claims.Value
// reads it.
func Says(credentialType, path, operator, value string) Constraint {
	return Atomic{LeftClaim + credentialType + "/" + path, operator, Text(value)}
}

// SecurityLevel asks for a level of the scheme SCS, or a higher one.
func SecurityLevel(level int) Constraint {
	return Atomic{LeftSCSLevel, Gteq, Text(strconv.Itoa(level))}
}

// RegisteredIn asks for one of these countries, ISO 3166-1 alpha-2.
func RegisteredIn(countries ...string) Constraint {
	return Atomic{LeftJurisdiction, IsAnyOf, Texts(countries...)}
}

// ForPurpose asks the consumer to declare one of these purposes.
func ForPurpose(purposes ...string) Constraint {
	return Atomic{LeftPurpose, IsAnyOf, Texts(purposes...)}
}

// ForTrade asks the consumer to declare this trade.
func ForTrade(id string) Constraint { return Atomic{LeftTradeID, Eq, Text(id)} }

// UnderContract asks the consumer to declare this contract.
func UnderContract(reference string) Constraint {
	return Atomic{LeftContractReference, Eq, Text(reference)}
}

// ListSince asks the consumer to declare this version of a list, or a later one.
func ListSince(version string) Constraint { return Atomic{LeftListVersion, Gteq, Text(version)} }

// DirectCustomer asks that our own records know the consumer as one.
func DirectCustomer() Constraint { return Atomic{LeftSupplyRelation, Eq, Text(DirectSupply)} }

// Until ends the use at a moment, exclusive.
func Until(t time.Time) Constraint { return Atomic{LeftDateTime, Lt, moment(t)} }

// Since begins the use at a moment.
func Since(t time.Time) Constraint { return Atomic{LeftDateTime, Gteq, moment(t)} }

func moment(t time.Time) Value { return typed("dateTime", t.UTC().Format(time.RFC3339Nano)) }

// AtMost ends the use a duration (ISO 8601, such as P3Y) after the agreement.
func AtMost(duration string) Constraint {
	return Atomic{LeftElapsedTime, Lteq, typed("duration", duration)}
}

// Times bounds how many transfers may be started.
func Times(n int64) Constraint { return Atomic{LeftCount, Lteq, Text(strconv.FormatInt(n, 10))} }

// Volume bounds how many bytes may be sent.
func Volume(bytes int64) Constraint {
	return Atomic{LeftBytes, Lteq, Text(strconv.FormatInt(bytes, 10))}
}
