package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/callertoken"
	"helpcrunch-mark-read/shared/secret"
)

const byTokens = "TOKEN" // the stack's Authorization with which functions/http itself lets callers in

// checkTokens reads the callers' tokens by the rules of functions/http.
func checkTokens(ctx context.Context, d *Doctor, s *seen) Finding {
	switch {
	case d.TokenSecretID == "" && d.Stack == nil:
		return skipped("needs --stack or --token-secret-id")
	case d.TokenSecretID == "":
		return ok("there are none: API Gateway authorizes the callers (Authorization %s)", cmp.Or(d.Stack.Parameters[stack.Authorization], "IAM"))
	case d.SecretID != "" && secret.Same(d.TokenSecretID, d.SecretID, d.AWS.Region):
		return problem("the callers' tokens and HelpCrunch's API key are in one secret: whoever has a token has the key", "put the tokens into a secret of their own")
	}
	tokens, err := secret.FromSecretsManager(secretsmanager.NewFromConfig(d.AWS), d.TokenSecretID, callertoken.Parse)(ctx)
	switch {
	case unusable(err) && d.older():
		return warning(err.Error()+"; this version may accept it, but after an upgrade nobody is let in", "fix the secret before the upgrade")
	case unusable(err):
		return problem("nobody is let in: "+err.Error(), "fix the secret: ops token list reads it by the same rules")
	case err != nil:
		return unreadable(err, "make a token with ops token add")
	case s.key != "" && slices.Contains(tokens, s.key):
		return problem("one of the tokens is HelpCrunch's API key", "ops token remove, and make a new token with ops token add")
	}
	return ok("the secret can be read, and holds %s (not shown)", terminal.Count(len(tokens), "token"))
}

// older reports whether the stack is of a version before callers without an authorizer were refused.
func (d *Doctor) older() bool { return d.Stack != nil && d.Stack.Outputs[stack.Understands] == "" }

// checkOpenings looks for ways to functions/http that somebody made by hand and that nobody guards: the function answers 401
// to whom no authorizer has let in.
func checkOpenings(ctx context.Context, d *Doctor, _ *seen) Finding {
	if d.Stack.Parameters[stack.Authorization] == byTokens {
		return ok("every caller needs a token, whatever way it comes")
	}
	routes, refused := d.openRoutes(ctx)
	urls, err := d.openURLs(ctx)
	open := append(routes, urls...)
	switch {
	case refused != nil && d.older():
		f := unknown(refused)
		f.Do = "look with the deployer's credentials: the operator's policy of this version does not allow it yet"
		return f
	case refused != nil, err != nil:
		return unknown(cmp.Or(refused, err))
	case len(open) == 0:
		return ok("every route has an authorizer, and no function URL is open")
	case d.older():
		return warning(strings.Join(open, ", ")+": without an authorizer; after an upgrade its callers get 401",
			"give it the authorizer of the other routes before the upgrade, or delete it")
	}
	return warning(strings.Join(open, ", ")+": without an authorizer, so its callers get 401", "give it the authorizer of the other routes, or delete it")
}

func (d *Doctor) openRoutes(ctx context.Context) (open []string, err error) {
	resources, err := cloudformation.NewFromConfig(d.AWS).DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{
		StackName: aws.String(d.Stack.Name), LogicalResourceId: aws.String("HttpApi"),
	})
	if err != nil {
		return nil, err
	}
	for _, api := range resources.StackResources {
		input := &apigatewayv2.GetRoutesInput{ApiId: api.PhysicalResourceId}
		for {
			page, err := apigatewayv2.NewFromConfig(d.AWS).GetRoutes(ctx, input)
			if err != nil {
				return nil, err
			}
			for _, route := range page.Items {
				if route.AuthorizationType == apitypes.AuthorizationTypeNone || route.AuthorizationType == "" {
					open = append(open, fmt.Sprintf("the route %q", aws.ToString(route.RouteKey)))
				}
			}
			if input.NextToken = page.NextToken; aws.ToString(page.NextToken) == "" {
				break
			}
		}
	}
	return open, nil
}

func (d *Doctor) openURLs(ctx context.Context) (open []string, err error) {
	name, err := d.Stack.Output(stack.HTTPFunctionName)
	if err != nil {
		return nil, err
	}
	pages := lambda.NewListFunctionUrlConfigsPaginator(lambda.NewFromConfig(d.AWS), &lambda.ListFunctionUrlConfigsInput{FunctionName: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, url := range page.FunctionUrlConfigs {
			if url.AuthType == types.FunctionUrlAuthTypeNone {
				open = append(open, "the function URL "+aws.ToString(url.FunctionUrl))
			}
		}
	}
	return open, nil
}

func checkSubscription(ctx context.Context, d *Doctor, _ *seen) Finding {
	topic, err := d.Stack.Output(stack.AlarmTopicARN)
	if err != nil {
		return problem(err.Error(), "deploy the stack again")
	}
	confirmed, pending := 0, 0
	pages := sns.NewListSubscriptionsByTopicPaginator(sns.NewFromConfig(d.AWS), &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topic)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown(err)
		}
		for _, s := range page.Subscriptions {
			if strings.HasPrefix(aws.ToString(s.SubscriptionArn), "arn:") {
				confirmed++
			} else {
				pending++ // SNS writes PendingConfirmation in the place of an ARN
			}
		}
	}
	switch {
	case confirmed > 0:
		return ok("%d receive alarms", confirmed)
	case pending > 0:
		return problem("nobody receives the alarms: the subscription is not confirmed", "open the e-mail that AWS sent and confirm it")
	}
	return problem("nobody receives the alarms", "set AlarmEmail, or subscribe somebody to "+topic)
}

func checkAlarms(ctx context.Context, d *Doctor, _ *seen) Finding {
	all, err := stack.Alarms(ctx, d.AWS, d.Stack.Name)
	if err != nil {
		return unknown(err)
	}
	var ringing []string
	for _, alarm := range all {
		if alarm.StateValue == cwtypes.StateValueAlarm {
			ringing = append(ringing, alarm.LogicalID)
		}
	}
	slices.Sort(ringing)
	switch {
	case len(all) == 0:
		return problem("the stack has no alarms", "deploy the stack again")
	case len(ringing) > 0:
		return warning("in alarm: "+strings.Join(ringing, ", "), "see docs/operations.md")
	}
	return ok("none of %d is in alarm", len(all))
}
