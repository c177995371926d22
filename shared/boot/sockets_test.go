package boot

import (
	"log/slog"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"helpcrunch-mark-read/shared/helpcrunch"
)

// TestSocketsOfAnEnvironment adds up what can be open at once: HelpCrunch, SQS, Secrets Manager in the two regions that two
// secrets can have, and the Runtime API.
func TestSocketsOfAnEnvironment(t *testing.T) {
	sdk, err := loadSDK(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	client, ok := sdk.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		t.Fatalf("the SDK's client is a %T", sdk.HTTPClient)
	}
	perHost, helpCrunch := client.GetTransport().MaxConnsPerHost, helpcrunch.NewTransport().MaxConnsPerHost
	if perHost < 1 || helpCrunch < 1 || helpCrunch+3*perHost+1 > 64 {
		t.Errorf("%d connections to HelpCrunch and %d to each endpoint of AWS", helpCrunch, perHost)
	}
}
