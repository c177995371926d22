// Evaluates IAM policies: reads from standard input a list of {policies, action, resource, context}, and writes for each
// "Allowed", "ImplicitlyDenied" or "ExplicitlyDenied". A request that IAM itself would refuse as malformed is an error.
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { readFileSync } from 'node:fs'

const allowAll = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

// KMS asks a key's own policy first: this is the usual one, which leaves the decision to the account's IAM policies.
const keyPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' }]
}

async function evaluate({ policies, action, resource, context }) {
  const result = await runSimulation({
    request: {
      principal: 'arn:aws:iam::123456789012:role/tested',
      action,
      resource: { resource, accountId: '123456789012' },
      contextVariables: context
    },
    identityPolicies: policies.map((policy, number) => ({ name: `policy-${number}`, policy })),
    serviceControlPolicies: [{ orgIdentifier: 'o-root', policies: [{ name: 'all', policy: allowAll }] }],
    resourceControlPolicies: [],
    resourcePolicy: action.startsWith('kms:') ? keyPolicy : undefined
  }, {})
  if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`)
  return result.overallResult
}

const requests = JSON.parse(readFileSync(0, 'utf8'))
const results = []
for (const request of requests) results.push(await evaluate(request))
process.stdout.write(JSON.stringify(results))
