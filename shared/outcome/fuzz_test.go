package outcome_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"helpcrunch-mark-read/shared/outcome"
)

// FuzzDecide holds that every answer comes to exactly one verdict, and that the status decides before the body does.
func FuzzDecide(f *testing.F) {
	names, err := filepath.Glob("../helpcrunch/testdata/*.*")
	if err != nil || len(names) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, name := range names {
		status, err := strconv.Atoi(filepath.Base(name)[:3])
		if err != nil {
			f.Fatal(err)
		}
		for _, s := range []int{status, 200, 400, 404, 503} {
			f.Add(s, "application/json", fixture(f, filepath.Base(name)))
		}
	}
	byOutcome := map[outcome.Outcome]outcome.Row{}
	for _, row := range outcome.Table() {
		byOutcome[row.Outcome] = row
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		v := outcome.Decide(answered(t, status, body, "Content-Type", contentType))
		row, known := byOutcome[v.Outcome]
		if !known || v.HTTPStatus != row.HTTPStatus || v.Queue != row.Queue || v.Status != status || v.Reason == "" {
			t.Fatalf("status %d: verdict %+v", status, v)
		}
		page := v.Answer.HTML() // never HelpCrunch's word, but where the status alone decides
		byStatus := status/100 == 5 || slices.Contains([]int{401, 408, 425, 429}, status)
		allowed := map[outcome.Outcome]bool{
			outcome.Applied:        status/100 == 2 && !page,
			outcome.KeyRejected:    status == 401 || status == 400 && !page,
			outcome.RateLimited:    status == 429 || status == 400 && !page,
			outcome.InvalidRequest: (status == 400 || status == 422) && !page,
			outcome.ChatNotFound:   status == 404 && !page,
			outcome.Unavailable:    status/100 == 5 || status == 408 || status == 425,
			outcome.Unexpected:     !byStatus && (page || status != 400 && status != 422),
		}
		if !allowed[v.Outcome] {
			t.Errorf("status %d came to %s", status, v.Outcome)
		}
	})
}
