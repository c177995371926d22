package eventsource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// readFailures reads a partial batch response: the ids of the messages that must come back, out of those sent. The error
// says why the answer can't be relied on: then all of them come back. The rules are Lambda's:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
//
// No answer, null, an object without batchItemFailures, and a list that is null or empty are a success, so that a misspelt
// batchItemFailures loses messages here as it does there.
func readFailures(response []byte, sent []string) ([]string, error) {
	if len(bytes.TrimSpace(response)) == 0 {
		return nil, nil
	}
	var members map[string]json.RawMessage // names in exactly this case, which a struct would not insist on
	if err := json.Unmarshal(response, &members); err != nil {
		return nil, fmt.Errorf("the batch response is not a JSON object: %w", err)
	}
	list, ok := members["batchItemFailures"]
	if !ok {
		return nil, nil
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return nil, fmt.Errorf("batchItemFailures is not a list of objects: %w", err)
	}
	var failed []string
	for _, item := range items {
		var id string // stays empty where it is null
		if err := json.Unmarshal(item["itemIdentifier"], &id); err != nil || !slices.Contains(sent, id) {
			return nil, fmt.Errorf("an item of batchItemFailures has no itemIdentifier of a message in the batch, but %q", item["itemIdentifier"])
		}
		if !slices.Contains(failed, id) {
			failed = append(failed, id)
		}
	}
	return failed, nil
}
