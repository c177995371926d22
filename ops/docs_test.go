package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/outcome"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The runbook has every alarm of the template and every outcome, and the places that alarms send people to.
func TestTheRunbookIsComplete(t *testing.T) {
	runbook, template := readFile(t, "../docs/operations.md"), readFile(t, "../deploy/monitoring.yaml")
	alarms := regexp.MustCompile(`(?m)^  ([A-Za-z0-9]+Alarm):$`).FindAllStringSubmatch(template, -1)
	if len(alarms) < 10 {
		t.Fatalf("only %d alarms were found in the template", len(alarms))
	}
	for _, alarm := range alarms {
		if !strings.Contains(runbook, "`"+alarm[1]+"`") {
			t.Errorf("the runbook does not name the alarm %s", alarm[1])
		}
	}
	for _, row := range outcome.Table() {
		if !strings.Contains(runbook, "\n### "+string(row.Outcome)+"\n") {
			t.Errorf("the runbook has no section for the outcome %s", row.Outcome)
		}
		if row.Outcome != outcome.Applied && advice[string(row.Outcome)] == "" {
			t.Errorf("there is no advice for the outcome %s", row.Outcome)
		}
	}
	folded := regexp.MustCompile(`\s+`).ReplaceAllString(template, " ")
	for _, place := range regexp.MustCompile(`docs/operations\.md, ([^.]+)\.`).FindAllStringSubmatch(folded, -1) {
		if !strings.Contains(runbook, "\n### "+place[1]+"\n") {
			t.Errorf("an alarm sends people to %q, which the runbook does not have", place[1])
		}
	}
}

// Every command that the runbook names can be called as it stands there, with an outcome in the place of OUTCOME.
func TestTheRunbooksCommandsParse(t *testing.T) {
	for _, match := range regexp.MustCompile("`ops ([^`]+)`").FindAllStringSubmatch(strings.ReplaceAll(readFile(t, "../docs/operations.md"), "\n", " "), -1) {
		if _, _, err := parse(strings.Fields(strings.ReplaceAll(match[1], "OUTCOME", "unavailable")), &strings.Builder{}, &strings.Builder{}); err != nil {
			t.Errorf("ops %s: %v", match[1], err)
		}
	}
}
