// Copyright 2026 The Musubi Authors
// SPDX-License-Identifier: Apache-2.0

package policy

// DryRun is what would become of a policy, before anybody publishes it.
type DryRun struct {
	// Publishable: it can be the usage policy, or the access policy, of an
	// offer. Problem says why not.
	Publishable bool           `json:"publishable"`
	Problem     *DryRunProblem `json:"problem,omitempty"`
	// Terms are what it says, line by line.
	Terms []Term `json:"terms"`
	// Verdict is that on the sample, and Help what would turn a denial.
	Verdict Verdict  `json:"verdict"`
	Help    []string `json:"help,omitempty"`
}

// DryRunProblem is why a policy cannot be published.
type DryRunProblem struct {
	Place  string `json:"place,omitempty"` // such as permission[0].constraint[1]
	Reason string `json:"reason"`
}

// DryRun judges a policy by facts that are made up. access: it is to be an
// access policy.
func (r *Registry) DryRun(p Policy, access bool, f *Facts) DryRun {
	check := r.CheckUsage
	if access {
		check = r.CheckAccess
	}
	d := DryRun{Publishable: true, Terms: r.Terms(p), Verdict: f.Explain(r.Compile(p))}
	if err := check(p); err != nil {
		d.Publishable, d.Problem = false, &DryRunProblem{Place: Place(err), Reason: err.Error()}
	}
	d.Help = r.Help(d.Verdict)
	return d
}
