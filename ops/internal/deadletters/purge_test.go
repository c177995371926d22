package deadletters_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
)

func purge(ctx context.Context, q *opstest.Queues, file string, dryRun, yes bool) (deadletters.Purged, error) {
	box := deadletters.Open(ctx, q.Client, q.Dead)
	defer box.Close(ctx)
	p := deadletters.Purge{
		Box: box, File: file, DryRun: dryRun, Filter: deadletters.Filter{Outcomes: []string{"unavailable"}},
		Confirm: func(context.Context, deadletters.Summary) (bool, error) { return yes, nil },
	}
	return p.Run(ctx)
}

func yes(context.Context, deadletters.Summary) (bool, error) { return true, nil }

// inFile returns the numbers of the dead letters that a file has in full.
func inFile(t *testing.T, path string) map[int]bool {
	t.Helper()
	numbers := map[int]bool{}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return numbers
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var l deadletters.Full
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("the file has a broken line: %v", err)
		}
		n, _ := strconv.Atoi(*l.Attributes["number"].String)
		numbers[n] = l.Body != "" && len(l.Attributes["bytes"].Binary) == 2 && *l.Attributes["Outcome"].String == "unavailable"
	}
	return numbers
}

func TestPurgeFailingAtEveryStepLosesNothing(t *testing.T) {
	for _, f := range []failure{killed, lost, refused} {
		t.Run(string(f), func(t *testing.T) {
			for n, reached := int64(1), true; reached && !t.Failed(); n++ {
				synctest.Test(t, func(t *testing.T) {
					q := opstest.New(t, true)
					deadLetters := someDeadLetters()
					q.AddDead(t, deadLetters...)
					path := filepath.Join(t.TempDir(), "purged.jsonl")
					hit := failAt(q, n, f)
					_, _ = purge(t.Context(), q, path, false, true)
					reached = hit()
					q.Server.SetFault(nil)
					onFile, dead := inFile(t, path), map[int]bool{}
					for _, m := range q.Messages(t, q.Dead) {
						dead[opstest.Number(m)] = true
					}
					for _, l := range deadLetters {
						if !dead[l.Number] && (!chosen(l) || !onFile[l.Number]) {
							t.Errorf("failing at step %d: dead letter %d is in no file and not in the queue", n, l.Number)
						}
					}
					time.Sleep(deadletters.Visibility)
					if _, err := purge(t.Context(), q, path+"2", false, true); err != nil {
						t.Fatal(err)
					}
					for _, m := range q.Messages(t, q.Dead) {
						if chosen(deadLetters[opstest.Number(m)-1]) {
							t.Errorf("failing at step %d: dead letter %d is still there", n, opstest.Number(m))
						}
					}
				})
			}
		})
	}
}

func TestPurgeAsksFirst(t *testing.T) {
	for _, tc := range []struct {
		name        string
		dryRun, yes bool
		exists      bool // the file
		left        int
		fails       bool
	}{
		{"confirmed", false, true, false, 1, false},
		{"not confirmed", false, false, false, 19, false},
		{"a dry run", true, true, false, 19, false},
		{"the file exists already", false, true, true, 19, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, true)
				deadLetters := someDeadLetters()
				q.AddDead(t, deadLetters...)
				path := filepath.Join(t.TempDir(), "purged.jsonl")
				if tc.exists {
					if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				done, err := purge(t.Context(), q, path, tc.dryRun, tc.yes)
				if (err != nil) != tc.fails || tc.left == 1 && done.Chosen.Count != 18 {
					t.Errorf("%+v, %v", done, err)
				}
				if got := counts(t, q, q.Dead); got.Visible != tc.left || got.InFlight != 0 || done.Done != len(deadLetters)-tc.left {
					t.Errorf("%d dead letters were purged and %+v are there, want %d", done.Done, got, tc.left)
				}
			})
		})
	}
}
