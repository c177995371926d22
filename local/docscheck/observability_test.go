package docscheck

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/telemetry"
)

// column returns a column of one of the tables of docs/observability.md, without its code quotes.
func column(t *testing.T, table string, number int) (values []string) {
	t.Helper()
	_, text, opened := strings.Cut(read(t, "docs/observability.md"), "<!-- "+table+" -->\n")
	text, _, closed := strings.Cut(text, "<!-- /"+table+" -->")
	if !opened || !closed {
		t.Fatalf("docs/observability.md has no table %s", table)
	}
	for _, row := range strings.Split(strings.TrimSpace(text), "\n")[2:] { // the first two are its head
		values = append(values, strings.Trim(strings.Split(row, "|")[number+1], "` "))
	}
	return values
}

// whole is an attempt with everything that can be logged or counted.
func whole() telemetry.Attempt {
	verdict := outcome.Decide(outcome.Evidence{Err: os.ErrNotExist})
	verdict.Status, verdict.Codes = 500, []string{"code"}
	return telemetry.Attempt{
		Mark:      mark.Mark{ID: 5208, Reader: mark.Agent, Read: true},
		Result:    attempt.Result{Verdict: verdict, Calls: 1, Overtaken: true, NotApplied: true},
		MessageID: "m", Coalesced: 1, Action: "hold",
	}
}

// TestAttemptFields: the table has the fields of the attempt's line, in their order.
func TestAttemptFields(t *testing.T) {
	var out bytes.Buffer
	a := whole()
	a.Log(t.Context(), telemetry.NewLogger(&out, "JSON", "INFO"))
	var logged []string
	for _, match := range regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(out.String(), -1) {
		logged = append(logged, match[1])
	}
	if logged = logged[3:]; !slices.Equal(logged, column(t, "attempt-fields", 0)) { // after timestamp, level and message
		t.Errorf("logged are %v", logged)
	}
}

// TestMetrics: the table has every metric, with its unit and its own dimension.
func TestMetrics(t *testing.T) {
	m := telemetry.NewMetrics("f")
	a := whole()
	m.Attempt(&a)
	m.DeadLettered(outcome.Unexpected)
	m.Held(time.Minute)
	m.Refused("unauthorized")
	var out bytes.Buffer
	m.Write(&out, time.Now())
	written := map[string]string{}
	for line := range strings.Lines(out.String()) {
		var emf struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Dimensions [][]string
					Metrics    []struct{ Name, Unit string }
				}
			} `json:"_aws"`
		}
		if err := json.Unmarshal([]byte(line), &emf); err != nil {
			t.Fatal(err)
		}
		for _, directive := range emf.AWS.CloudWatchMetrics {
			for _, metric := range directive.Metrics {
				written[metric.Name] = metric.Unit + " " + strings.Join(directive.Dimensions[0], ",")
			}
		}
	}
	described := map[string]string{}
	units, dimensions := column(t, "metrics", 1), column(t, "metrics", 2)
	for i, name := range column(t, "metrics", 0) {
		described[name] = units[i] + " " + dimensions[i]
	}
	if !maps.Equal(written, described) {
		t.Errorf("written are %v\ndescribed %v", written, described)
	}
}

// TestMessages: the table has every message that the functions log, and no other.
func TestMessages(t *testing.T) {
	logged := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, "shared/*/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if message := loggedBy(n); message != "" {
				logged[message] = true
			}
			return true
		})
	}
	delete(logged, "attempt")
	described := map[string]bool{}
	for _, message := range column(t, "messages", 0) {
		described[strings.TrimSuffix(message, "...")] = true
	}
	if !maps.Equal(logged, described) {
		t.Errorf("logged are %q\ndescribed %q", slices.Sorted(maps.Keys(logged)), slices.Sorted(maps.Keys(described)))
	}
}

// loggedBy returns the message, or how it begins, of a call of a logger.
func loggedBy(n ast.Node) (message string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Log", "LogAttrs", "Info", "Error", "InfoContext", "WarnContext", "ErrorContext"}, method.Sel.Name) {
		return ""
	}
	for _, argument := range call.Args {
		if sum, ok := argument.(*ast.BinaryExpr); ok {
			argument = sum.X
		}
		if text, ok := argument.(*ast.BasicLit); ok && text.Kind == token.STRING {
			message, _ = strconv.Unquote(text.Value)
			return message
		}
	}
	return ""
}

// TestTimeBudget: every constant that the tables in docs/architecture.md name is in the package that they name.
func TestTimeBudget(t *testing.T) {
	_, section, _ := strings.Cut(read(t, "docs/architecture.md"), "\n## Time budget\n")
	section, _, _ = strings.Cut(section, "\n## ")
	named := 0
	for _, match := range regexp.MustCompile("(`[a-zA-Z]+`(?:, `[a-zA-Z]+`)*) in `(shared/[a-z]+)").FindAllStringSubmatch(section, -1) {
		files, _ := filepath.Glob(filepath.Join(root, match[2], "*.go"))
		code := ""
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code += string(content)
		}
		for name := range strings.SplitSeq(match[1], ", ") {
			named++
			if !regexp.MustCompile(`\b` + strings.Trim(name, "`") + `\b`).MatchString(code) {
				t.Errorf("%s has no %s", match[2], name)
			}
		}
	}
	if named < 15 {
		t.Errorf("only %d names were found", named)
	}
}
