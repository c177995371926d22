package simulator

import _ "embed"

// The two samples of HelpCrunch's documentation that are not valid JSON, so that a client meets them as they stand there:
// a 404 with quotes that are not escaped, and a 200 with a full stop where a comma belongs.
var (
	//go:embed samples/404.json
	documentedNotFound []byte
	//go:embed samples/200.json
	documentedChat []byte
)
