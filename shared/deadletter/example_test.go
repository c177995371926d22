package deadletter_test

import (
	"fmt"

	"helpcrunch-mark-read/shared/deadletter"
)

func Example() {
	written := deadletter.Reason{
		Outcome: "chat_not_found", Codes: []string{"not_fount"}, Message: "HelpCrunch knows no chat with this id", Status: 404,
		Source: deadletter.Source{MessageID: "4d1b1b34", ReceiveCount: 1, RequestID: "8f507cfc"},
	}
	attributes, _ := written.Attributes(nil, len(`{"id": 404404, "reader": "agent", "read": true}`))

	read := deadletter.Read(attributes)
	fmt.Println(read.Outcome, read.Codes, read.Status, read.Source.MessageID)
	// Output: chat_not_found [not_fount] 404 4d1b1b34
}
