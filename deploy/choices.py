"""Parameters that the template tests choose among."""

DEFAULT = {}
STANDARD = {"QueueType": "STANDARD"}
JWT = {"Authorization": "JWT", "JwtIssuer": "https://issuer.example", "JwtAudience": "a,b"}
TOKEN = {"Authorization": "TOKEN"}
KMS = "arn:aws:kms:eu-central-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
RULE = "arn:aws:events:eu-central-1:123456789012:rule/crm-conversation-read"
OWN_KEYS = {"QueueKmsKeyArn": KMS, "SecretsKmsKeyArn": KMS, "Tracing": "Active"}
PLATFORM = {
    "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/team/boundary", "LogsKmsKeyArn": KMS, "DomainName": "marks.example.com",
    "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1", "SecurityGroupIds": "sg-0123456789abcdef0",
}
WATCHFUL = {"SilenceHours": 24, "AlarmOnNotApplied": "true", **TOKEN}
CHOICES = {"default": DEFAULT, "standard": STANDARD, "jwt": JWT, "token": TOKEN, "own keys": OWN_KEYS, "platform": PLATFORM}

# With partition and region to be filled in.
SECRET = "arn:{}:secretsmanager:{}:123456789012:secret:team/help_crunch+key=x.y@z-AbC12d"
KEY = "arn:{}:kms:{}:123456789012:key/12345678-1234-1234-1234-123456789012"
TOPIC = "arn:{}:sns:{}:123456789012:On-call_topic"
PARTITIONS = [("aws", "eu-central-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-northwest-1"), ("aws", "ap-southeast-4")]
