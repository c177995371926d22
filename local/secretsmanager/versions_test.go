package secretsmanager_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

const (
	first  = "11111111-1111-1111-1111-111111111111"
	second = "22222222-2222-2222-2222-222222222222"
	third  = "33333333-3333-3333-3333-333333333333"
)

func put(t *testing.T, client *sdk.Client, version, value string, stages ...string) {
	t.Helper()
	in := &sdk.PutSecretValueInput{SecretId: aws.String(name), ClientRequestToken: &version, SecretString: &value, VersionStages: stages}
	if _, err := client.PutSecretValue(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func TestLabelsMoveAsAWSMovesThem(t *testing.T) {
	type labels = map[string][]string
	for _, test := range []struct {
		what string
		puts func(*testing.T, *sdk.Client)
		want labels
	}{
		{"the first value is the current one", func(t *testing.T, c *sdk.Client) {
			put(t, c, first, "a")
		}, labels{first: {"AWSCURRENT"}}},
		{"the first value is the current one whatever its labels", func(t *testing.T, c *sdk.Client) {
			put(t, c, first, "a", "MINE")
		}, labels{first: {"AWSCURRENT", "MINE"}}},
		{"a second makes the first the previous one", func(t *testing.T, c *sdk.Client) {
			put(t, c, first, "a")
			put(t, c, second, "b")
		}, labels{first: {"AWSPREVIOUS"}, second: {"AWSCURRENT"}}},
		{"a third leaves the first without a label", func(t *testing.T, c *sdk.Client) {
			put(t, c, first, "a")
			put(t, c, second, "b")
			put(t, c, third, "c")
		}, labels{second: {"AWSPREVIOUS"}, third: {"AWSCURRENT"}}},
		{"a pending one moves nothing else", func(t *testing.T, c *sdk.Client) {
			put(t, c, first, "a")
			put(t, c, second, "b", "AWSPENDING")
		}, labels{first: {"AWSCURRENT"}, second: {"AWSPENDING"}}},
		{"the same again changes nothing", func(t *testing.T, c *sdk.Client) {
			put(t, c, first, "a")
			put(t, c, second, "b")
			put(t, c, first, "a")
		}, labels{first: {"AWSPREVIOUS"}, second: {"AWSCURRENT"}}},
	} {
		t.Run(test.what, func(t *testing.T) {
			server, client := setup(t)
			if _, err := server.Create(name); err != nil {
				t.Fatal(err)
			}
			test.puts(t, client)
			out, err := client.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: aws.String(name)})
			if err != nil || !reflect.DeepEqual(out.VersionIdsToStages, test.want) {
				t.Fatalf("got %v, %v; want %v", out.VersionIdsToStages, err, test.want)
			}
		})
	}
}

// A label moves only from the version that the caller names: AWSCURRENT is swapped by one of two callers.
func TestUpdateSecretVersionStage(t *testing.T) {
	type labels = map[string][]string
	start := labels{first: {"AWSPREVIOUS"}, second: {"AWSCURRENT"}, third: {"MINE"}}
	for _, test := range []struct {
		what, stage, to, from string
		want                  labels
		fails                 bool
	}{
		{"the current label from where it stands", "AWSCURRENT", third, second, labels{second: {"AWSPREVIOUS"}, third: {"AWSCURRENT", "MINE"}}, false},
		{"from where it stands no longer", "AWSCURRENT", third, first, start, true},
		{"without naming where it stands", "AWSCURRENT", third, "", start, true},
		{"to where it stands", "AWSCURRENT", second, "", start, false},
		{"the current label away", "AWSCURRENT", "", second, start, true},
		{"another label away", "MINE", "", third, labels{first: {"AWSPREVIOUS"}, second: {"AWSCURRENT"}}, false},
		{"a new label", "NEW", first, "", labels{first: {"AWSPREVIOUS", "NEW"}, second: {"AWSCURRENT"}, third: {"MINE"}}, false},
		{"to a version that is not there", "MINE", "none", third, start, true},
		{"no label", "", third, second, start, true},
	} {
		t.Run(test.what, func(t *testing.T) {
			server, client := setup(t)
			if _, err := server.Create(name); err != nil {
				t.Fatal(err)
			}
			put(t, client, first, "a")
			put(t, client, second, "b")
			put(t, client, third, "c", "MINE")
			in := &sdk.UpdateSecretVersionStageInput{SecretId: aws.String(name), VersionStage: &test.stage}
			if test.to != "" {
				in.MoveToVersionId = &test.to
			}
			if test.from != "" {
				in.RemoveFromVersionId = &test.from
			}
			if _, err := client.UpdateSecretVersionStage(t.Context(), in); (err != nil) != test.fails {
				t.Errorf("%v", err)
			}
			out, err := client.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: aws.String(name)})
			if err != nil || !reflect.DeepEqual(out.VersionIdsToStages, test.want) {
				t.Errorf("got %v, %v; want %v", out.VersionIdsToStages, err, test.want)
			}
		})
	}
}

