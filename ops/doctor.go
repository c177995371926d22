package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"helpcrunch-mark-read/ops/internal/doctor"
)

type examine struct{}

func (c *examine) run(ctx context.Context, a *app, t *target) error {
	d := &doctor.Doctor{
		AWS: t.aws, HelpCrunch: a.helpCrunch, Stack: t.deployed, QueueURL: t.QueueURL, DeadLetterURL: t.DeadLetterURL,
		SecretID: t.SecretID, TokenSecretID: t.TokenSecretID, BaseURL: t.BaseURL,
	}
	bad := 0
	findings := d.Examine(ctx, func(f doctor.Finding) {
		if f.Bad() {
			bad++
		}
		if !a.flags.JSON && f.Status != doctor.Skipped {
			a.printFinding(f)
		}
	})
	a.result(findings, func() { a.printSkipped(findings) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case bad > 0:
		return &exitError{exitProblems, fmt.Sprintf("%d of %d checks found a problem or could not be made", bad, len(findings))}
	}
	return nil
}

func (a *app) printFinding(f doctor.Finding) {
	a.print("%-8s %-20s %s", f.Status, f.Check, plain(f.Says))
	if f.Do != "" {
		a.print("%-8s %-20s -> %s", "", "", f.Do)
	}
}

// printSkipped names the checks that were not made in one line.
func (a *app) printSkipped(findings []doctor.Finding) {
	byReason := map[string][]string{}
	for _, f := range findings {
		if f.Status == doctor.Skipped {
			byReason[f.Says] = append(byReason[f.Says], f.Check)
		}
	}
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		parts = append(parts, strings.Join(byReason[reason], ", ")+" ("+reason+")")
	}
	if len(parts) > 0 {
		a.print("%-8s %s", doctor.Skipped, strings.Join(parts, "; "))
	}
}
