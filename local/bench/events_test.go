package bench

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// httpEvent is API Gateway's event for one mark.
//
//go:embed testdata/http.json
var httpEvent []byte

//go:embed testdata/chat.json
var chat []byte

// helpCrunch answers with the chat.
func helpCrunch() upstream { return upstream{ContentType: "application/json", Answer: chat} }

// secretsManager answers a GetSecretValue.
func secretsManager() upstream {
	return upstream{ContentType: "application/x-amz-json-1.1", Answer: []byte(`{"ARN":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:helpcrunch/key-AbCdEf","CreatedDate":1.7E9,` +
		`"Name":"helpcrunch/key","SecretString":"a-key-that-opens-nothing","VersionId":"5b7a2a30-0000-4000-8000-000000000001","VersionStages":["AWSCURRENT"]}`)}
}

// batch is SQS's event with ten messages for so many chats.
func batch(t testing.TB, chats int) []byte {
	t.Helper()
	const messages = 10
	event := events.SQSEvent{}
	sent := strconv.FormatInt(time.Now().UnixMilli(), 10)
	for i := range messages {
		id := 5208 + i%chats
		event.Records = append(event.Records, events.SQSMessage{
			MessageId:     fmt.Sprintf("059f36b4-87a3-44ab-83d2-66197%07d", i),
			ReceiptHandle: fmt.Sprintf("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a%0100d", i),
			Body:          fmt.Sprintf(`{"id": %d, "reader": "agent", "read": %t}`, id, i%2 == 0),
			Attributes: map[string]string{
				"ApproximateReceiveCount": "1", "SentTimestamp": sent, "SequenceNumber": "18849496460467696128",
				"MessageGroupId": strconv.Itoa(id), "SenderId": "AIDAIO23YVJENQZJOL4VO",
				"MessageDeduplicationId": strconv.Itoa(i), "ApproximateFirstReceiveTimestamp": sent,
			},
			Md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3", EventSource: "aws:sqs",
			EventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:marks.fifo", AWSRegion: "eu-central-1",
		})
	}
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}
