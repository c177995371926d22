package secretsmanager

// Create makes a secret without a value, as a CloudFormation stack does that leaves filling it to its operator, and returns
// its ARN. The errors are those of CreateSecret.
func (s *Server) Create(name string) (arn string, err error) {
	out, err := s.run((*Server).createSecret, &request{Name: name})
	if err != nil {
		return "", err
	}
	return out.ARN, nil
}

// Set puts a new current value into a secret, and makes the secret if there is none; it returns the ARN. An error is that of
// CreateSecret or PutSecretValue: a name that is none, or a secret marked as deleted.
func (s *Server) Set(name, text string) (arn string, err error) {
	return s.set(&request{Name: name, SecretID: name, SecretString: &text})
}

// SetBinary is Set for a binary value.
func (s *Server) SetBinary(name string, binary []byte) (arn string, err error) {
	return s.set(&request{Name: name, SecretID: name, SecretBinary: append([]byte{}, binary...)})
}

func (s *Server) set(in *request) (string, error) {
	out, err := s.run(func(s *Server, in *request) (*response, error) {
		if s.lookup(in.SecretID) == nil {
			return s.createSecret(in)
		}
		return s.putSecretValue(in)
	}, in)
	if err != nil {
		return "", err
	}
	return out.ARN, nil
}

// Rotate puts into a secret (by name or ARN) a new current value; the value before it becomes the previous one. The errors
// are those of PutSecretValue: a secret that is not there, or marked as deleted.
func (s *Server) Rotate(id, text string) error {
	_, err := s.run((*Server).putSecretValue, &request{SecretID: id, SecretString: &text})
	return err
}
