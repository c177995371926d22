package apikey

// forbidden is what is known of a key with which HelpCrunch answered 403 since it last accepted it.
type forbidden struct {
	chat    int64 // the first chat of which it did
	another bool  // and it did of another one
}

// maxForbidden is how many keys are remembered so: the one in use, and those that calls under way still have.
const maxForbidden = 8

// Forbidden records that HelpCrunch answered 403 to a call with the key for this chat, and reports whether that rejects the
// key: it does when another chat was refused too and no call with the key was accepted (Works) in between. One chat alone
// says nothing about the key.
func (k *Keys) Forbidden(key string, chat int64) (rejected bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, known := k.forbidden[key]
	if !known {
		f.chat = chat
		if len(k.forbidden) >= maxForbidden {
			clear(k.forbidden)
		}
	}
	f.another = f.another || f.chat != chat
	k.forbidden[key] = f
	return f.another
}
