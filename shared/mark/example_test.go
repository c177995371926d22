package mark_test

import (
	"fmt"

	"helpcrunch-mark-read/shared/mark"
)

func ExampleReadMessage() {
	m, err := mark.ReadMessage([]byte(`{"id": 5208, "reader": "agent", "read": true, "asOf": 1700000000.5}`))
	fmt.Println(m.ID, m.Reader, m.Read, m.AsOf.Seconds, err)

	_, err = mark.ReadMessage([]byte(`{"id": "5208", "Reader": "agent"}`))
	fmt.Println(err)
	// Output:
	// 5208 agent true 1700000000 <nil>
	// id must be an integer from 1 to 9223372036854775807, written as one; reader is missing (names are matched in exactly this case); read is missing (names are matched in exactly this case)
}

func ExampleMerge() {
	read := func(asOf int64) mark.Mark {
		return mark.Mark{ID: 5208, Reader: mark.Agent, Read: true, AsOf: mark.Bound{Set: true, Seconds: asOf}}
	}
	fmt.Println(mark.Merge([]mark.Mark{read(1700000009), read(1700000005)}).Message())
	// Output: {"id": 5208, "reader": "agent", "read": true, "asOf": 1700000009}
}