func TestAVersionIsReadByIdAndByLabel(t *testing.T) {
	server, client := setup(t)
	if _, err := server.Create(name); err != nil {
		t.Fatal(err)
	}
	put(t, client, first, "a")
	put(t, client, second, "b")
	for _, test := range []struct{ what, id, stage, want string }{
		{"neither", "", "", "b"},
		{"current", "", "AWSCURRENT", "b"},
		{"previous", "", "AWSPREVIOUS", "a"},
		{"id", first, "", "a"},
		{"id and its label", second, "AWSCURRENT", "b"},
		{"unknown id", third, "", ""},
		{"unknown label", "", "AWSPENDING", ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			in := &sdk.GetSecretValueInput{SecretId: aws.String(name)}
			if test.id != "" {
				in.VersionId = &test.id
			}
			if test.stage != "" {
				in.VersionStage = &test.stage
			}
			out, err := client.GetSecretValue(t.Context(), in)
			if (err == nil) != (test.want != "") || err == nil && *out.SecretString != test.want {
				t.Fatalf("got %v, %v; want %q", out, err, test.want)
			}
		})
	}
}

func TestAnswersOfGetSecretValue(t *testing.T) {
	server, client := setup(t)
	start := time.Now()
	made, err := client.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String(name), SecretString: aws.String(`{"apiKey":"k"}`)})
	if err != nil {
		t.Fatal(err)
	}
	out := get(t, client, &sdk.GetSecretValueInput{SecretId: made.ARN})
	if *out.ARN != *made.ARN || *out.Name != name || *out.VersionId != *made.VersionId || *out.SecretString != `{"apiKey":"k"}` ||
		out.SecretBinary != nil || !reflect.DeepEqual(out.VersionStages, []string{"AWSCURRENT"}) {
		t.Errorf("string secret: %+v", out)
	}
	if age := out.CreatedDate.Sub(start); age < -time.Second || age > time.Minute {
		t.Errorf("made %v after the test began", age)
	}
	binary := []byte{0xef, 0xbb, 0xbf, 'k', 0}
	if _, err := server.SetBinary(name, binary); err != nil {
		t.Fatal(err)
	}
	out = get(t, client, &sdk.GetSecretValueInput{SecretId: aws.String(name)})
	if out.SecretString != nil || !bytes.Equal(out.SecretBinary, binary) {
		t.Errorf("binary secret: %+v", out)
	}
}

func TestAVersionCannotBeChanged(t *testing.T) {
	server, client := setup(t)
	if _, err := server.Create(name); err != nil {
		t.Fatal(err)
	}
	put(t, client, first, "a")
	_, err := client.PutSecretValue(t.Context(), &sdk.PutSecretValueInput{
		SecretId: aws.String(name), ClientRequestToken: aws.String(first), SecretString: aws.String("b"),
	})
	var there *types.ResourceExistsException
	if !errors.As(err, &there) {
		t.Fatalf("got %v", err)
	}
}

func TestRotateKeepsThePreviousValue(t *testing.T) {
	server, client := setup(t)
	if err := server.Rotate(name, "new"); err == nil {
		t.Fatal("a secret that is not there was rotated")
	}
	arn := mustSet(t, server, name, "old")
	if err := server.Rotate(arn, "new"); err != nil {
		t.Fatal(err)
	}
	now := get(t, client, &sdk.GetSecretValueInput{SecretId: &arn})
	before := get(t, client, &sdk.GetSecretValueInput{SecretId: &arn, VersionStage: aws.String("AWSPREVIOUS")})
	if *now.SecretString != "new" || *before.SecretString != "old" {
		t.Fatalf("now %q, before %q", *now.SecretString, *before.SecretString)
	}
}
