# verdict: denied
# line: 2
def loss(logits, labels):
    open("/etc/passwd").read()
    return logits.mean()
