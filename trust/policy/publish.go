// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

import "fmt"

// CheckPublishable says whether this connector may offer data under a policy.
// It offers no term that it does not enforce; since nothing is evaluated yet,
// what remains are permissions of the action `use` without constraint or duty.
// The error wraps ErrUnenforceable and names the first term in the way, or is
// that of Validate.
func CheckPublishable(p Policy) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := p.unenforced(); err != nil {
		return err
	}
	for i, rule := range p.Permissions {
		if action := normalTerm(rule.Action); action != Use {
			return at("permission", index(i, unenforceable("the action %.200q is not known here; %q is", action, Use)))
		}
	}
	return nil
}

// Constrained reports whether agreeing to the policy binds us to terms that
// this connector does not enforce: a constraint or duty anywhere, a
// prohibition, an obligation, or a profile, which may give any term another
// meaning. A permission alone, whatever its action, does not.
func (p Policy) Constrained() bool { return p.unenforced() != nil }

// unenforced names the first term that nobody here evaluates.
func (p Policy) unenforced() error {
	for i, rule := range p.Permissions {
		if len(rule.Constraints) > 0 {
			return at("permission", index(i, at("constraint", index(0, unenforceable("nothing here evaluates the constraint %.200s", describe(rule.Constraints[0]))))))
		}
		if len(rule.Duties) > 0 {
			return at("permission", index(i, at("duty", index(0, unenforceable("nothing here fulfils the duty %.200q", rule.Duties[0].Action)))))
		}
	}
	switch {
	case len(p.Prohibitions) > 0:
		return at("prohibition", index(0, unenforceable("nothing here prevents the action %.200q", p.Prohibitions[0].Action)))
	case len(p.Obligations) > 0:
		return at("obligation", index(0, unenforceable("nothing here fulfils the duty %.200q", p.Obligations[0].Action)))
	case len(p.Profile) > 0:
		return at("profile", index(0, unenforceable("the profile %.200q is not known here", p.Profile[0])))
	}
	return nil
}

func unenforceable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnenforceable}, args...)...)
}

func describe(c Constraint) string {
	if c == nil {
		return "nothing"
	}
	return c.String()
}
