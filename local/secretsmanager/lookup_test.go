package secretsmanager_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

func TestASecretIsFoundByNameAndByARN(t *testing.T) {
	server, client := setup(t)
	arn := mustSet(t, server, name, "the key")
	mustSet(t, server, name+"-2", "another key")
	trap := mustSet(t, server, "ends-in-sixsix", "a third key")
	if !strings.HasPrefix(arn, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"+name+"-") {
		t.Fatalf("ARN %q", arn)
	}
	for _, test := range []struct{ what, id, want string }{
		{"name", name, "the key"},
		{"whole ARN", arn, "the key"},
		{"ARN without the six characters", arn[:len(arn)-7], "the key"},
		{"a name that begins like it", name + "-2", "another key"},
		{"unknown name", "nobody", ""},
		{"a part of the name", "helpcrunch", ""},
		{"ARN of another account", strings.Replace(arn, "123456789012", "210987654321", 1), ""},
		{"ARN with other characters at its end", arn[:len(arn)-6] + "zzzzzz", ""},
		{"whole ARN of a name that ends like an ARN", trap, "a third key"},
		{"partial ARN of a name that ends like an ARN", trap[:len(trap)-7], ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			out, err := client.GetSecretValue(t.Context(), &sdk.GetSecretValueInput{SecretId: &test.id})
			if test.want != "" {
				if err != nil || aws.ToString(out.SecretString) != test.want {
					t.Fatalf("got %v, %v; want %q", out, err, test.want)
				}
				return
			}
			var missing *types.ResourceNotFoundException
			if !errors.As(err, &missing) {
				t.Fatalf("got %v; want ResourceNotFoundException", err)
			}
		})
	}
}
