package outcome_test

import (
	"path/filepath"
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
		allowed := map[outcome.Outcome]bool{
			outcome.Applied:        status/100 == 2,
			outcome.KeyRejected:    status == 400 || status == 401 || status == 403,
			outcome.RateLimited:    status == 400 || status == 429,
			outcome.InvalidRequest: status == 400 || status == 422,
			outcome.ChatNotFound:   status == 404,
			outcome.Unavailable:    status/100 == 5,
			outcome.Unexpected:     status/100 < 4 || status/100 > 5 || status/100 == 4 && status != 400 && status != 401 && status != 403 && status != 422 && status != 429,
		}
		if !allowed[v.Outcome] {
			t.Errorf("status %d came to %s", status, v.Outcome)
		}
	})
}
