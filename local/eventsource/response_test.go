package eventsource

import (
	"slices"
	"testing"
)

// The black-box table is TestPartialBatchResponses; here stand the answers that need no queue to be judged.
func TestReadFailures(t *testing.T) {
	tests := []struct {
		name     string
		response string
		want     []string
		replay   bool // all of them come back
	}{
		{"white space", " \n", nil, false},
		{"an empty object in white space", " {} ", nil, false},
		{"other members alone", `{"ok":true}`, nil, false},
		{"the list under another name is no list", `{"BatchItemFailures":[{"itemIdentifier":"a"}]}`, nil, false},
		{"reported", `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, []string{"b"}, false},
		{"reported out of order, with other members", `{"batchItemFailures":[{"itemIdentifier":"c","why":1},{"itemIdentifier":"a"}],"x":0}`, []string{"c", "a"}, false},
		{"reported twice", `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}`, []string{"b"}, false},
		{"the identifier in another case", `{"batchItemFailures":[{"ItemIdentifier":"a"}]}`, nil, true},
		{"an identifier that is a number", `{"batchItemFailures":[{"itemIdentifier":1}]}`, nil, true},
		{"an identifier of another batch beside a good one", `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}`, nil, true},
		{"an item that is null", `{"batchItemFailures":[null]}`, nil, true},
		{"an item that is a string", `{"batchItemFailures":["a"]}`, nil, true},
		{"an item that is empty", `{"batchItemFailures":[{}]}`, nil, true},
		{"the list is an object", `{"batchItemFailures":{"itemIdentifier":"a"}}`, nil, true},
		{"the list is a string", `{"batchItemFailures":"a"}`, nil, true},
		{"an array", `[]`, nil, true},
		{"a number", `1`, nil, true},
		{"something after the object", `{"batchItemFailures":[]} x`, nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readFailures([]byte(test.response), []string{"a", "b", "c"})
			if (err != nil) != test.replay || !slices.Equal(got, test.want) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func FuzzReadFailures(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `{"batchItemFailures":null}`, `{"batchItemFailures":[]}`,
		`{"batchItemFailures":[{"itemIdentifier":"a"}]}`, `{"batchItemFailures":[{"itemIdentifier":"z"}]}`,
		`{"batchItemFailures":[{"itemIdentifier":""}]}`, `{"batchItemFailures":[{"itemIdentifier":null}]}`, `"done"`, `{`,
	} {
		f.Add([]byte(seed))
	}
	sent := []string{"a", "b"}
	f.Fuzz(func(t *testing.T, response []byte) {
		failed, err := readFailures(response, sent)
		if err != nil && failed != nil {
			t.Errorf("both failures %q and an error %v", failed, err)
		}
		for i, id := range failed {
			if !slices.Contains(sent, id) || slices.Contains(failed[:i], id) {
				t.Errorf("reported %q", failed)
			}
		}
	})
}
